import type { Slo } from '../order.ts'

/** The figures of one request that an objective can be about, µs. Bounds are the same where the row has one only. */
export interface RequestTimes {
  ttfb: number | undefined
  ttft_low: number | undefined
  ttft: number | undefined
  ttfat: number | undefined
  tpot: number | undefined
  e2e: number | undefined
  stall_low: number | undefined
  stall: number | undefined
  start_delay: number | undefined
}

interface Bound {
  metric: string
  low: keyof RequestTimes
  high: keyof RequestTimes
  max_us: number
  /** Every stream that finished has this figure: one without it did not meet the objective. */
  always: boolean
}

/**
 * By which figure of its own a request meets an objective. A request has many gaps and one mean of them: what is asked
 * of itl and icl is asked of its tpot.
 */
const OWN: Record<string, Omit<Bound, 'max_us' | 'metric'>> = {
  ttfb: { low: 'ttfb', high: 'ttfb', always: true },
  ttft: { low: 'ttft_low', high: 'ttft', always: true },
  ttfat: { low: 'ttfat', high: 'ttfat', always: true },
  itl: { low: 'tpot', high: 'tpot', always: false },
  icl: { low: 'tpot', high: 'tpot', always: false },
  tpot: { low: 'tpot', high: 'tpot', always: false },
  e2e: { low: 'e2e', high: 'e2e', always: true },
  stall: { low: 'stall_low', high: 'stall', always: false },
  start_delay: { low: 'start_delay', high: 'start_delay', always: false },
}

/** The objectives that a single request can meet or miss. Where two are about one figure, both must be met. */
export class Objectives {
  readonly #bounds: Bound[]

  constructor(slo: readonly Slo[]) {
    this.#bounds = slo.flatMap(({ metric, max_ms }) => {
      const own = OWN[metric]
      return own === undefined || max_ms === undefined ? [] : [{ ...own, metric, max_us: max_ms * 1000 }]
    })
  }

  get none(): boolean {
    return this.#bounds.length === 0
  }

  /** `sure`: by the upper bound of each figure. `maybe`: by the lower. Asked only of requests that finished. */
  met(times: RequestTimes, streamed: boolean): { sure: boolean; maybe: boolean } {
    let sure = true
    let maybe = true
    for (const { low, high, max_us, always } of this.#bounds) {
      const most = times[high]
      if (most === undefined) {
        // An answer that was not streamed has no first token of its own.
        if (always && (streamed || high === 'e2e' || high === 'ttfb')) return NOT
        continue
      }
      if (most > max_us) {
        sure = false
        if ((times[low] ?? most) > max_us) maybe = false
      }
    }
    return { sure, maybe }
  }

  /** The metrics whose objective the request missed by the lower bound of its figure. */
  missed(times: RequestTimes): string[] {
    return this.#bounds
      .filter(({ low, high, max_us }) => (times[low] ?? times[high] ?? 0) > max_us)
      .map(({ metric }) => metric)
  }
}

const NOT = { sure: false, maybe: false }
