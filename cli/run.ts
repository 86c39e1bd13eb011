import path from 'node:path'
import { type RunRecord, readRecord } from '../reports/record/read.ts'
import type { RecordLine } from '../reports/record/types.ts'
import { RecordWriter } from '../reports/record/write.ts'
import { type Progress, progress } from '../reports/terminal/progress.ts'
import { type PreparedRun, prepare } from './prepare-run.ts'
import { baselineText, showRecord, writeReports } from './reports.ts'
import { resumedRun } from './resume.ts'
import { runSession, type SessionOutcome } from './run-session.ts'
import type { RunFlags } from './settings.ts'
import { onInterrupt } from './signals.ts'
import { complain, say } from './speak.ts'
import { unreachableSentence } from './target.ts'

/** `assay run`. */
export async function run(flags: RunFlags): Promise<number> {
  const prepared = flags.resume === undefined ? await prepare(flags) : await resumedRun(flags.resume, flags)
  if (flags.plan) {
    const { showPlan } = await import('./plan.ts')
    return showPlan(prepared)
  }
  const interruption = onInterrupt(() =>
    complain('interrupted: nothing more is sent, what is known is written (once more ends at once)'),
  )
  try {
    return await carryOut(prepared, interruption.signal)
  } finally {
    interruption.release()
  }
}

async function carryOut(prepared: PreparedRun, signal: AbortSignal): Promise<number> {
  const dir = prepared.resume?.dir ?? prepared.out ?? defaultDir(prepared.profile.id)
  const writer =
    prepared.resume === undefined
      ? RecordWriter.create(dir)
      : RecordWriter.resume(dir, new Date().toISOString(), prepared.resume.more)
  let outcome: SessionOutcome
  try {
    outcome = await ask(prepared, signal, (line) => writer.write(line))
  } finally {
    writer.close()
  }
  const record = await readRecord(dir)
  writeReports(dir, record)
  conclude(record, outcome, prepared, dir)
  return outcome.exit
}

async function ask(
  prepared: PreparedRun,
  signal: AbortSignal,
  write: (line: RecordLine) => void,
): Promise<SessionOutcome> {
  const gateway = await prepared.start()
  let bar: Progress | undefined
  try {
    return await runSession({
      ...prepared,
      bases: gateway.bases,
      embedded: gateway.embedded,
      keys: gateway.keys,
      ...(prepared.resume === undefined ? {} : { recorded: prepared.resume.recorded }),
      signal,
      write,
      onPlan(plan) {
        bar = progress(process.stderr, plan)
      },
      onExchange: () => bar?.exchange(),
      onVerdict: (line) => bar?.verdict(line),
    })
  } finally {
    bar?.stop()
    await gateway.close()
  }
}

function conclude(record: RunRecord, outcome: SessionOutcome, prepared: PreparedRun, dir: string): void {
  if (outcome.unreachable === undefined) showRecord(record, dir)
  for (const line of baselineText(prepared.options.baseline, outcome.baseline)) say(line)
  if (outcome.unreachable !== undefined) {
    const { code, detail } = outcome.unreachable
    complain(unreachableSentence(outcome.run.target.url, code, detail))
    say(`record: ${dir}`)
    if (!record.complete) say(`to go on: assay run --resume ${dir}`)
  }
}

/** `assay-out/2026-11-22T01-53-12-345Z-openai`: in the order of time, one a run. */
function defaultDir(profile: string): string {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  return path.join('assay-out', `${time}-${profile}`)
}
