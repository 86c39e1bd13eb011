import {
  ARRAY,
  ARRAY_END,
  COMMA,
  keyOf,
  OBJECT,
  OBJECT_END,
  QUOTE,
  skipScalar,
  skipString,
  skipWhite,
} from './tokens.ts'

/**
 * Start and end (character indices) of the value at a JSON Pointer, in a text that is valid JSON. Of a key that
 * stands twice the last counts, as in `JSON.parse`. One pass, no recursion.
 */
export function locate(text: string, pointer: string): [start: number, end: number] | undefined {
  if (pointer !== '' && !pointer.startsWith('/')) return undefined
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  /** The containers on the way: number of the item, or -1 in an object. */
  const way: number[] = []
  let found: [number, number] | undefined
  let i = skipWhite(text, 0)
  let matches = true
  while (true) {
    // A value stands at i; `matches` says whether it is on the way.
    const c = text.charCodeAt(i)
    if (matches && way.length < tokens.length && (c === OBJECT || c === ARRAY)) {
      way.push(c === OBJECT ? -1 : 0)
      i = skipWhite(text, i + 1)
      if (text.charCodeAt(i) !== OBJECT_END && text.charCodeAt(i) !== ARRAY_END) {
        ;[i, matches] = member()
        if (matches) found = undefined
        continue
      }
      way.pop()
      i++
    } else {
      const end = skipValue(text, i)
      if (matches && way.length === tokens.length) found = [i, end]
      i = end
    }
    // What follows a value: a further member, or the ends of containers.
    while (true) {
      if (way.length === 0) return found
      i = skipWhite(text, i)
      if (text.charCodeAt(i) === COMMA) break
      way.pop()
      i++
    }
    const item = way.at(-1) as number
    if (item >= 0) way[way.length - 1] = item + 1
    i = skipWhite(text, i + 1)
    ;[i, matches] = member()
    if (matches) found = undefined
  }

  /** Where the value of the member at i starts, and whether the member is the one that the pointer names. */
  function member(): [index: number, matches: boolean] {
    const token = tokens[way.length - 1]
    const item = way.at(-1) as number
    if (item >= 0) return [i, `${item}` === token]
    const end = skipString(text, i)
    const colon = skipWhite(text, end)
    return [skipWhite(text, colon + 1), keyOf(text, i, end) === token]
  }
}

/** Index past the value at `from`. */
function skipValue(text: string, from: number): number {
  let depth = 0
  let i = from
  do {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = skipString(text, i)
    else if (c === OBJECT || c === ARRAY) {
      depth++
      i++
    } else if (c === OBJECT_END || c === ARRAY_END) {
      depth--
      i++
    } else i = depth === 0 ? skipScalar(text, i) : i + 1
  } while (depth > 0)
  return i
}
