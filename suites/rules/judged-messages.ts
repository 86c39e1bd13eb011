/** Which messages of an exchange the rules of shape judge. */
import type { Json } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import type { Chunk, StreamView } from '../core/stream-view.ts'

/** One message of an exchange, and the places of its values by JSON Pointer. */
export interface Message {
  value: Json
  place(pointer: string): Placed
}

/** A body that is one message. */
export function wholeBody(view: StreamView): Message[] {
  const { value } = view.json
  return value === undefined ? [] : [{ value, place: (pointer) => view.pointed(pointer) }]
}

/** The answer to a right request, where it came whole. */
export function replyBody(view: StreamView): Message[] {
  return view.reply === undefined || view.error !== undefined || !view.askedRightly ? [] : wholeBody(view)
}

/** A refusal with an error object in it. */
export function errorBody(view: StreamView): Message[] {
  const { value } = view.json
  return view.status >= 400 && isObject(value) && isObject(value.error) ? wholeBody(view) : []
}

/** The chunks of a stream that was asked for rightly, those that `judged` keeps. */
export function chunksThat(judged: (chunk: Chunk) => boolean): (view: StreamView) => Message[] {
  return (view) =>
    (view.askedRightly ? view.chunks : [])
      .filter(judged)
      .map((chunk) => ({ value: chunk.value, place: (pointer) => chunk.pointed(pointer) }))
}
