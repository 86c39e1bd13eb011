/** What the bench asks of one load tool: a command line, and its own figures read from what it wrote. */

export interface Workload {
  url: string
  key: string
  model: string
  /** 8 hex digits: part of every nonce. */
  run: string
  streams: number
  /** How long all streams are held, without the ramp. */
  seconds: number
  /** The streams start spread over so many seconds. */
  ramp_s: number
  /** assay only: figures leave out what begins in the first seconds, and so many requests asked alone before them. */
  warmup_s: number
  calibrate: number
  /** Least and most tokens of an answer. */
  tokens: [number, number]
  /** How many requests that makes, for tools that are told a number. */
  requests: number
  /** Requests started in a second at most; absent: as many as there are streams. */
  starts_per_s?: number
  /** An empty folder for what the tool reads and writes. */
  folder: string
}

export interface Command {
  file: string
  args: string[]
  env: NodeJS.ProcessEnv
}

/** Figures as the tool itself reports them. */
export interface Reported {
  /** Nonces of the requests that the figures are made of. */
  nonces: string[]
  /** Requests that did not finish, by the tool's own count. */
  failed: number
  ttft_p50_ms: number
  /** 99th percentile of what the tool calls inter-token or inter-chunk latency. */
  itl_p99_ms: number
  /** What that is made of: every gap between tokens, or one mean a request. */
  itl_of: 'gaps' | 'means'
  /** Whether the tool says anywhere that it could not keep up; undefined: it says nothing either way. */
  saturated?: boolean
  /** When each request's first token came, by the tool's clock: nanoseconds of real time. */
  first_token_realtime_ns?: Map<string, number>
  /** What else is worth a word. */
  remarks: string[]
}

export interface Client {
  name: string
  /** Undefined where the tool is not installed. */
  command(workload: Workload): Command | undefined
  reported(workload: Workload, exit: number | null): Reported
}
