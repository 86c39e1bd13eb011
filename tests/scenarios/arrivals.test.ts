import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Arrivals,
  constantArrivals,
  poissonArrivals,
  shareOf,
} from '../../load/scenarios/stream/drive/arrivals.ts'
import { Pace } from '../../load/scenarios/stream/drive/pace.ts'

const RATE = fc.double({ min: 0.1, max: 500, noNaN: true })
const SEED = fc.integer({ min: 0, max: 2 ** 32 - 1 })

function all(arrivals: Arrivals): number[] {
  const times: number[] = []
  for (let at = arrivals(); at !== undefined; at = arrivals()) times.push(at)
  return times
}

test('constant arrivals are evenly spaced, without drift, and as many as the rate says', () => {
  fc.assert(
    fc.property(RATE, fc.nat(10_000), fc.integer({ min: 1, max: 20_000 }), (rate, from, length) => {
      const times = all(constantArrivals(rate, from, from + length))
      expect(Math.abs(times.length - Math.ceil((rate * length) / 1000))).toBeLessThanOrEqual(1)
      for (const [n, at] of times.entries()) {
        expect(at).toBeCloseTo(from + (n * 1000) / rate, 6)
        expect(at).toBeLessThan(from + length)
      }
    }),
  )
})

describe('Poisson arrivals', () => {
  test('are within the time, in order, the same for a seed, and others for another', () => {
    fc.assert(
      fc.property(SEED, RATE, fc.nat(10_000), (seed, rate, from) => {
        const times = all(poissonArrivals(rate, from, from + 5000, seed))
        expect(times).toEqual(all(poissonArrivals(rate, from, from + 5000, seed)))
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times.every((at) => at >= from && at < from + 5000)).toBe(true)
      }),
    )
    expect(all(poissonArrivals(10, 0, 5000, 1))).not.toEqual(all(poissonArrivals(10, 0, 5000, 2)))
  })

  test('have the rate, and gaps that vary as those of strangers do', () => {
    fc.assert(
      fc.property(SEED, fc.integer({ min: 5, max: 500 }), (seed, rate) => {
        const times = all(poissonArrivals(rate, 0, 100_000, seed))
        const expected = rate * 100
        expect(Math.abs(times.length - expected)).toBeLessThan(6 * Math.sqrt(expected))
        const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
        const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length
        const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
        // An exponential distribution has its mean as its standard deviation.
        expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.75)
        expect(Math.sqrt(variance) / mean).toBeLessThan(1.25)
      }),
      { numRuns: 30 },
    )
  })
})

test('virtual users share the arrivals: together they have each once', () => {
  fc.assert(
    fc.property(SEED, fc.integer({ min: 1, max: 7 }), (seed, of) => {
      const make = () => poissonArrivals(50, 0, 4000, seed)
      const shares = Array.from({ length: of }, (_, index) => all(shareOf(make(), index, of)))
      expect(shares.flat().toSorted((a, b) => a - b)).toEqual(all(make()))
      const sizes = shares.map(({ length }) => length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

/** The most starts in any window of this length, both ends of which count. */
function busiest(starts: number[], window: number): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + window).length))
}

describe('the cap on the rate', () => {
  const asks = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 120 })

  test('holds in any second, whenever the starts are asked for, and delays no more than it must', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), asks, (rate, gaps) => {
        const pace = new Pace(rate)
        let now = 0
        const starts = gaps.map((gap) => {
          now += gap
          const at = pace.book(now)
          expect(at).toBeGreaterThanOrEqual(now)
          return at
        })
        expect(busiest(starts, 999.999)).toBeLessThanOrEqual(rate)
        expect(starts.slice(0, rate)).toEqual(starts.slice(0, rate).toSorted((a, b) => a - b))
      }),
    )
    const pace = new Pace(2)
    expect([0, 0, 0, 0, 1500].map((now) => pace.book(now))).toEqual([0, 0, 1000, 1000, 2000])
  })

  test('admits what is within it, and books nothing for what is not', () => {
    const pace = new Pace(2)
    expect([0, 10, 20, 999, 1000, 1001, 1010].map((now) => pace.admits(now))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      true,
    ])
  })

  test('below one a second is one in several seconds', () => {
    const pace = new Pace(0.25)
    expect([0, 0, 9000].map((now) => pace.book(now))).toEqual([0, 4000, 9000])
  })
})
