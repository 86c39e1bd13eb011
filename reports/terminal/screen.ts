import type { RunRecord } from '../record/read.ts'
import { clip, columns, wrapTo } from './columns.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** What every section of the final screen is given. */
export interface Screen {
  record: RunRecord
  style: Style
  /** Columns of a line, at least 60. */
  width: number
  /** Nothing is left out of a list and no text is cut short: the file, not the terminal. */
  whole?: boolean
  /** Where the record is that an interrupted run can go on with. */
  resumable?: string
  sentFirst?: SentFirst
}

/** Ids of the profiles that come with assay and send the key of a dialect in this header. */
export type SentFirst = (dialect: string, header: string) => string[]

/** Lines of one text even where nothing is cut: a gateway may send megabytes. */
const LONGEST = 200
const LABEL = 16
const INDENT = 2

/** A labelled paragraph with a hanging indent: at most `most` lines. The text is made safe here. */
export function labelled(screen: Screen, label: string, text: string, most = 4): string[] {
  const room = screen.width - INDENT - LABEL
  return wrapTo(safeText(text), room, screen.whole ? LONGEST : most).map((line, i) => {
    const name = i === 0 ? label.padEnd(LABEL) : ' '.repeat(LABEL)
    return `${' '.repeat(INDENT)}${screen.style.dim(name)}${line}`
  })
}

/** A paragraph, indented by `indent` columns. The text is made safe here. */
export function paragraph(screen: Screen, text: string, indent = INDENT, most = 4): string[] {
  const lines = wrapTo(safeText(text), screen.width - indent, screen.whole ? LONGEST : most)
  return lines.map((line) => `${' '.repeat(indent)}${line}`)
}

/** A section's heading, ruled to the width. `title` is ours, and plain. */
export function heading(screen: Screen, text: string): string {
  const title = clip(text, screen.width - 6)
  const rule = '─'.repeat(Math.max(2, screen.width - columns(title) - 4))
  return `${screen.style.dim('──')} ${screen.style.bold(title)} ${screen.style.dim(rule)}`
}

/** `1 check`, `2 checks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

/** Groups of three, by commas, whatever the machine's locale. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

/** Values grouped by a key, in the order in which the keys came. */
export function grouped<T>(values: Iterable<T>, key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const at = key(value)
    const group = groups.get(at)
    if (group) group.push(value)
    else groups.set(at, [value])
  }
  return groups
}
