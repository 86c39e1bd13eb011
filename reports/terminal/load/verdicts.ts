import { isSaturated } from '../../conclusion.ts'
import type { Finding, VerdictLine, VerdictWord } from '../../record/types.ts'
import { clip } from '../columns.ts'
import { safeText } from '../safe-text.ts'
import { heading, labelled, paragraph, type Screen } from '../screen.ts'

const ORDER: readonly VerdictWord[] = ['error', 'fail', 'warn', 'inconclusive', 'pass', 'skip']
const MARK: Record<VerdictWord, string> = {
  pass: '✓',
  fail: '✗',
  warn: '!',
  inconclusive: '?',
  skip: '-',
  error: '!',
}
/** Places named of one verdict. */
const PLACES = 4

/** Every verdict in a line or two; of what is not green, the places and how to mend it. */
export function loadVerdicts(screen: Screen): string[] {
  const { verdicts } = screen.record
  if (verdicts.length === 0) return []
  const shown = screen.whole ? verdicts : verdicts.filter((line) => line.skip?.reason !== 'idle')
  const sorted = shown.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
  const idle = verdicts.length - shown.length
  const title = `VERDICTS: ${shown.length}${idle > 0 ? `, and ${idle} with nothing to judge` : ''}`
  return [heading(screen, title), '', ...sorted.flatMap((line) => told(screen, line)), '']
}

function told(screen: Screen, line: VerdictLine): string[] {
  const { style, width } = screen
  const { verdict, level } = line
  const look =
    verdict === 'pass' ? style.good : verdict === 'fail' || verdict === 'error' ? style.bad : style.caution
  const open = level === 'must' && verdict === 'inconclusive' ? ', must hold' : ''
  const word = verdict === 'pass' ? '' : `  ${verdict}${open}`
  const id = clip(safeText(line.id), width - 4 - word.length)
  const out = [`${look(MARK[verdict])} ${style.bold(id)}${look(word)}`]
  const text = line.message || line.title
  out.push(...paragraph(screen, verdict === 'pass' ? text : sentence(line, text), 4, 4))
  if (verdict === 'pass' || verdict === 'skip') return out
  const places = placesOf(line.findings, screen.whole ? Number.POSITIVE_INFINITY : PLACES)
  if (places !== '') out.push(...labelled(screen, 'rows', places, 3))
  if (verdict !== 'inconclusive' && line.fix !== '')
    out.push(...labelled(screen, 'how to mend it', line.fix, 3))
  return out
}

function sentence(line: VerdictLine, text: string): string {
  return isSaturated(line) ? text.replace(/^SATURATED: /, '') : text
}

/** Ids of rows in `samples.jsonl` at which the deviation showed first. */
function placesOf(findings: readonly Finding[], most: number): string {
  const rows = [...new Set(findings.filter(({ at }) => at.part === 'row').map(({ at }) => at.exchange))]
  const kept = rows.slice(0, most).map((row) => row.replace(/^row-/, ''))
  if (kept.length === 0) return ''
  return `${kept.join(', ')}${rows.length > kept.length ? ' …' : ''} (ids in samples.jsonl)`
}
