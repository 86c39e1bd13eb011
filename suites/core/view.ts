import type { Exchange, Json, Place } from '../../reports/record/types.ts'
import type { JsonDocument } from './json.ts'
import type { SseStream } from './sse.ts'
import type { HttpResponse } from './wire/http1.ts'

/** An exchange, read. Everything is derived from the bytes, lazily, and bounded. Dialects extend it. */
export interface View {
  exchange: Exchange
  place: Place
  status: number
  http: HttpResponse
  /** First value of a response header, by any spelling of its name. */
  header(name: string): string | undefined
  /** Media type without parameters, lower case; '' where there is none. */
  mediaType: string
  /** Body after transfer and content coding. */
  body: Uint8Array
  /** The body as UTF-8 (invalid bytes become U+FFFD). */
  text: string
  /** The body as JSON, whatever the media type says. */
  json: JsonDocument
  /** The body as an event stream. Only meaningful where `isStream`. */
  sse: SseStream
  /** 2xx with media type text/event-stream, or a body that plainly is one. */
  isStream: boolean
  /** The request body as JSON; undefined where it was none. */
  asked: Json | undefined
  /** Why the stream was not read to its end though it has more, in words: it has more events than any reader holds. */
  unread: string | undefined
  /** What was wrong with the content coding, in words. */
  contentProblem: string | undefined
  statusPlace: { place: Place }
  endPlace: { place: Place }
  /** The place of a value (JSON Pointer) in a JSON body. */
  pointed(pointer: string): { place: Place }
  /** A place in the decoded body. */
  at(offset: number, length: number, more?: Partial<Place>): { place: Place }
  /** A header's place. */
  headerPlace(name: string): { place: Place }
}
