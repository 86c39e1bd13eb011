import { clip, columns } from '../columns.ts'

/** Rows of cells as lines: the first column to the left, the others to the right, two spaces apart. Cells are safe text. */
export function table(rows: readonly (readonly string[])[], width: number, indent = 2): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, columns(cell))
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const room = ' '.repeat(Math.max(0, (widths[i] ?? 0) - columns(cell)))
      return i === 0 ? `${cell}${room}` : `${room}${cell}`
    })
    return clip(`${' '.repeat(indent)}${cells.join('  ').trimEnd()}`, width)
  })
}

/** A number with three digits that mean something: `0.05`, `1.23`, `12.3`, `123`, `1,234`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '?'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

export function percent(share: number): string {
  return `${short(share * 100)} %`
}

const BARS = '▁▂▃▄▅▆▇█'

/** Values as bars between their least and greatest; fewer than three are no picture. */
export function sparkline(values: readonly number[]): string {
  if (values.length < 3) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values
    .map(
      (value) => BARS[high > low ? Math.round(((value - low) / (high - low)) * (BARS.length - 1)) : 0] ?? '',
    )
    .join('')
}
