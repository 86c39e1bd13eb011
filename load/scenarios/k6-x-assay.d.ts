/** The extension of `load/k6`, as scenarios see it. Times end in their unit; null: not known. */
declare module 'k6/x/assay' {
  export type Outcome =
    | 'finished'
    | 'failed'
    | 'unfinished'
    | 'cut-off'
    | 'hung-up'
    | 'refused'
    | 'error'
    | 'stopped'
  export type ErrorClass =
    | 'dns'
    | 'connect-refused'
    | 'connect-timeout'
    | 'tls'
    | 'reset'
    | 'closed'
    | 'headers-timeout'
    | 'first-token-timeout'
    | 'between-timeout'
    | 'total-timeout'
    | 'garbled'
    | 'too-large'
    | 'capped'
    | 'stopped'
    | 'other'

  export interface ClientOptions {
    url: string
    dialect: string
    /** Text of the dialect's grammar.json; absent: the stream is read raw. */
    grammar?: string
    headers: Record<string, string>
    /** Masked wherever they turn up in what is kept. */
    secrets: string[]
    deadlines?: {
      connect_ms?: number
      headers_ms?: number
      first_token_ms?: number
      between_ms?: number
      total_ms?: number
      drain_ms?: number
    }
    tls?: { ca?: string; insecure?: boolean }
    /** Held over the whole process: what exceeds them is answered with error class `capped`, unsent. */
    caps?: { requests: number; tokens: number }
    max_body_bytes?: number
    tags?: Record<string, string>
    /** A k6 sample for each gap between tokens too; k6 keeps every one until it ends. Default: true. */
    token_samples?: boolean
  }

  export interface Ask {
    body: string | object
    stream: boolean
    nonce?: string
    /** Key role: a label only. */
    key?: string
    model?: string
    phase?: string
    headers?: Record<string, string>
    secrets?: string[]
    tags?: Record<string, string>
    max_tokens?: number
    prompt_tokens?: number
    /** Hang up after so many tokens or so long after sending, whichever comes first. */
    cancel?: { tokens?: number; ms?: number }
    /** When it should have begun, on the clock of `now`. */
    planned_ms?: number
    /** The reader sleeps once so long after the first token: the meter's own test. */
    stall_ms?: number
    /** The answer's text is wanted in the result. */
    keep_text?: boolean
  }

  export interface Result {
    id: number
    status: number
    outcome: Outcome
    error?: { class: ErrorClass; detail: string }
    planned_us: number | null
    start_us: number
    ttfb_us: number | null
    ttft_us: number | null
    ttfat_us: number | null
    e2e_us: number | null
    tpot_us: number | null
    stall_us: number | null
    tokens: number | null
    completion_tokens: number | null
    retry_after_s: number | null
    /** Ids of grammar and event stream rules that the answer broke. */
    broken: string[]
    nonce: 'back' | 'missing' | 'foreign' | null
    /** The nonce of another request that stood in this answer. */
    foreign?: string
    text?: string
    /** Of a non-2xx answer, masked. */
    body?: string
    headers: Record<string, string>
  }

  export class Client {
    constructor(options: ClientOptions)
    /** Blocks the virtual user. */
    ask(ask: Ask): Result
    /** Never rejects for what the gateway does: that is in the result. */
    askAsync(ask: Ask): Promise<Result>
    /** Records a request of an open model that was never sent. */
    drop(dropped: { planned_ms: number; phase: string; why: 'streams' | 'cap' }): void
  }

  /** Milliseconds since the run's start, monotonic: the clock of the rows. */
  export function now(): number
  /** Writes what the rows cannot say into the sample file: `{"note":{"at_us","name","value"}}`. */
  export function note(name: string, value: object): void
  /**
   * Quantile (0 to 1) of all gaps so far of a phase, in microseconds, from the histogram that the sample file gets;
   * null: none were seen.
   */
  export function gap(kind: 'itl' | 'icl', phase: string, quantile: number): number | null
}
