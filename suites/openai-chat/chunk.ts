import type { Json, JsonObject } from '../../reports/record/types.ts'
import { asArray, isObject } from '../core/dig.ts'
import type { Chunk } from '../core/stream-view.ts'

/** The usage object of a chunk; undefined where it is absent or null. */
export function usageOf({ value: { usage } }: Chunk): JsonObject | undefined {
  return isObject(usage) ? usage : undefined
}

export function choicesOf(chunk: Chunk): Json[] {
  return asArray(chunk.value.choices)
}

/** An object of something else, such as a ping of another protocol: the grammar says so, and nothing else need. */
export function isForeign({ value }: Chunk): boolean {
  const { choices, object, usage, moderation } = value
  if (Array.isArray(choices) || object === 'chat.completion.chunk') return false
  return !isObject(usage) && !isObject(moderation)
}
