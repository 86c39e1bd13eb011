import type { VerdictLine } from './record/types.ts'

/** What became of a question, in the words of the reports. */
export interface Outcomes {
  passed: number
  failed: number
  /** Failed as the baseline says: not among `failed`. */
  known: number
  warned: number
  /** Rules for something that never came up. */
  idle: number
  /** Inconclusive, blocked, or without a key: nobody knows. */
  open: number
  /** Skipped because the user said so. */
  chosen: number
  /** assay's own faults. */
  errors: number
}

export function noOutcomes(): Outcomes {
  return { passed: 0, failed: 0, known: 0, warned: 0, idle: 0, open: 0, chosen: 0, errors: 0 }
}

export function outcomesOf(lines: Iterable<VerdictLine>, known: ReadonlySet<string> = new Set()): Outcomes {
  const sum = noOutcomes()
  for (const line of lines) sum[outcomeOf(line, known)] += 1
  return sum
}

export function outcomeOf(line: VerdictLine, known: ReadonlySet<string> = new Set()): keyof Outcomes {
  switch (line.verdict) {
    case 'pass':
      return 'passed'
    case 'fail':
      return known.has(line.id) ? 'known' : 'failed'
    case 'warn':
      return 'warned'
    case 'error':
      return 'errors'
    case 'inconclusive':
      return 'open'
    case 'skip':
      return line.skip?.reason === 'idle' ? 'idle' : line.skip?.reason === 'chosen' ? 'chosen' : 'open'
  }
}

/** `379 passed, 0 failed, 0 warned, 2 had nothing to judge`. Every question is in exactly one of the counts. */
export function outcomesText(sum: Outcomes): string {
  const n = (count: number) => count.toLocaleString('en-US')
  const parts = [`${n(sum.passed)} passed`, `${n(sum.failed)} failed`]
  if (sum.known > 0) parts.push(`${n(sum.known)} failed as the baseline knows`)
  parts.push(`${n(sum.warned)} warned`)
  if (sum.idle > 0) parts.push(`${n(sum.idle)} had nothing to judge`)
  if (sum.open > 0) parts.push(`${n(sum.open)} ${sum.open === 1 ? 'has' : 'have'} no answer`)
  if (sum.chosen > 0) parts.push(`${n(sum.chosen)} skipped by choice`)
  if (sum.errors > 0) parts.push(`${n(sum.errors)} ${sum.errors === 1 ? 'error' : 'errors'} of assay itself`)
  return parts.join(', ')
}
