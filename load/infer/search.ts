/** For one algorithm and one way of charging: the window (and phase) that contradict the fewest samples. */
import { weigh } from './fit/bounds.ts'
import { bucketBounds, flow } from './fit/bucket.ts'
import { counterBounds } from './fit/counter.ts'
import { clockCuts, firstCuts, slidingCuts, windowBounds } from './fit/windows.ts'
import type { Ledger } from './ledger.ts'
import type { Timeline } from './timeline.ts'
import type { AlgorithmName } from './types.ts'

export type Windowed = Exclude<AlgorithmName, 'none' | 'concurrency' | 'leaky-bucket'>

export const WINDOWED: Windowed[] = [
  'fixed-clock',
  'fixed-first',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
]

/** One set of parameters; `window` and `phase` in ms. */
export interface Trial {
  window: number
  phase: number
  contradictions: number
  limit: number
  bound: Float64Array
}

/** Where the window may be, ms, and moments at which a window may have turned. */
export interface Range {
  least: number
  most: number
  turns: number[]
}

export class Searcher {
  readonly #book: Ledger
  readonly #line: Timeline
  #flow: ReturnType<typeof flow> | undefined

  constructor(book: Ledger, line: Timeline) {
    this.#book = book
    this.#line = line
  }

  try(algorithm: Windowed, window: number, phase: number): Trial {
    const bound = this.#bounds(algorithm, window, phase)
    const { contradictions, limit } = weigh(this.#line, bound)
    return { window, phase, contradictions, limit, bound }
  }

  #bounds(algorithm: Windowed, window: number, phase: number): Float64Array {
    const [book, line] = [this.#book, this.#line]
    if (algorithm === 'fixed-clock') return windowBounds(book, line, clockCuts(window, phase))
    if (algorithm === 'fixed-first') return windowBounds(book, line, firstCuts(line, window))
    if (algorithm === 'sliding-log') return windowBounds(book, line, slidingCuts(window))
    if (algorithm === 'sliding-counter') return counterBounds(book, line, window, phase)
    this.#flow ??= flow(book, line)
    return bucketBounds(book, line, this.#flow, this.#rate(window))
  }

  /** The rate that fills the bucket that it leads to in `window` ms. */
  #rate(window: number): number {
    const [book, line] = [this.#book, this.#line]
    this.#flow ??= flow(book, line)
    let size = Math.max(...book.costs, 1) * 4
    for (let turn = 0; turn < 4; turn++) {
      const next = weigh(line, bucketBounds(book, line, this.#flow, size / window)).limit
      if (Math.abs(next / size - 1) < 0.004) break
      size = Math.max(1e-6, next)
    }
    return size / window
  }

  /** Coarse: every window of the range in steps of `grain`, with the phases that fit the algorithm. */
  coarse(algorithm: Windowed, { least, most, turns }: Range, grain: number): Trial[] {
    const trials: Trial[] = []
    for (let window = least; window <= most; window *= 1 + grain)
      for (const phase of phases(algorithm, window, turns)) trials.push(this.try(algorithm, window, phase))
    return trials.sort((a, b) => a.contradictions - b.contradictions)
  }

  /**
   * How much room a trial has, as the logarithm of a share: how far window, phase and limit can each be moved before
   * one more sample contradicts. Of two explanations that fit, the one that fits only just is the less likely.
   */
  room(algorithm: Windowed, at: Trial): number {
    const reach = (move: (by: number) => Trial): number =>
      [-1, 1].reduce((sum, side) => {
        const steps = [0.002, 0.006, 0.015, 0.03, 0.06, 0.12]
        const bad = steps.findIndex((step) => move(side * step).contradictions > at.contradictions)
        return sum + (bad < 0 ? 0.2 : (steps[bad] ?? 0) / 2)
      }, 0)
    const windows = reach((by) => {
      const window = at.window * (1 + by)
      return this.try(algorithm, window, anchor(at.phase, window, at.window, this.#line))
    })
    const phased = algorithm === 'fixed-clock' || algorithm === 'sliding-counter'
    const phases = phased ? reach((by) => this.try(algorithm, at.window, at.phase + by * at.window)) : 1
    const { low, high, limit } = weigh(this.#line, at.bound)
    const limits = Math.min(0.03, Math.max(0.003, (high - low) / Math.max(limit, 1)))
    // Counting requests is the plainest charge: tokens have to explain more.
    const plain = this.#book.charge.what === 'request' ? 1.5 : 0
    return Math.log(windows) + Math.log(phases) + Math.log(limits) + plain
  }

  /** Fine: around a trial, then the middle of all that are as good as the best. */
  fine(algorithm: Windowed, from: Trial, grain: number): Trial {
    let best = from
    for (let around = grain; around > 0.0015; around /= 2.5) {
      const good: Trial[] = []
      for (let w = -4; w <= 4; w++) {
        const window = best.window * (1 + (w / 4) * around)
        const shifts =
          algorithm === 'fixed-clock' || algorithm === 'sliding-counter' ? [-3, -2, -1, 0, 1, 2, 3] : [0]
        for (const shift of shifts) {
          const middle = anchor(best.phase, window, best.window, this.#line)
          const trial = this.try(algorithm, window, middle + (shift / 3) * around * window)
          good.push(trial)
        }
      }
      const least = Math.min(best.contradictions, ...good.map(({ contradictions }) => contradictions))
      const kept = good.filter(({ contradictions }) => contradictions === least)
      if (kept.length === 0) continue
      const mean = (pick: (trial: Trial) => number) =>
        kept.reduce((sum, trial) => sum + pick(trial), 0) / kept.length
      const window = mean((trial) => trial.window)
      const centre = this.try(
        algorithm,
        window,
        mean((trial) => trial.phase),
      )
      const nearest = kept.reduce((a, b) =>
        Math.abs(a.window - window) <= Math.abs(b.window - window) ? a : b,
      )
      best = centre.contradictions <= least ? centre : nearest
    }
    return best
  }
}

/** A phase is kept near the middle of the run, so that a change of the window does not move it far. */
function anchor(phase: number, window: number, before: number, { from }: Timeline): number {
  const middle = ((from[0] ?? 0) + (from.at(-1) ?? 0)) / 2
  return window === before ? phase : phase + Math.round((middle - phase) / before) * before
}

function phases(algorithm: Windowed, window: number, turns: number[]): number[] {
  if (algorithm === 'fixed-clock') return turns
  if (algorithm !== 'sliding-counter') return [0]
  const all = Array.from({ length: 14 }, (_, n) => (n / 14) * window)
  return all
}
