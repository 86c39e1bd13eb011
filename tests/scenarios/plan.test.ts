import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Json, type Order, STREAM_SCENARIOS, type StreamScenario } from '../../load/order.ts'
import { draw } from '../../load/scenarios/stream/drive/draw.ts'
import { Drive } from '../../load/scenarios/stream/drive/drive.ts'
import { optionsOf } from '../../load/scenarios/stream/plan/defaults.ts'
import { k6Options, usersOf } from '../../load/scenarios/stream/plan/k6-options.ts'
import { planOf } from '../../load/scenarios/stream/plan/plan.ts'
import { problemsOf } from '../../load/scenarios/stream/plan/problems.ts'
import { needsGaps } from '../../load/scenarios/stream/plan/thresholds.ts'
import { endOf, phaseAt, timetableOf } from '../../load/scenarios/stream/plan/timetable.ts'
import { BODIES, type Changes, orderOf, WORDS } from './orders.ts'
import { VirtualEngine } from './virtual-engine.ts'

test('what the user puts into every body bounds the answer, in the rows and in the plan', () => {
  const bound = (extra: Record<string, Json>) => {
    const order = orderOf('latency', { requests: { max_tokens: [64, 64], prompt_tokens: [128, 128], extra } })
    const { max_tokens } = draw(order, { bodies: BODIES, words: WORDS }, 1)
    const capped = { ...order, caps: { ...order.caps, requests: 10 } }
    expect(planOf(capped, BODIES).tokens).toBe(10 * (128 + max_tokens))
    return max_tokens
  }
  expect(bound({})).toBe(64)
  expect(bound({ n: 3 })).toBe(192)
  expect(bound({ max_completion_tokens: 500 })).toBe(500)
  expect(bound({ temperature: 0 })).toBe(64)
})

const SLO = { slo: [{ metric: 'ttft' as const, quantile: 'p95', max_ms: 500 }] }
const WITH_TIMETABLE = STREAM_SCENARIOS.filter((scenario) => scenario !== 'sweep' && scenario !== 'cancel')

describe('the timetable', () => {
  test.each(WITH_TIMETABLE)('of %s covers its duration with phases, in order, within the cap', (scenario) => {
    const seconds = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(seconds, fc.nat(20), seconds, (duration_s, warmup_s, most) => {
        const order = orderOf(scenario, { load: { duration_s, warmup_s }, caps: { duration_s: most } })
        const lanes = timetableOf(order)
        const end = Math.min(duration_s + warmup_s, most) * 1000
        expect(endOf(lanes)).toBeCloseTo(end, 6)
        for (const lane of lanes) {
          const begins = lane.phases.map(({ from_ms }) => from_ms)
          expect(begins[0]).toBe(lane.from_ms)
          expect(begins).toEqual(begins.toSorted((a, b) => a - b))
          expect(lane.to_ms).toBeLessThanOrEqual(most * 1000)
          expect(new Set(lane.phases.map(({ name }) => name)).size).toBe(lane.phases.length)
          for (const phase of lane.phases) expect(phaseAt(lane, phase.from_ms)).toBe(phase)
        }
      }),
    )
  })

  test('of isolation has the other key beside the default one', () => {
    const order = orderOf('isolation', { load: { duration_s: 30, warmup_s: 0 } })
    expect(timetableOf(order)).toMatchObject([
      {
        key: 'default',
        phases: [{ name: 'before' }, { name: 'beside', from_ms: 10_000 }, { name: 'after' }],
      },
      { key: 'exhausted', from_ms: 10_000, to_ms: 20_000, phases: [{ name: 'hammer' }] },
    ])
  })
})

