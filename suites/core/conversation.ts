import type { End, Exchange, Finding } from '../../reports/record/types.ts'
import { type Asked, type Check, type Conversation, finding, show } from './check.ts'
import type { Probe, Step } from './probe.ts'
import { LONGEST_WAIT, notNow, waitHint } from './rate-limit.ts'
import type { Resolved } from './resolve.ts'
import { isMissing, type Missing } from './source.ts'
import type { View } from './view.ts'

/** What asking needs: where exchanges come from and how they are read. */
export interface Asking {
  resolve(probe: Probe): Resolved
  ask(resolved: Resolved): Promise<Exchange | Missing>
  view(exchange: Exchange): View
  succeeded(view: View): boolean
  /** Whether the answer says, after it began, that the gateway has too much to do. */
  overloaded?(view: View): boolean
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

/** How often a conversation of a check is asked at most. */
export function triesOf(check: Check, name: string): number {
  return check.elicit?.ask === name ? (check.elicit.tries ?? TRIES) : 1
}

/** The same probe, once more; the first time it is the probe itself. */
export function again(probe: Probe, tried: number): Probe {
  return tried === 1 ? probe : { ...probe, fresh: [probe.fresh, `try ${tried}`].filter(Boolean).join(' ') }
}

interface Talk extends Omit<Answered, 'asked'> {
  conversation?: Conversation
}

async function elicit(check: Check, name: string, asking: Asking): Promise<Talk> {
  const steps = check.ask[name]!
  const wanted = check.elicit?.ask === name ? check.elicit : undefined
  if (wanted === undefined) return converse(check, steps, asking, 1)
  const tries = triesOf(check, name)
  const exchanges: string[] = []
  for (let tried = 1; tried <= tries; tried += 1) {
    const talk = await converse(check, steps, asking, tried)
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

async function converse(check: Check, steps: Step[], asking: Asking, tried: number): Promise<Talk> {
  const turns: View[] = []
  const talk: Talk = { exchanges: [], findings: [] }
  for (const step of steps) {
    const next = typeof step === 'function' ? step(turns.map((turn) => turn.exchange)) : step
    if (next === undefined) break
    if ('blocked' in next) return { ...talk, blocked: next.blocked }
    const probe = again(next, tried)
    const answer = await asking.ask(asking.resolve(probe))
    if (isMissing(answer)) return { ...talk, missing: answer }
    talk.exchanges.push(answer.digest)
    const view = asking.view(answer)
    turns.push(view)
    if (answer.end.kind === 'unreachable') {
      return { ...talk, inconclusive: `the target could not be reached: ${answer.end.detail}` }
    }
    if (notNow(answer) && !ASKED_FOR_429.has(probe.keyRole ?? 'default')) {
      return { ...talk, inconclusive: putOff(answer) }
    }
    if (asking.overloaded?.(view) === true) {
      return { ...talk, inconclusive: 'the gateway said inside its stream that it is overloaded' }
    }
    if (check.expects === 'any' || asking.succeeded(view)) continue
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

/** Key roles whose requests may be answered 429 because of what they ask, not because of how many came. */
const ASKED_FOR_429: ReadonlySet<string> = new Set(['limited', 'exhausted'])

function putOff(exchange: Exchange): string {
  const { status } = exchange
  const wait = waitHint(exchange)
  const tries = exchange.retries === 0 ? 'once' : `to each of ${exchange.retries + 1} tries`
  if (wait <= LONGEST_WAIT) return `the gateway answered ${status} ${tries}`
  const [asked, most] = [wait, LONGEST_WAIT].map((ms) => Math.ceil(ms / 1000))
  return `the gateway answered ${status} ${tries} and asks to wait ${asked} s; assay waits ${most} s at most`
}

/** How an exchange ended that was not brought to its end. */
export function endWords(end: End): string {
  switch (end.kind) {
    case 'timeout':
      return end.phase === 'total'
        ? `timeout: no end within ${end.ms} ms (total)`
        : `timeout: nothing for ${end.ms} ms (${end.phase})`
    case 'limit':
      return `limit: more than ${end.max} bytes of ${end.limit === 'head-bytes' ? 'head' : 'body'}`
    case 'complete':
    case 'closed':
    case 'hung-up':
      return end.kind
    default:
      return `${end.kind}: ${end.detail}`
  }
}

/** The finding of a probe that should have succeeded. */
export function unsuccessful(view: View): Omit<Finding, 'id'> {
  const { end } = view.exchange
  if (view.status === 0) return finding(view.endPlace, 'an answer', endWords(end))
  if (view.status !== 200) {
    return finding(view.statusPlace, 'status 200', `status ${view.status}: ${show(view.text.slice(0, 200))}`)
  }
  if (end.kind !== 'complete' && end.kind !== 'closed') {
    return finding(view.endPlace, 'a complete answer', endWords(end))
  }
  if (view.unread !== undefined) return finding(view, 'an answer that can be read whole', view.unread)
  return finding(
    view,
    'an answer of the kind that was asked for',
    `${view.mediaType}: ${show(view.text.slice(0, 200))}`,
  )
}
