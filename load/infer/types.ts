/** The words of inference. Times are milliseconds of the load engine's monotonic clock, windows are seconds. */

/** One request's row under load. */
export interface Sample {
  key: string
  model: string
  sentAt: number
  /** First byte of the reply; absent where none came. */
  firstAt?: number
  endedAt: number
  /** HTTP status; 0 where the connection was dropped before one came. */
  status: number
  admitted: boolean
  promptTokens: number
  completionTokens: number
  maxTokens: number
  /** Where `max_completion_tokens` was sent beside a smaller `max_tokens`: its value. */
  maxCompletionTokens?: number
  stream: boolean
  /** Tokens received when the client hung up. */
  cancelledAfter?: number
  retryAfter_s?: number
  limits?: LimitHeaders
  /** Size of the body of a refusal, bytes. */
  bodyBytes?: number
  /** What a refusal's body is: the error object of a dialect, something else, or nothing. */
  envelope?: 'openai' | 'anthropic' | 'other' | 'not-json' | 'empty'
  /** Name and round of a probe of `findings/plan.ts`; absent in the experiment of `plan/`. */
  probe?: string
  /** How the exchange failed, where no whole answer came. */
  error?: string
}

/** The rate limit headers of one reply, numbers as they stood there. */
export interface LimitHeaders {
  limit?: number
  remaining?: number
  reset_s?: number
}

export type AlgorithmName =
  | 'fixed-clock'
  | 'fixed-first'
  | 'sliding-log'
  | 'sliding-counter'
  | 'token-bucket'
  | 'leaky-bucket'
  | 'concurrency'
  | 'none'

export type What = 'request' | 'chunk' | 'prompt' | 'prompt+completion' | 'prompt+max' | 'reserve-refund'

export interface Charge {
  what: What
  when: 'admission' | 'end'
  /** `unknown`: no request that was sent could have told. */
  refused: boolean | 'unknown'
  cancelled: boolean | 'unknown'
}

export type Scope = 'key' | 'model' | 'key+model' | 'shared' | 'unknown'

/** What one hypothesis makes of the samples. */
export interface Fit {
  algorithm: AlgorithmName
  charge: Charge
  /** Least and greatest limit that no sample contradicts; crossed (low > high) where some do. */
  low: number
  high: number
  /** The limit that contradicts the fewest samples. */
  limit: number
  window_s: number
  /** Samples admitted although the limit was reached, and refused although it was not. */
  over: number[]
  under: number[]
  /** How far the contradictions of `over` go beyond the limit, as a share of it. */
  overshoot: number
}

/** One thing seen in the samples, stated with the count that carries it. */
export interface Observation {
  id: string
  text: string
  samples: number[]
}

export interface Inference {
  algorithm: AlgorithmName
  /** In units of `charging.what`; for `none`, what was sent without meeting a limit. */
  limit: number
  window_s: number | undefined
  /** What is let in at once after a long rest. */
  burst: number
  charging: Charge | undefined
  per: Scope
  /** How far above the limit concurrent requests got, as a share of the limit: 0 where they did not. */
  overshoot: number
  /** 0 to 1: see docs/limits.md. */
  confidence: number
  otherTraffic: boolean
  evidence: Observation[]
  faults: Observation[]
  /** Other explanations that the samples do not exclude. */
  ambiguous?: { algorithm: AlgorithmName; charging: Charge }[]
}
