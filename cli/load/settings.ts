import type { Caps, Deadlines, Json, Load, Requests, Scenario } from '../../load/order.ts'
import { DEFAULTS } from '../../load/scenarios/stream/plan/defaults.ts'
import type { RunFlags } from '../settings.ts'
import { UsageError } from '../usage.ts'
import type { LoadSettings, RunSettings } from '../words.ts'
import { parseDuration } from './duration.ts'
import { isLimits } from './scenarios.ts'

/** The options of `assay load` as commander hands them over. */
export interface LoadFlags
  extends Pick<RunFlags, 'config' | 'profile' | 'url' | 'keyEnv' | 'model' | 'header' | 'dialect'>,
    Pick<RunFlags, 'concurrency' | 'seed' | 'plan' | 'out' | 'maxRequests' | 'maxTokens' | 'allowUnproven'> {
  rate?: number
  arrivals?: Load['arrivals']
  /** Seconds. */
  duration?: number
  iMayLoad?: string[]
  build?: boolean
  pace?: string
  limiter?: string[]
}

/** What the order says of the load, with nothing left open. */
export interface LoadPlan {
  load: Load
  requests: Requests
  caps: Caps
  deadlines: Deadlines
  options: Record<string, Json>
}

/** What is never exceeded where nobody says otherwise. Somebody else's gateway is treated with care. */
const MODEST: Caps = { requests: 2000, tokens: 1_000_000, duration_s: 900, rate: 50 }
const OWN: Caps = { requests: 2_000_000, tokens: 2_000_000_000, duration_s: 6 * 3600, rate: 10_000 }

const DEADLINES: Deadlines = {
  connect_ms: 10_000,
  headers_ms: 60_000,
  first_token_ms: 60_000,
  between_ms: 60_000,
  total_ms: 300_000,
  drain_ms: 10_000,
}

/** Load of a scenario that plans by itself: what stands here only tells how it is not driven. */
const NOT_DRIVEN = DEFAULTS.latency

/**
 * Flags over config over the scenario's defaults. `near`: the target is this machine. Throws UsageError for options that
 * contradict each other.
 */
export function loadPlan(
  scenario: Scenario,
  flags: LoadFlags,
  settings: RunSettings,
  near: boolean,
): LoadPlan {
  const config = settings.load ?? {}
  const fallback = isLimits(scenario) ? NOT_DRIVEN : DEFAULTS[scenario]
  if (isLimits(scenario)) assertNotDriven(scenario, flags)
  const load = loadOf(flags, config, fallback.load)
  const options: Record<string, Json> = {
    ...(isLimits(scenario) ? {} : fallback.options),
    ...config.scenarios?.[scenario],
  }
  if (scenario === 'sweep' && flags.rate !== undefined) options.to = flags.rate
  if (isLimits(scenario)) Object.assign(options, expectedLimits(scenario, config, options))
  return {
    load,
    requests: requestsOf(config, fallback.requests),
    caps: capsOf(flags, settings, load, options, near),
    deadlines: deadlinesOf(settings),
    options,
  }
}

function assertNotDriven(scenario: Scenario, flags: LoadFlags): void {
  const driven = (['rate', 'concurrency', 'arrivals'] as const).find((name) => flags[name] !== undefined)
  if (driven === undefined) return
  throw new UsageError(
    `--${driven} does not go with ${scenario}: it finds out by itself how much to ask; --max-requests and --max-tokens bound it`,
  )
}

