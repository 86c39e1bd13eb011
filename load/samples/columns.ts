/**
 * The columns of a request's row in `samples.jsonl`; docs/metrics.md defines each. `_us`: microseconds, whole. Unknown
 * is null. A file may have them in another order, and may have more: they are found by name.
 */
export const COLUMNS = [
  'id',
  'phase',
  'scenario',
  'model',
  'key',
  'stream',
  'planned_us',
  'start_us',
  'connect_us',
  'write_us',
  'ttfb_us',
  'ttft_low_us',
  'ttft_us',
  'ttfat_us',
  'e2e_us',
  'tpot_us',
  'stall_low_us',
  'stall_us',
  'status',
  'outcome',
  'error',
  'reads',
  'chunks',
  'token_chunks',
  'coalesced_chunks',
  'coalesced_tokens',
  'events',
  'tokens',
  'prompt_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'max_tokens',
  'asked_prompt_tokens',
  'lag_us',
  'stamped',
  'clock_steps',
  'reused',
  'nonce',
  'broken',
  'cancel',
  'retry_after_s',
  'bytes',
  'finish',
  'nonce_sent',
] as const
export type Column = (typeof COLUMNS)[number]

/** Where each column stands in the rows of one file. */
export type Layout = Readonly<Record<Column, number>>

export type Cell = unknown

/** A line that cannot be used, and why. The reader adds file and line. */
export class BadSample extends Error {
  override name = 'BadSample'
}

export function layoutOf(columns: readonly unknown[]): Layout {
  const layout: Partial<Record<Column, number>> = {}
  for (const column of COLUMNS) {
    const at = columns.indexOf(column)
    if (at < 0) throw new BadSample(`the header's columns lack ${column}`)
    if (columns.indexOf(column, at + 1) >= 0) throw new BadSample(`the header has the column ${column} twice`)
    layout[column] = at
  }
  return layout as Layout
}

/** A number of a row; undefined where it is unknown. JSON has no NaN, but 1e999 reads as Infinity. */
export function numberAt(row: readonly Cell[], at: number, column: Column): number | undefined {
  const value = row[at]
  if (typeof value === 'number' && value - value === 0) return value
  if (value === null) return undefined
  throw new BadSample(`${column} is ${shown(value)}, not a number or null`)
}

/** A text of a row; undefined where it is unknown. */
export function textAt(row: readonly Cell[], at: number, column: Column): string | undefined {
  const value = row[at]
  if (typeof value === 'string') return value
  if (value === null) return undefined
  throw new BadSample(`${column} is ${shown(value)}, not a string or null`)
}

export function flagAt(row: readonly Cell[], at: number, column: Column): boolean | undefined {
  const value = row[at]
  if (typeof value === 'boolean') return value
  if (value === null) return undefined
  throw new BadSample(`${column} is ${shown(value)}, not true, false or null`)
}

/** A value of a line, short enough for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value)
  return JSON.stringify(value).slice(0, 60)
}
