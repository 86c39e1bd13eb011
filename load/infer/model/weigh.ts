/** Bounds of the use in, how well each limit explains the outcomes out. */
import type { Ledger } from './ledger.ts'
import type { Bounds } from './usage.ts'

/** What a sample takes from the logarithm of the likelihood. */
export interface Prices {
  /** Let in although the limit was surely reached. */
  over: number
  /** Refused although there was surely room. */
  under: number
  /** Neither sure nor excluded. */
  open: number
}

/** With nobody else on the key each outcome has to be explained; with others a refusal may be theirs. */
export const ALONE: Prices = { over: 7, under: 7, open: 0.4 }
export const WITH_OTHERS: Prices = { over: 7, under: 0.9, open: 0.4 }

/** Limits that are weighed at once, unless said otherwise. */
const CELLS = 768

/** Where the limit may be, in units of the charge, and in how many steps. */
export interface Limits {
  low: number
  high: number
  cells: number
}

/** The limits that are weighed: whole numbers where requests are counted, else in equal steps of the logarithm. */
export class Scale {
  readonly least: number
  readonly size: number
  readonly #whole: boolean
  readonly #step: number
  readonly #span: number

  constructor({ scale, charge }: Ledger, limits?: Limits) {
    const { low, high, cells } = limits ?? { low: scale / 4, high: scale * 2.5, cells: CELLS }
    this.least = Math.max(1, Math.floor(low))
    const whole = Math.ceil(high) - this.least + 1
    this.#whole = (charge.what === 'request' || charge.what === 'chunk') && whole <= cells
    this.size = this.#whole ? whole : cells
    this.#span = Math.max(Math.log(2), Math.log(high / this.least))
    this.#step = this.#span / cells
  }

  /** First cell that has a limit of at least `x` in it. */
  from(x: number): number {
    if (x <= this.least) return 0
    if (this.#whole) return Math.min(this.size, Math.ceil(x - 1e-6) - this.least)
    return Math.min(this.size, Math.floor(Math.log(x / this.least) / this.#step))
  }

  /** First cell that has no limit below `x` in it. */
  beyond(x: number): number {
    if (x <= this.least) return 0
    if (this.#whole) return Math.min(this.size, Math.ceil(x - 1e-6) - this.least)
    return Math.min(this.size, Math.floor(Math.log(x / this.least) / this.#step) + 1)
  }

  limit(cell: number): number {
    return this.#whole ? this.least + cell : this.least * Math.exp((cell + 0.5) * this.#step)
  }

  /** Share of all limits that a cell stands for, limits being as likely in each order of magnitude. */
  share(cell: number): number {
    return (this.#whole ? 1 / (this.least + cell) : this.#step) / this.#span
  }
}

/** Price of each limit: 0 explains everything. `into` has one place per cell and one more. */
export function weigh(
  { groups: { list, telling }, cost, charge }: Ledger,
  { lo, hi }: Bounds,
  scale: Scale,
  { over, under, open }: Prices,
  into: Float64Array,
): void {
  into.fill(0, 0, scale.size + 1)
  const atEnd = charge.when === 'end'
  // Charged at the end: let in while anything is left. The least that can be left of what is counted in whole numbers.
  const some = atEnd ? 1e-3 : 0
  for (const g of telling) {
    const { admitted, refused } = list[g]!
    const each = cost[g]!
    const [l, h] = [lo[g]!, hi[g]!]
    if (admitted > 0) {
      const taken = admitted * each + some
      const a = scale.from(l + taken)
      const b = scale.from(h + taken)
      if (a > 0) {
        into[0]! += over
        into[a]! -= over
      }
      if (b > a) {
        into[a]! += open
        into[b]! -= open
      }
    }
    if (refused > 0) {
      const wanted = (admitted + 1) * each + some
      const a = scale.beyond(l + wanted)
      const b = scale.beyond(h + wanted)
      if (b < scale.size) {
        into[b]! += under
        into[scale.size]! -= under
      }
      if (b > a) {
        into[a]! += open
        into[b]! -= open
      }
    }
  }
  for (let i = 1; i <= scale.size; i++) into[i]! += into[i - 1]!
}
