import type { Exchange, Json, Place } from '../../reports/record/types.ts'
import { type JsonDocument, readJson } from './json.ts'
import { readSse, type SseStream } from './sse.ts'
import type { View } from './view.ts'
import { type BodyPart, decodeContent, type HttpResponse, parseResponse } from './wire/http1.ts'

/** Bytes of decoded content that a view reads at most; what lies beyond is a `bomb`. */
const MAX_CONTENT = 32 * 1024 * 1024

/** Events and comments of a stream that a view reads at most. Answers have a few for each token at the very most. */
const MAX_EVENTS = 100_000

/** The protocol-independent reading of an exchange: lazy, total, bounded. */
export class HttpView implements View {
  readonly exchange: Exchange
  readonly place: Place
  #http: HttpResponse | undefined
  #content: { bytes: Uint8Array; problem?: string; text?: string } | undefined
  #text: string | undefined
  #json: JsonDocument | undefined
  #sse: SseStream | undefined
  #headers: Map<string, string> | undefined
  #mediaType: string | undefined
  #isStream: boolean | undefined
  #asked: { value: Json | undefined } | undefined

  constructor(exchange: Exchange) {
    this.exchange = exchange
    this.place = { exchange: exchange.digest, part: 'body', offset: 0 }
  }

  get status(): number {
    return this.exchange.status
  }

  get http(): HttpResponse {
    this.#http ??= parseResponse(
      this.exchange.reads,
      this.exchange.wire,
      this.exchange.end,
      this.exchange.request.method,
    )
    return this.#http
  }

  header(name: string): string | undefined {
    if (this.#headers === undefined) {
      this.#headers = new Map()
      for (const [key, value] of this.exchange.headers) {
        const lower = key.toLowerCase()
        if (!this.#headers.has(lower)) this.#headers.set(lower, value)
      }
    }
    return this.#headers.get(name.toLowerCase())
  }

  get mediaType(): string {
    this.#mediaType ??= (this.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    return this.#mediaType
  }

  get #decoded(): { bytes: Uint8Array; problem?: string; text?: string } {
    this.#content ??= decodeContent(this.http.parts, this.exchange.headers, MAX_CONTENT, this.exchange.wire)
    return this.#content
  }

  /** What was wrong with the content coding, in words; undefined where nothing was. */
  get contentProblem(): string | undefined {
    return this.#decoded.problem === undefined ? undefined : (this.#decoded.text ?? this.#decoded.problem)
  }

  get body(): Uint8Array {
    return this.#decoded.bytes
  }

  get text(): string {
    this.#text ??= Buffer.from(this.body.buffer, this.body.byteOffset, this.body.byteLength).toString('utf8')
    return this.#text
  }

  get json(): JsonDocument {
    this.#json ??= readJson(this.text)
    return this.#json
  }

  get sse(): SseStream {
    this.#sse ??= readSse(this.#streamParts, { most: MAX_EVENTS })
    return this.#sse
  }

  get unread(): string | undefined {
    if (!this.isStream) return undefined
    return this.sse.problems.find((problem) => problem.rule === 'sse/too-many')?.text
  }

  /** Parts keep their arrival times; a content coding merges them into one. */
  get #streamParts(): BodyPart[] {
    const coding = this.header('content-encoding')?.trim().toLowerCase()
    if (coding === undefined || coding === '' || coding === 'identity') return this.http.parts
    return [{ at: this.exchange.timing.ended, bytes: this.body, wire: 0 }]
  }

  get isStream(): boolean {
    this.#isStream ??= this.#looksLikeStream()
    return this.#isStream
  }

  #looksLikeStream(): boolean {
    if (this.status < 200 || this.status > 299) return false
    if (this.mediaType === 'text/event-stream') return true
    return (
      this.mediaType !== 'application/json' &&
      /^\uFEFF?(?:data|event|id|retry)?:/.test(this.text.slice(0, 16))
    )
  }

  get asked(): Json | undefined {
    this.#asked ??= { value: readJson(this.exchange.request.body ?? '').value }
    return this.#asked.value
  }

  at(offset: number, length: number, more: Partial<Place> = {}): { place: Place } {
    return { place: { exchange: this.exchange.digest, part: 'body', offset, length, ...more } }
  }

  headerPlace(name: string): { place: Place } {
    return { place: { exchange: this.exchange.digest, part: 'head', pointer: name.toLowerCase() } }
  }

  /** The status line's place. */
  get statusPlace(): { place: Place } {
    return { place: { exchange: this.exchange.digest, part: 'status' } }
  }

  /** The place of the end of the exchange. */
  get endPlace(): { place: Place } {
    return { place: { exchange: this.exchange.digest, part: 'end' } }
  }

  /** The place of a value in a JSON body. Finding it costs a walk through the text, so it is looked for when it is asked. */
  pointed(pointer: string): { place: Place } {
    const view = this
    let place: Place | undefined
    return {
      get place(): Place {
        if (place === undefined) {
          const span = view.json.span(pointer)
          place = view.at(span?.offset ?? 0, span?.length ?? view.body.byteLength, { pointer }).place
        }
        return place
      },
    }
  }
}
