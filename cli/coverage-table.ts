import { clip, columns, wrap } from '../reports/terminal/columns.ts'
import { safeText } from '../reports/terminal/safe-text.ts'

/** One requirement and what answers it: ids of checks and rules, or one sentence where none does. */
export interface CoverageLine {
  requirement: string
  level: string
  answer: readonly string[] | string
}

const GAP = 2
/** Ids of requirements are clipped beyond this, so that the answers keep room. */
const WIDEST_ID = 44
/** Lines of a sentence. */
const MOST_LINES = 4

/** A table within `width` columns: as many ids as fit on one line, and the number of the others. */
export function coverageTable(lines: readonly CoverageLine[], width: number): string[] {
  const head = { requirement: 'requirement', level: 'level', answer: 'answered by' }
  const all = [head, ...lines]
  const id = Math.min(
    WIDEST_ID,
    Math.floor(width / 2),
    Math.max(...all.map((line) => columns(line.requirement))),
  )
  const level = Math.max(...all.map((line) => columns(line.level)))
  const room = Math.max(20, width - id - level - 2 * GAP)
  const gap = ' '.repeat(GAP)
  const rows = all.map(({ requirement, level: word, answer }) => {
    const parts = typeof answer === 'string' ? sentence(answer, room) : [idsWithin(answer, room)]
    return parts
      .map((part, i) => {
        const cells = i === 0 ? [clip(requirement, id), word] : ['', '']
        return `${cells[0]!.padEnd(id)}${gap}${cells[1]!.padEnd(level)}${gap}${part}`.trimEnd()
      })
      .join('\n')
  })
  const rule = [id, level, room].map((columns) => '─'.repeat(columns)).join(gap)
  return [rows[0]!, rule, ...rows.slice(1)]
}

function sentence(text: string, room: number): string[] {
  const lines = wrap(safeText(text), room)
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES - 1), clip(`${lines[MOST_LINES - 1]} …`, room)]
}

/** The first ids that fit into `room` columns, and how many more there are. */
function idsWithin(ids: readonly string[], room: number): string {
  for (let shown = ids.length; shown > 1; shown -= 1) {
    const text = ids.slice(0, shown).join(', ') + rest(ids.length - shown)
    if (columns(text) <= room) return text
  }
  const more = rest(ids.length - 1)
  return clip(ids[0] ?? '', Math.max(8, room - more.length)) + more
}

function rest(count: number): string {
  return count === 0 ? '' : ` + ${count} more`
}
