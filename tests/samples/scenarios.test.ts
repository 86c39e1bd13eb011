import { expect, test } from 'vitest'
import type { Order } from '../../load/order.ts'
import { trend } from '../../load/samples/stats/trend.ts'
import { DRIFT, growth } from '../../load/samples/verdicts/soak.ts'
import { uniform } from '../../load/scenarios/prompts/random.ts'
import { BROKEN_OFF, histogram, judged, meter, note, REFUSED, type RowValues, rows } from './made.ts'

const calm = Array.from({ length: 10 }, (_, i) => meter(i + 1))
/** Numbers from 0 to 1 that are the same each time and look like noise. */
const noise = (i: number) => (Math.imul(i + 1, 2_654_435_761) >>> 0) / 2 ** 32

let next = 1
const phase = (name: string, count: number, values: (i: number) => RowValues = () => ({})) => {
  const from = next
  next += count
  return rows(count, (i) => ({ phase: name, start_us: (from + i) * 10_000, ...values(i) }), from)
}
const ttft = (us: number) => ({ ttft_us: us, ttft_low_us: us, e2e_us: us + 980_000 })
const uneven = (ms: number) => (i: number) => ttft(ms * 1000 * (0.7 + 0.6 * noise(i)))

const asked = async (
  scenario: Order['scenario'],
  id: string,
  lines: readonly string[],
  more: Partial<Order> = {},
) => {
  const { verdicts } = await judged([...lines, ...calm], { scenario, ...more })
  const line = verdicts.find((one) => one.id === id)
  return { verdict: line?.verdict, message: line?.message ?? '' }
}

const cancel = (lines: readonly string[]) =>
  asked('cancel', 'load/cancel/slot-free', [
    ...phase('wave-1', 20, () => ({ ...BROKEN_OFF, error: null, outcome: 'hung-up', cancel: 'tokens' })),
    ...lines,
  ])
const recovered = (ms: number | null, at_once = 20) =>
  note('recovered', { wave: 1, hung_up: 20, admitted_at_once: at_once, ms, probes: 20 })

test('cancel: the places are free at once', async () => {
  expect((await cancel([recovered(60), ...phase('recovery-1', 20)])).verdict).toBe('pass')
  // Slow to begin, but nobody was refused: that is no place that was kept.
  expect((await cancel([recovered(4000), ...phase('recovery-1', 20)])).verdict).toBe('pass')
})

test('cancel: places that are kept fail, places that come late warn', async () => {
  const leak = await cancel([recovered(null, 0), ...phase('recovery-1', 90, () => REFUSED)])
  expect(leak).toMatchObject({ verdict: 'fail' })
  const late = await cancel([recovered(5000, 3), ...phase('recovery-1', 40)])
  expect(late).toMatchObject({ verdict: 'warn' })
  expect(late.message).toContain('after 5000 ms at most')
})

test('cancel: who is told to come back later than anybody did knows nothing of the place', async () => {
  // A limit of requests a minute refuses the probes too.
  const limited = { ...REFUSED, retry_after_s: 45 }
  const seen = await cancel([recovered(null, 0), ...phase('recovery-1', 90, () => limited)])
  expect(seen.verdict).toBe('inconclusive')
  const leak = { ...REFUSED, retry_after_s: 1 }
  expect((await cancel([recovered(null, 0), ...phase('recovery-1', 90, () => leak)])).verdict).toBe('fail')
})

test('cancel: answers that end too soon tell nothing, and excuse no other wave', async () => {
  const soon = note('recovered', {
    wave: 2,
    hung_up: 20,
    admitted_at_once: 20,
    ms: null,
    held: 3,
    too_soon: true,
  })
  const seen = await cancel([recovered(60), soon, ...phase('recovery-1', 20)])
  expect(seen.verdict).toBe('inconclusive')
  expect(seen.message).toMatch(/^answers end too soon to tell: in wave 2 .* at most 3 of 20/)
  expect((await cancel([recovered(null, 12), soon, ...phase('recovery-1', 90, () => REFUSED)])).verdict).toBe(
    'fail',
  )
})

test('cancel: where nobody hung up nothing is known', async () => {
  expect((await cancel([])).verdict).toBe('inconclusive')
})

const isolation = (
  beside: (i: number) => RowValues,
  hammer = REFUSED,
  after: (i: number) => RowValues = uneven(50),
  hammered = 300,
) =>
  asked('isolation', 'load/isolation/healthy-key', [
    ...phase('before', 200, uneven(50)),
    ...phase('hammer', hammered, () => hammer),
    ...phase('beside', 200, beside),
    ...phase('after', 200, after),
  ])

