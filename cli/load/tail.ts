import { closeSync, openSync, readSync } from 'node:fs'

/** What is known of a run from the rows that have been written so far. */
export interface Seen {
  /** Requests that were sent, or that failed before they could be. */
  requests: number
  finished: number
  refused: number
  failed: number
  /** Prompt and answer: as billed, else as counted. */
  tokens: number
  /** In flight, by the meter's last word. */
  open: number
  /** Milliseconds to the first token, of the rows since the last look. */
  recent: number[]
  /** Status of each refusal, class of each failure (its outcome where it has none), with how often. */
  refusals: Map<string, number>
  /** Phase of the last row, where rows have phases. */
  phase?: string
  /** The timetable has begun: calibration is over. */
  began: boolean
  /** The last line: nothing is missing. */
  complete: boolean
}

/** Classes of failure in which no connection came about. */
export const UNCONNECTED: ReadonlySet<string> = new Set(['dns', 'connect-refused', 'connect-timeout', 'tls'])

/** Of the requests that are asked one by one before all else. */
const CALIBRATION = 'calibrate'

const BLOCK = 1 << 18
const NEWLINE = 0x0a

/** Reads a growing file of samples, of stream and of limit scenarios alike. Each look goes on where the last one ended. */
export class Tail {
  readonly seen: Seen = {
    requests: 0,
    finished: 0,
    refused: 0,
    failed: 0,
    tokens: 0,
    open: 0,
    recent: [],
    refusals: new Map(),
    began: false,
    complete: false,
  }
  readonly #file: string
  #offset = 0
  #rest: Buffer = Buffer.alloc(0)
  #columns = new Map<string, number>()

  constructor(file: string) {
    this.#file = file
  }

  /** Takes in what has been written since the last look. `most`: bytes at one time, so that a look stays short. */
  look(most = Number.POSITIVE_INFINITY): Seen {
    this.seen.recent = []
    let file: number
    try {
      file = openSync(this.#file, 'r')
    } catch {
      // Not there yet.
      return this.seen
    }
    try {
      const block = Buffer.allocUnsafe(BLOCK)
      for (let taken = 0; taken < most; ) {
        const size = readSync(file, block, 0, BLOCK, this.#offset)
        if (size === 0) break
        taken += size
        this.#offset += size
        this.#take(Buffer.concat([this.#rest, block.subarray(0, size)]))
      }
    } finally {
      closeSync(file)
    }
    return this.seen
  }

  #take(bytes: Buffer): void {
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      if (end > from) this.#line(bytes.toString('utf8', from, end))
      from = end + 1
    }
    this.#rest = Buffer.from(bytes.subarray(from))
  }

  #line(text: string): void {
    // Histograms are most of the bytes, and nothing of them is shown.
    if (text.startsWith('{"histogram"')) return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    if (Array.isArray(value)) this.#row((name) => value[this.#columns.get(name) ?? -1])
    else if (typeof value === 'object' && value !== null) this.#object(value as Record<string, unknown>)
  }

  #object(line: Record<string, unknown>): void {
    const { columns, meter, end, note } = line
    if (Array.isArray(columns)) this.#columns = new Map(columns.map((name, i) => [String(name), i]))
    else if (typeof meter === 'object' && meter !== null) {
      this.seen.open = amount((meter as Record<string, unknown>).open)
    } else if (typeof note === 'object' && note !== null) {
      if ((note as Record<string, unknown>).name === 'lane') this.seen.began = true
    } else if (end !== undefined) this.seen.complete = true
    else if ('status' in line) this.#sample(line)
  }

  /** A row of a stream scenario. */
  #row(column: (name: string) => unknown): void {
    const { seen } = this
    const outcome = column('outcome')
    const error = column('error')
    // It was never sent.
    if (error === 'capped') return
    seen.requests += 1
    const phase = column('phase')
    if (typeof phase === 'string') seen.phase = phase
    if (phase !== CALIBRATION) seen.began = true
    // Without a connection nothing was asked.
    if (!UNCONNECTED.has(String(error)))
      seen.tokens +=
        amount(column('prompt_tokens') ?? column('asked_prompt_tokens')) +
        amount(column('completion_tokens') ?? column('tokens'))
    const first = column('ttft_us')
    if (typeof first === 'number') seen.recent.push(first / 1000)
    if (outcome === 'finished' || outcome === 'hung-up') seen.finished += 1
    else if (outcome === 'refused') this.#refusal(String(column('status')))
    else if (outcome !== 'stopped') {
      seen.failed += 1
      count(seen.refusals, String(error ?? outcome))
    }
  }

  /** A row of a limits scenario. */
  #sample(line: Record<string, unknown>): void {
    const { seen } = this
    seen.requests += 1
    seen.tokens += amount(line.promptTokens) + amount(line.completionTokens)
    if (line.admitted === true) seen.finished += 1
    else if (amount(line.status) > 0) this.#refusal(String(line.status))
    else {
      seen.failed += 1
      if (typeof line.error === 'string') count(seen.refusals, line.error)
    }
  }

  #refusal(status: string): void {
    this.seen.refused += 1
    count(this.seen.refusals, status)
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function amount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
