/** k6's own options, from the order. Pure. */
import type { Options } from 'k6/options'
import type { Order } from '../../../order.ts'
import { optionsOf } from './defaults.ts'
import { thresholdsOf } from './thresholds.ts'
import { endOf, timetableOf } from './timetable.ts'

/** These decide as they go: one virtual user has to see everything. */
const ADAPTIVE: readonly string[] = ['sweep', 'cancel']

/** How many virtual users share the work: each needs a part of every cap. */
export function usersOf({ scenario, load, caps }: Order): number {
  if (ADAPTIVE.includes(scenario)) return 1
  const wanted = Math.ceil(load.streams / load.streams_per_vu)
  return Math.max(1, Math.min(wanted, load.streams, Math.floor(caps.rate)))
}

/** The longest that requests are started, in seconds after calibration. */
export function lengthOf(order: Order): number {
  const { scenario, load, caps, deadlines } = order
  if (scenario === 'sweep') return Math.min(load.duration_s, caps.duration_s)
  if (scenario === 'cancel') {
    // The last wave begins within the duration; what it and its probes take comes on top.
    const { probe_for_s } = optionsOf(order, 'cancel')
    return Math.min(load.duration_s + probe_for_s + deadlines.total_ms / 1000, caps.duration_s)
  }
  return endOf(timetableOf(order)) / 1000
}

export function k6Options(order: Order): Options {
  const { load, deadlines } = order
  return {
    scenarios: {
      [order.scenario]: {
        executor: 'per-vu-iterations',
        vus: usersOf(order),
        iterations: 1,
        // What is in flight at the end may go on for the drain time.
        maxDuration: `${Math.ceil(lengthOf(order)) + 1}s`,
        gracefulStop: `${deadlines.drain_ms}ms`,
      },
    },
    thresholds: thresholdsOf(order),
    setupTimeout: `${Math.ceil((load.calibrate * deadlines.total_ms) / 1000) + 10}s`,
  }
}
