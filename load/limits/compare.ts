/** The inferred limit against the promised one. */
import type { Inference } from '../infer/types.ts'
import type { Promised } from './promised.ts'

/** Shares by which what is inferred may be off (see docs/limits.md); a rate has both. */
const LIMIT_OFF = 0.02
const WINDOW_OFF = 0.05
/** Below this an inference is a guess, and no verdict is made of it. */
export const CONFIDENT = 0.8
/** Below this its figures are not even named: of a limiter that keeps to no limit they may be anything. */
const WORTH_SAYING = 0.3

export interface Compared {
  outcome: 'same' | 'other' | 'observed' | 'open'
  /** One sentence. */
  text: string
  expected?: string
  got: string
}

const round = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)

/** The limit as a rate: units a minute; undefined where it has no window. */
export const perMinute = ({ limit, window_s }: Inference): number | undefined =>
  window_s === undefined || window_s <= 0 ? undefined : (limit / window_s) * 60

export function inWords(inference: Inference, unit: string): string {
  const { algorithm, limit, window_s } = inference
  if (algorithm === 'none') return `no limit found up to ${round(limit)} ${unit}`
  if (algorithm === 'concurrency') return `${round(limit)} requests at a time`
  const rate = perMinute(inference)
  const each = `${round(limit)} ${unit} in ${round(window_s ?? 0)} s (${algorithm})`
  return rate === undefined ? each : `${each}, ${round(rate)} a minute`
}

export function compare(
  inference: Inference,
  promised: Promised,
  unit: string,
  cut: string | undefined,
): Compared {
  const { algorithm, confidence, otherTraffic } = inference
  const got = inWords(inference, unit)
  const { limit, window_s, by } = promised
  const expected = limit === undefined ? undefined : `${round(limit)} ${unit} in ${round(window_s)} s`
  const open = (why: string): Compared => ({
    outcome: 'open',
    text: confidence < WORTH_SAYING ? why : `${why}: ${got}`,
    got,
    ...(expected && { expected }),
  })
  if (cut !== undefined) return open(cut)
  if (otherTraffic) return open('others use the same key, so that the limit is at least what was seen')
  if (confidence < CONFIDENT) return open(`the inference is not sure (${Math.round(confidence * 100)} %)`)
  if (limit === undefined || by === 'none')
    return { outcome: 'observed', text: `${got}; none is promised, so that nothing is held against it`, got }
  const made = { expected: expected ?? '', got }
  if (algorithm === 'none')
    return inference.limit >= 1.25 * limit
      ? { outcome: 'other', text: `${got}, promised are ${expected}`, ...made }
      : open(`not enough was sent to meet ${expected}`)
  if (algorithm === 'concurrency') return open('a limit of requests at a time stands before the promised one')
  const rate = perMinute(inference) ?? 0
  const wanted = (limit / window_s) * 60
  const off = Math.abs(rate / wanted - 1)
  const same = off <= LIMIT_OFF + WINDOW_OFF
  const text = same ? `${got}, as promised` : `${got}, promised are ${expected}`
  // What fits within the window at once is told beside the rate: a bucket of 10 a second is not 600 at once.
  return { outcome: same ? 'same' : 'other', text, ...made }
}
