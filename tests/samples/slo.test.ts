import { expect, test } from 'vitest'
import type { Slo } from '../../load/order.ts'
import { chanceOf } from '../../load/samples/verdicts/slo.ts'
import { BROKEN_OFF, histogram, judged, meter, REFUSED, type RowValues, row, rows, SILENT } from './made.ts'

const slo = async (objective: Slo, lines: readonly string[], values: Parameters<typeof judged>[1] = {}) => {
  const { verdicts } = await judged(lines, { slo: [objective], ...values })
  const line = verdicts.find(({ id }) => id.startsWith('load/slo/'))
  return { id: line?.id, verdict: line?.verdict, message: line?.message, findings: line?.findings ?? [] }
}
/** 200 rows with times to first token of 1, 2, 3 … ms. */
const ladder = (more: (i: number) => RowValues = () => ({})) =>
  rows(200, (i) => ({ ttft_us: (i + 1) * 1000, ttft_low_us: (i + 1) * 1000, ...more(i) }))

test('a quantile is met, or missed, at its bound', async () => {
  const p99 = { metric: 'ttft', quantile: 'p99' } as const
  expect(await slo({ ...p99, max_ms: 198.2 }, ladder())).toMatchObject({
    id: 'load/slo/ttft-p99',
    verdict: 'pass',
    message: 'ttft p99 198 ms over 200 requests',
  })
  const missed = await slo({ ...p99, max_ms: 197.8 }, ladder())
  expect(missed.verdict).toBe('fail')
  expect(missed.findings.map(({ at }) => at.exchange)).toEqual(['samples', 'row-198', 'row-199', 'row-200'])
})

test('between the two bounds nobody knows', async () => {
  const lines = ladder((i) => ({ ttft_low_us: (i + 1) * 900 }))
  const p50 = { metric: 'ttft', quantile: 'p50' } as const
  expect((await slo({ ...p50, max_ms: 95 }, lines)).verdict).toBe('inconclusive')
  expect((await slo({ ...p50, max_ms: 101 }, lines)).verdict).toBe('pass')
  expect((await slo({ ...p50, max_ms: 89 }, lines)).verdict).toBe('fail')
})

test('too few requests have no such quantile', async () => {
  const p99 = { metric: 'ttft', quantile: 'p99', max_ms: 1000 } as const
  expect((await slo(p99, rows(99))).verdict).toBe('inconclusive')
  expect((await slo(p99, rows(100))).verdict).toBe('pass')
  expect((await slo({ ...p99, quantile: 'max' }, rows(3))).verdict).toBe('pass')
})

test('a request that failed counts as endless, not as fast', async () => {
  const p95 = { metric: 'ttft', quantile: 'p95', max_ms: 1000 } as const
  const failing = (share: number, values: RowValues) => ladder((i) => (i < 200 * share ? values : {}))
  for (const values of [REFUSED, { ...SILENT, error: 'headers-timeout' }, BROKEN_OFF]) {
    expect((await slo(p95, failing(0.04, values))).verdict).toBe('pass')
    const missed = await slo(p95, failing(0.06, values))
    expect(missed.verdict).toBe('fail')
    expect(missed.message).toBe('ttft p95 endless over 200 requests, 12 of which failed')
  }
})

test('what we left or stopped counts neither way', async () => {
  const errors = { metric: 'errors', max: 0 } as const
  const left = { ...BROKEN_OFF, outcome: 'hung-up', error: null, cancel: 'ms' }
  const stopped = { ...BROKEN_OFF, outcome: 'stopped', error: 'stopped' }
  const capped = { ...SILENT, error: 'capped' }
  const lines = [...rows(10), row(11, left), row(12, stopped), row(13, capped)]
  expect(await slo(errors, lines)).toMatchObject({
    verdict: 'pass',
    message: '0 % failed (0 of 10 requests)',
  })
  expect((await slo(errors, [...lines, row(14, REFUSED)])).verdict).toBe('fail')
})

test('the warm-up is in no objective', async () => {
  const slow = rows(100, () => ({ phase: 'warmup', ttft_us: 9_000_000 }), 500)
  expect((await slo({ metric: 'ttft', quantile: 'p99', max_ms: 60 }, [...rows(100), ...slow])).verdict).toBe(
    'pass',
  )
})

