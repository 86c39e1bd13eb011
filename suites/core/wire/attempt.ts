import { maskBytes, maskText, type Secret, type Walk } from '../../../reports/record/redact.ts'
import { maskCoded } from '../../../reports/record/redact-coded.ts'
import type { End, Exchange, Leak, Read } from '../../../reports/record/types.ts'
import { Chunks } from './chunks.ts'
import { type Clock, Deadlines, type Phase, type PhaseLimits } from './deadlines.ts'
import { Framing } from './framing.ts'
import { type Prepared, sentRequest } from './prepare.ts'
import { ReadLog } from './read-log.ts'
import type { Listener } from './tap.ts'

/** Bytes that one response may have. The head is counted with all interim responses, the body with its framing. */
export interface Bounds {
  headBytes: number
  bodyBytes: number
}

/** Errors that mean that the peer, or something between, dropped the connection. */
const DROPPED = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ENETRESET',
  'ENETDOWN',
  'EHOSTUNREACH',
])

/**
 * One exchange in the making, whoever sends it: listens to the wire, holds the deadlines and the bounds, and decides
 * from the bytes alone how the exchange ended.
 */
export class Attempt implements Listener {
  readonly #request: Prepared
  readonly #bounds: Bounds
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #framing: Framing
  readonly #log = new ReadLog()
  readonly #notes: string[] = []
  readonly #begun: number
  readonly #decided = Promise.withResolvers<void>()
  #startedAt = new Date()
  #connectingSince: number | undefined
  #connected = 0
  #handedOver: number | undefined
  #head: string | undefined
  #unsent = 0
  #sent: number | undefined
  #held: Buffer[] = []
  #end: End | undefined
  #endedAt = 0
  /** Whether the connection had carried an exchange before. */
  reused = false
  /** Destroys the connection, at once. Set by whoever holds it. */
  cut: () => void = () => {}

  constructor(request: Prepared, limits: PhaseLimits, bounds: Bounds, clock: Clock) {
    this.#request = request
    this.#bounds = bounds
    this.#clock = clock
    this.#begun = clock.now()
    this.#framing = new Framing(request.method)
    const total = request.deadline ?? limits.total
    this.#deadlines = new Deadlines({ ...limits, total }, clock, (phase, ms) => this.#expired(phase, ms))
  }

  /** Settles as soon as the end is decided. Bytes that come until `exchange()` are still kept. */
  get decided(): Promise<void> {
    return this.#decided.promise
  }

  get end(): End | undefined {
    return this.#end
  }

  /** Whether any byte of the request has been handed over. */
  get begun(): boolean {
    return this.#handedOver !== undefined
  }

  /** Whether all that was to be written is in the system's hands. */
  get sentWhole(): boolean {
    return this.#unsent === 0
  }

  connecting(): void {
    this.#connectingSince = this.#clock.now()
    this.#deadlines.enter('connect')
  }

  connected(): void {
    this.#connected = this.#clock.now() - (this.#connectingSince ?? this.#begun)
    this.#deadlines.enter('headers')
  }

  unreachable(error: NodeJS.ErrnoException): void {
    this.#decide({ kind: 'unreachable', code: error.code ?? error.name, detail: error.message })
  }

  /** Another reader of the same bytes will not have them. */
  refuse(detail: string): void {
    const ordinary = this.#end?.kind === 'complete' || this.#end?.kind === 'closed'
    if (ordinary) this.#end = { kind: 'garbled', detail }
    else this.#decide({ kind: 'garbled', detail })
  }

  note(text: string): void {
    this.#notes.push(text)
  }

  /** Ends all waiting without an exchange. */
  abandon(): void {
    this.#deadlines.stop()
  }

