import type { Json, JsonObject, Place } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'
import { asArray, asInteger, asString, dig, isObject } from '../core/dig.ts'
import { readJson } from '../core/json.ts'
import { HttpView } from '../core/read-view.ts'
import { schemaFindings } from '../core/schema.ts'
import type { SseEvent } from '../core/sse.ts'
import { type Assembled, assemble, fromMessage } from './assemble.ts'

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

  /** The usage object; undefined where it is absent or null. */
  get usage(): JsonObject | undefined {
    const usage = this.value.usage
    return isObject(usage) ? usage : undefined
  }

  get choices(): Json[] {
    return asArray(this.value.choices)
  }

  /** An object of something else, such as a ping of another protocol: the grammar says so, and nothing else need. */
  get foreign(): boolean {
    const { choices, object, usage, moderation } = this.value
    if (Array.isArray(choices) || object === 'chat.completion.chunk') return false
    return !isObject(usage) && !isObject(moderation)
  }

  /** A place inside this chunk's data. */
  pointed(pointer: string): Placed {
    return { place: { ...this.place, pointer } }
  }
}

export interface Usage {
  prompt: number | undefined
  completion: number | undefined
  total: number | undefined
  raw: JsonObject
  where: Placed
}

/** An exchange of Chat Completions: what was asked, and one message whether it came whole or in chunks. */
export class ChatView extends HttpView {
  #events: { event: SseEvent; place: Place; json: Json | undefined; problem?: string }[] | undefined
  #chunks: Chunk[] | undefined
  #rightly: boolean | undefined
  #choices: Assembled[] | undefined

  /** `stream: true` was asked for. */
  get askedStream(): boolean {
    return dig(this.asked, 'stream') === true
  }

  /** What was asked is a right request: an answer to a wrong one may repeat its faults, and is not held to any shape. */
  get askedRightly(): boolean {
    this.#rightly ??=
      this.asked === undefined || schemaFindings('openai-chat', 'request', this.asked).length === 0
    return this.#rightly
  }

  /** A complete (non-stream) body that is a JSON object with choices. */
  get reply(): JsonObject | undefined {
    if (this.isStream) return undefined
    const { value } = this.json
    return isObject(value) && Array.isArray(value.choices) ? value : undefined
  }

  /** Every event of the stream with its data as JSON (undefined: `[DONE]`, or not JSON: then `problem`). */
  get events(): { event: SseEvent; place: Place; json: Json | undefined; problem?: string }[] {
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

  /** Whether the stream said `[DONE]`. */
  get done(): boolean {
    return this.isStream && this.sse.events.some((event) => event.data === '[DONE]')
  }

  /** The choices, whole or assembled from chunks, in the order of their first appearance. */
  get choices(): Assembled[] {
    this.#choices ??= this.isStream
      ? assemble(this.chunks)
      : asArray(this.reply?.choices).map((choice, at) =>
          fromMessage(choice, at, (pointer) => this.pointed(pointer)),
        )
    return this.#choices
  }

  /** The first choice. */
  get choice(): Assembled | undefined {
    return this.choices[0]
  }

  /** Text of the first choice; '' where it has none. */
  get content(): string {
    return this.choice?.content ?? ''
  }

  get usage(): Usage | undefined {
    const carrier = this.isStream ? this.chunks.findLast((chunk) => chunk.usage !== undefined) : undefined
    const raw = this.isStream ? carrier?.usage : this.reply?.usage
    if (!isObject(raw)) return undefined
    return {
      prompt: asInteger(raw.prompt_tokens),
      completion: asInteger(raw.completion_tokens),
      total: asInteger(raw.total_tokens),
      raw,
      where: carrier === undefined ? this.pointed('/usage') : carrier.pointed('/usage'),
    }
  }

  /** The error object of a JSON error body `{error: {...}}`. */
  get error(): JsonObject | undefined {
    if (this.isStream) return undefined
    const error = dig(this.json.value, 'error')
    return isObject(error) ? error : undefined
  }

  /** An error object inside the stream. */
  get streamError(): Chunk | undefined {
    return this.chunks.find((chunk) => chunk.value.error !== undefined && chunk.value.error !== null)
  }

  /** The media type of the answer fits what was asked, the status is 200, and there is a choice in it: `choice` is there. */
  get succeeded(): boolean {
    const { end } = this.exchange
    if (this.status !== 200 || (end.kind !== 'complete' && end.kind !== 'closed' && end.kind !== 'hung-up')) {
      return false
    }
    if (this.unread !== undefined) return false
    if (this.askedStream) {
      // An error in place of the end is no answer, whatever came before it.
      const failed =
        this.streamError !== undefined && this.choices.every(({ finish }) => finish === undefined)
      return this.isStream && !failed && this.chunks.some((chunk) => chunk.choices.length > 0)
    }
    return this.reply !== undefined && this.choices.length > 0 && this.error === undefined
  }

  get model(): string | undefined {
    return asString(this.isStream ? this.chunks[0]?.value.model : this.reply?.model)
  }
}
