/** Which rate a sweep tries next. Pure. */
import type { SweepOptions } from '../../../order.ts'

export type Bounds = Pick<SweepOptions, 'from' | 'to' | 'factor' | 'within' | 'steps'>

/** Why the search is over. */
export type Ended =
  /** The rates that were met and missed are as near as was asked for. */
  | 'found'
  /** The highest rate that may be tried was met. */
  | 'never-missed'
  /** No rate that was tried was met. */
  | 'never-met'
  /** There are no steps left. */
  | 'steps'

/**
 * Rates grow by a factor until one misses; then the middle between met and missed is tried, again and again. A rate counts as
 * missed when it missed twice: one bad second of any machine on the way must not make a knee.
 */
export class Search {
  /** Highest rate that was met below the lowest that was missed. */
  met: number | null = null
  missed: number | null = null
  tried = 0
  /** Missed once: it is tried again before that is believed. */
  #again: number | undefined
  readonly #bounds: Bounds

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** The rate of the next step, or why there is none. */
  next(): number | Ended {
    const { from, to, factor, within, steps } = this.#bounds
    const { met, missed } = this
    if (met !== null && missed !== null && missed - met <= within * met) return 'found'
    if (met !== null && met >= to) return 'never-missed'
    if (this.tried >= steps) return met === null && missed !== null ? 'never-met' : 'steps'
    if (this.#again !== undefined) return this.#again
    if (missed === null) return met === null ? Math.min(from, to) : Math.min(met * factor, to)
    // Nothing was met yet, the first step neither: down by the same factor.
    if (met === null) return missed / factor
    return (met + missed) / 2
  }

  /** What came of the step at `rate`. */
  tell(rate: number, met: boolean): void {
    this.tried += 1
    const isFirst = this.#again !== rate
    this.#again = undefined
    if (!met && isFirst) this.#again = rate
    else if (!met) this.missed = Math.min(rate, this.missed ?? rate)
    else this.met = Math.max(rate, this.met ?? rate)
  }
}
