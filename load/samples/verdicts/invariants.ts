import type { Level, VerdictLine } from '../../../reports/record/types.ts'
import { CUT, type Invariants, type Open } from '../invariants.ts'
import { each, KEPT, rowFindings } from '../places.ts'
import { percent } from '../saturation.ts'
import { type Grammars, type Weighed, weigh } from './grammar.ts'
import { type Answer, lineOf, plural } from './line.ts'
import { crossTalk, nonce } from './own-word.ts'

/** What decides how a deviation weighs. */
export interface Standing {
  /** The reference gateway answers: its model does what the prompt says. */
  embedded: boolean
  grammar: Grammars
  /** Absent: what is official fails. */
  promises?: {
    level(requirements: readonly string[]): Level | undefined
    claims: readonly string[]
  }
  /** Whether the meter was so late that it may have missed the deadline of such an end by itself. */
  late(kind: string): boolean
  /** Whether a request of this run was given this word; absent: nobody knows, and it may have been. */
  sent?(word: string): boolean
  /** An objective on errors is stated: it, and not the first fault, decides how many are too many. */
  budget?: boolean
  /** What was said when a request first came to such an end. */
  said(kind: string): string | undefined
}

/** Nobody was there, or nobody that we could talk to. */
const UNREACHED = /\((dns|connect-refused|connect-timeout|tls)\)$/
/** Where so large a share of all answers covers its tokens, one that does not stands out. */
const NEARLY_ALL = 0.95

export function invariantLines(invariants: Invariants, answered: number, standing: Standing): VerdictLine[] {
  const silent: Answer | undefined =
    answered === 0 ? { verdict: 'inconclusive', message: 'no request was answered' } : undefined
  const unheard = silence(invariants)
  const reached = [...invariants.unfinished.kinds.keys()].some((kind) => !UNREACHED.test(kind))
  return [
    // What took the request and gave no answer that can be read has answered for it.
    lineOf(
      'load/invariants/finished',
      reached ? finished(invariants, standing, unheard) : (silent ?? finished(invariants, standing, unheard)),
    ),
    lineOf('load/invariants/grammar', silent ?? grammar(invariants, standing)),
    lineOf('load/invariants/usage', silent ?? usage(invariants)),
    lineOf('load/invariants/cross-talk', silent ?? crossTalk(invariants, standing)),
    lineOf('load/invariants/nonce', silent ?? nonce(invariants, standing.embedded)),
    lineOf('load/invariants/refusals', silent ?? refusals(invariants, standing)),
  ]
}

/** Requests of which nothing came any more long before the run ended. */
function silence({ open, overdue_us }: Invariants): Open[] {
  return open.filter(({ silent_us }) => silent_us >= overdue_us)
}

function silenceText(open: readonly Open[]): string {
  const longest = open.reduce((top, { silent_us }) => Math.max(top, silent_us), 0)
  return `nothing had come of ${plural(open.length, 'request')} for up to ${Math.round(longest / 1e6)} s when the run ended`
}

function finished(
  { owed, unfinished, refused, open }: Invariants,
  { late, said }: Standing,
  unheard: readonly Open[],
): Answer {
  const id = 'load/invariants/finished'
  const { count } = unfinished
  if (unheard.length > 0 && count === 0) {
    const rest = owed === 0 ? '' : `; the other ${plural(owed, 'answer')} came and finished`
    const [first, ...more] = unheard.map((one) => one.id)
    const seen = { count: unheard.length, rows: [first ?? '', ...more.slice(0, KEPT - 1)] }
    const about = { id, by: 'should' as const, expected: 'a whole answer', got: 'silence' }
    return {
      verdict: 'inconclusive',
      message: `${silenceText(unheard)}${rest}`,
      findings: rowFindings(about, seen),
    }
  }
  if (owed === 0 && open.length > 0) {
    return {
      verdict: 'inconclusive',
      message: `all ${plural(open.length, 'request was', 'requests were')} still open when the run ended`,
    }
  }
  if (owed === 0) {
    const why =
      refused > 0 ? `all ${plural(refused, 'request was', 'requests were')} refused` : 'nothing was asked'
    return { verdict: 'inconclusive', message: why }
  }
  if (count === 0) {
    return { verdict: 'pass', message: `all ${plural(owed, 'answer')} came and finished` }
  }
  const kinds = [...unfinished.kinds].sort(([, a], [, b]) => b.count - a.count)
  const told = kinds
    .map(([kind, seen]) => `${seen.count} ${kind}${firstWords(said(kind), seen.count)}`)
    .join(', ')
  const message = `${count} of ${plural(owed, 'answer')} (${percent(count / owed)}) did not come to the end: ${told}${unheard.length > 0 ? `; ${silenceText(unheard)}` : ''}`
  const findings = each(unfinished, (kind) => ({ id, by: 'official', expected: 'a whole answer', got: kind }))
  if (kinds.every(([kind]) => late(kind))) {
    return { verdict: 'inconclusive', message: `${message}; the meter was late itself`, findings }
  }
  return { verdict: 'fail', message, findings }
}

const MOST_WORDS = 160

function firstWords(said: string | undefined, count: number): string {
  if (said === undefined) return ''
  const words = said.length > MOST_WORDS ? `${said.slice(0, MOST_WORDS)}…` : said
  return ` (${count > 1 ? 'the first: ' : ''}${words})`
}

