import { totalsOf } from '../reports/conclusion.ts'
import type { JsonObject, RunLine, SummaryLine, VerdictLine } from '../reports/record/types.ts'
import { applyBaseline, type BaselineOutcome, baselineMarks } from './baseline.ts'
import { addresses } from './bases.ts'
import type { ConnectionFailure } from './connection-failure.ts'
import { digestsOf } from './digests.ts'
import { exitStatus } from './exit.ts'
import { type LiveSession, openSession } from './open-session.ts'
import { optionsToJson } from './recorded-options.ts'

export interface SessionOutcome {
  run: RunLine
  lines: VerdictLine[]
  summary: SummaryLine
  exit: number
  /** Sent in this run, answers to 429 included; a bound of the tokens that they cost. */
  requests: number
  tokens: number
  /** Code and detail, where the target could not be reached at all. */
  unreachable?: ConnectionFailure
  baseline: BaselineOutcome
}

/** Asks a gateway everything that the options select, judges it, and tells each line of the record as it comes. */
export async function runSession(live: LiveSession): Promise<SessionOutcome> {
  const { profile, options, signal } = live
  const started = performance.now()
  const resumed = live.recorded !== undefined
  const { session, lab, spent, awaited, close, unreachable: failure } = openSession(live)

  const plan = session.plan()
  const run: RunLine = {
    type: 'run',
    schema: 'assay/record/1',
    assay: live.version,
    node: process.version,
    startedAt: new Date().toISOString(),
    seed: live.seed,
    target: {
      ...addresses(live.bases, options.session.dialects),
      embedded: live.embedded,
      dialects: options.session.dialects,
      model: options.session.model,
    },
    profile: JSON.parse(JSON.stringify(profile)) as JsonObject,
    options: optionsToJson(options),
    digests: digestsOf(profile, session.selected),
    plan,
  }
  if (!resumed) live.write?.(run)
  live.onPlan?.(plan)

  let lines: VerdictLine[]
  const watch = setInterval(() => {
    const text = awaited.line(performance.now(), plan.requests - spent.requests)
    if (text !== undefined && signal?.aborted !== true) live.onWaiting?.(text)
  }, 1000)
  watch.unref()
  try {
    lines = await session.run()
  } finally {
    clearInterval(watch)
    await close()
  }
  const unreachable = failure()
  const baseline = applyBaseline(options.baseline, lines)
  const stopped = signal?.aborted === true
  const exit = exitStatus(lines, {
    interrupted: stopped,
    unreachable: unreachable !== undefined,
    allowUnproven: options.allow_unproven,
    known: baseline.known,
    stale: baseline.stale,
  })
  const summary: SummaryLine = {
    type: 'summary',
    at: new Date().toISOString(),
    totals: totalsOf(lines),
    cost: {
      requests: spent.requests + lab.requests,
      tokens: spent.tokens + lab.tokens,
      seconds: Math.round(performance.now() - started) / 1000,
    },
    exit,
    ...(stopped ? { interrupted: true as const } : {}),
    ...baselineMarks(baseline),
  }
  for (const line of lines) live.write?.(line)
  live.write?.(summary)
  return {
    run,
    lines,
    summary,
    exit,
    requests: lab.requests,
    tokens: lab.tokens,
    baseline,
    ...(unreachable === undefined ? {} : { unreachable }),
  }
}
