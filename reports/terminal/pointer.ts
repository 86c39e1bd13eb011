/**
 * Where a JSON value stands in bytes, for the eye: text that is no JSON, or nothing there, gives `undefined` or the
 * nearest value around it, never an error. The reports have a locator of their own because verdicts are not made here.
 */

/** A stretch of bytes: the first, and the one after the last. */
export interface Stretch {
  from: number
  to: number
}

/** Bytes that are looked through: no excerpt is worth more. */
const MOST = 4 * 1024 * 1024
const DEEPEST = 64

/**
 * The value at a JSON Pointer in `bytes`; where a part of the way is missing, the nearest value around it that is there.
 * Of a name that stands twice the last counts.
 */
export function locateValue(bytes: Uint8Array, pointer: string): Stretch | undefined {
  if (bytes.length > MOST || (pointer !== '' && !pointer.startsWith('/'))) return undefined
  // One character a byte, so that an index is an offset.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (tokens.length > DEEPEST) return undefined
  let at = white(text, 0)
  for (const token of tokens) {
    const next =
      text[at] === '{' ? member(text, at, token) : text[at] === '[' ? item(text, at, token) : undefined
    if (next === undefined) break
    at = next
  }
  const to = valueEnd(text, at)
  return to > at ? { from: at, to } : undefined
}

/** The same inside the `data:` lines of one event, which stands at `from` to `to` of a stream. */
export function locateInEvent(body: Uint8Array, event: Stretch, pointer: string): Stretch | undefined {
  if (event.to - event.from > MOST) return undefined
  const parts = dataParts(body, event)
  const joined = Buffer.concat(parts.flatMap(({ from, to }) => [body.subarray(from, to), Buffer.from('\n')]))
  const found = locateValue(joined, pointer)
  return found && { from: inBody(parts, found.from), to: inBody(parts, found.to - 1) + 1 }
}

/** The stretch from the first data to the last of an event; undefined where it has none. */
export function eventData(body: Uint8Array, event: Stretch): Stretch | undefined {
  const parts = dataParts(body, event)
  const [first, last] = [parts[0], parts.at(-1)]
  return first && last && last.to > first.from ? { from: first.from, to: last.to } : undefined
}

function dataParts(body: Uint8Array, { from, to }: Stretch): Stretch[] {
  const text = Buffer.from(body.subarray(from, to)).toString('latin1')
  const parts: Stretch[] = []
  // A line each; the first may begin with a byte order mark.
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    const lead = /^(?:\u00ef\u00bb\u00bf)?data: ?/.exec(line)?.[0]
    if (lead !== undefined) parts.push({ from: from + index + lead.length, to: from + index + line.length })
  }
  return parts
}

/** Where an offset in the joined data (a line end after each part) stands in the body. */
function inBody(parts: Stretch[], offset: number): number {
  let left = offset
  for (const { from, to } of parts) {
    if (left <= to - from) return Math.min(from + left, to)
    left -= to - from + 1
  }
  return parts.at(-1)?.to ?? 0
}

function member(text: string, open: number, name: string): number | undefined {
  let found: number | undefined
  let at = white(text, open + 1)
  while (text[at] === '"') {
    const end = stringEnd(text, at)
    const value = white(text, white(text, end) + 1)
    if (text[white(text, end)] !== ':') return found
    if (isName(text.slice(at, end), name)) found = value
    const next = white(text, valueEnd(text, value))
    if (text[next] !== ',') return found
    at = white(text, next + 1)
  }
  return found
}

function item(text: string, open: number, index: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(index)) return undefined
  let at = white(text, open + 1)
  for (let left = Number(index); left > 0; left--) {
    const next = white(text, valueEnd(text, at))
    if (next === at || text[next] !== ',') return undefined
    at = white(text, next + 1)
  }
  return text[at] === ']' || at >= text.length ? undefined : at
}

/** Whether a JSON string, quotes and all, one character a byte, says `name`. */
function isName(quoted: string, name: string): boolean {
  try {
    return JSON.parse(Buffer.from(quoted, 'latin1').toString()) === name
  } catch {
    return false
  }
}

/** After the value that begins at `at`; never before it, whatever the text is. */
function valueEnd(text: string, at: number): number {
  let depth = 0
  let i = at
  do {
    const c = text[i]
    if (c === undefined) return text.length
    if (c === '"') i = stringEnd(text, i)
    else if (c === '{' || c === '[') {
      depth += 1
      i += 1
    } else if (c === '}' || c === ']') {
      if (depth === 0) return i
      depth -= 1
      i += 1
    } else if (depth > 0) i += 1
    else {
      while (i < text.length && !/[\s,\]}[{:"]/.test(text[i]!)) i += 1
      return i
    }
  } while (depth > 0)
  return i
}

function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '"') return i + 1
  }
  return text.length
}

function white(text: string, at: number): number {
  let i = at
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i += 1
  return i
}