function grammar({ streams, whole, broken }: Invariants, standing: Standing): Answer {
  if (streams === 0) return { verdict: 'skip', reason: 'idle', message: 'there was no stream' }
  const weighed = [...broken.kinds].flatMap(([kind, seen]) => {
    const cut = kind.endsWith(CUT)
    const rule = cut ? kind.slice(0, -CUT.length) : kind
    const found: Weighed | undefined = weigh(rule, cut, standing)
    return found === undefined ? [] : [{ ...found, rule, seen }]
  })
  const findings = weighed.flatMap(({ rule, by, expected, why, seen }) =>
    rowFindings(
      { id: rule, by, expected, got: `${rule} broken`, ...(why === undefined ? {} : { why }) },
      seen,
    ),
  )
  const told = weighed
    .toSorted((a, b) => b.seen.count - a.seen.count)
    .map(({ rule, seen }) => `${rule} in ${seen.count}`)
    .join(', ')
  const message = `of ${plural(streams, 'stream')}: ${told}`
  if (weighed.some(({ weight }) => weight === 'fail')) return { verdict: 'fail', message, findings }
  if (weighed.some(({ weight }) => weight === 'warn')) return { verdict: 'warn', message, findings }
  if (whole === 0) {
    const some = `none of ${plural(streams, 'stream')} came to its end`
    return { verdict: 'inconclusive', message: `${some}; as far as they came they kept every rule` }
  }
  return { verdict: 'pass', message: `${plural(streams, 'stream')} kept every rule`, findings }
}

const USAGE: Record<string, { expected: string; got: string; fails: boolean }> = {
  'above-bound': {
    expected: 'completion tokens within the bound that was asked for',
    got: 'more completion tokens than the bound',
    fails: true,
  },
  'thoughts-above-bound': {
    expected: 'completion tokens within the bound that was asked for, reasoning included',
    got: 'more completion tokens than the bound, by those of reasoning',
    fails: false,
  },
  'nothing-billed': {
    expected: 'completion tokens for an answer with content',
    got: '0 completion tokens',
    fails: true,
  },
  negative: { expected: 'token counts from 0', got: 'a negative count', fails: true },
  reasoning: {
    expected: 'reasoning tokens among the completion tokens',
    got: 'more reasoning than completion tokens',
    fails: false,
  },
}

function usage({ usage: odd, billed, unbilled, covered, uncovered }: Invariants): Answer {
  const id = 'load/invariants/usage'
  const all = billed.stream + billed.plain
  if (all === 0) {
    const none = unbilled.stream.count + unbilled.plain.count
    if (none === 0) return { verdict: 'skip', reason: 'idle', message: 'no answer finished' }
    return { verdict: 'pass', message: `no usage in any of ${plural(none, 'answer')}: none was promised` }
  }
  const findings = each(odd, (kind) => {
    const { expected = 'usage that is consistent', got = kind, fails = true } = USAGE[kind] ?? {}
    return { id, by: fails ? 'official' : 'should', expected, got }
  })
  let fails = [...odd.kinds.keys()].some((kind) => USAGE[kind]?.fails !== false)
  const told = [...odd.kinds].map(([kind, seen]) => `${USAGE[kind]?.got ?? kind} in ${seen.count}`)
  for (const [way, name] of [
    ['stream', 'streams'],
    ['plain', 'answers that are no stream'],
  ] as const) {
    const absent = unbilled[way].count
    if (absent === 0 || billed[way] === 0) continue
    fails = true
    told.push(`absent in ${absent} of ${absent + billed[way]} ${name}`)
    const expected = `usage in all ${name}, as in ${billed[way]} of them`
    findings.push(...each(unbilled[way], () => ({ id, by: 'official', expected, got: 'no usage' })))
  }
  const short = uncovered.count
  const standsOut = short > 0 && covered / (covered + short) >= NEARLY_ALL
  if (standsOut) {
    told.push(`fewer completion tokens than events with content in ${short}, not in ${covered} others`)
    const expected = 'at least one completion token for each event with content, as in the other answers'
    findings.push(...each(uncovered, () => ({ id, by: 'should', expected, got: 'fewer completion tokens' })))
  }
  const message = `of ${plural(all, 'answer')} with usage: ${told.join('; ')}`
  if (fails) return { verdict: 'fail', message, findings }
  if (told.length > 0) return { verdict: 'warn', message, findings }
  return { verdict: 'pass', message: `usage is consistent in ${plural(all, 'answer')}` }
}

function refusals({ owed, refused, refusals: odd }: Invariants, { said, budget }: Standing): Answer {
  const id = 'load/invariants/refusals'
  if (refused === 0) return { verdict: 'skip', reason: 'idle', message: 'nothing was refused' }
  if (odd.count === 0)
    return { verdict: 'pass', message: `${plural(refused, 'refusal')}, all by 429, 503 or 529` }
  const told = [...odd.kinds]
    .map(
      ([status, { count }]) =>
        `${status} ${count === 1 ? 'once' : `${count} times`}${firstWords(said(status), count)}`,
    )
    .join(', ')
  const isFault = (status: string) => Number(status) >= 500
  if (owed === 0 && ![...odd.kinds.keys()].some(isFault)) {
    // A wrong key, path or model is refused at any load.
    return { verdict: 'inconclusive', message: `nothing was ever let in: ${told}` }
  }
  const findings = each(odd, (status) => ({
    id,
    by: isFault(status) ? 'official' : 'should',
    expected: '429, 503 or 529',
    got: status,
  }))
  const message = `of ${plural(refused, 'refusal')}: ${told}`
  if ([...odd.kinds.keys()].some(isFault) && budget !== true) return { verdict: 'fail', message, findings }
  return { verdict: 'warn', message, findings }
}
