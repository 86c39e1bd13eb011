import type { Exchange } from '../../reports/record/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import type { Conversation, Outcome, Rule } from '../../suites/core/check.ts'
import type { View } from '../../suites/core/view.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { groundFor } from './by-hand.ts'

/** By whose word each outcome is a deviation; `inconclusive` for one that decides nothing; notes are left out. */
function words(outcomes: Iterable<Outcome>): string[] {
  return [...outcomes].flatMap((outcome) => {
    if ('inconclusive' in outcome) return ['inconclusive']
    if ('fate' in outcome || outcome.by === 'observe') return []
    return [outcome.by]
  })
}

function talk(exchanges: Exchange[]): Conversation<MessagesView> {
  const turns = exchanges.map((exchange) =>
    exchange.dialect === 'openai-chat' ? new ChatView(exchange) : new MessagesView(exchange),
  )
  return Object.assign(turns.at(-1)! as View, { turns }) as Conversation<MessagesView>
}

/** What one check says of answers that were written by hand. */
export function judged(
  id: string,
  asked: Record<string, Exchange | Exchange[]>,
  profile = 'anthropic',
): string[] {
  const check = anthropicMessages
    .checks(groundFor(profile))
    .find((one) => one.id === `anthropic-messages/${id}`)
  if (check === undefined) throw new Error(`profile ${profile} has no check ${id}`)
  const talks = Object.entries(asked).map(([name, one]) => [name, talk([one].flat())])
  return words(check.judge(Object.fromEntries(talks)))
}

/** What one rule says of an exchange, and how much less than by its word that weighs; undefined where it has nothing to say about it. */
export function ruled(id: string, exchange: Exchange, profile = 'anthropic'): string[] | undefined {
  const rule: Rule<MessagesView> | undefined = anthropicMessages
    .rules(groundFor(profile))
    .find((one) => one.id === `anthropic-messages/${id}`)
  if (rule === undefined) throw new Error(`profile ${profile} has no rule ${id}`)
  const view = new MessagesView(exchange)
  if (!rule.on(view)) return undefined
  return [...rule.judge(view)].flatMap(({ by, atMost }) => {
    if (by === 'observe') return []
    return [atMost === undefined ? by : `${by} at most ${atMost}`]
  })
}
