import type { RunRecord } from './record/read.ts'
import type { VerdictLine, VerdictWord } from './record/types.ts'

export type ConclusionWord =
  | 'conforms'
  | 'fails'
  /** Nothing failed, but the baseline lists a check that no longer fails. */
  | 'baseline-stale'
  | 'unproven'
  /** Nothing failed but what the baseline knows to fail. */
  | 'known-failures'
  | 'unjudged'
  /** Of a load run: the meter could not keep pace, so its figures are not the gateway's. */
  | 'saturated'
  | 'interrupted'

/** What a run says as a whole. The word comes from the verdicts, never from the exit status alone. */
export interface Conclusion {
  word: ConclusionWord
  totals: Record<VerdictWord, number>
  /** Must-level checks without an answer for a reason that the user did not choose. */
  unproven: VerdictLine[]
  /** Ids that failed as the baseline says they do. */
  known: ReadonlySet<string>
  /** Ids that the baseline lists and that no longer fail. */
  stale: readonly string[]
  /** Exit status: as recorded, 130 where the run did not come to its end. */
  exit: number
}

/** How often each verdict was given. */
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

export function conclude(record: RunRecord): Conclusion {
  const totals = totalsOf(record.verdicts)
  const unproven = record.verdicts.filter(isUnproven)
  const exit = record.summary?.exit ?? 130
  const known = new Set(record.summary?.known)
  const stale = record.summary?.stale ?? []
  const failed = record.verdicts.some((line) => line.verdict === 'fail' && !known.has(line.id))
  return { word: word(), totals, unproven, known, stale, exit }

  function word(): ConclusionWord {
    if (!record.complete) return 'interrupted'
    const judged = totals.pass + totals.fail + totals.warn
    if (record.verdicts.some(isSaturated)) return 'saturated'
    if (totals.error > 0 || exit === 3 || exit === 2) return 'unjudged'
    if (failed) return 'fails'
    if (stale.length > 0) return 'baseline-stale'
    if (unproven.length > 0) return 'unproven'
    if (totals.fail > 0) return 'known-failures'
    return judged === 0 ? 'unjudged' : 'conforms'
  }
}

export function isSaturated(line: VerdictLine): boolean {
  return line.id === 'load/meter/saturated' && line.verdict === 'error'
}

/** Skips that take nothing away: the user's own choice, and a rule for something that never came up. */
const PROVEN_SKIPS: ReadonlySet<string> = new Set(['chosen', 'idle'])

/** Inconclusive, blocked or unavailable at must level: neither red nor green. */
export function isUnproven(line: VerdictLine): boolean {
  if (line.level !== 'must') return false
  return (
    line.verdict === 'inconclusive' || (line.verdict === 'skip' && !PROVEN_SKIPS.has(line.skip?.reason ?? ''))
  )
}