function loadOf(flags: LoadFlags, config: LoadSettings, fallback: Load): Load {
  const named = flags.rate ?? config.rate
  const said = flags.arrivals ?? config.arrivals
  if (named !== undefined && said === 'closed') {
    throw new UsageError(
      'a rate (--rate) is for arrivals that do not wait for answers, and arrivals are closed: leave one of them out, or say --arrivals constant or poisson',
    )
  }
  const rate = named ?? fallback.rate
  const arrivals = said ?? (named === undefined ? fallback.arrivals : open(fallback))
  if (arrivals !== 'closed' && rate === undefined) {
    throw new UsageError(`arrivals are ${arrivals}: say how many requests a second (--rate N)`)
  }
  const streams = flags.concurrency ?? config.streams
  return {
    ...fallback,
    arrivals,
    // Without a bound of the user's own, an open model is not to be held up by the default of a closed one.
    streams: streams ?? (arrivals === fallback.arrivals ? fallback.streams : OPEN_STREAMS),
    ...(arrivals === 'closed' || rate === undefined ? {} : { rate }),
    duration_s: flags.duration ?? seconds(config.duration) ?? fallback.duration_s,
    warmup_s:
      seconds(config.warmup) ??
      Math.min(fallback.warmup_s, warmupOf(flags.duration ?? seconds(config.duration))),
    calibrate: config.calibrate ?? fallback.calibrate,
  }
}

/** Most requests in flight where arrivals do not wait for answers: enough for a slow gateway, still bounded. */
const OPEN_STREAMS = 1000

/** A rate makes closed arrivals constant ones; what is open already stays as it is. */
function open({ arrivals }: Load): Load['arrivals'] {
  return arrivals === 'closed' ? 'constant' : arrivals
}

/** A short run is not to be all warm-up. */
function warmupOf(duration: number | undefined): number {
  return duration === undefined ? Number.POSITIVE_INFINITY : duration / 6
}

function requestsOf(config: LoadSettings, fallback: Requests): Requests {
  return {
    prompt_tokens: span(config.prompt_tokens) ?? fallback.prompt_tokens,
    max_tokens: span(config.max_tokens) ?? fallback.max_tokens,
    stream_share: config.stream_share ?? fallback.stream_share,
    tools_share: config.tools_share ?? fallback.tools_share,
    ...(config.prompts === undefined ? {} : { prompts: config.prompts }),
  }
}

/** What the user asked for by name is not held down by a cap that nobody named; requests and tokens cost money, they are. */
function capsOf(
  flags: LoadFlags,
  settings: RunSettings,
  load: Load,
  options: Record<string, Json>,
  near: boolean,
): Caps {
  const given = settings.load?.caps ?? {}
  const usual = near ? OWN : MODEST
  const asked = Math.max(
    flags.rate ?? 0,
    settings.load?.rate ?? 0,
    numeric(options.to),
    load.arrivals === 'closed' ? 0 : (load.rate ?? 0),
  )
  return {
    requests: flags.maxRequests ?? given.requests ?? settings.max_requests ?? usual.requests,
    tokens: flags.maxTokens ?? given.tokens ?? settings.max_tokens ?? usual.tokens,
    duration_s: seconds(given.duration) ?? Math.max(usual.duration_s, load.duration_s + load.warmup_s),
    rate: given.rate ?? Math.max(usual.rate, Math.ceil(asked * 2)),
  }
}

function deadlinesOf({ deadlines: all = {}, load = {} }: RunSettings): Deadlines {
  const own = load.deadlines ?? {}
  return {
    connect_ms: own.connect ?? all.connect ?? DEADLINES.connect_ms,
    headers_ms: own.headers ?? all.headers ?? DEADLINES.headers_ms,
    first_token_ms: own.first_token ?? all.first_byte ?? DEADLINES.first_token_ms,
    between_ms: own.between ?? all.between_bytes ?? DEADLINES.between_ms,
    total_ms: own.total ?? all.total ?? DEADLINES.total_ms,
    drain_ms: own.drain ?? DEADLINES.drain_ms,
  }
}

/** What the config expects rpm or tpm to find, as the scenario's own knobs. */
function expectedLimits(
  scenario: 'rpm' | 'tpm',
  { limits = {} }: LoadSettings,
  options: Record<string, Json>,
): Record<string, Json> {
  const limit = limits[scenario]
  const window_s = seconds(limits.window)
  return {
    ...(limit === undefined || 'expect_limit' in options ? {} : { expect_limit: limit }),
    ...(window_s === undefined || 'expect_window_s' in options ? {} : { expect_window_s: window_s }),
  }
}

/** The config has been checked: every duration in it is one. */
function seconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

function span(value: number | [number, number] | undefined): [number, number] | undefined {
  return typeof value === 'number' ? [value, value] : value
}

function numeric(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
