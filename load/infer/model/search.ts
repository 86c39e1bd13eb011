/** The evidence of every hypothesis: how much of its parameters' room explains the samples, and where. */
import type { Groups } from '../groups.ts'
import type { AlgorithmName, Charge } from '../types.ts'
import { bucketBounds, steps } from './bucket.ts'
import { Heap } from './heap.ts'
import { type Ledger, ledger } from './ledger.ts'
import { type Bounds, type Cell, clockBounds, counterBounds, firstBounds, logBounds, Usage } from './usage.ts'
import { type Limits, type Prices, Scale, weigh } from './weigh.ts'

export type Windowed = Exclude<AlgorithmName, 'none' | 'concurrency' | 'leaky-bucket'>

export const WINDOWED: readonly Windowed[] = [
  'fixed-clock',
  'fixed-first',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
]

/** One algorithm with one way of charging. */
export interface Hypothesis {
  algorithm: Windowed
  book: Ledger
  /** Evidence that was found; the sum over all explanations, not normalised. */
  mass: number
  /** Best single set of parameters, and how much it explains. */
  best: { density: number; price: number; cell: Cell; limit: number; window: number } | undefined
  /** Mass by limit, and the sum of the logarithms of the window by mass. */
  limits: Float64Array
  windows: number
  scale: Scale
}

export interface SearchOptions {
  /** Where the window may be, ms. */
  range: { least: number; most: number }
  prices: Prices
  algorithms?: readonly Windowed[]
  /** Absent: as many as the samples allow. */
  limits?: Limits
}

interface Node {
  of: number
  cell: Cell
  volume: number
  bound: number
  /** Order in which nodes are looked at. */
  rank: number
}

/** What is left unexplored when so small a share of what was found is not worth a look. */
const ENOUGH = 2e-3
const FLAT = 0.35
const FINEST = { window: 0.003, phase: 0.004 }

export class Search {
  readonly hypotheses: Hypothesis[] = []
  /** Trials made: what the search cost. */
  trials = 0
  readonly #prices: Prices
  readonly #range: { least: number; most: number }
  readonly #bounds: Bounds
  readonly #price: Float64Array
  readonly #evaluate: ((cell: Cell) => void)[] = []

  constructor(
    groups: Groups,
    charges: readonly Charge[],
    { range, prices, algorithms = WINDOWED, limits }: SearchOptions,
  ) {
    this.#prices = prices
    this.#range = range
    const count = groups.list.length
    this.#bounds = { lo: new Float64Array(count), hi: new Float64Array(count) }
    for (const charge of charges) {
      const book = ledger(charge, groups)
      const usage = new Usage(book)
      const flow = steps(book)
      const scale = new Scale(book, limits)
      for (const algorithm of algorithms) {
        const shares = new Float64Array(scale.size)
        this.hypotheses.push({ algorithm, book, mass: 0, best: undefined, limits: shares, windows: 0, scale })
        this.#evaluate.push(this.#evaluator(algorithm, usage, flow))
      }
    }
    this.#price = new Float64Array(1 + Math.max(...this.hypotheses.map(({ scale }) => scale.size)))
  }

