import fc from 'fast-check'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { bucketFloor, Figure, QUANTILE_ERROR } from '../../load/samples/figure.ts'

const figureOf = (values: readonly number[]): Figure => {
  const figure = new Figure()
  for (const value of values) figure.record(value)
  return figure
}
const times = fc.array(fc.oneof(fc.nat(3000), fc.nat(3_600_000_000)), { minLength: 1, maxLength: 300 })
const shares = fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999, 1)

test('a quantile encloses the exact one of the values, within the error that is stated', () => {
  fc.assert(
    fc.property(times, shares, (values, q) => {
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]!
      const { low, high } = figureOf(values).quantile(q)
      expect(low).toBeLessThanOrEqual(exact)
      expect(high).toBeGreaterThanOrEqual(exact)
      expect(high - low).toBeLessThanOrEqual(Math.max(0, exact * QUANTILE_ERROR))
    }),
  )
})

test('count, mean and maximum are exact', () => {
  fc.assert(
    fc.property(times, (values) => {
      const figure = figureOf(values)
      expect(figure.count).toBe(values.length)
      expect(figure.quantile(1).high).toBe(Math.max(...values))
      expect(figure.mean()).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 3)
    }),
  )
})

test('merged in any way, figures say the same', () => {
  fc.assert(
    fc.property(times, times, shares, (a, b, q) => {
      const merged = figureOf(a)
      merged.merge(figureOf(b))
      expect(merged.quantile(q)).toEqual(figureOf([...a, ...b]).quantile(q))
      expect(merged.count).toBe(a.length + b.length)
      // And after more values.
      merged.record(7)
      expect(merged.count).toBe(a.length + b.length + 1)
    }),
  )
})

test('what comes encoded says the same as what is recorded', () => {
  fc.assert(
    fc.property(times, shares, (values, q) => {
      const made = build({ highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 })
      for (const value of values) made.recordValue(value)
      const figure = new Figure()
      figure.mergeEncoded(encodeIntoCompressedBase64(made))
      figure.mergeEncoded(encodeIntoCompressedBase64(made))
      expect(figure.count).toBe(2 * values.length)
      expect(figure.quantile(q).low).toBe(figureOf([...values, ...values]).quantile(q).low)
      const exact = values.reduce((a, b) => a + b, 0) / values.length
      expect(Math.abs(figure.mean() - exact)).toBeLessThanOrEqual(exact * QUANTILE_ERROR + 1)
    }),
  )
})

test('negative values count as 0, those above an hour as an hour', () => {
  const figure = figureOf([-5, 1e12])
  expect(figure.count).toBe(2)
  expect(figure.quantile(0.5).high).toBe(0)
  expect(figure.quantile(1).high).toBe(3_600_000_000)
})

test('the buckets are those of HdrHistogram, and tell all values', () => {
  fc.assert(
    fc.property(times, (values) => {
      const buckets = figureOf(values).buckets()
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
      const floors = new Set(values.map(bucketFloor))
      expect(buckets.map(({ value }) => bucketFloor(value))).toEqual([...floors].sort((a, b) => a - b))
    }),
  )
})

test('nothing is 0 everywhere', () => {
  expect(new Figure().quantiles()).toEqual({
    count: 0,
    mean: 0,
    p50: 0,
    p90: 0,
    p95: 0,
    p99: 0,
    'p99.9': 0,
    max: 0,
  })
})

test('a rank is that rank, not the next one for a rounding error', () => {
  for (const count of [18, 36, 39, 72, 137, 500]) {
    const figure = figureOf(Array.from({ length: count }, (_, i) => i + 1))
    for (let rank = 1; rank <= count; rank += 1) expect(figure.atRank(rank).high).toBe(rank)
    expect(figure.above(count - 3)).toBe(3)
  }
})
