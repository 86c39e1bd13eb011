import type { Json, JsonObject, Place } from '../../reports/record/types.ts'
import type { Placed } from './check.ts'
import { dig, isObject } from './dig.ts'
import { readJson } from './json.ts'
import { HttpView } from './read-view.ts'
import { schemaFindings } from './schema.ts'
import type { SseEvent } from './sse.ts'

/** One JSON object of a stream, with its place in the bytes. */
export class Chunk implements Placed {
  readonly place: Place
  readonly value: JsonObject
  readonly event: SseEvent

  constructor(place: Place, value: JsonObject, event: SseEvent) {
    this.place = place
    this.value = value
    this.event = event
  }

  /** A place inside this chunk's data. */
  pointed(pointer: string): Placed {
    return { place: { ...this.place, pointer } }
  }
}

/** One event of a stream. `json` is undefined where the data is `[DONE]`, or is no JSON: then `problem` says why. */
export interface StreamEvent {
  event: SseEvent
  place: Place
  json: Json | undefined
  problem?: string
}

/** An exchange of a dialect that answers with one message, whole or as a stream. */
export abstract class StreamView extends HttpView {
  #events: StreamEvent[] | undefined
  #chunks: Chunk[] | undefined
  #rightly: boolean | undefined

  /** Id of the dialect, whose request schema says what a right request is. */
  abstract readonly dialect: string
  /** A whole (non-stream) body that is a message of the dialect. */
  abstract get reply(): JsonObject | undefined
  /** The error object of a JSON error body. */
  abstract get error(): JsonObject | undefined
  /** An error object inside the stream: the whole JSON object of its event. */
  abstract get streamError(): (Placed & { value: JsonObject }) | undefined
  /** Status 200, of the media type that was asked for, brought to its end, with a message in it. */
  abstract get succeeded(): boolean
  /** Status 200 and a message in whatever form: what was asked for was accepted, if not heeded. */
  abstract get answered(): boolean
  /** Text of the message; '' where it has none. */
  abstract get content(): string

  /** `stream: true` was asked for. */
  get askedStream(): boolean {
    return dig(this.asked, 'stream') === true
  }

  /** What was asked is a right request: an answer to a wrong one may repeat its faults, and is not held to any shape. */
  get askedRightly(): boolean {
    this.#rightly ??=
      this.asked === undefined || schemaFindings(this.dialect, 'request', this.asked).length === 0
    return this.#rightly
  }

  /** Every event of the stream with its data as JSON. */
  get events(): StreamEvent[] {
    this.#events ??= this.sse.events.map((event, number) => {
      const place: Place = {
        exchange: this.exchange.digest,
        part: 'body',
        offset: event.start,
        length: event.end - event.start,
        event: number,
      }
      if (event.data === '[DONE]') return { event, place, json: undefined }
      const read = readJson(event.data)
      return read.problem === undefined
        ? { event, place, json: read.value }
        : { event, place, json: undefined, problem: read.problem.text }
    })
    return this.#events
  }

  /** The JSON objects of the stream in order; error objects included. */
  get chunks(): Chunk[] {
    this.#chunks ??= this.isStream
      ? this.events.flatMap(({ event, place, json }) =>
          isObject(json) ? [new Chunk(place, json, event)] : [],
        )
      : []
    return this.#chunks
  }

  /** Status 200, brought to its end by the server, and no error inside. */
  get endedWell(): boolean {
    const { end } = this.exchange
    if (this.status !== 200 || (end.kind !== 'complete' && end.kind !== 'closed')) return false
    return this.error === undefined && this.streamError === undefined
  }
}
