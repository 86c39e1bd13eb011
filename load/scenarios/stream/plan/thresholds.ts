/**
 * The objectives as k6 thresholds: what k6 itself, and whatever it is told to report to, says of the run. The verdict
 * is assay's own, from the rows. Pure.
 */
import type { Order, Slo, SloMetric } from '../../../order.ts'
import { quantileOf } from '../knee/figures.ts'
import { timetableOf } from './timetable.ts'

/** k6's metric of an objective. A share of good requests and rates have none. */
const METRICS: Partial<Record<SloMetric, string>> = {
  ttfb: 'assay_time_to_first_byte',
  ttft: 'assay_time_to_first_token',
  ttfat: 'assay_time_to_first_answer_token',
  itl: 'assay_inter_token_latency',
  icl: 'gen_ai_client_operation_time_per_output_chunk',
  tpot: 'assay_time_per_output_token',
  e2e: 'assay_end_to_end',
  stall: 'assay_longest_stall',
  start_delay: 'assay_start_delay',
  errors: 'assay_unsuccessful',
}

/** Of each phase in which the default key is asked; none for the scenarios that go beyond the objectives on purpose. */
export function thresholdsOf(order: Order): Record<string, string[]> {
  const { scenario, slo } = order
  if (scenario === 'sweep' || scenario === 'cancel' || scenario === 'selftest') return {}
  const phases = timetableOf(order)
    .filter(({ relentless }) => relentless !== true)
    .flatMap((lane) => lane.phases.map(({ name }) => name))
    .filter((name) => name !== 'warmup')
  const thresholds: Record<string, string[]> = {}
  for (const phase of phases) {
    for (const objective of slo) {
      const metric = METRICS[objective.metric]
      const expression = expressionOf(objective)
      if (metric === undefined || expression === undefined) continue
      const name = `${metric}{phase:${phase}}`
      thresholds[name] = [...(thresholds[name] ?? []), expression]
    }
  }
  return thresholds
}

/** Whether a threshold needs every gap between tokens or chunks as a sample of k6's own. */
export function needsGaps({ slo }: Pick<Order, 'slo'>): boolean {
  return slo.some(({ metric }) => metric === 'itl' || metric === 'icl')
}

function expressionOf({ metric, quantile = '', max_ms, max }: Slo): string | undefined {
  if (metric === 'errors') return max === undefined ? undefined : `rate<=${max}`
  const q = quantileOf(quantile)
  if (q === null || max_ms === undefined) return undefined
  return `${q === 1 ? 'max' : `p(${quantile.slice(1)})`}<=${max_ms}`
}
