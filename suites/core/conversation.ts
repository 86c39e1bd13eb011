import type { Exchange, Finding } from '../../reports/record/types.ts'
import { type Asked, type Check, type Conversation, finding, show } from './check.ts'
import type { Probe, Step } from './probe.ts'
import type { Resolved } from './resolve.ts'
import { isMissing, type Missing } from './source.ts'
import type { View } from './view.ts'

/** What asking needs: where exchanges come from and how they are read. */
export interface Asking {
  resolve(probe: Probe): Resolved
  ask(resolved: Resolved): Promise<Exchange | Missing>
  view(exchange: Exchange): View
  succeeded(view: View): boolean
}

/** All conversations of a check, as far as they went. */
export interface Answered {
  asked: Asked
  /** Digests of all exchanges, in the order asked. */
  exchanges: string[]
  /** Deviations that end the check before its judge is called: a probe that should have succeeded did not. */
  findings: Omit<Finding, 'id'>[]
  missing?: Missing
  inconclusive?: string
  blocked?: string
  elicited?: { tries: number; shown: number }
}

const TRIES = 3

/** Asks every conversation of a check; the one that is elicited is asked again until its behaviour shows. */
export async function askAll(check: Check, asking: Asking): Promise<Answered> {
  const answered: Answered = { asked: {}, exchanges: [], findings: [] }
  const names = Object.keys(check.ask)
  const talks = await Promise.all(names.map((name) => elicit(check, name, asking)))
  for (const [at, talk] of talks.entries()) {
    answered.exchanges.push(...talk.exchanges)
    answered.missing ??= talk.missing as Missing
    answered.inconclusive ??= talk.inconclusive as string
    answered.blocked ??= talk.blocked as string
    answered.findings.push(...talk.findings)
    if (talk.elicited !== undefined) answered.elicited = talk.elicited
    if (talk.conversation !== undefined) answered.asked[names[at]!] = talk.conversation
  }
  for (const key of ['missing', 'inconclusive', 'blocked'] as const) {
    if (answered[key] === undefined) delete answered[key]
  }
  return answered
}

interface Talk extends Omit<Answered, 'asked'> {
  conversation?: Conversation
}

async function elicit(check: Check, name: string, asking: Asking): Promise<Talk> {
  const steps = check.ask[name]!
  const wanted = check.elicit?.ask === name ? check.elicit : undefined
  if (wanted === undefined) return converse(check, steps, asking, '')
  const tries = wanted.tries ?? TRIES
  const exchanges: string[] = []
  for (let tried = 1; tried <= tries; tried += 1) {
    const talk = await converse(check, steps, asking, tried === 1 ? '' : `try ${tried}`)
    exchanges.push(...talk.exchanges)
    const ended = talk.missing ?? talk.inconclusive ?? talk.blocked ?? talk.findings[0]
    if (ended !== undefined) return { ...talk, exchanges, elicited: { tries: tried, shown: 0 } }
    if (wanted.shows(talk.conversation!)) return { ...talk, exchanges, elicited: { tries: tried, shown: 1 } }
  }
  return {
    exchanges,
    findings: [],
    inconclusive: `asked ${tries} times, shown 0 times`,
    elicited: { tries, shown: 0 },
  }
}

async function converse(check: Check, steps: Step[], asking: Asking, fresh: string): Promise<Talk> {
  const turns: View[] = []
  const talk: Talk = { exchanges: [], findings: [] }
  for (const step of steps) {
    const next = typeof step === 'function' ? step(turns.map((turn) => turn.exchange)) : step
    if (next === undefined) break
    if ('blocked' in next) return { ...talk, blocked: next.blocked }
    const probe = fresh === '' ? next : { ...next, fresh: [next.fresh, fresh].filter(Boolean).join(' ') }
    const answer = await asking.ask(asking.resolve(probe))
    if (isMissing(answer)) return { ...talk, missing: answer }
    talk.exchanges.push(answer.digest)
    const view = asking.view(answer)
    turns.push(view)
    if (answer.end.kind === 'unreachable') {
      return { ...talk, inconclusive: `the target could not be reached: ${answer.end.detail}` }
    }
    if (check.expects === 'any' || asking.succeeded(view)) continue
    if (view.status === 429) return { ...talk, inconclusive: 'the gateway answered 429 to every try' }
    talk.findings.push(unsuccessful(view))
    return talk
  }
  const last = turns.at(-1)
  if (last === undefined) return { ...talk, blocked: 'there was nothing to ask' }
  talk.conversation = withTurns(last, turns)
  return talk
}

/** The last view with all turns beside it, without touching the view itself (it is shared by checks). */
function withTurns(last: View, turns: View[]): Conversation {
  return new Proxy(last, {
    get(target, key) {
      if (key === 'turns') return turns
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, key) => key === 'turns' || Reflect.has(target, key),
  }) as Conversation
}

/** The finding of a probe that should have succeeded. */
export function unsuccessful(view: View): Omit<Finding, 'id'> {
  const { end } = view.exchange
  if (view.status === 0) {
    return finding(
      view.endPlace,
      'an answer',
      `${end.kind}${'detail' in end ? `: ${end.detail}` : ''}${'phase' in end ? ` (${end.phase}, ${end.ms} ms)` : ''}`,
    )
  }
  if (view.status !== 200) {
    return finding(view.statusPlace, 'status 200', `status ${view.status}: ${show(view.text.slice(0, 200))}`)
  }
  if (end.kind !== 'complete' && end.kind !== 'closed') {
    return finding(
      view.endPlace,
      'a complete answer',
      `${end.kind}${'phase' in end ? ` (${end.phase}, ${end.ms} ms)` : ''}`,
    )
  }
  return finding(
    view,
    'an answer of the kind that was asked for',
    `${view.mediaType}: ${show(view.text.slice(0, 200))}`,
  )
}
