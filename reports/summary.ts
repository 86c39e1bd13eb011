import { type ConclusionWord, conclude, totalsOf } from './conclusion.ts'
import { dialectOf, dialectsOf } from './dialects.ts'
import { type LoadMetrics, loadJson } from './load-summary.ts'
import type { RunRecord } from './record/read.ts'
import type { FieldFate, JsonObject, Level, RunLine, VerdictWord } from './record/types.ts'

/** `summary.json`: the run for machines. Keys are only ever added. */
export interface SummaryJson {
  schema: 'assay/summary/1'
  /** Id of the profile. */
  profile: string
  target: RunLine['target']
  /** Each dialect under test: the version of its API where it has versions, where it was asked, what came of it. */
  dialects: { id: string; version?: string; url: string; totals: Record<VerdictWord, number> }[]
  conclusion: ConclusionWord
  /** Exit status; 130 where the run did not come to its end. */
  exit: number
  /** The run was stopped, or killed, before every check was judged. */
  interrupted: boolean
  totals: Record<VerdictWord, number>
  /** `tokens` and `seconds` are null where the run did not come to its end: nobody added them up. */
  cost: { requests: number; tokens: number | null; seconds: number | null }
  checks: SummaryCheck[]
  /** Rows of the field-fate tables. A path belongs to its dialect: two may have the same. */
  fields: (FieldFate & { id: string; dialect: string; verdict: VerdictWord })[]
  /** Ids of must-level checks without an answer that the user did not choose to skip. */
  unproven: string[]
  /** Ids that failed as the baseline says, and so did not count. */
  known: string[]
  /** Ids on the baseline that no longer fail: each makes the run fail. */
  stale: string[]
  digests: RunLine['digests']
  assay: string
  startedAt: string
  finishedAt: string | null
  /** Of a load run: what was ordered in short; of a search for a limit only that. */
  load?: { scenario: string; arrivals?: string; streams?: number; rate?: number; seconds?: number }
  /** Of a load run: figures of the headline phases, then each phase and model. Times in milliseconds. */
  metrics?: LoadMetrics
  /** Of a run of a limits scenario. */
  limiter?: JsonObject
}

export interface SummaryCheck {
  id: string
  kind: 'check' | 'rule'
  verdict: VerdictWord
  level: Level
  requirements: string[]
  message: string
  /** Why a skip was skipped. */
  reason?: string
  /** How many findings there are. */
  findings: number
}

export function summaryJson(record: RunRecord): SummaryJson {
  const { run, summary, verdicts } = record
  const { word, totals, unproven, known, stale, exit } = conclude(record)
  return {
    schema: 'assay/summary/1',
    profile: profileId(run),
    target: run.target,
    dialects: dialectsOf(run).map(({ id, version, url }) => ({
      id,
      ...(version === undefined ? {} : { version }),
      url,
      totals: totalsOf(verdicts.filter((line) => dialectOf(line) === id)),
    })),
    conclusion: word,
    exit,
    interrupted: !record.complete,
    totals,
    cost: summary ? summary.cost : { requests: requestsSent(record), tokens: null, seconds: null },
    checks: verdicts.map((line) => ({
      id: line.id,
      kind: line.kind,
      verdict: line.verdict,
      level: line.level,
      requirements: line.requirements.map((requirement) => requirement.id),
      message: line.message,
      ...(line.skip ? { reason: line.skip.reason } : {}),
      findings: line.findings.length,
    })),
    fields: verdicts.flatMap((line) =>
      line.field ? [{ ...line.field, id: line.id, dialect: dialectOf(line), verdict: line.verdict }] : [],
    ),
    unproven: unproven.map((line) => line.id),
    known: [...known],
    stale: [...stale],
    digests: run.digests,
    assay: run.assay,
    startedAt: run.startedAt,
    finishedAt: summary?.at ?? null,
    ...loadJson(record),
  }
}

export function profileId(run: RunLine): string {
  return typeof run.profile.id === 'string' ? run.profile.id : 'unnamed'
}

/** Requests that the recorded exchanges stand for, those that were answered 429 and sent again included. */
export function requestsSent(record: RunRecord): number {
  return [...record.exchanges.values()].reduce((sum, exchange) => sum + 1 + exchange.retries, 0)
}
