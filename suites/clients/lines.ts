/** Lines of a body as simple readers see them, and JSON as they take it: without the care of a right reader. */

export interface Line {
  text: string
  /** Bytes in the decoded body. */
  offset: number
  length: number
}

/** Bytes of a line that Go's bufio.Scanner does not take any more. */
export const GO_LINE = 65_536

/** Lines as `split("\n")` gives them; `last` is what no line end closed. */
export function splitOnLf(body: Uint8Array): { lines: Line[]; last: Line } {
  const lines: Line[] = []
  let from = 0
  for (let at = body.indexOf(0x0a); at !== -1; at = body.indexOf(0x0a, from)) {
    lines.push({ text: decode(body, from, at), offset: from, length: at - from })
    from = at + 1
  }
  return { lines, last: { text: decode(body, from, body.length), offset: from, length: body.length - from } }
}

function decode(body: Uint8Array, from: number, to: number): string {
  return Buffer.from(body.buffer, body.byteOffset + from, to - from).toString('utf8')
}

/** undefined where the text is no JSON. */
export function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** A member as JavaScript's `?.` gives it. */
export function field(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
