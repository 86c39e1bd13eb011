import type { SseLine } from '../sse.ts'

const LF = 10
const CR = 13

/** Lines of one record that are told apart: each costs far more memory than the two bytes that it may have. */
const MOST = 10_000

/** The lines of a stretch of bytes that starts at a line's start, the first 10,000; blank ones are left out. */
export function readLines(bytes: Buffer, base: number): SseLine[] {
  const lines: SseLine[] = []
  let pos = 0
  let lf = -1
  let cr = -1
  while (pos < bytes.length && lines.length < MOST) {
    if (lf < pos) lf = orNone(bytes.indexOf(LF, pos))
    if (cr < pos) cr = orNone(bytes.indexOf(CR, pos))
    const end = Math.min(lf, cr, bytes.length)
    const eol = end === bytes.length ? '' : lf < cr ? '\n' : lf === cr + 1 ? '\r\n' : '\r'
    if (end > pos) lines.push(readLine(bytes.toString('utf8', pos, end), base + pos, base + end, eol))
    pos = end + (eol.length || 1)
  }
  return lines
}

/** One line by the field rules: name up to the first colon, one space after it taken off. */
export function readLine(text: string, start: number, end: number, eol: SseLine['eol']): SseLine {
  const colon = text.indexOf(':')
  if (colon === -1) return { start, end, name: text, value: '', space: false, eol }
  const space = text.charCodeAt(colon + 1) === 32
  return { start, end, name: text.slice(0, colon), value: text.slice(colon + (space ? 2 : 1)), space, eol }
}

function orNone(index: number): number {
  return index === -1 ? Number.POSITIVE_INFINITY : index
}