  writing(text: string | undefined): void {
    this.#unsent++
    if (this.#handedOver !== undefined) return
    this.#handedOver = this.#clock.now()
    this.#startedAt = new Date()
    this.#head = text
    this.#deadlines.enter('headers')
  }

  handedOver(): void {
    this.#unsent--
    if (this.#unsent > 0) return
    this.#sent = this.#clock.now()
    if (!this.#end && this.#framing.bodyStart < 0) this.#deadlines.enter('headers')
  }

  read(bytes: Buffer): Buffer[] {
    const now = this.#clock.now()
    const framing = this.#framing
    const inHead = framing.bodyStart < 0
    if (!this.#end) framing.feed(bytes)
    const head = framing.bodyStart < 0 ? this.#bounds.headBytes : framing.bodyStart
    this.#log.push(now - this.#origin, bytes, head + this.#bounds.bodyBytes)
    const shown = inHead ? this.#showHead(bytes) : [bytes]
    if (!this.#end) this.#judge(now)
    return shown
  }

  closed(): Buffer[] {
    if (!this.#end) {
      if (this.#framing.untilClose) this.#decide({ kind: 'closed' })
      else this.#dropped('truncated', 'the peer closed the connection')
    }
    return this.#held.splice(0)
  }

  failed(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.name
    // Of what undici will not read we hear from undici itself (`refuse`).
    if (this.#end || /^(?:UND_ERR_|HTTPParserError)/.test(code)) return
    if (DROPPED.has(code)) this.#dropped('reset', code)
    else this.#decide({ kind: 'reset', detail: `${code}: ${error.message}, ${this.#framing.progress()}` })
  }

  /** What happened, secrets masked. Only once the end is decided. */
  async exchange(): Promise<Exchange> {
    const request = this.#request
    const { secrets } = request
    if (!this.#end) throw new Error('the exchange has not ended')
    const { reads, leaks } = await this.#maskedReads()
    const headers = this.#framing.headers.map(([name, value], index): [string, string] => {
      const masked = maskText(value, secrets)
      leaks.push(...masked.finds.map((find): Leak => ({ ...find, part: 'header', index })))
      return [maskText(name, secrets).text, masked.text]
    })
    const notes = this.#allNotes()
    const ended = this.#endedAt - this.#origin
    return {
      digest: request.digest,
      dialect: request.dialect,
      request: sentRequest(request, this.#head),
      wire: 'http1',
      status: this.#framing.status,
      headers,
      reads,
      end: maskEnd(this.#end, secrets),
      leaks,
      startedAt: this.#startedAt.toISOString(),
      timing: {
        connected: this.#connected,
        sent: this.#sent === undefined ? ended : this.#sent - this.#origin,
        ended,
      },
      reused: this.reused,
      retries: 0,
      ...(notes.length > 0 ? { notes } : {}),
    }
  }

  /** The instant that all times are counted from: the first byte handed over, else the beginning. */
  get #origin(): number {
    return this.#handedOver ?? this.#begun
  }

  #judge(now: number): void {
    const framing = this.#framing
    const { headBytes, bodyBytes } = this.#bounds
    const head = framing.bodyStart < 0 ? this.#log.bytes : framing.bodyStart
    const body = framing.bodyBytes
    if (framing.broken !== undefined) this.#decide({ kind: 'garbled', detail: framing.broken }, now)
    else if (head > headBytes) this.#decide({ kind: 'limit', limit: 'head-bytes', max: headBytes }, now)
    else if (body > bodyBytes) this.#decide({ kind: 'limit', limit: 'body-bytes', max: bodyBytes }, now)
    else if (framing.complete) this.#decide({ kind: 'complete' }, now)
    else if (framing.bodyStart < 0) return
    else if (body >= (this.#request.hangUpAfter ?? Number.POSITIVE_INFINITY))
      this.#decide({ kind: 'hung-up' }, now)
    else this.#deadlines.enter(body === 0 ? 'first-byte' : 'between-bytes')
  }

  /** The reader behind the tap sees no interim response: not every HTTP library bears one that it did not ask for. */
  #showHead(bytes: Buffer): Buffer[] {
    this.#held.push(bytes)
    const { bodyStart, broken, interim } = this.#framing
    if (bodyStart < 0 && broken === undefined) return []
    const held = this.#held.splice(0)
    const skipped = interim.at(-1)?.end ?? 0
    return skipped === 0 ? held : [Buffer.concat(held).subarray(skipped)]
  }

  #expired(phase: Phase, ms: number): void {
    this.#decide({ kind: 'timeout', phase, ms })
  }

  #dropped(kind: 'truncated' | 'reset', how: string): void {
    if (this.reused && this.#log.bytes === 0) {
      this.note('the connection had been kept alive: the peer may have closed it before this request came')
    }
    this.#decide({ kind, detail: `${how} ${this.#framing.progress()}` })
  }

  #decide(end: End, at = this.#clock.now()): void {
    if (this.#end) return
    this.#end = end
    this.#endedAt = at
    this.#deadlines.stop()
    if (end.kind !== 'complete' && end.kind !== 'closed') this.cut()
    this.#decided.resolve()
  }

  #allNotes(): string[] {
    const notes = [...this.#notes]
    if (this.#handedOver !== undefined && this.#unsent > 0) notes.push('the request was not sent whole')
    if (this.#log.grouped) notes.push('late reads were joined: the time of each is that of its last byte')
    return notes
  }

  async #maskedReads(): Promise<{ reads: Read[]; leaks: Leak[] }> {
    const { chunked, headers, bodyStart, bodyBytes } = this.#framing
    const { secrets } = this.#request
    const data: Walk = chunked ? this.#chunkData() : (visit) => visit(bodyStart, bodyBytes)
    const straddling = chunked ? data : undefined
    const codings = headers.filter(([name]) => name.toLowerCase() === 'content-encoding')
    const coding = codings.map(([, value]) => value).join(', ')
    if (coding === '') return maskBytes(this.#log.take(), secrets, straddling)
    const coded = await maskCoded(this.#log.take(), data, coding, secrets, this.#bounds.bodyBytes)
    if (coded.leaks.length > 0) this.note('a key was found in the compressed body, which is masked whole')
    const plain = maskBytes(coded.reads, secrets, straddling)
    return { reads: plain.reads, leaks: [...plain.leaks, ...coded.leaks] }
  }

  #chunkData(): Walk {
    const { bodyStart } = this.#framing
    const log = this.#log.take()
    return (visit) => {
      const chunks = new Chunks((offset, length) => visit(bodyStart + offset, length))
      let place = 0
      for (const { bytes } of log) {
        if (place + bytes.length > bodyStart) chunks.feed(bytes.subarray(Math.max(0, bodyStart - place)))
        place += bytes.length
      }
    }
  }
}

function maskEnd(end: End, secrets: Secret[]): End {
  return 'detail' in end ? { ...end, detail: maskText(end.detail, secrets).text } : end
}