test('isolation: a healthy key that goes on as before is unharmed', async () => {
  expect((await isolation(uneven(50))).verdict).toBe('pass')
  // 4 % slower is within what machines do.
  expect((await isolation(uneven(52))).verdict).toBe('pass')
})

test('isolation: slower, by a large effect, is harm', async () => {
  const harm = await isolation(uneven(90))
  expect(harm.verdict).toBe('fail')
  expect(harm.message).toMatch(
    /ttft median 50\.\d → 90\.\d ms, slower with a chance of (1\.00|0\.9\d) \(p < 0\.001\)/,
  )
})

test('isolation: four requests of the other key are no cause for certain', async () => {
  const seen = await isolation(uneven(90), REFUSED, uneven(50), 4)
  expect(seen.verdict).toBe('inconclusive')
  expect(seen.message).toContain('too little to be the cause')
})

test('isolation: failing more often is harm, one failure is not', async () => {
  expect((await isolation((i) => (i % 10 === 0 ? REFUSED : uneven(50)(i)))).verdict).toBe('fail')
  expect((await isolation((i) => (i === 0 ? REFUSED : uneven(50)(i)))).verdict).toBe('pass')
})

test('isolation: as slow afterwards may be drift', async () => {
  expect((await isolation(uneven(90), REFUSED, uneven(90))).verdict).toBe('inconclusive')
})

test('isolation: a key that is not exhausted shows nothing', async () => {
  expect((await isolation(uneven(50), {})).verdict).toBe('inconclusive')
})

test('isolation: nothing is compared with a phase in which the meter was late', async () => {
  const lines = [
    ...phase('before', 200, uneven(50)),
    ...phase('hammer', 300, () => REFUSED),
    ...phase('beside', 200, uneven(90)),
    histogram(
      'lag',
      Array.from({ length: 1000 }, (_, i) => (i < 30 ? 60_000 : 60)),
      { phase: 'beside' },
    ),
    ...[1, 2, 3].map(() =>
      histogram(
        'lag',
        Array.from({ length: 1000 }, () => 60),
        { phase: 'before' },
      ),
    ),
  ]
  expect(await asked('isolation', 'load/isolation/healthy-key', lines)).toMatchObject({
    verdict: 'inconclusive',
  })
  expect(await asked('isolation', 'load/meter/saturated', lines)).toMatchObject({ verdict: 'pass' })
})

test('isolation: too few requests show nothing', async () => {
  const few = await asked('isolation', 'load/isolation/healthy-key', [
    ...phase('before', 20),
    ...phase('hammer', 20, () => REFUSED),
    ...phase('beside', 20, () => ttft(500_000)),
  ])
  expect(few.verdict).toBe('inconclusive')
})

const burst = (after: (i: number) => RowValues) =>
  asked('burst', 'load/burst/recovered', [
    ...phase('quiet', 100, uneven(50)),
    ...phase('burst-1', 100, uneven(900)),
    ...phase('after-1', 100, uneven(200)),
    ...phase('burst-2', 100, uneven(900)),
    ...phase('after-2', 100, after),
  ])

test('burst: slow while it lasts, and as before afterwards', async () => {
  expect((await burst(uneven(50))).verdict).toBe('pass')
  expect((await burst(uneven(120))).verdict).toBe('fail')
})

const soak = (ms: (window: number) => number, windows = 12) =>
  asked(
    'soak',
    'load/soak/drift',
    Array.from({ length: windows }, (_, w) =>
      phase(`window-${w + 1}`, 60, (i) => uneven(ms(w))(i + w * 60)),
    ).flat(),
  )

test('soak: what stays as it is, or wavers, does not drift', async () => {
  expect((await soak(() => 50)).verdict).toBe('pass')
  expect((await soak((w) => 50 + (w % 2))).verdict).toBe('pass')
  expect((await soak((w) => 50 - w)).verdict).toBe('pass')
})

test('soak: what grows is told with its interval', async () => {
  const grown = await soak((w) => 50 + 2 * w)
  expect(grown.verdict).toBe('fail')
  expect(grown.message).toMatch(
    /^ttft 4\d\.?\d* → 7\d\.?\d* ms over the run \(\d+\.?\d* %, 95 % of \d+.* p < 0.001\)$/,
  )
})

