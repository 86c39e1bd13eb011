import { isUnproven } from '../conclusion.ts'
import type { VerdictLine } from '../record/types.ts'
import { clip } from './columns.ts'
import { safeText } from './safe-text.ts'
import { grouped, heading, paragraph, plural, type Screen } from './screen.ts'

/** Ids named under one reason; the rest are counted. */
const NAMED = 8

/**
 * Questions without an answer, and why: inconclusive, blocked, unavailable, chosen. Never red, never green. A rule for
 * something that never came up had no question: it is named in the totals.
 */
export function unanswered(screen: Screen): string[] {
  const open = screen.record.verdicts.filter(
    ({ verdict, skip }) => verdict === 'inconclusive' || (verdict === 'skip' && skip?.reason !== 'idle'),
  )
  if (open.length === 0) return []
  const musts = open.filter(isUnproven).length
  const title = `NOT ANSWERED: ${open.length}${musts > 0 ? `, ${musts} of them must hold` : ''}`
  const out = [heading(screen, title), '']
  const kinds = grouped(open, (line) =>
    line.verdict === 'skip' ? (line.skip?.reason ?? 'skip') : 'inconclusive',
  )
  const order = ['inconclusive', 'blocked', 'unavailable', 'chosen', 'skip']
  for (const kind of order) {
    const lines = kinds.get(kind)
    if (!lines) continue
    out.push(`  ${screen.style.caution(LABELS[kind] ?? kind)}: ${lines.length}`)
    for (const group of grouped(lines, reason).values()) out.push(...told(screen, group))
  }
  return [...out, '']
}

const LABELS: Record<string, string> = {
  inconclusive: 'inconclusive',
  blocked: 'blocked by another check',
  unavailable: 'not available',
  chosen: 'skipped by choice',
  skip: 'skipped',
}

function reason(line: VerdictLine): string {
  if (line.skip?.reason === 'blocked') return line.skip.by ? `blocked by ${line.skip.by}` : line.message
  const { elicited } = line
  const counts = elicited ? ` (shown in ${elicited.shown} of ${plural(elicited.tries, 'try', 'tries')})` : ''
  const advice = keyAdvice(line)
  const message = line.message || 'no reason was recorded'
  return `${advice === '' ? message : message.replace(/\.$/, '')}${counts}${advice}`
}

/** What gives the answer: the variable in which the key of the role is looked for, or that there is none. */
function keyAdvice({ skip, message }: VerdictLine): string {
  const role = skip?.reason === 'unavailable' ? /\brole (?:is )?([a-z]+)\b/.exec(message)?.[1] : undefined
  if (role === undefined || message.includes('ASSAY_KEY')) return ''
  const name = role === 'default' ? 'ASSAY_KEY' : `ASSAY_KEY_${role.toUpperCase()}`
  return `: set ${name}, or keys: {${role}: none} in the config (--config FILE)`
}

function told(screen: Screen, group: VerdictLine[]): string[] {
  const [first] = group
  if (!first) return []
  const name = (line: VerdictLine) => (line.level === 'must' ? `${line.id} (must)` : line.id)
  if (group.length === 1) {
    const id = `    ? ${clip(safeText(name(first)), screen.width - 6)}`
    return [id, ...paragraph(screen, reason(first), 6, 3).map((text) => screen.style.dim(text))]
  }
  const most = screen.whole ? group.length : NAMED
  const named = group.slice(0, most).map(name).join(', ')
  const rest = group.length > most ? ` and ${group.length - most} more, in report.txt` : ''
  const what = group.every(({ kind }) => kind === 'rule') ? 'rules' : 'checks'
  return [
    ...paragraph(screen, `? ${group.length} ${what}: ${reason(first)}`, 4, 3),
    ...paragraph(screen, `${named}${rest}`, 6, 6).map((text) => screen.style.dim(text)),
  ]
}
