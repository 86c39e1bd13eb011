import { charColumns } from './columns.ts'
import { escapeChar, isUnsafe } from './safe-text.ts'
import type { Style } from './style.ts'

/** A stretch of bytes to mark. */
export interface Span {
  offset: number
  length: number
}

/** One code point (or one byte that is no UTF-8) as it is shown. */
interface Glyph {
  from: number
  text: string
  columns: number
}

const BEFORE = 2
const AFTER = 1
const MARKED = 4
/** Rows that one marked line may take where the span is longer than a row. */
const ROWS = 3
const LF = 0x0a
/** A line is read no further than this many bytes for each column: UTF-8 takes four at most. */
const BYTES_PER_COLUMN = 4

/**
 * The lines of `bytes` around `span`, the span marked by carets (and by colour), each at most `width` columns. At most
 * 2 lines before, 4 marked, 1 after; long lines are clipped around the span, and a span that is longer than a row goes on
 * in up to 2 more. Safe to print whatever the bytes are.
 */
export function excerpt(bytes: Uint8Array, span: Span, width: number, style: Style): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = whole(all, Math.min(Math.max(0, span.offset), all.length))
  const end = Math.min(Math.max(start, start + span.length), all.length)
  const out: string[] = []

  let first = start === 0 ? 0 : all.lastIndexOf(LF, start - 1) + 1
  const marked = first
  for (let i = 0; i < BEFORE && first > 0; i++) first = first < 2 ? 0 : all.lastIndexOf(LF, first - 2) + 1
  for (let at = first; at < marked; at = lineEnd(all, at) + 1) out.push(style.dim(plainLine(all, at, width)))

  let at = marked
  for (let shown = 0; ; shown++) {
    const stop = lineEnd(all, at)
    if (shown === MARKED) {
      const more = count(all, at, end)
      out.push(style.dim(`… ${more} more ${more === 1 ? 'line' : 'lines'} of the span`))
      return out
    }
    out.push(...markedLine(all, { from: at, to: stop }, { from: Math.max(start, at), to: end }, width, style))
    at = stop + 1
    if (at >= end) break
  }
  for (let i = 0; i < AFTER && at < all.length; i++, at = lineEnd(all, at) + 1) {
    out.push(style.dim(plainLine(all, at, width)))
  }
  return out
}

function lineEnd(all: Buffer, at: number): number {
  const lf = all.indexOf(LF, at)
  return lf < 0 ? all.length : lf
}

function count(all: Buffer, from: number, end: number): number {
  let lines = 0
  for (let at = from; at < end; at = lineEnd(all, at) + 1) lines += 1
  return lines
}

function plainLine(all: Buffer, at: number, width: number): string {
  const to = lineEnd(all, at)
  const ahead = glyphs(all, at, Math.min(to, at + width * BYTES_PER_COLUMN))
  const { taken, cut } = fill(ahead, width)
  const whole = !cut && to <= at + width * BYTES_PER_COLUMN
  const text = (whole ? taken : fill(taken, width - 1).taken).map((glyph) => glyph.text).join('')
  return whole ? text : `${text}…`
}

/** The line and, below it, the carets. */
function markedLine(
  all: Buffer,
  line: { from: number; to: number },
  span: { from: number; to: number },
  width: number,
  style: Style,
): string[] {
  // The line end is shown only where it is marked.
  const to = span.to > line.to && line.to < all.length ? line.to + 1 : line.to
  const reach = width * BYTES_PER_COLUMN
  const room = width - 2
  const entire = to - line.from <= reach ? fill(glyphs(all, line.from, to), width - 1) : undefined
  let shown: Glyph[]
  let clippedLeft = false
  let clippedRight = false
  if (entire && !entire.cut) {
    shown = entire.taken
  } else {
    // Two thirds of the room for what follows, as far as there is so much; the rest for what comes before.
    const ahead = glyphs(all, span.from, Math.min(to, span.from + reach))
    const most = wide(fill(ahead, Math.ceil((room * 2) / 3)).taken)
    const behind = glyphs(all, back(all, Math.max(line.from, span.from - reach)), span.from)
    const before = fill(behind.reverse(), room - most).taken.reverse()
    clippedLeft = (before[0]?.from ?? span.from) > line.from
    const right = fill(ahead, room - wide(before))
    clippedRight = right.cut || span.from + reach < to
    shown = [...before, ...right.taken]
  }
  const inside = (glyph: Glyph) => glyph.from >= span.from && glyph.from < span.to
  const text = (part: Glyph[]) => part.map((glyph) => glyph.text).join('')
  const before = shown.filter((glyph) => glyph.from < span.from)
  const within = shown.filter(inside)
  const after = shown.filter((glyph) => glyph.from >= span.from && !inside(glyph))
  const indent = wide(before) + (clippedLeft ? 1 : 0)
  const caret = style.bad('^'.repeat(Math.max(1, wide(within))))
  const quoted = `${text(before)}${style.span(text(within))}${text(after)}`
  const next = after.length === 0 && within.length > 0 && clippedRight ? reached(all, within) : span.to
  return [
    `${clippedLeft ? '…' : ''}${quoted}${clippedRight ? '…' : ''}`,
    span.from < all.length ? `${' '.repeat(indent)}${caret}` : atTheEnd(indent, caret, width, style),
    ...goingOn(all, next, Math.min(to, span.to), width, style),
  ]
}

