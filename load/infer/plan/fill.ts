import type { Sample } from '../types.ts'
import type { Desk, Sending } from './desk.ts'
import { type Flavour, PLAIN, type Sizes } from './sizes.ts'

/** Between these many units, by some way of charging, the limit is expected. */
export interface Bracket {
  low: number
  high: number
}

export const refusedIn = (samples: readonly Sample[]): boolean => samples.some(({ admitted }) => !admitted)

export function unitsIn(sizes: Sizes, samples: readonly Sample[]): number {
  return samples.reduce((sum, sample) => sum + (sample.admitted ? sizes.units(sample) : 0), 0)
}

/** Doubles what is in until something is refused. Returns the samples of the last batch. */
export function* ramp(desk: Desk, sizes: Sizes, limitAtMost: number): Sending {
  let total = 0
  let size = sizes.aim === 'requests' ? 1 : 64
  for (;;) {
    const came = yield* desk.together(sizes.many(PLAIN, size, 8))
    total += unitsIn(sizes, came)
    if (desk.exhausted || refusedIn(came) || total >= limitAtMost) return came
    size = Math.min(total, Math.max(1, limitAtMost - total))
  }
}

/** After a refusal of `size` units: halves what is asked until the rest of the room is known to `least` units. */
export function* descend(
  desk: Desk,
  sizes: Sizes,
  flavour: Flavour,
  size: number,
  least: number,
): Sending<void> {
  for (let next = size / 2; next >= least && !desk.exhausted; next /= 2)
    yield* desk.together(sizes.many(flavour, next, 1))
}

/**
 * Goes through the brackets in rising order, in one leap to just below each and in small steps over it, until
 * something is refused. `already`: units that are in. Returns true when a refusal was met.
 */
export function* fill(
  desk: Desk,
  sizes: Sizes,
  flavour: Flavour,
  brackets: Bracket[],
  already = 0,
): Sending<boolean> {
  let total = already
  for (const { low, high } of brackets.toSorted((a, b) => a.low - b.low)) {
    const leap = low * 0.95 - total
    if (leap >= sizes.step(low)) {
      const came = yield* desk.together(sizes.many(flavour, leap))
      total += unitsIn(sizes, came)
      if (refusedIn(came)) return true
    }
    const step = Math.max(sizes.step(low), (high * 1.06 - low * 0.95) / 6)
    while (total < high * 1.06 && !desk.exhausted) {
      const came = yield* desk.together(sizes.many(flavour, step, sizes.aim === 'requests' ? step : 1))
      total += unitsIn(sizes, came)
      if (refusedIn(came)) {
        if (sizes.aim === 'tokens') yield* descend(desk, sizes, flavour, step, sizes.step(low))
        return true
      }
    }
  }
  return false
}

/**
 * Asks for little until it is let in. With `expected` (ms from now) it is silent until shortly before, then asks
 * often; without, ever more rarely. Returns the time from the start to the first admission, or undefined.
 */
export function* poll(
  desk: Desk,
  sizes: Sizes,
  {
    amount,
    growth,
    horizon,
    expected,
  }: { amount: number; growth: number; horizon: number; expected?: number },
): Sending<number | undefined> {
  const start = desk.now
  let elapsed = expected === undefined ? 120 : expected * 0.88
  while (elapsed <= horizon && !desk.exhausted) {
    desk.now = Math.max(desk.now, start + elapsed)
    const [came] = yield* desk.together(sizes.many(PLAIN, amount, 1))
    if (!came || came.admitted) return came && came.endedAt - start
    const fine = expected !== undefined && elapsed < expected * 1.15
    elapsed = fine ? elapsed + expected * 0.03 : Math.max(elapsed * (1 + growth), elapsed + 120)
    elapsed = Math.max(elapsed, desk.now - start)
  }
  return undefined
}

/** Takes what room is left, down to `least` units, and makes sure that nothing more is let in. */
export function* toTheBrim(desk: Desk, sizes: Sizes, room: number, least: number): Sending<void> {
  if (sizes.aim === 'tokens') yield* descend(desk, sizes, PLAIN, room, least)
  for (let turn = 0; turn < 6 && !desk.exhausted; turn++) {
    const came = yield* desk.together(sizes.many(PLAIN, least, 1))
    if (refusedIn(came)) return
  }
}