test('goodput counts requests that met every objective of their own', async () => {
  const lines = [...ladder(), ...rows(50, () => REFUSED, 300)]
  const objectives: Slo[] = [
    { metric: 'goodput', min: 0.4 },
    { metric: 'ttft', quantile: 'p50', max_ms: 100 },
    { metric: 'e2e', quantile: 'p50', max_ms: 5000 },
  ]
  const { verdicts, figures } = await judged(lines, { slo: objectives })
  expect(figures.stream?.headline.goodput).toMatchObject({ of: 250, met: 100, met_at_most: 100, share: 0.4 })
  expect(verdicts.find(({ id }) => id === 'load/slo/goodput')?.verdict).toBe('pass')
  const more = await judged(lines, { slo: [{ metric: 'goodput', min: 0.41 }, ...objectives.slice(1)] })
  expect(more.verdicts.find(({ id }) => id === 'load/slo/goodput')?.verdict).toBe('fail')
})

test('goodput has two bounds where a figure has', async () => {
  const lines = ladder((i) => ({ ttft_low_us: (i + 1) * 500 }))
  const { figures } = await judged(lines, { slo: [{ metric: 'ttft', quantile: 'p50', max_ms: 50 }] })
  expect(figures.stream?.headline.goodput).toMatchObject({ met: 50, met_at_most: 100 })
})

test('goodput: an answer of reasoning only has no answer token, and a whole one no first token', async () => {
  const goal: Slo[] = [{ metric: 'ttfat', quantile: 'p50', max_ms: 100 }]
  const reasoning = await judged(
    rows(10, () => ({ ttfat_us: null })),
    { slo: goal },
  )
  expect(reasoning.figures.stream?.headline.goodput?.met).toBe(0)
  const plain = await judged(
    rows(10, () => ({ stream: false, ttft_us: null, ttft_low_us: null, ttfat_us: null })),
    { slo: goal },
  )
  expect(plain.figures.stream?.headline.goodput?.met).toBe(10)
})

test('goodput: what an open model never sent is a miss', async () => {
  const dropped = JSON.stringify({ dropped: { at_us: 1, planned_us: 1, why: 'streams', phase: 'main' } })
  const capped = JSON.stringify({ dropped: { at_us: 1, planned_us: 1, why: 'cap', phase: 'main' } })
  const lines = [...rows(8, () => ({ planned_us: 0 })), dropped, dropped, capped]
  const { figures, verdicts } = await judged(lines, {
    slo: [{ metric: 'ttft', quantile: 'p50', max_ms: 100 }],
  })
  expect(figures.stream?.headline.goodput).toMatchObject({ of: 10, met: 8 })
  expect(figures.stream?.headline.dropped).toEqual({ streams: 2, cap: 1 })
  expect(verdicts.find(({ id }) => id === 'load/meter/schedule')?.verdict).toBe('warn')
})

test('gaps are judged by the histograms of the file', async () => {
  const gaps = histogram(
    'itl',
    Array.from({ length: 1000 }, (_, i) => 20_000 + i),
  )
  const p99 = { metric: 'itl', quantile: 'p99' } as const
  expect((await slo({ ...p99, max_ms: 21 }, [...rows(5), gaps])).verdict).toBe('pass')
  expect((await slo({ ...p99, max_ms: 20.9 }, [...rows(5), gaps])).verdict).toBe('fail')
  expect((await slo({ ...p99, max_ms: 21 }, rows(5))).verdict).toBe('inconclusive')
})

test('rates: the drain after the last start is not held against the gateway', async () => {
  // 10 a second for 10 s, each taking 3 s.
  const lines = rows(101, (i) => ({ start_us: i * 100_000, planned_us: i * 100_000, e2e_us: 3_000_000 }))
  const goal = (min: number) => ({ metric: 'requests_per_s', min }) as const
  const open = {
    load: {
      arrivals: 'constant',
      streams: 50,
      calibrate: 0,
      rate: 10,
      duration_s: 10,
      warmup_s: 0,
      streams_per_vu: 10,
    },
  } as const
  expect((await slo(goal(7), lines, open)).verdict).toBe('pass')
  expect((await slo(goal(9.9), lines, open)).verdict).toBe('inconclusive')
  expect((await slo(goal(10.1), lines, open)).verdict).toBe('fail')
  // Of closed streams neither: those that began in the warm-up ended in this time, and are not counted.
  expect((await slo(goal(9.9), lines)).verdict).toBe('inconclusive')
  expect((await slo(goal(10.1), lines)).verdict).toBe('fail')
})

test('a saturated meter answers no objective, neither way', async () => {
  const busy = [1, 2, 3, 4].map((second) => meter(second, { cpu_us: 1_900_000 }))
  for (const max_ms of [1, 1000]) {
    const lines = [...rows(200), ...busy]
    expect((await slo({ metric: 'ttft', quantile: 'p50', max_ms }, lines)).verdict).toBe('inconclusive')
  }
})

