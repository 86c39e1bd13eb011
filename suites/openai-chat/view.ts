import type { JsonObject } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'
import { asArray, asInteger, asString, dig, isObject } from '../core/dig.ts'
import { type Chunk, StreamView } from '../core/stream-view.ts'
import { type Assembled, assemble, fromMessage } from './assemble.ts'
import { choicesOf, usageOf } from './chunk.ts'

export interface Usage {
  prompt: number | undefined
  completion: number | undefined
  total: number | undefined
  raw: JsonObject
  where: Placed
}

/** An exchange of Chat Completions: what was asked, and one message whether it came whole or in chunks. */
export class ChatView extends StreamView {
  #choices: Assembled[] | undefined

  readonly dialect = 'openai-chat'

  /** A complete (non-stream) body that is a JSON object with choices. */
  get reply(): JsonObject | undefined {
    if (this.isStream) return undefined
    const { value } = this.json
    return isObject(value) && Array.isArray(value.choices) ? value : undefined
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
    const carrier = this.isStream ? this.chunks.findLast(usageOf) : undefined
    const raw = carrier === undefined ? this.reply?.usage : usageOf(carrier)
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
      return this.isStream && !failed && this.chunks.some((chunk) => choicesOf(chunk).length > 0)
    }
    return this.reply !== undefined && this.choices.length > 0 && this.error === undefined
  }

  get answered(): boolean {
    return this.succeeded || (this.endedWell && this.choices.length > 0)
  }

  get model(): string | undefined {
    return asString(this.isStream ? this.chunks[0]?.value.model : this.reply?.model)
  }
}
