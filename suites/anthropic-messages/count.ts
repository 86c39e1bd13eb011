import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { endWords } from '../core/conversation.ts'
import { asInteger, dig } from '../core/dig.ts'
import type { Probe } from '../core/probe.ts'
import { CLEAN } from '../requests/clean.ts'
import { ask } from './ask.ts'
import type { MessagesView } from './view.ts'

/** Tokens by which an estimate may be off however short the prompt is, and the share of a longer one. */
const SLACK = 8
const SHARE = 0.25

/** Statuses that say that there is no such service. */
const ABSENT = [404, 405, 501]

/** Counting the tokens of a request before it is made. */
export function count({ promise }: Ground): Check<MessagesView>[] {
  const path = `${promise.path}/count_tokens`
  // The service takes no limit: there is no output.
  const plain: Probe = { ...ask({}, { limit: null }), path }
  const long: Probe = {
    ...ask({}, { limit: null, prompt: 'The quick brown fox jumps over the lazy dog. '.repeat(6) }),
    path,
  }
  return [
    {
      id: 'anthropic-messages/count/tokens',
      title: 'count_tokens is answered with 200 and input_tokens above 0',
      requirements: ['ANT-COUNT-endpoint', 'ANT-COUNT-positive'],
      fix: 'Count, or answer a plain 404: clients then estimate. A number that is made up is worse than none.',
      needs: ['anthropic-messages/plain/reply'],
      expects: 'any',
      ask: { reply: [plain] },
      judge: ({ reply }) => counted(reply!, { by: 'official', atMost: 'warn' }),
    },
    {
      id: 'anthropic-messages/count/agrees',
      title: 'The count grows with the prompt, and is near the input tokens that the same request is charged',
      requirements: ['ANT-COUNT-agrees'],
      fix: 'Count with the tokenizer of the model.',
      needs: ['anthropic-messages/count/tokens'],
      expects: 'any',
      ask: { count: [plain], long: [long], reply: [ask()] },
      *judge({ count: counting, long: longer, reply }) {
        const [told, more] = [tokensOf(counting!), tokensOf(longer!)]
        if (told !== undefined && more !== undefined && more <= told) {
          const requirement = 'ANT-COUNT-positive'
          yield finding(longer!.pointed('/input_tokens'), `more than ${told} for a longer prompt`, more, {
            requirement,
          })
        }
        const usage = reply!.usage
        // What is not counted, or not charged, other checks tell.
        if (told === undefined || usage?.input === undefined) return
        const charged = usage.input + (usage.cacheCreation ?? 0) + (usage.cacheRead ?? 0)
        const where = counting!.pointed('/input_tokens')
        if (Math.abs(told - charged) > Math.max(SLACK, charged * SHARE)) {
          yield finding(where, `about ${charged} input tokens, as charged`, told)
        } else yield note(where, `counted ${told}, charged ${charged}`)
      },
    },
    {
      id: 'anthropic-messages/count/offered',
      title: 'count_tokens, which clients ask on their own, counts or says plainly that it is not there',
      requirements: ['TH-ANT-CC-base-url', 'TH-ANT-CC-base-url-old', 'TPE-CLIENT-tools'],
      fix: 'Answer a plain 404 with the envelope where it is not offered; never 0.',
      expects: 'any',
      ask: { reply: [{ ...plain, path: `${path}?beta=true` }] },
      judge: ({ reply }) => counted(reply!, { by: 'observe' }),
    },
  ]
}

/** Whether the exchange asked for a count. */
export function isCount(view: MessagesView): boolean {
  return /\/count_tokens(?:\?|$)/.test(view.exchange.request.url)
}

function tokensOf(view: MessagesView): number | undefined {
  return view.status === 200 ? asInteger(dig(view.json.value, 'input_tokens')) : undefined
}

/** A count, or a plain no; `absence` is what the no weighs. A number below 1 is trusted by clients, and wrong. */
function* counted(view: MessagesView, absence: Parameters<typeof finding>[3]): Iterable<Outcome> {
  const wanted = 'status 200 with input_tokens'
  if (view.status === 0) {
    yield finding(view.endPlace, wanted, endWords(view.exchange.end), { requirement: CLEAN })
  } else if (view.status >= 500 && view.status !== 501) {
    yield finding(view.statusPlace, wanted, `status ${view.status}`, { requirement: CLEAN })
  } else if (view.status !== 200) {
    const plainNo = ABSENT.includes(view.status) || absence?.by === 'observe'
    yield finding(view.statusPlace, wanted, `status ${view.status}`, plainNo ? absence : {})
  } else {
    const told = tokensOf(view)
    if (told !== undefined && told > 0) return
    yield finding(view.pointed('/input_tokens'), 'input_tokens: an integer above 0', told ?? view.text, {
      why: 'Clients estimate only where the answer is not a success: they believe this number.',
    })
  }
}
