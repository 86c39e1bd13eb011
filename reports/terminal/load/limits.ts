import type { Json, JsonObject } from '../../record/types.ts'
import { heading, labelled, plural, type Screen } from '../screen.ts'
import { percent, short } from './table.ts'

const ALGORITHMS: Record<string, string> = {
  'fixed-clock': 'a fixed window, aligned to the clock',
  'fixed-first': 'a fixed window that begins with the first request',
  'sliding-log': 'a sliding window that counts each request',
  'sliding-counter': 'a sliding window over two counters',
  'token-bucket': 'a token bucket, which fills steadily',
  'leaky-bucket': 'a queue that is emptied steadily: what is too much waits',
  concurrency: 'a bound on what is in flight',
  none: 'no limit was found',
}
const CHARGED: Record<string, string> = {
  request: 'each request',
  prompt: 'the tokens of the prompt',
  'prompt+completion': 'the tokens of prompt and answer',
  'prompt+max': 'the tokens of the prompt and the bound on the answer',
  'prompt+max-refund':
    'the tokens of the prompt and the bound on the answer, of which the rest is given back',
  chunk: 'each chunk of the answer',
}
const WHEN: Record<string, string> = { admission: 'when it is let in', end: 'when the answer has ended' }
const PER: Record<string, string> = {
  key: 'each key has its own',
  model: 'each model has its own, shared by all keys',
  'key+model': 'each model of each key has its own',
  shared: 'one for all keys and models',
}

/** What was inferred of a limiter, in the record as data, as sentences. What is not known here is told as it is. */
export function limits(screen: Screen, limiter: JsonObject): string[] {
  const lines = [
    ['the limit', theLimit(limiter)],
    ['at once', atOnce(limiter)],
    ['charged', charged(limiter.charging)],
    ['kept', kept(limiter.accuracy)],
    ['scope', limiter.per === 'unknown' ? 'not found out' : (wordOf(PER, limiter.per) ?? '')],
    [
      'other traffic',
      limiter.other_traffic === true
        ? 'somebody else used the same limit meanwhile: it is at least what was seen'
        : '',
    ],
    ['not excluded', textsIn(limiter.not_excluded).join('; ')],
    ['faults', textsIn(limiter.faults).join(', ') || 'none was seen'],
    ['asked', asked(limiter)],
  ] as const
  return [
    heading(screen, 'THE LIMIT'),
    '',
    ...lines.flatMap(([label, text]) => (text === '' ? [] : labelled(screen, label, text))),
    '',
  ]
}

function theLimit({ algorithm, limit, window_s, per_minute, unit, confidence }: JsonObject): string {
  const what = typeof unit === 'string' ? unit : 'requests'
  const many = typeof limit === 'number' ? short(limit) : '?'
  const sure = typeof confidence === 'number' ? `confidence ${percent(confidence)}` : ''
  const kind = wordOf(ALGORITHMS, algorithm) ?? ''
  if (algorithm === null) return list(['not found out', sure])
  if (algorithm === 'none') return list([`${kind} up to ${many} ${what}`, sure])
  if (algorithm === 'concurrency') return list([`${many} requests at a time: ${kind}`, sure])
  const window = typeof window_s === 'number' ? ` in ${short(window_s)} s` : ''
  const rate = typeof per_minute === 'number' ? `${short(per_minute)} a minute` : ''
  return list([`${many} ${what}${window}: ${kind}`, rate, sure])
}

function atOnce({ algorithm, burst, limit, unit }: JsonObject): string {
  if (typeof burst !== 'number' || algorithm === 'none' || burst === limit) return ''
  return `up to ${short(burst)} ${typeof unit === 'string' ? unit : 'requests'} after a rest`
}

function charged(value: Json | undefined): string {
  if (!isObject(value)) return ''
  const { what, when, refused, cancelled } = value
  const also = (name: string, is: Json | undefined) =>
    `${name}: ${typeof is !== 'boolean' ? 'not found out' : is ? 'charged too' : 'not charged'}`
  return list([
    [wordOf(CHARGED, what), wordOf(WHEN, when)].filter((text) => text !== undefined).join(', '),
    also('refused requests', refused),
    also('streams that the client left', cancelled),
  ])
}

function kept(value: Json | undefined): string {
  if (!isObject(value)) return ''
  const { overshoot, leakage, recover_s } = value
  const over = (share: number, where: string) =>
    share > 0 ? `up to ${percent(share)} more ${where}` : `nothing more ${where}`
  return list([
    typeof overshoot === 'number' ? over(overshoot, 'in a burst') : '',
    typeof leakage === 'number' ? over(leakage, 'in any span of one window') : '',
    typeof recover_s === 'number' ? `open again after ${short(recover_s)} s` : '',
  ])
}

function asked({ requests, refused, failed }: JsonObject): string {
  if (typeof requests !== 'number') return ''
  const [no, lost] = [refused, failed].map((count) => (typeof count === 'number' ? count : 0))
  return list([
    plural(requests, 'request'),
    `${plural(requests - (no ?? 0) - (lost ?? 0), 'was', 'were')} let in`,
    `${short(no ?? 0)} refused`,
    (lost ?? 0) > 0 ? `${short(lost ?? 0)} failed` : '',
  ])
}

function list(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ')
}

function wordOf(words: Record<string, string>, value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  return Object.hasOwn(words, value) ? words[value] : value
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
