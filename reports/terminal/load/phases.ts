import type { GroupFigures, PhaseFigures, StreamFigures } from '../../record/load.ts'
import { clip, columns } from '../columns.ts'
import { safeText } from '../safe-text.ts'
import { heading, labelled, number, type Screen } from '../screen.ts'
import { short, sparkline, table } from './table.ts'

/** Phases in the table of a terminal. */
const MOST = 40

/** Outcomes that are no failure: the answer finished, or we left. */
const FINE: ReadonlySet<string> = new Set(['finished', 'stopped', 'hung-up'])

/** Each phase in a line; for a sweep, each step with what it met. */
export function phases(screen: Screen, stream: StreamFigures): string[] {
  const all = stream.phases
  if (all.length < 2) return []
  const sweep = all.some(({ name }) => name.startsWith('step-'))
  const shown = sweep ? all.filter(({ name }) => !name.startsWith('settle-')) : all
  const kept = screen.whole ? shown : shown.slice(0, MOST)
  const rated = kept.some(({ rate }) => rate !== undefined)
  const head = [
    '',
    ...(rated ? ['rate/s'] : []),
    'requests',
    'failed',
    'ttft p50',
    'p99',
    'itl p50',
    'p99',
    'tokens/s',
    'meter',
  ]
  const knee = stream.scenario.knee?.phase
  const rows = kept.map((phase) => {
    const { name, rate, requests, times, tokens } = phase
    return [
      `${name === knee ? '→ ' : '  '}${clip(safeText(name), 20)}${phase.headline ? '' : ' ·'}`,
      ...(rated ? [rate === undefined ? '' : short(rate)] : []),
      number(requests),
      number(failed(phase)),
      time(times.ttft?.p50),
      time(times.ttft?.p99),
      time(times.itl?.p50),
      time(times.itl?.p99),
      short(tokens.output_per_s),
      phase.meter.reasons.length > 0 ? 'SATURATED' : 'ok',
    ]
  })
  const lines = table(fitting([head, ...rows], screen.width), screen.width, 0)
  const rest = shown.length - kept.length
  return [
    heading(screen, sweep ? 'STEPS' : 'PHASES'),
    '',
    ...lines.map((line, i) => (i === 0 ? screen.style.dim(line) : line)),
    ...(rest > 0 ? [`  and ${rest} more, in report.txt`] : []),
    ...drift(screen, shown),
    ...note(screen, shown, knee),
    '',
  ]
}

/** Columns that a narrow screen can do without, from the right: throughput, the two of itl, the tail of ttft. */
const SPARED = [2, 4, 3, 5]

/** The meter's word stands in the last column and is never cut off. */
function fitting(rows: string[][], width: number): string[][] {
  let kept = rows
  const spared: number[] = []
  for (const fromRight of SPARED) {
    if (Math.max(...table(kept, Number.POSITIVE_INFINITY, 0).map(columns)) <= width) return kept
    spared.push(fromRight)
    kept = rows.map((row) => row.filter((_, i) => !spared.includes(row.length - i)))
  }
  return kept
}

function failed({ outcomes }: GroupFigures): number {
  return Object.entries(outcomes).reduce((sum, [name, count]) => (FINE.has(name) ? sum : sum + count), 0)
}

function time(ms: number | undefined): string {
  return ms === undefined ? '-' : short(ms)
}

/** The medians of a soak's windows as a picture. */
function drift(screen: Screen, all: readonly PhaseFigures[]): string[] {
  const windows = all.filter(({ name }) => name.startsWith('window-')).slice(0, screen.width - 40)
  const values = windows.flatMap(({ times }) => times.ttft?.p50 ?? [])
  const bars = sparkline(values)
  if (bars === '') return []
  const range = `${short(Math.min(...values))} to ${short(Math.max(...values))} ms`
  return ['', ...labelled(screen, 'ttft p50', `${bars}  ${range}`)]
}

function note(screen: Screen, all: readonly PhaseFigures[], knee: string | undefined): string[] {
  const parts = [
    ...(knee === undefined ? [] : ['→ the knee']),
    ...(all.some(({ headline }) => !headline) ? ['· not in the headline'] : []),
  ]
  return parts.length === 0 ? [] : [screen.style.dim(`  times in ms; ${parts.join('; ')}`)]
}
