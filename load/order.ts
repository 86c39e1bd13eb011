/**
 * What one load run is told to do: `DIR/order.json`, written by the command, read by the scenario. It holds no
 * secret, only the names of the environment variables that do. Every field is filled in by the command, so that the
 * order in the record is the whole truth about what was asked for; a scenario adds no default of its own.
 *
 * Types only: this file is read by Node, by k6's JavaScript engine and by the reports.
 */

/** The path of the order file reaches the scenario in this environment variable. */
export const ORDER_ENV = 'ASSAY_ORDER'
export const ORDER_SCHEMA = 'assay/order/1'

export const STREAM_SCENARIOS = [
  'latency',
  'sweep',
  'soak',
  'burst',
  'cancel',
  'isolation',
  'mixed',
  'selftest',
] as const
export const LIMIT_SCENARIOS = ['rpm', 'tpm'] as const

export type StreamScenario = (typeof STREAM_SCENARIOS)[number]
export type LimitScenario = (typeof LIMIT_SCENARIOS)[number]
export type Scenario = StreamScenario | LimitScenario

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface Order {
  schema: typeof ORDER_SCHEMA
  scenario: Scenario
  /** 8 hex digits; part of every nonce of the run. */
  run: string
  /** Decides prompts, lengths, arrivals and which request is which: 32-bit unsigned. */
  seed: number
  target: Target
  /** Path of the dialect's grammar.json; absent: the stream is read raw, without a grammar. */
  grammar?: string
  load: Load
  requests: Requests
  caps: Caps
  deadlines: Deadlines
  slo: Slo[]
  /** Knobs of one scenario: `OptionsOf` names those of the stream scenarios. */
  options: Record<string, Json>
}

export interface Target {
  /** The full URL that is asked. */
  url: string
  dialect: string
  /** The model that is asked where a scenario asks one only. */
  model: string
  /** All models that requests are spread over, in turn; at least `model`. */
  models: string[]
  /** The field that bounds the answer: max_tokens, max_completion_tokens. */
  limit_field: string
  /** Headers that are no secret. */
  headers: Record<string, string>
  /** Header name to the environment variable with its secret value. */
  secret_headers: Record<string, string>
  auth: { header: string; prefix: string }
  /** Key role to the environment variable with the key. `default` is asked where a scenario names no role. */
  keys: Record<string, string>
  tls: { /** PEM text. */ ca?: string; insecure?: boolean }
}

/**
 * How requests arrive. `closed`: `streams` are kept in flight, each followed at once by the next. `constant` and
 * `poisson`: `rate` requests a second start when the timetable says, whether or not earlier ones have ended; at most
 * `streams` are in flight, and what finds none free is recorded as dropped.
 */
export interface Load {
  arrivals: 'closed' | 'constant' | 'poisson'
  streams: number
  /** Requests a second; needed unless arrivals are closed: there it is a bound. */
  rate?: number
  /** Requests asked one by one, alone, before all else (phase `calibrate`): what the meter sees at no load. */
  calibrate: number
  /** Without calibration and warm-up; sweep and cancel may end before. */
  duration_s: number
  /** Rows of this time are of phase `warmup`. */
  warmup_s: number
  /** How many streams one virtual user drives. */
  streams_per_vu: number
}

export interface Requests {
  /** Shortest and longest prompt, in words of the generator (about one token each), both included. */
  prompt_tokens: [number, number]
  /** Smallest and largest bound on the answer, both included. */
  max_tokens: [number, number]
  /** 0 to 1: how many requests ask for a stream. */
  stream_share: number
  /** 0 to 1: how many requests declare tools. */
  tools_share: number
  /** Path of a JSON Lines file with the user's own prompts; they replace the generator's, in turn. */
  prompts?: string
  /** Fields put into every body, over ours: `{"temperature": 0}`. */
  extra?: Record<string, Json>
}

/** What is never exceeded, whatever the scenario. Tokens: prompt and bound on the answer, summed over requests. */
export interface Caps {
  requests: number
  tokens: number
  duration_s: number
  /** Requests a second, in any second. */
  rate: number
}

