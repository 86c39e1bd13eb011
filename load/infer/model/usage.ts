/** How much of the limit was in use at each decision: bounds that hold whatever the network did within its jitter. */
import type { Ledger, Sums } from './ledger.ts'

/** A box of parameters: windows in ms, phases in windows. A point where both ends are equal. */
export interface Cell {
  w0: number
  w1: number
  p0: number
  p1: number
}

/** Bounds of the use before each group's own requests, and, for `firsts`, scratch space. */
export interface Bounds {
  lo: Float64Array
  hi: Float64Array
}

/** Sums up to each decision, made once; what is older than a cut is taken off for each trial. */
export class Usage {
  readonly book: Ledger
  readonly #sure: Float64Array
  readonly #possible: Float64Array
  readonly #backPossible: Float64Array
  readonly #backSure: Float64Array

  constructor(book: Ledger) {
    this.book = book
    const { groups, takes, fines, backs, takenSums, fineSums, backSums, charge } = book
    const { list } = groups
    const count = list.length
    this.#sure = new Float64Array(count)
    this.#possible = new Float64Array(count)
    this.#backPossible = new Float64Array(count)
    this.#backSure = new Float64Array(count)
    for (const [g, { from, to }] of list.entries()) {
      const [take, back, fine] = [takes[g]!, backs[g]!, fines[g]!]
      this.#sure[g] = takenSums.sure(from, 0) - (take.to <= from ? take.least : 0)
      // What is charged at the end may have ended while others of the same group were still on their way.
      this.#possible[g] =
        takenSums.possible(to, 1) - (charge.when === 'admission' && take.from <= to ? take.most : 0)
      if (fineSums) {
        this.#sure[g]! += fineSums.sure(from, 0) - (to <= from ? fine : 0)
        this.#possible[g]! += fineSums.possible(to, 1) - fine
      }
      if (backSums) {
        this.#backPossible[g] = backSums.possible(to, 1) - (back.from <= to ? back.most : 0)
        this.#backSure[g] = backSums.sure(from, 0) - (back.to <= from ? back.least : 0)
      }
    }
  }

  /** Least in use when group `g` was decided, of what was taken after `cut` (ms). */
  least(g: number, cut: number): number {
    const { takenSums, fineSums, backOwners } = this.book
    const taken =
      this.#sure[g]! - before(takenSums, cut, 'possible', 0) - before(fineSums, cut, 'possible', 0)
    if (!backOwners) return Math.max(0, taken)
    return Math.max(0, taken - Math.max(0, this.#backPossible[g]! - backOwners.possible(cut, 1)))
  }

  /** Most in use when group `g` was decided, its own requests not counted. */
  most(g: number, cut: number): number {
    const { takenSums, fineSums, backOwners } = this.book
    const taken = this.#possible[g]! - before(takenSums, cut, 'sure', 1) - before(fineSums, cut, 'sure', 1)
    if (!backOwners) return Math.max(0, taken)
    return Math.max(0, taken - Math.max(0, this.#backSure[g]! - backOwners.sure(cut, 0)))
  }
}

const before = (sums: Sums | undefined, cut: number, how: 'possible' | 'sure', side: 0 | 1): number =>
  sums ? sums[how](cut, side) : 0

/** Everything of the last window counts in full. */
export function logBounds(usage: Usage, { w0, w1 }: Cell, { lo, hi }: Bounds): void {
  const { list, telling } = usage.book.groups
  for (const g of telling) {
    const { from, to } = list[g]!
    lo[g] = usage.least(g, to - w0)
    hi[g] = usage.most(g, from - w1)
  }
}

/** Where a boundary of a window of a clock can be: `at` is the time that has the phase 0. */
interface Turn {
  at: number
  cell: Cell
}

const earliest = ({ at, cell: { w0, w1, p0 } }: Turn, n: number): number =>
  at + (n + p0) * (n + p0 >= 0 ? w0 : w1) - 1e-6

const latest = ({ at, cell: { w0, w1, p1 } }: Turn, n: number): number =>
  at + (n + p1) * (n + p1 >= 0 ? w1 : w0) - 1e-6

/** Least and most windows between the anchor and a time, phase taken off. */
function span({ at, cell: { w0, w1, p0, p1 } }: Turn, from: number, to: number): [number, number] {
  const [a, b] = [from - at, to - at]
  return [(a >= 0 ? a / w1 : a / w0) - p1, (b >= 0 ? b / w0 : b / w1) - p0]
}

/** The time of phase 0: in the middle of the run, so that a change of the window does not move boundaries far. */
export const anchorOf = ({ groups: { begin, end } }: Ledger): number => (begin + end) / 2

/** All since the last boundary of a clock counts. */
export function clockBounds(usage: Usage, cell: Cell, { lo, hi }: Bounds): void {
  const turn = { at: anchorOf(usage.book), cell }
  const { list, telling } = usage.book.groups
  for (const g of telling) {
    const { from, to } = list[g]!
    const [least, most] = span(turn, from, to)
    lo[g] = usage.least(g, Math.min(latest(turn, Math.floor(most)), to))
    hi[g] = usage.most(g, earliest(turn, Math.floor(least)))
  }
}

/** Two windows of a clock; the older one counts by the share of it that still reaches into the sliding window. */
export function counterBounds(usage: Usage, cell: Cell, { lo, hi }: Bounds): void {
  const turn = { at: anchorOf(usage.book), cell }
  const { list, telling } = usage.book.groups
  for (const g of telling) {
    const { from, to } = list[g]!
    const [least, most] = span(turn, from, to)
    const [n, m] = [Math.floor(least), Math.floor(most)]
    const now = usage.most(g, earliest(turn, n))
    const then = usage.most(g, earliest(turn, n - 1))
    hi[g] = now + (then - now) * (n + 1 - least)
    if (m - n > 1) {
      lo[g] = 0
      continue
    }
    const sure = usage.least(g, Math.min(latest(turn, m), to))
    const older = usage.least(g, Math.min(latest(turn, m - 1), to))
    lo[g] = sure + Math.max(0, older - sure) * Math.max(0, m + 1 - most)
  }
}

/** Windows that begin with the first request after the one before. */
export function firstBounds(usage: Usage, { w0, w1 }: Cell, { lo, hi }: Bounds): void {
  const { list, telling } = usage.book.groups
  // When the window began, and the time since which requests are part of it.
  let [early, late, cut] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let refusing = false
  let next = 0
  for (const [g, { from, to, admitted, refused }] of list.entries()) {
    const surely = from >= late + w1
    const maybe = to >= early + w0
    // Where it may be the last of one window or the first of the next: let in after refusals, it began one.
    const middle = from + to >= early + late + w0 + w1
    const begins = surely || (maybe && admitted > 0 && (refusing || middle))
    const old = cut
    if (begins) {
      ;[early, late] = surely ? [from, to] : [Math.max(from, early + w0), to]
      cut = from - 1e-6
      refusing = false
    }
    if (refused > 0) refusing = true
    if (telling[next] !== g) continue
    next++
    lo[g] = usage.least(g, maybe ? from - 1e-6 : cut)
    hi[g] = usage.most(g, begins && !surely ? old : cut)
  }
}
