import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slo } from '../../load/order.ts'
import {
  type Figures,
  missed,
  quantile,
  quantileOf,
  type Step,
} from '../../load/scenarios/stream/knee/figures.ts'
import { type Bounds, Search } from '../../load/scenarios/stream/knee/search.ts'

const BOUNDS: Bounds = { from: 1, to: 64, factor: 2, within: 0.1, steps: 20 }

/** Searches where exactly the rates up to `knee` meet the SLO. */
function searched(bounds: Bounds, knee: number): { search: Search; tried: number[]; end: string } {
  const search = new Search(bounds)
  const tried: number[] = []
  for (let rate = search.next(); ; rate = search.next()) {
    if (typeof rate === 'string') return { search, tried, end: rate }
    tried.push(rate)
    search.tell(rate, rate <= knee)
  }
}

describe('the search for the knee', () => {
  test('grows until a rate misses, then halves', () => {
    const { tried, search, end } = searched(BOUNDS, 21)
    expect(tried).toEqual([1, 2, 4, 8, 16, 32, 32, 24, 24, 20, 22, 22])
    expect([search.met, search.missed, end]).toEqual([20, 22, 'found'])
  })

  test('brackets the knee wherever it is, within the bounds and the steps', () => {
    const bounds = fc.record({
      from: fc.double({ min: 0.1, max: 10, noNaN: true }),
      to: fc.double({ min: 10, max: 1000, noNaN: true }),
      factor: fc.double({ min: 1.1, max: 4, noNaN: true }),
      within: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      steps: fc.integer({ min: 1, max: 60 }),
    })
    fc.assert(
      fc.property(bounds, fc.double({ min: 0.01, max: 2000, noNaN: true }), (within, knee) => {
        const { search, tried, end } = searched(within, knee)
        expect(tried.length).toBeLessThanOrEqual(within.steps)
        expect(tried.every((rate) => rate > 0 && rate <= within.to)).toBe(true)
        if (search.met !== null) expect(search.met).toBeLessThanOrEqual(knee)
        if (search.missed !== null) expect(search.missed).toBeGreaterThan(knee)
        if (end === 'found') {
          expect((search.missed ?? 0) - (search.met ?? 0)).toBeLessThanOrEqual(
            within.within * (search.met ?? 0),
          )
        }
        if (end === 'never-missed') expect(search.met).toBe(within.to)
        if (end === 'never-met') expect(search.met).toBeNull()
        if (end === 'steps') expect(tried).toHaveLength(within.steps)
      }),
    )
  })

  test('one bad second makes no knee: what missed is tried again', () => {
    const search = new Search(BOUNDS)
    search.tell(1, false)
    expect([search.next(), search.missed]).toEqual([1, null])
    search.tell(1, true)
    expect([search.next(), search.met, search.missed]).toEqual([2, 1, null])
  })

  test('a gateway that meets all is never missed, one that meets none is never met', () => {
    expect(searched(BOUNDS, 1000)).toMatchObject({ end: 'never-missed', search: { met: 64, missed: null } })
    expect(searched({ ...BOUNDS, steps: 6 }, 0)).toMatchObject({
      end: 'never-met',
      tried: [1, 1, 0.5, 0.5, 0.25, 0.25],
    })
  })
})

test('quantiles by name', () => {
  expect(['p50', 'p99.9', 'max', 'p100', '99', ''].map(quantileOf)).toEqual([
    0.5,
    0.9990000000000001,
    1,
    null,
    null,
    null,
  ])
})

test('a quantile is a value below or at which that share of all is, and no smaller one is', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 1000 }), (all, permille) => {
      const q = permille / 1000
      const got = quantile(all, q) ?? Number.NaN
      const share = (x: number) => all.filter((value) => value <= x).length / all.length
      expect(all).toContain(got)
      expect(share(got)).toBeGreaterThanOrEqual(q - 1e-9)
      expect(share(got - 1)).toBeLessThan(q + 1e-9)
    }),
  )
  expect(quantile([], 0.5)).toBeNull()
})

const fine = (ttft: number | null, more: Partial<Figures> = {}): Figures => ({
  finished: true,
  times: { ttft, tpot: 20 },
  tokens: 50,
  ...more,
})

function step(results: Figures[], dropped = 0): Step {
  return { results, dropped, seconds: 10, gap: (kind) => (kind === 'itl' ? 30 : null) }
}

const ms = (metric: Slo['metric'], quantile: string, max_ms: number): Slo => ({ metric, quantile, max_ms })
const GOOD = Array.from({ length: 99 }, () => fine(100))

describe('an objective of a step', () => {
  test('of a time is met by its quantile', () => {
    expect(missed(step([...GOOD, fine(5000)]), [ms('ttft', 'p99', 100)])).toEqual([])
    expect(missed(step([...GOOD, fine(5000)]), [ms('ttft', 'p99.5', 100)])).toMatchObject([{ got: 5000 }])
  })

  test('is missed by requests that failed or were never sent, however fast the others were', () => {
    const failed = Array.from({ length: 5 }, () => fine(1, { finished: false }))
    expect(missed(step([...GOOD, ...failed]), [ms('ttft', 'p99', 100)])).toMatchObject([
      { got: Number.POSITIVE_INFINITY },
    ])
    expect(missed(step(GOOD, 5), [ms('ttft', 'p99', 100)])).toHaveLength(1)
    expect(missed(step(GOOD, 5), [ms('ttft', 'p90', 100)])).toEqual([])
  })

  test('that nothing can be said about is missed', () => {
    expect(missed(step([]), [ms('ttft', 'p50', 100)])).toEqual([{ slo: ms('ttft', 'p50', 100), got: null }])
    expect(missed(step(GOOD), [ms('icl', 'p50', 100)])).toMatchObject([{ got: null }])
  })

  test('of gaps is judged by the histogram of all of them', () => {
    expect(missed(step(GOOD), [ms('itl', 'p99', 30)])).toEqual([])
    expect(missed(step(GOOD), [ms('itl', 'p99', 29)])).toMatchObject([{ got: 30 }])
  })

  test('of shares counts failed and unsent requests', () => {
    const results = [...GOOD, fine(1, { finished: false })]
    expect(missed(step(results), [{ metric: 'errors', max: 0.01 }])).toEqual([])
    expect(missed(step(results, 1), [{ metric: 'errors', max: 0.01 }])).toHaveLength(1)
    const slo: Slo[] = [{ metric: 'goodput', min: 0.95 }, ms('ttft', 'p50', 100), ms('itl', 'p50', 30)]
    expect(missed(step([...GOOD, ...Array.from({ length: 5 }, () => fine(101))]), slo)).toEqual([])
    expect(missed(step([...GOOD, ...Array.from({ length: 6 }, () => fine(101))]), slo)).toMatchObject([
      { slo: { metric: 'goodput' }, got: 99 / 105 },
    ])
    // What is asked of all gaps is asked of a request's mean.
    const slow = { times: { ttft: 1, tpot: 31 } }
    expect(missed(step([fine(1, slow)]), [{ metric: 'goodput', min: 1 }, ms('itl', 'p50', 30)])).toHaveLength(
      1,
    )
  })

  test('of rates is per second of the step', () => {
    const slo: Slo[] = [
      { metric: 'requests_per_s', min: 9.9 },
      { metric: 'tokens_per_s', min: 496 },
    ]
    expect(missed(step(GOOD), slo)).toMatchObject([{ slo: { metric: 'tokens_per_s' }, got: 495 }])
  })
})
