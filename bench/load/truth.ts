/**
 * The gateway's journal as the truth that clients are held against. All times in it are nanoseconds of the machine's
 * monotonic clock since the journal's beginning.
 *
 * A token's true time is the middle of its write(2): over loopback the bytes are in the client's receive queue when
 * that call returns, so half its length bounds the error of the truth (`blur`). A request's true arrival is when the
 * gateway had read it to its end: the way there, the gateway's own queue included, is in every client's figure and
 * not in the truth.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface TrueRequest {
  nonce: string
  received_ns: number
  /** Middle of each write that carried tokens. */
  token_ns: Float64Array
  /** Longest write that carried tokens. */
  blur_ns: number
  finished: boolean
}

interface Clock {
  monotonic_ns: number
  realtime_ns: string
}

interface Entry {
  nonce: string | null
  stream: boolean
  received_ns: number
  before_ns: number[]
  after_ns: number[]
  tokens: number[]
  end: string
}

/** Reads what the gateway has added to its journal since the last call. */
export class JournalReader {
  /** Requests by nonce, of the last call of `read`. */
  requests = new Map<string, TrueRequest>()
  clock: Clock | undefined
  private readonly path: string
  private offset = 0
  private rest = ''

  constructor(path: string) {
    this.path = path
  }

  /** Adds what is new, until it holds every one of these requests or the time is over. */
  async until(nonces: Iterable<string>, within_ms: number): Promise<void> {
    const end = performance.now() + within_ms
    const wanted = [...nonces]
    for (;;) {
      this.readOn()
      if (wanted.every((nonce) => this.requests.has(nonce)) || performance.now() > end) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  forget(): void {
    this.requests = new Map()
  }

  private readOn(): void {
    const file = openSync(this.path, 'r')
    try {
      const { size } = fstatSync(file)
      const block = Buffer.alloc(Math.min(size - this.offset, 1 << 24))
      while (this.offset < size) {
        const got = readSync(file, block, 0, Math.min(block.length, size - this.offset), this.offset)
        this.offset += got
        // The journal is ASCII, so no character is cut.
        const lines = (this.rest + block.toString('latin1', 0, got)).split('\n')
        this.rest = lines.pop()!
        for (const line of lines) this.take(JSON.parse(line) as Partial<Entry> & { clock?: Clock })
      }
    } finally {
      closeSync(file)
    }
  }

  private take(line: Partial<Entry> & { clock?: Clock }): void {
    if (line.clock) this.clock = line.clock
    const { nonce, received_ns, before_ns, after_ns, tokens } = line
    if (!nonce || received_ns === undefined || !before_ns || !after_ns || !tokens) return
    const places = tokens.flatMap((count, i) => (count > 0 ? [i] : []))
    this.requests.set(nonce, {
      nonce,
      received_ns,
      token_ns: Float64Array.from(places, (i) => (before_ns[i]! + after_ns[i]!) / 2),
      blur_ns: Math.max(0, ...places.map((i) => after_ns[i]! - before_ns[i]!)),
      finished: line.end === 'finished',
    })
  }
}

const MS = 1e-6

/** Time to first token of each request, milliseconds. */
export function firstTokens(requests: TrueRequest[]): number[] {
  return requests.flatMap(({ token_ns, received_ns }) =>
    token_ns.length > 0 ? [(token_ns[0]! - received_ns) * MS] : [],
  )
}

/** Every gap between two tokens of one request, milliseconds. */
export function gaps(requests: TrueRequest[]): number[] {
  return requests.flatMap(({ token_ns }) => {
    const out: number[] = []
    for (let i = 1; i < token_ns.length; i += 1) out.push((token_ns[i]! - token_ns[i - 1]!) * MS)
    return out
  })
}

/** The mean gap of each request, as often as the request has gaps (so GuideLLM weighs them), milliseconds. */
export function meanGaps(requests: TrueRequest[]): number[] {
  return requests.flatMap(({ token_ns }) => {
    const count = token_ns.length - 1
    return count < 1 ? [] : Array<number>(count).fill(((token_ns[count]! - token_ns[0]!) * MS) / count)
  })
}

/** How many tokens were sent between two times on the journal's clock. */
export function sentBetween(requests: Iterable<TrueRequest>, from_ns: number, to_ns: number): number {
  let count = 0
  for (const { token_ns } of requests) for (const at of token_ns) if (at >= from_ns && at < to_ns) count += 1
  return count
}

/** How many streams were open when, from their arrival to their last token. */
export interface Openness {
  most: number
  /** Seconds from the first to the last time at which all were open. */
  full_s: number
  /** The first and the last time at which nearly as many were open as ever; undefined: there were none. */
  nearly_ns: [from: number, to: number] | undefined
}

const NEARLY = 0.9

export function openness(requests: Iterable<TrueRequest>, streams: number): Openness {
  const turns: [at: number, step: number][] = []
  for (const { received_ns, token_ns } of requests) {
    if (token_ns.length > 0) turns.push([received_ns, 1], [token_ns.at(-1)!, -1])
  }
  turns.sort((a, b) => a[0] - b[0])
  let open = 0
  // What an end follows was open until then.
  const held = turns.map(([, step]) => {
    open += step
    return Math.max(open, open - step)
  })
  const most = held.reduce((a, b) => Math.max(a, b), 0)
  const full = new Span()
  const nearly = new Span()
  for (const [i, [at]] of turns.entries()) {
    if (held[i]! >= streams) full.add(at)
    if (held[i]! >= most * NEARLY) nearly.add(at)
  }
  return { most, full_s: full.length_ns / 1e9, nearly_ns: nearly.ends }
}

class Span {
  ends: [number, number] | undefined

  add(at: number): void {
    this.ends = [this.ends?.[0] ?? at, at]
  }

  get length_ns(): number {
    return this.ends === undefined ? 0 : this.ends[1] - this.ends[0]
  }
}
