import type { Json } from '../../reports/record/types.ts'
import { locate } from './json/locate.ts'
import { type Survey, survey } from './json/survey.ts'

/** Where a value stands: byte offsets in the UTF-8 form of the text. */
export interface Span {
  offset: number
  length: number
}

/** A JSON text, read without recursion: value, duplicate keys, depth, and the place of every pointer. */
export interface JsonDocument {
  /** undefined where the text is not JSON (`problem` says why), is `tooDeep`, or has `tooMany` values. */
  value: Json | undefined
  problem?: { text: string; offset: number } | undefined
  tooDeep: boolean
  /** More values than the bound: each costs far more memory than the two bytes that it may have. Not read further. */
  tooMany: boolean
  /** Nesting of arrays and objects; 0 for a scalar. Up to the problem where there is one. */
  depth: number
  /** Keys that stand again in one object: pointer, place of that key. At most 100, none below the depth bound. */
  duplicates: { pointer: string; span: Span }[]
  /** Place of the value at a JSON Pointer ('' is the whole), undefined where there is none or the text is not JSON. */
  span(pointer: string): Span | undefined
}

const DEPTH = 256
const VALUES = 1_000_000

/**
 * Reads a JSON text as `JSON.parse` does, lazily: each question costs one pass when it is first asked. `depth`: the
 * deepest nesting of which a value is made (default 256), so that whoever walks the value cannot overflow the stack.
 * `values`: how many values there may be in it (default 1,000,000).
 */
export function readJson(text: string, bounds: { depth?: number; values?: number } = {}): JsonDocument {
  return new ScannedJson(text, bounds.depth ?? DEPTH, bounds.values ?? VALUES)
}

class ScannedJson implements JsonDocument {
  #text: string
  #bound: number
  #most: number
  #survey: Survey | undefined
  #parsed: { value: Json | undefined; valid: boolean } | undefined
  #duplicates: { pointer: string; span: Span }[] | undefined

  constructor(text: string, bound: number, most: number) {
    this.#text = text
    this.#bound = bound
    this.#most = most
  }

  get value(): Json | undefined {
    return this.#parse().value
  }

  get problem(): { text: string; offset: number } | undefined {
    if (this.#parse().valid) return undefined
    const problem = this.#surveyed().problem
    return problem && { text: problem.text, offset: bytes(this.#text, 0, problem.index) }
  }

  get tooDeep(): boolean {
    return !fewOpeners(this.#text, this.#bound) && this.depth > this.#bound
  }

  get tooMany(): boolean {
    // A value takes two characters with what parts it from the next.
    return this.#text.length >= 2 * this.#most && this.#surveyed().tooMany === true
  }

  get depth(): number {
    return this.#surveyed().depth
  }

  get duplicates(): { pointer: string; span: Span }[] {
    if (this.#duplicates) return this.#duplicates
    let index = 0
    let offset = 0
    this.#duplicates = this.#surveyed().duplicates.map(({ pointer, start, end }) => {
      offset += bytes(this.#text, index, start)
      index = start
      return { pointer, span: { offset, length: bytes(this.#text, start, end) } }
    })
    return this.#duplicates
  }

  span(pointer: string): Span | undefined {
    if (this.problem || this.tooMany) return undefined
    const found = locate(this.#text, pointer)
    if (!found) return undefined
    const [start, end] = found
    return { offset: bytes(this.#text, 0, start), length: bytes(this.#text, start, end) }
  }

  toJSON(): Omit<JsonDocument, 'span'> {
    const { value, problem, tooDeep, tooMany, depth, duplicates } = this
    return { value, problem, tooDeep, tooMany, depth, duplicates }
  }

  #parse(): { value: Json | undefined; valid: boolean } {
    this.#parsed ??=
      this.tooMany || this.tooDeep
        ? { value: undefined, valid: this.#surveyed().problem === undefined }
        : parse(this.#text)
    return this.#parsed
  }

  #surveyed(): Survey {
    this.#survey ??= survey(this.#text, this.#bound, this.#most)
    return this.#survey
  }
}

function parse(text: string): { value: Json | undefined; valid: boolean } {
  try {
    return { value: JSON.parse(text) as Json, valid: true }
  } catch {
    return { value: undefined, valid: false }
  }
}

/** Whether the text has so few brackets that it cannot be deeper than `bound`: the common case, found without a scan. */
function fewOpeners(text: string, bound: number): boolean {
  let count = 0
  for (const opener of '{[') {
    for (let i = text.indexOf(opener); i !== -1; i = text.indexOf(opener, i + 1)) {
      if (++count > bound) return false
    }
  }
  return true
}

/** Length in UTF-8 of text[start, end). */
function bytes(text: string, start: number, end: number): number {
  return Buffer.byteLength(text.slice(start, end))
}
