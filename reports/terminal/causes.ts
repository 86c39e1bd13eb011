import { shownResponse } from '../record/body.ts'
import { exchangeAt, type RunRecord } from '../record/read.ts'
import type { Finding, VerdictLine } from '../record/types.ts'
import { placeKey } from './span.ts'

/** Verdicts that point at the same bytes: one is told in full, the others are named under it. */
export interface Cause {
  first: VerdictLine
  others: VerdictLine[]
}

/** Security first, then what must hold (rules, which saw every exchange, before checks), then what may. */
function rank(line: VerdictLine): number {
  const security = line.id.includes('/security/') || line.requirements.some(({ id }) => id.startsWith('SEC-'))
  if (security) return 0
  if (line.level === 'may') return 3
  return line.kind === 'rule' ? 1 : 2
}

/** Verdicts in the order of their weight, those with one cause together. Deterministic. */
export function causesOf(record: RunRecord, lines: readonly VerdictLine[]): Cause[] {
  const causes: Cause[] = []
  const at = new Map<string, Cause>()
  const key = keys(record)
  for (const line of [...lines].sort((a, b) => rank(a) - rank(b))) {
    const [main, ...more] = accusing(line)
    const same = main && at.get(key(main))
    if (same) {
      same.others.push(line)
      continue
    }
    const cause = { first: line, others: [] }
    causes.push(cause)
    for (const finding of main ? [main, ...more] : []) {
      const place = key(finding)
      if (!at.has(place)) at.set(place, cause)
    }
  }
  return causes
}

/** What was only observed accuses nobody. */
export function accusing({ findings }: VerdictLine): Finding[] {
  return findings.filter(({ by }) => by !== 'observe')
}

function keys(record: RunRecord): (finding: Finding) => string {
  const shown = new Map<string, ReturnType<typeof shownResponse> | undefined>()
  return ({ at, got }) => {
    if (!shown.has(at.exchange)) {
      const exchange = exchangeAt(record, at.exchange)
      shown.set(at.exchange, exchange && shownResponse(exchange))
    }
    return placeKey(at, shown.get(at.exchange), got)
  }
}