describe('the plan', () => {
  test.each([
    ['latency', { load: { arrivals: 'poisson', rate: 30, streams: 10_000 } }],
    ['latency', { load: { arrivals: 'constant', rate: 12.5, streams: 10_000 } }],
    ['burst', { load: { arrivals: 'poisson', rate: 5, streams: 10_000 } }],
  ] satisfies [StreamScenario, Changes][])(
    'of an open model is what is sent: %s',
    async (scenario, changes) => {
      const order = orderOf(scenario, { ...changes, load: { ...changes.load, calibrate: 0, duration_s: 8 } })
      const plan = planOf(order, BODIES)
      const engine = new VirtualEngine()
      await engine.run(
        new Drive(order, engine, { bodies: BODIES, words: WORDS }, { index: 0, of: 1 }).lanes(
          timetableOf(order),
          0,
        ),
      )
      expect(plan).toMatchObject({ requests: engine.asked.length, exact: true })
      const starts = engine.asked.map(({ at }) => at)
      const busiest = Math.max(
        ...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000).length),
      )
      expect(plan.peak_rate).toBeGreaterThanOrEqual(busiest)
      const cost = engine.asked.reduce(
        (sum, ask) => sum + (ask.prompt_tokens ?? 0) + (ask.max_tokens ?? 0),
        0,
      )
      expect(plan.tokens).toBeGreaterThanOrEqual(cost)
    },
  )

  test.each(STREAM_SCENARIOS)('of %s is never more than the caps', (scenario) => {
    const caps = { requests: 50, tokens: 900, rate: 2, duration_s: 4 }
    const plan = planOf(orderOf(scenario, { ...SLO, caps }), BODIES)
    expect(plan).toMatchObject({ exact: false })
    expect(plan.requests).toBeLessThanOrEqual(50)
    expect(plan.tokens).toBeLessThanOrEqual(900)
    expect(plan.peak_rate).toBeLessThanOrEqual(2)
    expect(plan.duration_s).toBeLessThanOrEqual(4)
  })

  test("counts the user's own prompts with what they say they cost", () => {
    const order = orderOf('latency', {
      load: { arrivals: 'constant', rate: 1, duration_s: 10, warmup_s: 0, calibrate: 0 },
    })
    const own = [
      { prompt: 'a', tokens: 1000, max_tokens: 500 },
      { prompt: 'b', tokens: 1 },
    ]
    expect(planOf(order, BODIES, own).tokens).toBe(10 * (BODIES.overhead_tokens + 1500))
  })
})

describe('a request', () => {
  test('is the same for its number, whoever asks for it, and no larger than it says', () => {
    const order = orderOf('mixed', { seed: 99 })
    const material = { bodies: BODIES, words: WORDS }
    fc.assert(
      fc.property(fc.nat(1e6), (number) => {
        const drawn = draw(order, material, number)
        expect(drawn).toEqual(draw(order, material, number))
        expect(drawn.max_tokens).toBeGreaterThanOrEqual(order.requests.max_tokens[0])
        expect(drawn.max_tokens).toBeLessThanOrEqual(order.requests.max_tokens[1])
        const words = JSON.stringify(drawn.body).split('these: ')[1]?.split('"')[0]?.split(' ') ?? []
        const fixed = BODIES.overhead_tokens + ('tools' in drawn.body ? BODIES.tools_tokens : 0)
        expect(words.length + fixed).toBe(drawn.prompt_tokens)
      }),
    )
  })

  test('takes models and the prompts of the user in turn', () => {
    const order = orderOf('latency', { target: { models: ['a', 'b'] } })
    const own = [
      { prompt: 'one', tokens: 3, max_tokens: 77 },
      { prompt: 'two', tokens: 4 },
    ]
    const drawn = [0, 1, 2].map((number) => draw(order, { bodies: BODIES, words: WORDS, own }, number))
    expect(drawn.map(({ model }) => model)).toEqual(['a', 'b', 'a'])
    expect(drawn.map(({ prompt_tokens }) => prompt_tokens - BODIES.overhead_tokens)).toEqual([3, 4, 3])
    expect(drawn[0]).toMatchObject({ max_tokens: 77, body: { max_tokens: 77 } })
  })
})

describe("k6's options", () => {
  test.each(STREAM_SCENARIOS)('of %s end the run', (scenario) => {
    const order = orderOf(scenario, {
      ...SLO,
      load: { duration_s: 10, warmup_s: 0 },
      caps: { duration_s: 20 },
    })
    const { scenarios = {} } = k6Options(order)
    expect(scenarios[scenario]).toMatchObject({
      executor: 'per-vu-iterations',
      iterations: 1,
      gracefulStop: '5000ms',
    })
    const longest = scenario === 'cancel' ? '21s' : '11s'
    expect(scenarios[scenario]).toMatchObject({ maxDuration: longest })
  })

  test('as many virtual users as streams need, one where one must see all, none without a part of the rate', () => {
    const load = { streams: 1000, streams_per_vu: 100 }
    const users = (scenario: StreamScenario, rate = 1000) =>
      usersOf(orderOf(scenario, { load, caps: { rate } }))
    expect([
      users('latency'),
      users('sweep'),
      users('cancel'),
      users('latency', 3),
      users('latency', 0.5),
    ]).toEqual([10, 1, 1, 3, 1])
  })
})

