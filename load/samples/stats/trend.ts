/** A line through points that some outliers do not bend. */
export interface Trend {
  /** Of y per x, and its 95 % interval. */
  slope: number
  low: number
  high: number
  /** Of no trend, two-sided (Mann-Kendall). */
  p: number
  /** y of the line at the first x and at the last. */
  first: number
  last: number
  points: number
}

/** Of a normal distribution, 95 %, two-sided. */
const Z95 = 1.959964

import { normal } from './compare.ts'

/** Fewer points have no interval. */
export const FEWEST = 8

/**
 * Theil and Sen's slope (the median of the slopes of all pairs) with Sen's interval, and the Mann-Kendall test. x must
 * be distinct. undefined for fewer than eight points.
 */
export function trend(points: readonly { x: number; y: number }[]): Trend | undefined {
  const n = points.length
  if (n < FEWEST) return undefined
  const slopes: number[] = []
  let s = 0
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) {
      slopes.push((b.y - a.y) / (b.x - a.x))
      s += Math.sign((b.y - a.y) * (b.x - a.x))
    }
  }
  slopes.sort((a, b) => a - b)
  const groups = Map.groupBy(points, ({ y }) => y)
  const ties = [...groups.values()].reduce((sum, { length: t }) => sum + t * (t - 1) * (2 * t + 5), 0)
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
  const deviation = Math.sqrt(Math.max(0, variance))
  const c = Z95 * deviation
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, rank))]!
  const slope = middle(slopes)
  const xs = points.map(({ x }) => x)
  const offset = middle(points.map(({ x, y }) => y - slope * x).sort((a, b) => a - b))
  const z = deviation > 0 ? Math.max(0, Math.abs(s) - 1) / deviation : 0
  return {
    slope,
    low: at(Math.floor((slopes.length - c) / 2) - 1),
    high: at(Math.ceil((slopes.length + c) / 2)),
    p: 2 * (1 - normal(z)),
    first: offset + slope * Math.min(...xs),
    last: offset + slope * Math.max(...xs),
    points: n,
  }
}

function middle(sorted: readonly number[]): number {
  const at = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[at]! : (sorted[at - 1]! + sorted[at]!) / 2
}
