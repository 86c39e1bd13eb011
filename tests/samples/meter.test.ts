import { expect, test } from 'vitest'
import type { Judged } from '../../load/samples/judge.ts'
import { histogram, judged, meter, note, row, rows, words } from './made.ts'

const SECONDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const calm = SECONDS.map((second) => meter(second))
const load = () => rows(500, (i) => ({ start_us: i * 18_000 }))
const lag = (values: (i: number) => number) =>
  histogram(
    'lag',
    Array.from({ length: 1000 }, (_, i) => values(i)),
  )
const reasons = ({ figures }: Judged) => figures.stream?.meter.reasons ?? []

/** Saturated, for one reason that tells of it. */
const saturated = (result: Judged, reason: RegExp) => {
  expect(words(result)['load/meter/saturated']).toBe('error')
  expect(reasons(result)).toHaveLength(1)
  expect(reasons(result)[0]).toMatch(reason)
  expect(result.figures.stream?.meter.saturated).toBe(true)
}

test('a meter that keeps pace is not saturated', async () => {
  const result = await judged([...load(), lag((i) => (i < 995 ? 60 : 9000)), ...calm])
  expect(words(result)['load/meter/saturated']).toBe('pass')
  expect(reasons(result)).toEqual([])
})

test('a reader that sleeps 50 ms now and then is seen, and nothing else', async () => {
  const result = await judged([...load(), lag((i) => (i % 50 === 0 ? 50_000 : 60)), ...calm])
  saturated(result, /^one read in a hundred came at least 50 ms late$/)
})

test('a reader that sleeps is seen by what piled up too, where the kernel’s stamp hides the lag', async () => {
  const alone = rows(5, () => ({ phase: 'calibrate' }), 900)
  const slept = rows(500, (i) => ({ start_us: i * 18_000, token_chunks: 46, coalesced_chunks: 4 }))
  saturated(
    await judged([...alone, ...slept, ...calm]),
    /8.7 % of the reads brought several tokens, 0 % at low load/,
  )
})

test('several tokens in a read is how some gateways send: the same at low load is no fault of the meter', async () => {
  const merged = { token_chunks: 25, coalesced_chunks: 25 }
  const alone = rows(5, () => ({ phase: 'calibrate', ...merged }), 900)
  const result = await judged([...alone, ...rows(500, () => merged), ...calm])
  expect(words(result)['load/meter/saturated']).toBe('pass')
})

test('low load is also a second with few open streams; where there is none, nobody knows', async () => {
  const slept = rows(500, (i) => ({ start_us: i * 18_000, token_chunks: 46, coalesced_chunks: 10 }))
  const quiet = meter(1, { open: 2, chunks: 200, coalesced_chunks: 1 })
  const known = await judged([...slept, quiet, ...calm.slice(1)])
  saturated(known, /several tokens, 0.5 % at low load/)
  expect(known.figures.stream?.meter.coalesced_low?.from).toBe('1 s with few open streams')
  const unknown = await judged([...slept, ...calm])
  expect(words(unknown)['load/meter/saturated']).toBe('pass')
  expect(unknown.figures.stream?.meter.coalesced_low).toBeUndefined()
})

test('late timers', async () => {
  const beats = (p99_us: number, max_us: number) => ({ heartbeat: { p99_us, max_us, n: 100 } })
  saturated(
    await judged([...load(), ...SECONDS.map((second) => meter(second, beats(25_000, 60_000)))]),
    /a timer of the meter woke 25 ms late/,
  )
  const often = SECONDS.map((second) => meter(second, second % 4 === 0 ? beats(400, 150_000) : {}))
  saturated(await judged([...load(), ...often]), /more than 100 ms late in 2 of 10 seconds/)
  // Once is the machine's doing.
  const once = SECONDS.map((second) => meter(second, second === 4 ? beats(400, 150_000) : {}))
  expect(words(await judged([...load(), ...once]))['load/meter/saturated']).toBe('pass')
})

test('CPU time near all cores', async () => {
  const busy = (cpu_us: number) => SECONDS.map((second) => meter(second, { cpu_us }))
  saturated(await judged([...load(), ...busy(1_800_000)]), /used 90 % of the 2 cores/)
  expect(words(await judged([...load(), ...busy(1_600_000)]))['load/meter/saturated']).toBe('pass')
})

