import { BitStack } from './bits.ts'
import { Path } from './path.ts'
import {
  ARRAY,
  ARRAY_END,
  COLON,
  COMMA,
  keyOf,
  OBJECT,
  OBJECT_END,
  QUOTE,
  skipScalar,
  skipString,
  skipWhite,
} from './tokens.ts'

/** What one pass over a JSON text tells. Indices are of characters (UTF-16). */
export interface Survey {
  /** Deepest nesting of arrays and objects before the end or the problem. */
  depth: number
  /** Keys that stood before in the same object, not deeper than the bound; `start` is at the key's opening quote. */
  duplicates: { pointer: string; start: number; end: number }[]
  problem?: { text: string; index: number }
  /** There are more values than the bound: the survey stopped there. */
  tooMany?: true
}

const MOST_DUPLICATES = 100

/** What may come next. */
const VALUE = 'a value'
const VALUE_OR_END = 'a value or ]'
const KEY = 'a key in double quotes'
const KEY_OR_END = 'a key in double quotes or }'
const AFTER = 'after'

/** Reads a text by the JSON grammar, without recursion, in one pass; at most `most` values of it. */
export function survey(text: string, bound: number, most: number): Survey {
  const found: Survey = { depth: 0, duplicates: [] }
  let values = 0
  const open = new BitStack()
  const path = new Path(bound)
  let want: string = VALUE
  let i = 0
  while (true) {
    i = skipWhite(text, i)
    if (want === AFTER && open.length === 0) {
      if (i < text.length) found.problem = wrong(text, i, 'the end')
      return found
    }
    if (i >= text.length) {
      const what =
        text.length === 0 ? 'the text is empty' : `the text ends where ${expected(want, open)} should come`
      found.problem = { text: what, index: i }
      return found
    }
    const c = text.charCodeAt(i)
    if (want === AFTER && c === COMMA) {
      want = open.top ? KEY : VALUE
      if (!open.top) path.nextItem()
      i++
    } else if (closes(c, want, open)) {
      open.pop()
      path.leave()
      want = AFTER
      i++
    } else if ((want === KEY || want === KEY_OR_END) && c === QUOTE) {
      const end = skipString(text, i)
      if (end < 0) {
        found.problem = wrongString(text, ~end)
        return found
      }
      if (path.isKept && path.key(keyOf(text, i, end)) && found.duplicates.length < MOST_DUPLICATES) {
        found.duplicates.push({ pointer: path.pointer(), start: i, end })
      }
      i = skipWhite(text, end)
      if (text.charCodeAt(i) !== COLON) {
        found.problem = wrong(text, i, 'a colon')
        return found
      }
      want = VALUE
      i++
    } else if (want === VALUE || want === VALUE_OR_END) {
      if (++values > most) {
        found.tooMany = true
        return found
      }
      if (c === OBJECT || c === ARRAY) {
        open.push(c === OBJECT)
        path.enter(c === OBJECT)
        if (open.length > found.depth) found.depth = open.length
        want = c === OBJECT ? KEY_OR_END : VALUE_OR_END
        i++
        continue
      }
      const end = c === QUOTE ? skipString(text, i) : skipScalar(text, i)
      if (end < 0) {
        found.problem =
          c === QUOTE ? wrongString(text, ~end) : wrong(text, ~end, expectedScalar(~end === i, want))
        return found
      }
      want = AFTER
      i = end
    } else {
      found.problem = wrong(text, i, expected(want, open))
      return found
    }
  }
}

function closes(c: number, want: string, open: BitStack): boolean {
  if (c === OBJECT_END) return want === KEY_OR_END || (want === AFTER && open.top)
  return c === ARRAY_END && (want === VALUE_OR_END || (want === AFTER && !open.top))
}

function expected(want: string, open: BitStack): string {
  if (want !== AFTER) return want
  return open.top ? 'a comma or }' : 'a comma or ]'
}

function expectedScalar(atStart: boolean, want: string): string {
  return atStart ? want : 'the rest of a number, true, false or null'
}

function wrong(text: string, index: number, expected: string): { text: string; index: number } {
  if (index >= text.length) return { text: `the text ends where ${expected} should come`, index }
  if (index === 0 && text.startsWith('\ufeff'))
    return { text: 'a byte order mark stands before the value', index }
  return { text: `${expected} should come, not ${character(text, index)}`, index }
}

function wrongString(text: string, index: number): { text: string; index: number } {
  if (index >= text.length) return { text: 'the text ends inside a string', index: text.length }
  if (text.charCodeAt(index) < 0x20)
    return { text: `a string holds ${character(text, index)} unescaped`, index }
  return { text: `a string has an escape that JSON does not know, at ${character(text, index)}`, index }
}

function character(text: string, index: number): string {
  const code = text.codePointAt(index) ?? 0
  if (code > 0x20 && code < 0x7f) return String.fromCodePoint(code)
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
