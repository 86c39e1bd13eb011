import type { Json } from '../../reports/record/types.ts'

/** Where a value stands in the text: UTF-8 byte offsets. */
export interface Span {
  offset: number
  length: number
}

/** A JSON text, read without recursion: value, duplicate keys, depth, and the place of every pointer. */
export interface JsonDocument {
  /** undefined where the text is not JSON (`problem` says why) or is deeper than the bound (`tooDeep`). */
  value: Json | undefined
  problem?: { text: string; offset: number }
  tooDeep: boolean
  depth: number
  /** Keys that stand twice in one object: JSON Pointer and place of the second. */
  duplicates: { pointer: string; span: Span }[]
  /** Place of the value at a JSON Pointer ('' is the whole), undefined where there is none. */
  span(pointer: string): Span | undefined
}

/** Stub until the scanner lands. */
export declare function readJson(text: string, bounds?: { depth?: number }): JsonDocument