  #evaluator(algorithm: Windowed, usage: Usage, flow: ReturnType<typeof steps>): (cell: Cell) => void {
    const bounds = this.#bounds
    if (algorithm === 'fixed-clock') return (cell) => clockBounds(usage, cell, bounds)
    if (algorithm === 'fixed-first') return (cell) => firstBounds(usage, cell, bounds)
    if (algorithm === 'sliding-log') return (cell) => logBounds(usage, cell, bounds)
    if (algorithm === 'sliding-counter') return (cell) => counterBounds(usage, cell, bounds)
    const { book } = usage
    return ({ w0, w1 }) => bucketBounds(book, flow, book.scale / w1, book.scale / w0, bounds)
  }

  /**
   * Explores until nothing that is left can matter, or `most` trials were made. With `greed` (0 to 1) it follows what
   * looks good into its details first, which finds one explanation soon and all of them later.
   */
  run(most: number, greed = 0): void {
    const heap = new Heap<Node>((node) => node.rank)
    const rank = (node: Node): Node => ({ ...node, rank: node.bound * node.volume ** -greed })
    for (const of of this.hypotheses.keys()) for (const node of this.#roots(of)) heap.push(rank(node))
    let found = 0
    while (this.trials < most) {
      const node = heap.pop()
      if (!node) break
      if (node.bound < ENOUGH * found) continue
      const { w0, w1, p0, p1 } = node.cell
      const middle = { w: Math.sqrt(w0 * w1), p: (p0 + p1) / 2 }
      const point = { w0: middle.w, w1: middle.w, p0: middle.p, p1: middle.p }
      const fine = w1 / w0 - 1 <= FINEST.window && p1 - p0 <= FINEST.phase
      // What fits may be smaller than the smallest box: then the box counts, and what is open in it is charged for.
      const density = this.#density(node.of, fine ? node.cell : point, true)
      if (fine || density * node.volume > node.bound * (1 - FLAT)) {
        this.#keep(node, point, density)
        found = Math.max(found, this.hypotheses[node.of]!.mass)
      } else
        for (const cell of split(node.cell)) {
          const part = this.#node(node.of, cell)
          if (part.bound > ENOUGH * 0.1 * found) heap.push(rank(part))
        }
    }
  }

  #roots(of: number): Node[] {
    const { algorithm } = this.hypotheses[of]!
    const { least, most } = this.#range
    const phases = algorithm === 'fixed-clock' || algorithm === 'sliding-counter' ? 6 : 0
    const wide = algorithm === 'token-bucket' ? 3 : 1
    const roots: Node[] = []
    for (let w0 = least / wide; w0 < most * wide; w0 *= 1.15) {
      const w1 = w0 * 1.15
      if (phases === 0) roots.push(this.#node(of, { w0, w1, p0: 0, p1: 0 }))
      for (let n = 0; n < phases; n++)
        roots.push(this.#node(of, { w0, w1, p0: n / phases, p1: (n + 1) / phases }))
    }
    return roots
  }

  #node(of: number, cell: Cell): Node {
    const phased = cell.p1 > cell.p0
    const volume = Math.log(cell.w1 / cell.w0) * (phased ? cell.p1 - cell.p0 : 1)
    return { of, cell, volume, bound: this.#density(of, cell) * volume, rank: 0 }
  }

  /** Likelihood at one place, or its upper bound in a box, over all limits; leaves the prices in `#price`. */
  #density(of: number, cell: Cell, charged = false): number {
    this.trials++
    const { book, scale } = this.hypotheses[of]!
    this.#evaluate[of]!(cell)
    // In a box what is open may be closed somewhere: a bound is not charged for it.
    weigh(book, this.#bounds, scale, charged ? this.#prices : { ...this.#prices, open: 0 }, this.#price)
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < scale.size; i++) if (this.#price[i]! < least) least = this.#price[i]!
    let sum = 0
    for (let i = 0; i < scale.size; i++) {
      const more = this.#price[i]! - least
      if (more < 8) sum += scale.share(i) * (more < 1e-9 ? 1 : Math.exp(-more))
    }
    return sum * Math.exp(-least)
  }

  #keep({ of, volume }: Node, cell: Cell, density: number): void {
    const one = this.hypotheses[of]!
    const { limits, scale, book } = one
    one.mass += density * volume
    let least = Number.POSITIVE_INFINITY
    let at = 0
    let logs = 0
    for (let i = 0; i < scale.size; i++) {
      const price = this.#price[i]!
      if (price < least) [least, at] = [price, i]
      if (price > 60) continue
      const mass = scale.share(i) * Math.exp(-price)
      limits[i]! += mass * volume
      logs += mass * Math.log(scale.limit(i) / book.scale)
    }
    // A bucket is searched by its rate; its window is the time in which that fills it.
    const bucket = one.algorithm === 'token-bucket'
    const shift = bucket && density > 0 ? logs / density : 0
    one.windows += density * volume * (Math.log(cell.w0) + shift)
    if (!one.best || density > one.best.density) {
      const limit = scale.limit(at)
      const window = bucket ? (cell.w0 * limit) / book.scale : cell.w0
      one.best = { density, price: least, cell, limit, window }
    }
  }

  /** Bounds of the use before each group by the best explanation of a hypothesis. */
  boundsOf(one: Hypothesis): Bounds {
    if (one.best) this.#evaluate[this.hypotheses.indexOf(one)]!(one.best.cell)
    return { lo: this.#bounds.lo.slice(), hi: this.#bounds.hi.slice() }
  }
}

/** Halves of the side that is longer beside what it may be at the finest. */
function split({ w0, w1, p0, p1 }: Cell): Cell[] {
  const byWindow = (w1 / w0 - 1) / FINEST.window
  if (byWindow >= (p1 - p0) / FINEST.phase) {
    const middle = Math.sqrt(w0 * w1)
    return [
      { w0, w1: middle, p0, p1 },
      { w0: middle, w1, p0, p1 },
    ]
  }
  const middle = (p0 + p1) / 2
  return [
    { w0, w1, p0, p1: middle },
    { w0, w1, p0: middle, p1 },
  ]
}
