/** What stands at an index of a JSON text. Each function gives the index past it, or `~i`: it is wrong at `i`. */

export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const ARRAY = 91
export const ARRAY_END = 93
export const OBJECT = 123
export const OBJECT_END = 125

const BACKSLASH = 92
const LITERALS = ['true', 'false', 'null']

/** Index of the next character that is not JSON white space. */
export function skipWhite(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break
  }
  return i
}

/** `from`: its opening quote. */
export function skipString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) return i + 1
    if (c < 0x20) return ~i
    if (c !== BACKSLASH) continue
    const wrong = wrongEscape(text, i)
    if (wrong) return ~wrong
    i += text[i + 1] === 'u' ? 5 : 1
  }
  return ~text.length
}

/** Index of what is wrong with the escape at `i`; 0 where nothing is. */
function wrongEscape(text: string, i: number): number {
  if (i + 1 >= text.length) return text.length
  if (text[i + 1] !== 'u') return '"\\/bfnrt'.includes(text[i + 1] as string) ? 0 : i + 1
  for (let k = i + 2; k < i + 6; k++) if (!isHex(text.charCodeAt(k))) return Math.min(k, text.length)
  return 0
}

/** A number, `true`, `false` or `null`. What follows it is not looked at. */
export function skipScalar(text: string, from: number): number {
  for (const literal of LITERALS) {
    if (text.charCodeAt(from) !== literal.charCodeAt(0)) continue
    for (let k = 1; k < literal.length; k++) {
      if (text.charCodeAt(from + k) !== literal.charCodeAt(k)) return ~Math.min(from + k, text.length)
    }
    return from + literal.length
  }
  return skipNumber(text, from)
}

function skipNumber(text: string, from: number): number {
  let i = text[from] === '-' ? from + 1 : from
  if (!isDigit(text.charCodeAt(i))) return ~i
  i = text[i] === '0' ? i + 1 : skipDigits(text, i)
  if (text[i] === '.') {
    if (!isDigit(text.charCodeAt(i + 1))) return ~(i + 1)
    i = skipDigits(text, i + 1)
  }
  if (text[i] === 'e' || text[i] === 'E') {
    i += text[i + 1] === '-' || text[i + 1] === '+' ? 2 : 1
    if (!isDigit(text.charCodeAt(i))) return ~i
    i = skipDigits(text, i)
  }
  return i
}

function skipDigits(text: string, from: number): number {
  let i = from
  while (isDigit(text.charCodeAt(i))) i++
  return i
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57
}

function isHex(c: number): boolean {
  return isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102)
}

/** The key whose quotes stand at `start` and before `end`. */
export function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw
}
