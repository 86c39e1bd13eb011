import { expect, test } from 'vitest'
import { FAULTS, faultsOf, killed } from './matrix.ts'

/** Slow tokens: what a busy machine adds to them is no tenth, from which on a growth counts. */
const SLOW = { pace: { first_ms: 500, tokens_per_s: 20 } }
const PLANNED = { arrivals: 'constant', streams: 500, warmup_s: 0, calibrate: 0 } as const
const LENGTHS = { prompt_tokens: [40, 50] as [number, number], max_tokens: [24, 24] as [number, number] }

killed({
  profile: 'openai',
  run: {
    scenario: 'soak',
    gateway: SLOW,
    changes: { load: { ...PLANNED, rate: 60, duration_s: 4 }, requests: LENGTHS, options: { windows: 10 } },
  },
  faults: faultsOf('soak'),
  larger: { 'load/grows-slower': { kind: 'slows', per_s: 1 } },
})

killed({
  profile: 'openai',
  run: {
    scenario: 'isolation',
    gateway: SLOW,
    changes: {
      load: { ...PLANNED, rate: 20, duration_s: 6 },
      requests: LENGTHS,
      options: { role: 'exhausted', streams: 2, rate: 8 },
    },
  },
  faults: faultsOf('isolation'),
  larger: { 'load/exhausted-starves': { kind: 'starves', ms: 110 } },
})

const [leak] = faultsOf('cancel')
const places = leak?.twist.options?.limitFault?.limits

killed({
  profile: 'openai',
  run: {
    scenario: 'cancel',
    gateway: {
      pace: { first_ms: 20, tokens_per_s: 50 },
      ...(places === undefined ? {} : { limiter: places }),
    },
    changes: {
      // As many clients as there are places: when all have leaked, nobody is let in.
      load: { ...PLANNED, arrivals: 'closed', streams: 32, duration_s: 60 },
      requests: { ...LENGTHS, max_tokens: [64, 64] },
      options: { waves: 1, after_ms: [50, 200], after_tokens: [1, 4], probe_every_ms: 100, probe_for_s: 5 },
    },
  },
  faults: faultsOf('cancel'),
})

killed({
  profile: 'openai',
  run: {
    scenario: 'cancel',
    gateway: {
      pace: { first_ms: 20, tokens_per_s: 100 },
      ...(places === undefined ? {} : { limiter: places }),
    },
    changes: {
      // Twelve places are left when all have leaked: probes that take turns in them are all let in, and soon.
      load: { ...PLANNED, arrivals: 'closed', streams: 20, duration_s: 60 },
      requests: { ...LENGTHS, max_tokens: [64, 64] },
      options: { waves: 1, after_ms: [50, 200], after_tokens: [1, 4], probe_every_ms: 50, probe_for_s: 4 },
    },
  },
  faults: faultsOf('cancel'),
})

test('no fault of a stream scenario is left out', () => {
  const here = ['latency', 'soak', 'isolation', 'cancel']
  expect(FAULTS.filter(({ scenario }) => !here.includes(scenario))).toEqual([])
})
