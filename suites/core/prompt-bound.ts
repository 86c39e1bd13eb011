import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../reports/record/types.ts'

/** Bytes of JSON per token, on the low side: a bound for prompts of our own making, which are plain English. */
const BYTES_PER_TOKEN = 3

/** Tokens of an answer where nothing limits it: our prompts ask for a word or a sentence. */
export const UNLIMITED = 64

/** Upper bound of the tokens in the fields of a body that a model reads. */
export function promptBound(body: JsonObject, read: readonly string[]): number {
  const text = JSON.stringify(read.map((field) => body[field] ?? null))
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}
