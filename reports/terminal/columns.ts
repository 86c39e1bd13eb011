/** How wide text is on a terminal, and text broken to a width. Widths are in columns; the text must be safe already. */

/** Ranges that Unicode calls wide or full-width, and pictographs that terminals draw two columns wide. */
const WIDE: readonly [number, number][] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
]
const MARK = /^\p{M}$/u

/** Columns of one code point. An estimate: terminals differ about the newest pictographs. */
export function charColumns(char: string): number {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (MARK.test(char)) return 0
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1
}

export function columns(text: string): number {
  let sum = 0
  for (const char of text) sum += charColumns(char)
  return sum
}

/** The text within `width` columns, ended by … where it was cut. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text
  return `${head(text, Math.max(0, width - 1))}…`
}

/** Lines of at most `width` columns, broken at spaces; a word that is too long is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (columns(joined) <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (columns(line) > width) {
      const part = head(line, width) || (line.match(/^./su)?.[0] ?? '')
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}

/** `wrap`, but at most `most` lines; the last one says by … that there was more. */
export function wrapTo(text: string, width: number, most: number): string[] {
  // Text far beyond the room is cut first, so that a megabyte costs nothing.
  const all = wrap(text.slice(0, width * (most + 1) * 2), width)
  if (all.length <= most) return all
  const kept = all.slice(0, most)
  kept[most - 1] = `${head(kept[most - 1] ?? '', width - 1)}…`
  return kept
}

function head(text: string, width: number): string {
  let used = 0
  let end = 0
  for (const char of text) {
    used += charColumns(char)
    if (used > width) break
    end += char.length
  }
  return text.slice(0, end)
}