test('lag in the warm-up is not in the headline', async () => {
  const warm = histogram(
    'lag',
    Array.from({ length: 1000 }, () => 90_000),
    { phase: 'warmup' },
  )
  const result = await judged([row(1, { phase: 'warmup' }), ...load(), warm, lag(() => 60), ...calm])
  expect(words(result)['load/meter/saturated']).toBe('pass')
  expect(result.figures.stream?.phases.find(({ name }) => name === 'warmup')?.meter.reasons).toHaveLength(2)
})

test('in a sweep a step beyond the rate that missed may saturate the meter', async () => {
  const step = (n: number, rate: number, ttft_us: number) => [
    note('step', { phase: `step-${n}`, rate }),
    ...rows(
      100,
      (i) => ({ phase: `step-${n}`, start_us: n * 20_000_000 + i * 10_000, ttft_us, ttft_low_us: ttft_us }),
      n * 1000,
    ),
  ]
  const slo = [{ metric: 'ttft', quantile: 'p90', max_ms: 100 }] as const
  const steps = [...step(1, 1, 50_000), ...step(2, 2, 60_000), ...step(3, 4, 200_000), ...step(4, 8, 900_000)]
  const late = (n: number) =>
    histogram(
      'lag',
      Array.from({ length: 1000 }, () => 90_000),
      { phase: `step-${n}` },
    )
  const sweep = (...lines: string[]) =>
    judged([...steps, ...lines, ...calm], { scenario: 'sweep', slo: [...slo] })
  const beyond = await sweep(late(4))
  expect(words(beyond)).toMatchObject({ 'load/meter/saturated': 'pass', 'load/sweep/knee': 'pass' })
  expect(beyond.figures.stream?.headline.phases).toEqual(['step-2'])
  for (const n of [2, 3]) {
    expect(words(await sweep(late(n)))).toMatchObject({
      'load/meter/saturated': 'error',
      'load/sweep/knee': 'inconclusive',
    })
  }
})

test('the clock that is set warns', async () => {
  const result = await judged([...load(), row(501, { clock_steps: 1 }), ...calm])
  expect(words(result)['load/meter/clock']).toBe('warn')
  expect(words(await judged([...load(), ...calm]))['load/meter/clock']).toBe('pass')
})

test('requests that begin late warn', async () => {
  const delayed = (us: number) =>
    judged([...rows(200, (i) => ({ planned_us: i * 1000, start_us: i * 1000 + us })), ...calm])
  expect(words(await delayed(500))['load/meter/schedule']).toBe('pass')
  expect(words(await delayed(40_000))['load/meter/schedule']).toBe('warn')
})

test('a meter that says nothing of itself is not believed', async () => {
  expect(words(await judged(load()))['load/meter/saturated']).toBe('inconclusive')
})

test('a meter that begins requests late did not send the load that was ordered', async () => {
  const late = (phase: string, us: number) =>
    judged(
      [
        ...rows(120, (i) => ({ phase, planned_us: i * 20_000, start_us: i * 20_000 + us })),
        ...Array.from({ length: 5 }, (_, i) => meter(i + 1)),
      ],
      { slo: [{ metric: 'ttft', quantile: 'p50', max_ms: 100 }] },
    )
  const made = words(await late('main', 250_000))
  expect(made).toMatchObject({ 'load/meter/saturated': 'error', 'load/slo/ttft-p50': 'inconclusive' })
  expect(words(await late('main', 60_000))).toMatchObject({
    'load/meter/saturated': 'pass',
    'load/meter/schedule': 'warn',
    'load/slo/ttft-p50': 'pass',
  })
  // A burst of many takes its time to be sent.
  expect(words(await late('burst-1', 250_000))).toMatchObject({ 'load/meter/saturated': 'pass' })
})

test('one late start among a few is no lateness', async () => {
  const late = (count: number) =>
    judged(rows(36, (i) => ({ planned_us: i * 20_000, start_us: i * 20_000 + (i < count ? 30_000 : 500) })))
  expect(words(await late(1))).toMatchObject({ 'load/meter/schedule': 'pass' })
  expect(words(await late(2))).toMatchObject({ 'load/meter/schedule': 'warn' })
})
