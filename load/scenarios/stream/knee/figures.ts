/** What a step's results say about the objectives. Exact quantiles: a step has some thousands of results at most. Pure. */
import type { Slo, SloTime } from '../../../order.ts'

/** What is needed of a request's result. */
export interface Figures {
  finished: boolean
  /** Milliseconds; null: it has no such figure. */
  times: Partial<Record<SloTime, number | null>>
  tokens: number
}

export interface Step {
  results: Figures[]
  /** Requests that were planned and found no free stream. */
  dropped: number
  seconds: number
  /** Quantile of all gaps of the step, ms; null: unknown. */
  gap(kind: 'itl' | 'icl', quantile: number): number | null
}

export interface Missed {
  slo: Slo
  /** What was seen, in the objective's unit; null: no request had such a figure. */
  got: number | null
}

/** `p99.9` → 0.999, `max` → 1; null: not a quantile. */
export function quantileOf(name: string): number | null {
  if (name === 'max') return 1
  const match = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name)
  return match === null ? null : Number(match[1]) / 100
}

/** The smallest value that is no less than a share `q` of all (nearest rank); null for no values. */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] ?? null
}

/**
 * The objectives that the step missed. A request that failed or was never sent counts as one that took for ever: a
 * gateway that refuses what it cannot do in time does not meet a time objective by that.
 */
export function missed(step: Step, slo: readonly Slo[]): Missed[] {
  return slo.flatMap((objective) => {
    const got = seen(step, objective, slo)
    return got !== null && meets(got, objective) ? [] : [{ slo: objective, got }]
  })
}

function meets(got: number, { max_ms, max, min }: Slo): boolean {
  const most = max_ms ?? max
  return (most === undefined || got <= most) && (min === undefined || got >= min)
}

function seen(step: Step, objective: Slo, slo: readonly Slo[]): number | null {
  const { results, dropped, seconds } = step
  const finished = results.filter((result) => result.finished)
  const all = results.length + dropped
  const lost = all - finished.length
  const { metric } = objective
  switch (metric) {
    case 'errors':
      return all === 0 ? null : lost / all
    case 'goodput':
      return all === 0 ? null : finished.filter((result) => isGood(result, slo)).length / all
    case 'requests_per_s':
      return finished.length / seconds
    case 'tokens_per_s':
      return results.reduce((sum, result) => sum + result.tokens, 0) / seconds
    default: {
      const q = quantileOf(objective.quantile ?? '')
      if (q === null) return null
      if (metric === 'itl' || metric === 'icl') return step.gap(metric, q)
      const values = finished.flatMap((result) => result.times[metric] ?? [])
      if (values.length === 0) return null
      return quantile([...values, ...new Array<number>(lost).fill(Number.POSITIVE_INFINITY)], q)
    }
  }
}

/**
 * Every time objective is met by the request's own figure, as far as it has one. A request has many gaps: what is
 * asked of itl and icl is asked of its mean, tpot.
 */
function isGood({ times }: Figures, slo: readonly Slo[]): boolean {
  return slo.every(({ metric, max_ms }) => {
    const own = times[metric === 'itl' || metric === 'icl' ? 'tpot' : (metric as SloTime)]
    return max_ms === undefined || own === undefined || own === null || own <= max_ms
  })
}