describe("k6's thresholds", () => {
  const slo: Order['slo'] = [
    { metric: 'ttft', quantile: 'p99.9', max_ms: 500 },
    { metric: 'ttft', quantile: 'max', max_ms: 900 },
    { metric: 'errors', max: 0.01 },
    { metric: 'goodput', min: 0.9 },
  ]

  test('are of each phase of the healthy key', () => {
    const thresholds = (scenario: StreamScenario) => k6Options(orderOf(scenario, { slo })).thresholds ?? {}
    expect(thresholds('latency')).toEqual({
      'assay_time_to_first_token{phase:main}': ['p(99.9)<=500', 'max<=900'],
      'assay_unsuccessful{phase:main}': ['rate<=0.01'],
    })
    const phases = Object.keys(thresholds('isolation')).flatMap((name) => /phase:(.*)}/.exec(name)?.[1] ?? [])
    expect(new Set(phases)).toEqual(new Set(['before', 'beside', 'after']))
    expect(thresholds('sweep')).toEqual({})
  })

  test('need a sample for every gap only where an objective is about gaps', () => {
    expect(needsGaps({ slo })).toBe(false)
    expect(needsGaps({ slo: [{ metric: 'itl', quantile: 'p99', max_ms: 50 }] })).toBe(true)
  })
})

describe('problems of an order', () => {
  test.each(STREAM_SCENARIOS)('none with the defaults of %s', (scenario) => {
    expect(problemsOf(orderOf(scenario, SLO))).toEqual([])
  })

  const cases: [string, StreamScenario, Changes, string][] = [
    [
      'a sweep without an SLO',
      'sweep',
      {},
      'slo: a sweep looks for the highest rate that meets the SLO: name one',
    ],
    [
      'a closed sweep',
      'sweep',
      { ...SLO, load: { arrivals: 'closed' } },
      'load.arrivals: a sweep is of an open model',
    ],
    [
      'an open model without a rate',
      'latency',
      { load: { arrivals: 'poisson' } },
      'load.rate must be there: arrivals are poisson',
    ],
    ['no stream', 'latency', { load: { streams: 0 } }, 'load.streams must be a whole number from 1'],
    [
      'an unknown knob',
      'soak',
      { options: { window: 3 } },
      'options.window is not known to soak; known: windows',
    ],
    [
      'a knob of the wrong shape',
      'cancel',
      { options: { after_ms: [5, 1] } },
      'options.after_ms must be two numbers from 0, the lower one first',
    ],
    [
      'a role without a key',
      'isolation',
      { options: { role: 'limited' } },
      'target.keys.limited must be there: options.role names it',
    ],
    [
      'the healthy key as the hammer',
      'isolation',
      { options: { role: 'default' } },
      'options.role must be another than default',
    ],
    [
      'a hammer that takes the whole cap',
      'isolation',
      { caps: { rate: 50 } },
      'options.rate must be below caps.rate: the healthy key needs its part of it',
    ],
    [
      'an answer too short for the nonce',
      'latency',
      { requests: { max_tokens: [1, 64] } },
      'requests.max_tokens must be two numbers from 16, lower first: the nonce has to fit into the answer',
    ],
    [
      'a share above one',
      'mixed',
      { requests: { tools_share: 1.5 } },
      'requests.tools_share must be from 0 to 1',
    ],
    [
      'a quantile that is none',
      'latency',
      { slo: [{ metric: 'ttft', quantile: '99', max_ms: 1 }] },
      'slo[0].quantile must be p50, p99, p99.9, max …',
    ],
    [
      'an objective without its bound',
      'latency',
      { slo: [{ metric: 'goodput', max: 1 }] },
      'slo[0].min must be a number from 0',
    ],
    ['a cap of nothing', 'latency', { caps: { requests: 0 } }, 'caps.requests must be a whole number from 1'],
  ]
  test.each(cases)('%s', (_, scenario, changes, problem) => {
    expect(problemsOf(orderOf(scenario, changes))).toEqual([problem])
  })

  test('a scenario takes only its own order', () => {
    const order: Order = orderOf('soak')
    expect(() => optionsOf(order, 'cancel')).toThrow('the order is for soak, not for cancel')
    expect(problemsOf({ ...order, scenario: 'rpm' })).toEqual(['scenario: rpm is not a stream scenario'])
  })
})