/** All in milliseconds. */
export interface Deadlines {
  connect_ms: number
  headers_ms: number
  first_token_ms: number
  between_ms: number
  total_ms: number
  /** How long requests in flight may go on when the run ends. */
  drain_ms: number
}

/** Times are in milliseconds and take a quantile and `max_ms`. `stall` is the longest gap of one request. */
export const SLO_TIMES = [
  'ttfb',
  'ttft',
  'ttfat',
  'itl',
  'icl',
  'tpot',
  'e2e',
  'stall',
  'start_delay',
] as const
/** Shares (0 to 1) of the requests sent: errors takes `max`, goodput takes `min`. */
export const SLO_SHARES = ['errors', 'goodput'] as const
/** Finished requests a second, tokens a second over all: take `min`. */
export const SLO_RATES = ['requests_per_s', 'tokens_per_s'] as const

export type SloTime = (typeof SLO_TIMES)[number]
export type SloMetric = SloTime | (typeof SLO_SHARES)[number] | (typeof SLO_RATES)[number]

/** `goodput` counts requests that met every time objective among the others by their own figure. */
export interface Slo {
  metric: SloMetric
  /** `p50`, `p99`, `p99.9`, `max`: for times. */
  quantile?: string
  max_ms?: number
  max?: number
  min?: number
}

/** The knobs of each stream scenario, all filled in: `load/scenarios/stream/defaults.ts` has the values. */
export interface OptionsOf {
  latency: Record<never, never>
  sweep: SweepOptions
  soak: SoakOptions
  burst: BurstOptions
  cancel: CancelOptions
  isolation: IsolationOptions
  mixed: MixedOptions
  selftest: SelftestOptions
}

/** Steps of growing rate until one misses the SLO, then halving between the last that met it and the first that missed. */
export interface SweepOptions {
  /** Requests a second of the first step, and the most that is tried. */
  from: number
  to: number
  /** By how much each step exceeds the last until one fails. */
  factor: number
  /** Halving ends when the two rates differ by no more than this share of the lower. */
  within: number
  /** Length of one step; what starts in its first `settle_s` is of phase `settle-n` and not judged. */
  step_s: number
  settle_s: number
  /** At most so many steps, halving included. */
  steps: number
  /** A step with fewer finished requests decides nothing: it is made longer, up to four times. */
  at_least: number
}

/** Rows are put into phases `window-1` … so that drift shows. */
export interface SoakOptions {
  windows: number
}

/**
 * The base load goes on all the time; `bursts` times, evenly spread over the duration, `size` more requests start at
 * once (phase `burst-n`). The base load's phase is `quiet` before the first burst, then `during-n` as long as burst n is
 * being answered, and `after-n` until the next.
 */
export interface BurstOptions {
  bursts: number
  size: number
}

/**
 * Waves: `load.streams` clients ask, `share` of them hang up in the middle (phase `wave-n`); as soon as the last has
 * hung up, probes (phase `recovery-n`) ask for as many streams again and repeat until all are admitted.
 */
export interface CancelOptions {
  waves: number
  /** 0 to 1. */
  share: number
  /** Hang up after so many tokens, or so many milliseconds: one of the two is drawn for each request. */
  after_tokens: [number, number]
  after_ms: [number, number]
  /** A refused probe is repeated after this time, for at most `probe_for_s`. */
  probe_every_ms: number
  probe_for_s: number
}

/** Phase `before`: the default key alone. Phase `beside`: the same while `role` is hammered. Phase `after`: alone again. */
export interface IsolationOptions {
  /** `exhausted` or `limited`, or any role with a key. */
  role: string
  /** How the other key is hammered: streams in flight (closed), rows of phase `hammer`. */
  streams: number
  /** Requests a second that the hammer does not exceed. */
  rate: number
}

/** Prompts are of two lengths, the ends of `prompt_tokens`; `long_share` (0 to 1) of them are long. */
export interface MixedOptions {
  long_share: number
}

/** Phase `plain`, then phase `stalled`: the same with one reader that sleeps `stall_ms` after its first token. */
export interface SelftestOptions {
  stall_ms: number
  /** Share of the `stalled` phase's requests whose reader sleeps. */
  stalled_share: number
}
