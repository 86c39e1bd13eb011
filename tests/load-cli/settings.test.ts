import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../cli/load/duration.ts'
import { type LoadFlags, loadPlan } from '../../cli/load/settings.ts'
import type { RunSettings } from '../../cli/words.ts'
import type { Scenario } from '../../load/order.ts'

const plan = (
  flags: LoadFlags = {},
  settings: RunSettings = {},
  scenario: Scenario = 'latency',
  near = true,
) => loadPlan(scenario, flags, settings, near)

test.each([
  ['500ms', 0.5],
  ['30s', 30],
  ['1.5m', 90],
  ['2h', 7200],
  ['30', undefined],
  ['s', undefined],
  ['-1s', undefined],
  ['1d', undefined],
])('%s is %s seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds))

describe('arrivals', () => {
  test('are closed where nobody says otherwise, and constant with a rate', () => {
    expect(plan().load).toMatchObject({ arrivals: 'closed', streams: 10 })
    expect(plan().load).not.toHaveProperty('rate')
    expect(plan({ rate: 5 }).load).toMatchObject({ arrivals: 'constant', rate: 5 })
    expect(plan({}, { load: { rate: 5 } }).load).toMatchObject({ arrivals: 'constant', rate: 5 })
  })

  test('are what was asked for', () => {
    expect(plan({ rate: 5, arrivals: 'poisson' }).load).toMatchObject({ arrivals: 'poisson', rate: 5 })
    expect(plan({ rate: 7 }, { load: { rate: 5, arrivals: 'poisson' } }).load).toMatchObject({
      arrivals: 'poisson',
      rate: 7,
    })
  })

  test('an open model is not held up by the streams of a closed one', () => {
    expect(plan({ rate: 100 }).load.streams).toBe(1000)
    expect(plan({ rate: 100, concurrency: 20 }).load.streams).toBe(20)
  })

  test.each<[LoadFlags, RunSettings, string]>([
    [{ rate: 5, arrivals: 'closed' }, {}, 'arrivals are closed'],
    [{ rate: 5 }, { load: { arrivals: 'closed' } }, 'arrivals are closed'],
    [{ arrivals: 'closed' }, { load: { rate: 5 } }, 'arrivals are closed'],
    [{ arrivals: 'constant' }, {}, 'say how many requests a second'],
  ])('%j over %j contradicts itself', (flags, settings, told) => {
    expect(() => plan(flags, settings)).toThrow(told)
  })
})

test('flags go over the config, and that over the defaults of the scenario', () => {
  const settings: RunSettings = {
    load: {
      streams: 3,
      duration: '2m',
      prompt_tokens: 50,
      max_tokens: [20, 40],
      scenarios: { burst: { size: 7 }, soak: { windows: 2 } },
    },
  }
  const made = plan({ duration: 60 }, settings, 'burst')
  expect(made.load).toMatchObject({ streams: 3, duration_s: 60, warmup_s: 5 })
  expect(made.requests).toMatchObject({ prompt_tokens: [50, 50], max_tokens: [20, 40], stream_share: 1 })
  expect(made.options).toEqual({ bursts: 3, size: 7 })
})

test('a short run is not all warm-up', () => {
  expect(plan({ duration: 6 }).load.warmup_s).toBe(1)
  expect(plan({ duration: 6 }, { load: { warmup: '4s' } }).load.warmup_s).toBe(4)
})

test('the rate of a sweep is the most that it tries', () => {
  expect(plan({ rate: 12 }, {}, 'sweep').options).toMatchObject({ from: 1, to: 12 })
})

describe('caps', () => {
  test('are modest for somebody else’s gateway', () => {
    expect(plan({}, {}, 'latency', false).caps).toEqual({
      requests: 2000,
      tokens: 1_000_000,
      duration_s: 900,
      rate: 50,
    })
    expect(plan({}, {}, 'latency', true).caps.requests).toBeGreaterThan(100_000)
  })

  test('are what the user says: options, then load.caps, then the caps of every run', () => {
    const settings: RunSettings = {
      max_requests: 7,
      max_tokens: 70,
      load: { caps: { requests: 5, duration: '1m', rate: 2 } },
    }
    expect(plan({}, settings).caps).toEqual({ requests: 5, tokens: 70, duration_s: 60, rate: 2 })
    expect(plan({ maxRequests: 3, maxTokens: 30 }, settings).caps).toMatchObject({ requests: 3, tokens: 30 })
  })

  test('a rate or a time that was asked for is not cut by a cap that nobody named', () => {
    const { caps } = plan({ rate: 80, duration: 3600 }, {}, 'latency', false)
    expect(caps.rate).toBeGreaterThanOrEqual(80)
    expect(caps.duration_s).toBeGreaterThanOrEqual(3600)
  })
})

test('the deadlines of a run of checks hold under load too, where load has none of its own', () => {
  const { deadlines } = plan(
    {},
    {
      deadlines: { headers: 1, first_byte: 2, between_bytes: 3 },
      load: { deadlines: { between: 4, drain: 5 } },
    },
  )
  expect(deadlines).toEqual({
    connect_ms: 10_000,
    headers_ms: 1,
    first_token_ms: 2,
    between_ms: 4,
    total_ms: 300_000,
    drain_ms: 5,
  })
})

describe('rpm and tpm', () => {
  test('take what is expected from the config', () => {
    const settings: RunSettings = { load: { limits: { rpm: 60, tpm: 1000, window: '10s' } } }
    expect(plan({}, settings, 'rpm').options).toEqual({ expect_limit: 60, expect_window_s: 10 })
    expect(plan({}, settings, 'tpm').options).toEqual({ expect_limit: 1000, expect_window_s: 10 })
    expect(plan({}, {}, 'rpm').options).toEqual({})
  })

  test.each<LoadFlags>([{ rate: 1 }, { concurrency: 2 }, { arrivals: 'closed' }])(
    'are not driven by %j',
    (flags) => {
      expect(() => plan(flags, {}, 'rpm')).toThrow('it finds out by itself')
    },
  )
})
