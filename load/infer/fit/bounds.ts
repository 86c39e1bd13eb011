import type { Ledger } from '../ledger.ts'
import type { Timeline } from '../timeline.ts'
import type { AlgorithmName, Fit } from '../types.ts'

export interface Weighed {
  low: number
  high: number
  limit: number
  contradictions: number
}

/** The limit that contradicts the fewest samples. */
export function weigh({ samples, telling }: Timeline, bound: Float64Array): Weighed {
  const lows: number[] = []
  const highs: number[] = []
  for (const i of telling) {
    const value = bound[i] ?? Number.NaN
    if (Number.isNaN(value)) continue
    if (samples[i]?.admitted) lows.push(value)
    else highs.push(value)
  }
  const low = lows.length ? Math.max(...lows) : 0
  const high = highs.length ? Math.min(...highs) : Number.POSITIVE_INFINITY
  if (low <= high) return { low, high, limit: middle(low, high), contradictions: 0 }
  lows.sort((a, b) => a - b)
  highs.sort((a, b) => a - b)
  // Candidates are the bounds themselves: at the limit x, what is above of `lows` and below of `highs` is contradicted.
  let best = { limit: low, contradictions: Number.POSITIVE_INFINITY }
  let h = 0
  const try_ = (x: number, above: number) => {
    while (h < highs.length && (highs[h] ?? 0) < x) h++
    if (above + h < best.contradictions) best = { limit: x, contradictions: above + h }
  }
  for (const [l, x] of lows.entries()) if (lows[l + 1] !== x) try_(x, lows.length - l - 1)
  const above = lows.filter((x) => x > best.limit).length
  const next = highs.find((x) => x >= best.limit) ?? best.limit
  const ceiling = Math.min(next, above > 0 ? (lows.find((x) => x > best.limit) ?? next) : next)
  return { low, high, limit: middle(best.limit, ceiling), contradictions: best.contradictions }
}

const middle = (low: number, high: number): number => (Number.isFinite(high) ? (low + high) / 2 : low)

/** The fit in full, for the parameters that were chosen. */
export function fitOf(
  algorithm: AlgorithmName,
  book: Ledger,
  line: Timeline,
  bound: Float64Array,
  window: number,
): Fit {
  const { low, high, limit } = weigh(line, bound)
  const whole = low > high ? limit : wholeIn(low, high)
  const over: number[] = []
  const under: number[] = []
  let worst = 0
  for (const [i, { admitted }] of line.samples.entries()) {
    const value = bound[i] ?? Number.NaN
    if (admitted && value > limit + 1e-6) {
      over.push(i)
      worst = Math.max(worst, value / limit - 1)
    } else if (!admitted && value < limit - 1e-6) under.push(i)
  }
  const { charge } = book
  return {
    algorithm,
    charge,
    low,
    high,
    limit: whole,
    window_s: window / 1000,
    over,
    under,
    overshoot: worst,
  }
}

/** Limits are whole numbers where the bounds leave one near their middle. */
function wholeIn(low: number, high: number): number {
  const at = Number.isFinite(high) ? (low + high) / 2 : low
  const rounded = Math.round(at)
  return rounded >= low - 1e-9 && rounded <= high + 1e-9 ? rounded : at
}
