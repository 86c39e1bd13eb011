import Table from 'cli-table3'
import { dialectOf } from '../dialects.ts'
import type { FieldFate, VerdictLine, VerdictWord } from '../record/types.ts'
import { clip } from './columns.ts'
import { safeText } from './safe-text.ts'
import { grouped, heading, paragraph, type Screen } from './screen.ts'

interface Row extends FieldFate {
  verdict: VerdictWord
}

/** From the gravest to the least: a field that several checks ask about shows the gravest verdict. */
const GRAVITY: readonly VerdictWord[] = ['error', 'fail', 'warn', 'inconclusive', 'skip', 'pass']
/** Rows that tell nothing about the field. */
const OPEN: ReadonlySet<VerdictWord> = new Set(['inconclusive', 'skip', 'error'])
/** So few rows are all shown in the table; of more, those that agree are named in a line for each fate. */
const FEW = 8
const MOST = 40
/** Agreeing fields named on a terminal. */
const NAMED = 16

/** The field-fate tables, one for each dialect: documented against observed. Deviations are rows, agreement is a line. */
export function fates(screen: Screen): string[] {
  const tables = grouped(
    screen.record.verdicts.filter(({ field }) => field !== undefined),
    dialectOf,
  )
  const several = screen.record.run.target.dialects.length > 1
  return [...tables].flatMap(([dialect, lines]) =>
    section(screen, several ? `REQUEST FIELDS of ${safeText(dialect)}` : 'REQUEST FIELDS', collect(lines)),
  )
}

function section(screen: Screen, title: string, rows: Row[]): string[] {
  const agreeing = rows.length > FEW ? rows.filter((row) => row.verdict === 'pass') : []
  const table = rows.filter((row) => !agreeing.includes(row))
  table.sort((a, b) => GRAVITY.indexOf(a.verdict) - GRAVITY.indexOf(b.verdict))
  const deviating = rows.filter((row) => row.verdict === 'fail' || row.verdict === 'warn').length
  const open = rows.filter((row) => OPEN.has(row.verdict)).length
  const counts = [
    ...(deviating > 0 ? [`${deviating} not as documented`] : []),
    ...(open > 0 ? [`${open} unanswered`] : []),
  ]
  const told = counts.length > 0 ? counts.join(', ') : 'all as documented'
  const out = [heading(screen, `${title}: ${rows.length}, ${told}`), '']
  if (table.length > 0) {
    const most = screen.whole ? table.length : MOST
    out.push(...draw(screen, table.slice(0, most)))
    if (table.length > most) out.push(`  and ${table.length - most} more, in report.txt`)
  }
  for (const [fate, group] of grouped(agreeing, agreement)) {
    const most = screen.whole ? group.length : NAMED
    const names = group.slice(0, most).map((row) => row.path)
    const rest = group.length > most ? ` and ${group.length - most} more, in report.txt` : ''
    out.push(...paragraph(screen, `${fate} (${group.length}): ${names.join(', ')}${rest}`, 2, 8))
  }
  return [...out, '']
}

function collect(lines: readonly VerdictLine[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { field, verdict } of lines) {
    if (!field) continue
    const before = rows.get(field.path)
    if (!before || GRAVITY.indexOf(verdict) < GRAVITY.indexOf(before.verdict)) {
      rows.set(field.path, { ...field, verdict })
    }
  }
  return [...rows.values()]
}

function agreement({ documented, observed }: Row): string {
  const promised = documented === 'undocumented' ? 'not documented' : `documented ${documented}`
  if (observed === 'unobservable') return `${promised}; accepted, effect cannot be seen from outside`
  if (observed === 'accepted') return `${promised}; accepted, effect not tested`
  return documented === observed ? `${documented} as documented` : `${promised}; seen ${observed}`
}

const MARK: Record<VerdictWord, string> = {
  pass: 'ok',
  fail: '✗ fail',
  warn: '! warn',
  inconclusive: '? inconclusive',
  skip: '- skip',
  error: '✗ error',
}

function draw(screen: Screen, rows: Row[]): string[] {
  const { style, width } = screen
  // Three narrow columns, padding and borders need 55; the field's path takes the rest.
  const path = Math.max(12, width - 55)
  const paint = (row: Row) => {
    const text = MARK[row.verdict]
    if (row.verdict === 'fail' || row.verdict === 'error') return style.bad(text)
    return row.verdict === 'pass' ? style.good(text) : style.caution(text)
  }
  const table = new Table({
    head: ['field', 'documented', 'observed', 'verdict'],
    // Without these cli-table3 colours by itself.
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', 'left'],
  })
  for (const row of rows) {
    table.push([clip(safeText(row.path), path), safeText(row.documented), safeText(row.observed), paint(row)])
  }
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line}`)
}
