import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Figure } from '../../load/samples/figure.ts'
import { compare, fisher, normal } from '../../load/samples/stats/compare.ts'
import { trend } from '../../load/samples/stats/trend.ts'

const figureOf = (values: readonly number[]): Figure => {
  const figure = new Figure()
  for (const value of values) figure.record(value)
  return figure
}

test('the chance of being larger is that of all pairs', () => {
  const values = fc.array(fc.nat(300), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(values, values, (a, b) => {
      const pairs = a.flatMap((x) => b.map((y) => (y > x ? 1 : y === x ? 0.5 : 0)))
      const exact = pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length
      expect(compare(figureOf(a), figureOf(b)).larger).toBeCloseTo(exact, 9)
    }),
  )
})

test('p of the Mann-Whitney test with ties, by hand', () => {
  // U = 56 of 64, four ties of two: variance 64 / 12 × (17 − 24 / 240) = 90.13, z = 24 / √90.13 = 2.528.
  const shift = compare(figureOf([1, 2, 3, 4, 5, 6, 7, 8]), figureOf([5, 6, 7, 8, 9, 10, 11, 12]))
  expect(shift.larger).toBeCloseTo(1 - 8 / 64, 9)
  expect(shift.p).toBeCloseTo(0.01147, 4)
})

test('equal groups have no shift', () => {
  const same = compare(figureOf([5, 5, 5]), figureOf([5, 5, 5, 5]))
  expect(same.larger).toBe(0.5)
  expect(same.p).toBeCloseTo(1, 6)
})

test('the normal distribution, as tables have it', () => {
  expect(normal(0)).toBeCloseTo(0.5, 6)
  expect(normal(1.959964)).toBeCloseTo(0.975, 6)
  expect(normal(-3.2905)).toBeCloseTo(0.0005, 6)
})

test('Fisher’s exact test, as tables have it', () => {
  // The lady tasting tea: 3 of 4 right.
  expect(fisher(1, 4, 3, 4)).toBeCloseTo(17 / 70, 9)
  expect(fisher(0, 4, 4, 4)).toBeCloseTo(1 / 70, 9)
  expect(fisher(0, 1000, 0, 10)).toBe(1)
  expect(fisher(0, 1_000_000, 20, 1_000_000)).toBeCloseTo(2 ** -20, 9)
})

test('Fisher’s chances are those of counting', () => {
  fc.assert(
    fc.property(fc.nat(6), fc.nat(6), fc.nat(6), fc.nat(6), (a, na, b, nb) => {
      const [n, m] = [a + na, b + nb]
      const choose = (from: number, k: number): number => {
        let ways = 1
        for (let i = 0; i < k; i += 1) ways = (ways * (from - i)) / (i + 1)
        return k > from ? 0 : ways
      }
      let sum = 0
      for (let k = b; k <= m; k += 1) {
        if (a + b - k >= 0) sum += (choose(m, k) * choose(n, a + b - k)) / choose(n + m, a + b)
      }
      expect(fisher(a, n, b, m)).toBeCloseTo(sum, 9)
    }),
  )
})

test('a trend is the median of all slopes, and outliers do not bend it', () => {
  const line = Array.from({ length: 12 }, (_, x) => ({ x, y: 10 + 2 * x }))
  expect(trend(line)).toMatchObject({ slope: 2, low: 2, high: 2, first: 10, last: 32, points: 12 })
  const bent = line.map((point) => (point.x === 5 ? { x: 5, y: 900 } : point))
  expect(trend(bent)?.slope).toBeCloseTo(2, 6)
})

test('fewer than eight points are no trend, and equal ones none either', () => {
  expect(trend([{ x: 1, y: 1 }])).toBeUndefined()
  const flat = trend(Array.from({ length: 10 }, (_, x) => ({ x, y: 3 })))
  expect(flat).toMatchObject({ slope: 0, low: 0, high: 0 })
  expect(flat?.p).toBeCloseTo(1, 6)
})

test('the interval of noise encloses no trend', () => {
  const wavering = Array.from({ length: 40 }, (_, x) => ({ x, y: (x * 7919) % 101 }))
  const found = trend(wavering)
  expect(found?.low).toBeLessThan(0)
  expect(found?.high).toBeGreaterThan(0)
  expect(found?.p).toBeGreaterThan(0.05)
})
