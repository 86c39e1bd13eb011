import type { Json, JsonObject } from '../../reports/record/types.ts'
import { asString, dig, isObject } from '../core/dig.ts'
import { type Chunk, StreamView } from '../core/stream-view.ts'
import { assemble, fromMessage, typeOf } from './assemble.ts'
import type { Assembled, Block, Usage } from './message.ts'

/** An exchange of Messages: what was asked, and one message whether it came whole or in events. */
export class MessagesView extends StreamView {
  override readonly dialect = 'anthropic-messages'
  #message: { made: Assembled | undefined } | undefined

  /** A whole body that calls itself a message, or has a list of content. */
  override get reply(): JsonObject | undefined {
    if (this.isStream) return undefined
    const { value } = this.json
    if (!isObject(value) || value.type === 'error') return undefined
    return value.type === 'message' || Array.isArray(value.content) ? value : undefined
  }

  /** The message, whole or assembled from events; undefined where there is none. */
  get message(): Assembled | undefined {
    this.#message ??= { made: this.isStream ? assemble(this.chunks) : this.#whole() }
    return this.#message.made
  }

  #whole(): Assembled | undefined {
    const { reply } = this
    if (reply === undefined || !Array.isArray(reply.content)) return undefined
    return fromMessage(reply, (pointer) => this.pointed(pointer))
  }

  /** All text blocks, joined. */
  override get content(): string {
    return this.#ofType('text')
      .map(({ text }) => text)
      .join('')
  }

  /** null: said to be open; undefined: not said, or no string. */
  get stopReason(): string | null | undefined {
    return this.message?.stopReason
  }

  get usage(): Usage | undefined {
    return this.message?.usage
  }

  get toolUses(): Block[] {
    return this.#ofType('tool_use')
  }

  /** Thinking blocks, redacted ones too. */
  get thinking(): Block[] {
    return this.#ofType('thinking', 'redacted_thinking')
  }

  #ofType(...types: string[]): Block[] {
    return (this.message?.blocks ?? []).filter(({ type }) => types.includes(type))
  }

  get model(): string | undefined {
    return this.message?.model
  }

  /** The error object of a JSON error body `{type: "error", error: {…}}`. */
  override get error(): JsonObject | undefined {
    if (this.isStream) return undefined
    const error = dig(this.json.value, 'error')
    return isObject(error) ? error : undefined
  }

  /** `error.type`, of the body or of the stream. */
  get errorType(): string | undefined {
    return asString(dig(this.error ?? this.streamError?.value.error, 'type'))
  }

  /** An error inside the stream, named or not. */
  override get streamError(): Chunk | undefined {
    return this.chunks.find((chunk) => typeOf(chunk) === 'error' || isError(chunk.value.error))
  }

  override get succeeded(): boolean {
    const { end } = this.exchange
    if (this.status !== 200 || (end.kind !== 'complete' && end.kind !== 'closed' && end.kind !== 'hung-up')) {
      return false
    }
    if (this.unread !== undefined || this.message === undefined) return false
    if (!this.askedStream) return this.reply !== undefined && this.error === undefined
    // An error in place of the end is no answer, whatever came before it.
    return this.isStream && (this.streamError === undefined || typeof this.stopReason === 'string')
  }

  override get answered(): boolean {
    return this.succeeded || (this.endedWell && this.message !== undefined)
  }
}

function isError(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}
