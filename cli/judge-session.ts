import { totalsOf } from '../reports/conclusion.ts'
import type { RunRecord } from '../reports/record/read.ts'
import type { SummaryLine, VerdictLine } from '../reports/record/types.ts'
import type { Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { canonical } from '../suites/core/digest.ts'
import { Session } from '../suites/core/session.ts'
import { Recorded } from '../suites/core/source.ts'
import { applyBaseline, type BaselineOutcome, baselineMarks } from './baseline.ts'
import { byRole } from './by-role.ts'
import { neverReached } from './connection-failure.ts'
import { digestsOf } from './digests.ts'
import { EXIT, exitStatus } from './exit.ts'
import { allowsUnproven, optionsFromJson, profileFromJson } from './recorded-options.ts'
import { spentOn } from './spent.ts'

export interface Rejudged {
  lines: VerdictLine[]
  summary: SummaryLine
  exit: number
  baseline: BaselineOutcome
  /** Verdicts that differ from the recorded ones, in words. */
  differences: string[]
  /** Recorded verdicts that were compared. */
  compared: number
  /** Whether profile, schemas and checks are those of the recorded run. */
  sameChecks: boolean
}

/** Judges a record again by the same session over the recorded exchanges. Sends nothing, reads no clock but for `at`. */
export async function judgeRecord(
  record: RunRecord,
  given: { specs: Specs; dialects: Dialect[]; allowUnproven?: boolean },
): Promise<Rejudged> {
  const options = optionsFromJson(record.run.options)
  const profile = profileFromJson(record.run)
  const session = new Session({
    specs: given.specs,
    profile,
    dialects: given.dialects,
    options: options.session,
    source: byRole(new Recorded(record.exchanges), options.session.roles),
  })
  const lines = await session.run()
  const baseline = applyBaseline(options.baseline, lines)
  const exit = exitStatus(lines, {
    unreachable: neverReached(record.exchanges.values()),
    allowUnproven: given.allowUnproven ?? allowsUnproven(record),
    known: baseline.known,
    stale: baseline.stale,
  })
  const now = digestsOf(profile, session.selected)
  const { digests } = record.run
  return {
    lines,
    summary: {
      type: 'summary',
      at: new Date().toISOString(),
      totals: totalsOf(lines),
      cost: record.summary?.cost ?? { ...spentOn(record.exchanges.values(), given.dialects), seconds: 0 },
      exit: honest(exit, record.complete),
      ...(record.complete ? {} : { interrupted: true as const }),
      ...baselineMarks(baseline),
    },
    exit: honest(exit, record.complete),
    baseline,
    differences: differences(record.verdicts, lines),
    compared: record.verdicts.length,
    sameChecks: digests.schemas === now.schemas && digests.checks === now.checks,
  }
}

/** A record that did not come to its end never reads as conforming. */
function honest(exit: number, complete: boolean): number {
  return complete || exit !== EXIT.ok ? exit : EXIT.unproven
}

/** What judging again changed. The reason of an open question may differ: a record does not keep why nothing was sent. */
export function differences(before: readonly VerdictLine[], after: readonly VerdictLine[]): string[] {
  const now = new Map(after.map((line) => [line.id, line]))
  const told: string[] = []
  for (const old of before) {
    const line = now.get(old.id)
    now.delete(old.id)
    if (line === undefined) told.push(`${old.id}: recorded ${old.verdict}, not judged now`)
    else if (line.verdict !== old.verdict) {
      told.push(
        `${old.id}: recorded ${old.verdict}, now ${line.verdict}${line.message ? ` (${line.message})` : ''}`,
      )
    } else if (canonical(essence(line)) !== canonical(essence(old))) {
      told.push(`${old.id}: ${line.verdict} as recorded, but not for the same reasons`)
    }
  }
  if (before.length > 0) {
    for (const line of now.values()) told.push(`${line.id}: not in the record, now ${line.verdict}`)
  }
  return told
}

function essence(line: VerdictLine): unknown {
  const { level, findings, field, exchanges, skip, elicited } = line
  return { level, findings, field, exchanges, skip, elicited }
}
