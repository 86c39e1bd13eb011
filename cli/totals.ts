import type { VerdictLine, VerdictWord } from '../reports/record/types.ts'

export function totalsOf(lines: readonly VerdictLine[]): Record<VerdictWord, number> {
  const totals: Record<VerdictWord, number> = {
    pass: 0,
    fail: 0,
    warn: 0,
    inconclusive: 0,
    skip: 0,
    error: 0,
  }
  for (const { verdict } of lines) totals[verdict] += 1
  return totals
}
