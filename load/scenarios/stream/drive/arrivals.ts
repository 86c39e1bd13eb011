/** When requests of an open model start: known before the first is sent, whatever the gateway does. Pure. */
import { uniform } from '../../prompts/random.ts'

/** Gives one start after another, in milliseconds; undefined: the time is over. */
export type Arrivals = () => number | undefined

/** One every 1/rate seconds from `from` up to, not including, `to`. */
export function constantArrivals(rate: number, from: number, to: number): Arrivals {
  let n = 0
  return () => {
    const at = from + (n * 1000) / rate
    n += 1
    return at < to ? at : undefined
  }
}

/** Exponential gaps of 1/rate seconds in the mean, as many users who know nothing of each other. */
export function poissonArrivals(rate: number, from: number, to: number, seed: number): Arrivals {
  const random = uniform(seed)
  let at = from
  return () => {
    at += (-Math.log(1 - random()) * 1000) / rate
    return at < to ? at : undefined
  }
}

/** Every `of`th of them from the `share`th on: the part of one virtual user. */
export function shareOf(arrivals: Arrivals, share: number, of: number): Arrivals {
  let n = 0
  return () => {
    for (;;) {
      const at = arrivals()
      const mine = n % of === share
      n += 1
      if (at === undefined || mine) return at
    }
  }
}
