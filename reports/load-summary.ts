import type { GroupFigures, MeterFigures, ScenarioFigures, StreamFigures, TimeFigure } from './record/load.ts'
import type { RunRecord } from './record/read.ts'
import type { SummaryJson } from './summary.ts'

/** One group's figures in `summary.json`: each time as `<name>_ms`. */
export type MetricGroup = Omit<GroupFigures, 'times'> & { [time: `${string}_ms`]: TimeFigure }

/** `metrics` of a load run: the headline's figures at the top. */
export type LoadMetrics = MetricGroup & {
  /** Which phases the headline is made of, and which are left out of it. */
  phases: string[]
  excluded: string[]
  meter: MeterFigures
  scenario: ScenarioFigures
  by_phase: (MetricGroup & { name: string })[]
  by_model: (MetricGroup & { name: string })[]
  file: StreamFigures['file']
  /** Quantiles are at most this share too large. */
  quantile_error: number
}

/** What `summary.json` holds more of a load run. */
export function loadJson({ run, summary }: RunRecord): Pick<SummaryJson, 'load' | 'metrics' | 'limiter'> {
  if (run.load === undefined) return {}
  const { scenario } = run.load
  const { arrivals, streams, rate, duration_s } = run.load.load
  const { stream, limiter } = summary?.load ?? {}
  return {
    load: {
      scenario,
      // A search for a limit asks as it goes.
      ...(scenario === 'rpm' || scenario === 'tpm'
        ? {}
        : { arrivals, streams, ...(rate === undefined ? {} : { rate }), seconds: duration_s }),
    },
    ...(stream === undefined ? {} : { metrics: metrics(stream) }),
    ...(limiter === undefined ? {} : { limiter }),
  }
}

function metrics({
  headline,
  phases,
  models,
  meter,
  scenario,
  file,
  quantile_error,
}: StreamFigures): LoadMetrics {
  return {
    ...flat(headline),
    meter,
    scenario,
    by_phase: phases.map(flat),
    by_model: models.map(flat),
    file,
    quantile_error,
  }
}

/** The times beside the rest, under names that tell their unit. */
function flat<T extends GroupFigures>({ times, ...rest }: T): Omit<T, 'times'> & MetricGroup {
  const named = Object.entries(times).map(([name, figure]) => [`${name}_ms`, figure] as const)
  return { ...rest, ...Object.fromEntries(named) } as Omit<T, 'times'> & MetricGroup
}
