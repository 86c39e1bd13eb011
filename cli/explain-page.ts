import { wrap } from '../reports/terminal/columns.ts'
import { safeText } from '../reports/terminal/safe-text.ts'
import { styleFor, wantsColor } from '../reports/terminal/style.ts'

const LABEL = 16

/** A page about one id: its name, one sentence, and the labelled parts. */
export function page(name: string, sentence: string, parts: string[]): string {
  const style = styleFor(wantsColor(process.stdout, process.env))
  const told = sentence === '' ? [] : wrap(safeText(sentence), pageWidth())
  const head = [style.bold(safeText(name)), ...told]
  return [...head, '', ...parts].join('\n')
}

/** A label and its lines, wrapped beside it; nothing where there is nothing to say. Leading spaces are kept. */
export function labelled(label: string, text: string | readonly string[]): string[] {
  const given = (typeof text === 'string' ? [text] : text).filter((line) => line !== '')
  const lines = given.flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? ''
    const room = Math.max(20, pageWidth() - LABEL - indent.length)
    return wrap(safeText(line.slice(indent.length)), room).map((part) => indent + part)
  })
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}`)
}

/** Columns of a page: the terminal's, within bounds. */
export function pageWidth(): number {
  return Math.max(60, Math.min(process.stdout.columns ?? 100, 120))
}