test('two objectives of one metric are two verdicts', async () => {
  const { verdicts } = await judged(rows(200), {
    slo: [
      { metric: 'ttft', quantile: 'p50', max_ms: 60 },
      { metric: 'ttft', quantile: 'p50', max_ms: 40 },
    ],
  })
  expect(verdicts.slice(-2).map(({ id, verdict }) => [id, verdict])).toEqual([
    ['load/slo/ttft-p50', 'pass'],
    ['load/slo/ttft-p50-2', 'fail'],
  ])
})

/** Open when the run ended, which the meter's last line puts at 40 s at least. */
const open = (values: RowValues = {}) => ({ ...SILENT, outcome: 'stopped', error: 'stopped', ...values })
const late = [meter(40)]

test('what was still open when the run ended took longer than it had waited', async () => {
  const p95 = { metric: 'ttft', quantile: 'p95', max_ms: 1000 } as const
  const some = (share: number, start_us: number) => [
    ...ladder().slice(0, 200 * (1 - share)),
    ...late,
    ...rows(200 * share, () => open({ start_us }), 500),
  ]
  expect((await slo(p95, some(0.04, 5_000_000))).verdict).toBe('pass')
  const missed = await slo(p95, some(0.06, 5_000_000))
  expect(missed.verdict).toBe('fail')
  expect(missed.message).toContain('12 of which had none when we left or the run ended')
  // Half a second may become anything.
  expect((await slo(p95, some(0.06, 39_500_000))).verdict).toBe('inconclusive')
  const goodput = await judged([...some(0.06, 5_000_000)], { slo: [p95, { metric: 'goodput', min: 0.95 }] })
  expect(goodput.verdicts.find(({ id }) => id === 'load/slo/goodput')?.verdict).toBe('fail')
})

test('who is left before the first token is not left out of the time to it', async () => {
  const gone = { ...SILENT, outcome: 'hung-up', error: null, status: 200, cancel: 'ms', start_us: 39_000_000 }
  const p50 = { metric: 'ttft', quantile: 'p50', max_ms: 300 } as const
  const left = (count: number) => [...ladder(), ...late, ...rows(count, () => gone, 500)]
  expect((await slo(p50, left(50))).verdict).toBe('pass')
  expect((await slo(p50, left(250))).verdict).toBe('fail')
  expect((await slo({ ...p50, max_ms: 2000 }, left(250))).verdict).toBe('inconclusive')
})

test('errors: silence at the end may be a failure', async () => {
  const errors = { metric: 'errors', max: 0.01 } as const
  const hung = (count: number) => [
    ...rows(200),
    ...late,
    ...rows(count, () => open({ start_us: 5_000_000 }), 500),
  ]
  expect(await slo(errors, hung(5))).toMatchObject({
    verdict: 'inconclusive',
    message: '0 % to 2.4 % failed (0 of 205 requests, 5 more were silent when the run ended)',
  })
  expect((await slo(errors, hung(1))).verdict).toBe('pass')
})

test('of a stream that was open only the end is open', async () => {
  const lines = [
    ...rows(199),
    ...late,
    row(500, { ...BROKEN_OFF, outcome: 'stopped', error: 'stopped', start_us: 5_000_000 }),
  ]
  const p99 = { metric: 'ttft', quantile: 'max', max_ms: 1000 } as const
  expect((await slo(p99, lines)).verdict).toBe('pass')
  expect((await slo({ ...p99, metric: 'e2e', max_ms: 2000 }, lines)).verdict).toBe('fail')
  expect((await slo({ ...p99, metric: 'e2e', max_ms: 60_000 }, lines)).verdict).toBe('inconclusive')
})

test('few requests suffice where so many are too slow that no chance explains it', async () => {
  const p99 = { metric: 'ttft', quantile: 'p99', max_ms: 1000 } as const
  const slow = (count: number) => rows(30, (i) => (i < count ? { ttft_us: 3e6, ttft_low_us: 3e6 } : {}))
  expect((await slo(p99, slow(2))).verdict).toBe('inconclusive')
  expect((await slo(p99, slow(5))).verdict).toBe('fail')
  expect(
    (
      await slo(
        p99,
        rows(30, (i) => (i < 5 ? REFUSED : {})),
      )
    ).verdict,
  ).toBe('fail')
})

test('the chance of so many', () => {
  expect(chanceOf(1, 10, 0.5)).toBeCloseTo(1 - 0.5 ** 10, 12)
  expect(chanceOf(10, 10, 0.5)).toBeCloseTo(0.5 ** 10, 12)
  expect(chanceOf(3, 30, 0.01)).toBeCloseTo(0.0033, 4)
})