/** Offset after the last of the glyphs. */
function reached(all: Buffer, shown: Glyph[]): number {
  const from = shown.at(-1)?.from ?? 0
  return from + Math.max(1, utf8Length(all, from, all.length))
}

/** More rows of a span that did not fit into the first. */
function goingOn(all: Buffer, from: number, to: number, width: number, style: Style): string[] {
  const out: string[] = []
  let at = from
  for (let row = 1; row < ROWS && at < to; row++) {
    const ahead = glyphs(all, at, Math.min(to, at + width * BYTES_PER_COLUMN))
    const { taken } = fill(ahead, width - 2)
    if (taken.length === 0) break
    at = reached(all, taken)
    out.push(`…${style.span(taken.map((glyph) => glyph.text).join(''))}${at < to ? '…' : ''}`)
    out.push(` ${style.bad('^'.repeat(Math.max(1, wide(taken))))}`)
  }
  return out
}

/** The caret of a span that begins where the bytes end, explained on the side where there is room. */
function atTheEnd(indent: number, caret: string, width: number, style: Style): string {
  const note = 'the bytes end here'
  if (indent + note.length + 2 <= width) return `${' '.repeat(indent)}${caret} ${style.dim(note)}`
  return `${' '.repeat(indent - note.length - 1)}${style.dim(note)} ${caret}`
}

function wide(part: Glyph[]): number {
  return part.reduce((sum, glyph) => sum + glyph.columns, 0)
}

/** Glyphs as long as they fit into `width`. */
function fill(all: Glyph[], width: number): { taken: Glyph[]; cut: boolean } {
  let used = 0
  for (const [i, glyph] of all.entries()) {
    used += glyph.columns
    if (used > width) return { taken: all.slice(0, i), cut: true }
  }
  return { taken: all, cut: false }
}

/** `at`, or the first byte of the code point that it stands in: half a letter cannot be marked. */
function whole(all: Buffer, at: number): number {
  if (at === all.length) return at
  const from = back(all, at)
  return utf8Length(all, from, all.length) > at - from ? from : at
}

/** The first byte of the code point that `at` stands in. */
function back(all: Buffer, at: number): number {
  let from = at
  while (from > 0 && at - from < 3 && (all[from]! & 0xc0) === 0x80) from -= 1
  return from
}

function glyphs(all: Buffer, from: number, to: number): Glyph[] {
  const out: Glyph[] = []
  let marks = 0
  for (let at = from; at < to; ) {
    const size = utf8Length(all, at, to)
    if (size === 0) {
      out.push({ from: at, text: `\\x${all[at]!.toString(16).padStart(2, '0')}`, columns: 4 })
      at += 1
      continue
    }
    const char = all.toString('utf8', at, at + size)
    const width = charColumns(char)
    marks = width === 0 ? marks + 1 : 0
    if (isUnsafe(char) || marks > 4) {
      const text = escapeChar(char)
      out.push({ from: at, text, columns: text.length })
    } else {
      out.push({ from: at, text: char, columns: width })
    }
    at += size
  }
  return out
}

/** Bytes of the well-formed UTF-8 sequence at `at`; 0 where there is none. */
function utf8Length(all: Buffer, at: number, to: number): number {
  const lead = all[at]!
  if (lead < 0x80) return 1
  const size =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > to) return 0
  for (let i = 1; i < size; i++) if ((all[at + i]! & 0xc0) !== 0x80) return 0
  const second = all[at + 1]!
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second > 0x9f) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  if (lead === 0xf4 && second > 0x8f) return 0
  return size
}
