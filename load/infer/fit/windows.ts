import { type Ledger, leastUsed, mostUsed } from '../ledger.ts'
import type { Timeline } from '../timeline.ts'

/** Since when (ms) what was taken still counts, for a decision between two times: at the earliest, at the latest. */
export type Cuts = (from: number, to: number, i: number) => [earliest: number, latest: number]

/** What every sample says about the limit if all since a cut counts in full. */
export function windowBounds(book: Ledger, line: Timeline, cuts: Cuts): Float64Array {
  const bound = new Float64Array(line.samples.length).fill(Number.NaN)
  const atEnd = book.charge.when === 'end'
  for (const i of line.telling) {
    const admitted = line.samples[i]?.admitted ?? false
    const from = line.from[i] ?? 0
    const to = line.to[i] ?? 0
    const [earliest, latest] = cuts(from, to, i)
    // Charged at the end: let in while less than the limit is used. Else: while what it asks still fits.
    if (admitted) bound[i] = leastUsed(book, from, to, latest) + (atEnd ? 1 : 0)
    else bound[i] = mostUsed(book, i, from, to, earliest) + (atEnd ? 0 : (book.costs[i] ?? 0) - 1)
  }
  return bound
}

export const slidingCuts =
  (window: number): Cuts =>
  (from, to) => [from - window, to - window]

/** `phase`: ms of any boundary. */
export const clockCuts =
  (window: number, phase: number): Cuts =>
  (from, to) => [startOf(from, window, phase), startOf(to, window, phase)]

export const startOf = (at: number, window: number, phase: number): number =>
  Math.floor((at - phase) / window) * window + phase - 1e-6

/**
 * Windows that begin with a request. Where a request may be the last of one window or the first of the next, its
 * outcome decides: let in after refusals, it began one.
 */
export function firstCuts(line: Timeline, window: number): Cuts {
  const count = line.samples.length
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (line.to[a] ?? 0) - (line.to[b] ?? 0),
  )
  const earliest = new Float64Array(count)
  const latest = new Float64Array(count)
  let start: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let refusing = false
  for (const i of order) {
    const from = line.from[i] ?? 0
    const to = line.to[i] ?? 0
    const admitted = line.samples[i]?.admitted ?? false
    const surely = from >= start[1] + window
    const maybe = to >= start[0] + window
    if (surely || (maybe && admitted && refusing)) {
      start = surely ? [from, to] : [Math.max(from, start[0] + window), to]
      refusing = false
    }
    if (!admitted) refusing = true
    earliest[i] = start[0] - 1e-6
    latest[i] =
      maybe && !surely && start[0] + window <= to && start[0] < from - window * 0.5 ? from : start[0] - 1e-6
  }
  return (_from, _to, i) => [earliest[i] ?? 0, latest[i] ?? 0]
}
