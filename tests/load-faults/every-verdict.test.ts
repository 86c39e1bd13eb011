/** Every verdict of stream scenarios has rows that turn it red, and rows of the same kind that leave it green. */
import { expect, test } from 'vitest'
import type { Order } from '../../load/order.ts'
import { LOAD_VERDICTS } from '../../load/samples/verdicts.ts'
import {
  BROKEN_OFF,
  histogram,
  judged,
  meter,
  note,
  REFUSED,
  type RowValues,
  rows,
  words,
} from '../samples/made.ts'

interface Proof {
  red: readonly string[]
  verdict: 'fail' | 'warn' | 'error' | 'inconclusive'
  green: readonly string[]
  order?: Partial<Order>
  /** Whether the file's last line is missing where it is red. */
  torn?: true
}

const calm = Array.from({ length: 10 }, (_, i) => meter(i + 1))
/** The hundredth row is odd. */
const one = (values: RowValues) => [...rows(100, (i) => (i === 99 ? values : {})), ...calm]
const sound = one({})
const slow = (ms: number): RowValues => ({ ttft_us: ms * 1000, ttft_low_us: ms * 1000 })

let from = 1
/** Sixty rows of a phase, with ids and starts behind those before. */
const phase = (name: string, values: (i: number) => RowValues = () => ({})) => {
  const first = from
  from += 60
  return rows(60, (i) => ({ phase: name, start_us: (first + i) * 10_000, ...values(i) }), first)
}
const recovered = (ms: number | null) => [
  ...phase('wave-1', () => ({ ...BROKEN_OFF, error: null, outcome: 'hung-up', cancel: 'tokens' })),
  note('recovered', { wave: 1, hung_up: 60, admitted_at_once: 0, ms, probes: 99 }),
  ...phase('recovery-1'),
  ...calm,
]
const isolation = (beside: number) => [
  ...phase('before'),
  ...phase('hammer', () => REFUSED),
  ...phase('beside', () => slow(beside)),
  ...phase('after'),
  ...calm,
]
const burst = (after: number) => [
  ...phase('quiet'),
  ...phase('burst-1'),
  ...phase('after-1', () => slow(after)),
  ...calm,
]
const soak = (growth: number) => [
  ...Array.from({ length: 10 }, (_, w) => phase(`window-${w + 1}`, () => slow(50 + w * growth))).flat(),
  ...calm,
]
const memory = (growth: number) => [
  ...sound,
  ...Array.from({ length: 700 }, (_, s) =>
    JSON.stringify({ target: { at_us: s * 1e6, rss_bytes: Math.round((200 + s * growth) * 2 ** 20) } }),
  ),
]
const sweep = (ms: number) => [
  note('step', { phase: 'step-1', rate: 4, met: false }),
  ...phase('step-1', () => slow(ms)),
  ...calm,
]
const goal = { slo: [{ metric: 'ttft', quantile: 'p90', max_ms: 100 }] } satisfies Partial<Order>
const lag = (us: number) => [
  ...sound,
  histogram(
    'lag',
    Array.from({ length: 1000 }, () => us),
  ),
]
const begun = (late_us: number) => [
  ...rows(100, (i) => ({ planned_us: i * 20_000, start_us: i * 20_000 + late_us })),
  ...calm,
]

const PROOFS: Record<string, Proof> = {
  'load/invariants/finished': { red: one(BROKEN_OFF), verdict: 'fail', green: sound },
  'load/invariants/grammar': { red: one({ broken: ['sse/invalid-utf8'] }), verdict: 'fail', green: sound },
  'load/invariants/usage': { red: one({ completion_tokens: 57 }), verdict: 'fail', green: sound },
  'load/invariants/cross-talk': { red: one({ nonce: 'foreign' }), verdict: 'fail', green: sound },
  'load/invariants/nonce': { red: one({ nonce: 'missing' }), verdict: 'warn', green: sound },
  'load/invariants/refusals': {
    red: one({ ...REFUSED, status: 500 }),
    verdict: 'fail',
    green: one({ ...REFUSED, status: 503 }),
  },
  'load/cancel/slot-free': {
    red: recovered(null),
    verdict: 'fail',
    green: recovered(40),
    order: { scenario: 'cancel' },
  },
  'load/isolation/healthy-key': {
    red: isolation(120),
    verdict: 'fail',
    green: isolation(50),
    order: { scenario: 'isolation' },
  },
  'load/soak/drift': { red: soak(5), verdict: 'fail', green: soak(0), order: { scenario: 'soak' } },
  'load/soak/memory': { red: memory(0.2), verdict: 'fail', green: memory(0), order: { scenario: 'soak' } },
  'load/burst/recovered': {
    red: burst(120),
    verdict: 'fail',
    green: burst(50),
    order: { scenario: 'burst' },
  },
  'load/sweep/knee': {
    red: sweep(150),
    verdict: 'fail',
    green: sweep(50),
    order: { scenario: 'sweep', ...goal },
  },
  'load/meter/saturated': { red: lag(60_000), verdict: 'error', green: lag(60) },
  'load/meter/complete': { red: sound, verdict: 'inconclusive', green: sound, torn: true },
  'load/meter/schedule': { red: begun(40_000), verdict: 'warn', green: begun(40) },
  'load/meter/clock': { red: one({ clock_steps: 1 }), verdict: 'warn', green: sound },
}

test('no verdict is left out', () => {
  expect(Object.keys(PROOFS).sort()).toEqual(LOAD_VERDICTS.map(({ id }) => id).sort())
})

test.each(Object.entries(PROOFS))('%s', async (id, { red, verdict, green, order, torn }) => {
  const bad = words(await judged(red, order, {}, { end: torn === undefined }))
  expect(bad[id]).toBe(verdict)
  expect(words(await judged(green, order))[id]).toBe('pass')
})

test('what is red is that verdict alone, among those that concern the gateway', async () => {
  for (const [id, { red, order, torn }] of Object.entries(PROOFS)) {
    const bad = words(await judged(red, order, {}, { end: torn === undefined }))
    // A sweep's objective is missed at the only rate that there was: that is what its knee says.
    const others = Object.entries(bad).filter(
      ([other, word]) =>
        other !== id && !other.startsWith('load/slo/') && ['fail', 'warn', 'error'].includes(word),
    )
    expect([id, others]).toEqual([id, []])
  }
})
