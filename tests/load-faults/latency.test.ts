import type { Slo } from '../../load/order.ts'
import { faultsOf, killed } from './matrix.ts'
import { DIALECTS, type ProfileId } from './run.ts'

/** Objectives that any machine keeps, and a stall of two seconds does not. */
const SLO: Slo[] = [
  { metric: 'stall', quantile: 'p99', max_ms: 1500 },
  { metric: 'itl', quantile: 'p99', max_ms: 1500 },
  { metric: 'e2e', quantile: 'p99', max_ms: 30_000 },
  { metric: 'errors', max: 0 },
  { metric: 'goodput', min: 0.99 },
]

for (const profile of Object.keys(DIALECTS) as ProfileId[]) {
  killed({
    profile,
    run: {
      scenario: 'latency',
      gateway: { pace: { first_ms: 50, tokens_per_s: 100 } },
      changes: {
        // Planned arrivals: as many requests on a slow machine, and always more than eight streams at a time.
        load: { arrivals: 'constant', rate: 60, streams: 500, warmup_s: 0, calibrate: 0, duration_s: 2 },
        requests: { prompt_tokens: [40, 50], max_tokens: [24, 24] },
        slo: SLO,
      },
    },
    faults: faultsOf('latency'),
    larger: {
      'load/cross-talk': { kind: 'cross-talk', share: 0.1 },
      'load/cut-streams': { kind: 'cut', share: 0.1 },
      'load/stalls': { kind: 'stalls', share: 0.1, ms: 2000 },
    },
  })
}
