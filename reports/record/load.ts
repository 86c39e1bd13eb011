/**
 * What a load run leaves in the record: what was ordered, which file has its rows, and the figures that were made of
 * them. Plain data, like the rest of the record. Times are milliseconds, shares 0 to 1, tokens and requests counts.
 */
import type { Json, JsonObject } from './types.ts'

/** What was ordered, as far as reports need it; the run line holds the whole order. It has no secrets. */
export interface LoadOrder {
  schema: string
  scenario: string
  run: string
  seed: number
  target: { url: string; dialect: string; model: string; models: string[] }
  load: {
    arrivals: string
    streams: number
    /** Requests a second; absent where arrivals are closed. */
    rate?: number
    duration_s: number
    warmup_s: number
  }
  slo: LoadObjective[]
  options: { [key: string]: Json }
}

export interface LoadObjective {
  metric: string
  quantile?: string
  max_ms?: number
  max?: number
  min?: number
}

/** The file with the rows of the run, beside the record. */
export interface SamplesLine {
  type: 'samples'
  /** Name of the file in the record's directory. */
  file: string
  /** Hex. */
  sha256: string
  bytes: number
  lines: number
  /** Its last line says that nothing is missing. */
  complete: boolean
}

/** What a load run measured. Of stream scenarios `stream`, of limit scenarios `limiter` (see docs/limits.md). */
export interface LoadFigures {
  stream?: StreamFigures
  limiter?: JsonObject
}

/** Quantiles of one figure. The largest value of a bucket stands for it, so they are never too small. */
export interface Quantiles {
  count: number
  mean: number
  p50: number
  p90: number
  p95: number
  p99: number
  'p99.9': number
  max: number
}

/** A time in milliseconds. `low`: the same from the lower bound of each request, where the bounds differ. */
export interface TimeFigure extends Quantiles {
  low?: Quantiles
}

/** Names of the times, in the order in which they are shown; `docs/metrics.md` defines each. */
export const TIMES = [
  'ttfb',
  'ttft',
  'ttfat',
  'itl',
  'icl',
  'tpot',
  'e2e',
  'stall',
  'start_delay',
  'ttft_planned',
  'e2e_planned',
] as const
export type TimeName = (typeof TIMES)[number]

/** Requests that belong together: a phase, a model, or all that the headline is about. */
export interface GroupFigures {
  /** Rows: every request that was sent, or that failed before it could be. */
  requests: number
  outcomes: Record<string, number>
  /** Error classes of those with outcome `error` or an answer that broke off. */
  errors: Record<string, number>
  /** Responses by HTTP status. */
  statuses: Record<string, number>
  /** Requests of the open model that were never sent, by reason. */
  dropped: Record<string, number>
  times: Partial<Record<TimeName, TimeFigure>>
  tokens: TokenFigures
  /** Seconds from the first start to the last end. */
  seconds: number
  /** Finished requests a second. */
  requests_per_s: number
  /** Absent where there is no objective for a single request. */
  goodput?: GoodputFigures
}

export interface TokenFigures {
  /** Billed, as usage says, over the `with_usage` requests that had it. */
  prompt: number
  completion: number
  reasoning: number
  with_usage: number
  /** Events with content, reasoning or a tool call, whatever usage says. */
  counted: number
  /** Billed completion tokens (counted ones where there is no usage) a second, over all requests. */
  output_per_s: number
  /** The same of one request after its first token: 1000 / tpot. */
  output_per_s_per_user?: Quantiles
  /** Reads that brought several tokens, as a share of those that brought any. */
  coalesced: number
}

/** Requests that finished and met every time objective by their own figure. */
export interface GoodputFigures {
  /** All that could: without those that we hung up on or stopped, with open-model requests that found no free stream. */
  of: number
  /** Met by the upper bound of each figure: certainly. */
  met: number
  /** Met by the lower bound: at most. */
  met_at_most: number
  share: number
  /** Met, a second. */
  per_s: number
}

export interface PhaseFigures extends GroupFigures {
  name: string
  /** In the headline. */
  headline: boolean
  /** Requests a second that were planned, where the scenario said so. */
  rate?: number
  /** The key role, where it is not the default one. */
  role?: string
  /** From the run's start. */
  from_s: number
  to_s: number
  meter: PhaseMeter
}

export interface PhaseMeter {
  lag_ms?: Quantiles
  coalesced: number
  heartbeat_ms?: { p99: number; max: number }
  /** Of all cores, of the meter's own process. */
  cpu?: number
  /** Why figures of this phase are doubtful; empty: they are not. */
  reasons: string[]
}

export interface MeterFigures {
  saturated: boolean
  reasons: string[]
  /** How long bytes lay in the system before they were read, at least. Absent: the system does not tell. */
  lag_ms?: Quantiles
  /** Share of reads with the kernel's time. */
  stamped: number
  coalesced: number
  /** The same at low load, and how it is known; absent: it is not. */
  coalesced_low?: { share: number; from: string }
  heartbeat_ms?: { p99: number; max: number }
  /** Of all cores, median and most of a second. */
  cpu?: { median: number; max: number }
  cpu_us_per_chunk?: number
  gc_pause_ms?: { p99: number; max: number; count: number }
  goroutines?: number
  rss_mib?: number
  clock_steps: number
}

/** Something that a scenario asked and found out. */
export interface ScenarioFigures {
  /** `sweep`: requests a second. */
  knee?: { rate: number; phase: string; next?: number; missed?: string }
}

export interface StreamFigures {
  /** Of the headline phases. */
  headline: GroupFigures & { phases: string[]; excluded: string[] }
  phases: PhaseFigures[]
  models: (GroupFigures & { name: string })[]
  meter: MeterFigures
  scenario: ScenarioFigures
  file: {
    rows: number
    /** Why the file is not whole. */
    torn?: string
    complete: boolean
    stopped: boolean
    /** Lines of a kind that this assay does not know. */
    unknown: number
    go?: string
    k6?: string
    cpus: number
    kernel_stamps: boolean
  }
  /** Requests that an HTTP answer came to. */
  answered: number
  /** Quantiles are at most this share too large. */
  quantile_error: number
}