test('soak: noise alone is no drift', () => {
  // Medians of ten windows that waver by 15 %: as on a machine with other work.
  const random = uniform(5)
  const runs = 4000
  let alarms = 0
  for (let run = 0; run < runs; run += 1) {
    const points = Array.from({ length: 10 }, (_, x) => {
      const bell = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      return { x, y: 50 * (1 + 0.15 * bell) }
    })
    const found = trend(points)
    if (found !== undefined && growth(found, DRIFT.least_ms.ttft, 'ttft', 'ms').word === 'grows') alarms += 1
  }
  // Three figures a run: less than one run in a hundred.
  expect(alarms / runs).toBeLessThan(0.0033)
})

test('soak: a time of which there is too little to tell is not passed over', async () => {
  const few = await asked(
    'soak',
    'load/soak/drift',
    Array.from({ length: 12 }, (_, w) => [
      ...phase(`window-${w + 1}`, 15, () => ttft(50_000 + w * 9000)),
      histogram(
        'itl',
        Array.from({ length: 500 }, () => 20_000),
        { phase: `window-${w + 1}` },
      ),
    ]).flat(),
  )
  expect(few.verdict).toBe('inconclusive')
  expect(few.message).toContain('ttft: fewer than 20')
})

test('soak: what is too uneven, or too short, is undecided', async () => {
  expect((await soak((w) => 50 + 40 * noise(w * 77 + 5))).verdict).toBe('inconclusive')
  expect((await soak((w) => 50 + 5 * w, 7)).verdict).toBe('inconclusive')
})

const memory = async (mib: (second: number) => number, seconds = 900) =>
  asked('soak', 'load/soak/memory', [
    ...phase('window-1', 10),
    ...Array.from({ length: seconds }, (_, i) =>
      JSON.stringify({ target: { at_us: i * 1e6, rss_bytes: Math.round(mib(i) * 2 ** 20) } }),
    ),
  ])

test('soak: memory that grows fails in a long run and warns in a short one', async () => {
  expect((await memory((s) => 100 + s / 10)).verdict).toBe('fail')
  expect((await memory((s) => 100 + s, 120)).verdict).toBe('warn')
})

test('soak: a heap that fills, is collected and settles is no leak', async () => {
  expect((await memory((s) => 100 + Math.min(s, 100) + (s % 13) / 4)).verdict).toBe('pass')
  expect((await asked('soak', 'load/soak/memory', phase('window-1', 10))).verdict).toBe('skip')
})

const step = (n: number, rate: number, ms: number, more: (i: number) => RowValues = () => ({})) => [
  note('step', { phase: `step-${n}`, rate, met: false }),
  ...phase(`step-${n}`, 100, (i) => ({ ...ttft(ms * 1000), ...more(i) })),
]
const sweep = (...lines: string[]) =>
  asked('sweep', 'load/sweep/knee', lines, { slo: [{ metric: 'ttft', quantile: 'p90', max_ms: 100 }] })

test('sweep: the knee is the highest rate below the lowest that missed', async () => {
  const found = await sweep(
    ...step(1, 1, 50),
    ...step(2, 2, 60),
    ...step(3, 4, 150),
    ...step(4, 3, 90),
    // A lucky step above one that missed does not count.
    ...step(5, 8, 90),
  )
  expect(found.verdict).toBe('pass')
  expect(found.message).toBe(
    '3 requests a second meet every objective; at 4 requests a second: ttft p90 150 ms over 100 requests (ttft p90 at most 100 ms)',
  )
})

test('sweep: a rate that met when it was tried again is met', async () => {
  const found = await sweep(...step(1, 1, 50), ...step(2, 2, 150), ...step(3, 2, 60), ...step(4, 4, 150))
  expect(found.message).toMatch(/^2 requests a second meet every objective; at 4 /)
})

test('sweep: a step that was cut off is no step', async () => {
  // Only what was fast had ended; a lane was noted, no step.
  const lane = note('lane', { rate: 4, phases: [{ name: 'step-2', from_ms: 0 }] })
  const cut = phase('step-2', 100, () => ttft(10_000))
  expect((await sweep(...step(1, 1, 50), lane, ...cut)).message).toMatch(/^at least 1 requests a second/)
})

test('sweep: never missed is at least, never met fails', async () => {
  expect((await sweep(...step(1, 1, 50), ...step(2, 2, 60))).message).toMatch(/^at least 2 requests a second/)
  expect((await sweep(...step(1, 1, 150))).verdict).toBe('fail')
  expect((await sweep()).verdict).toBe('inconclusive')
})

test('sweep: refusals at a rate are a miss, not speed', async () => {
  const found = await sweep(...step(1, 1, 50), ...step(2, 2, 50, (i) => (i % 5 === 0 ? REFUSED : {})))
  expect(found.message).toMatch(/^1 requests a second meet every objective; at 2 .*endless/)
})
