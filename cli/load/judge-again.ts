import { copyFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import type { Order } from '../../load/order.ts'
import { totalsOf } from '../../reports/conclusion.ts'
import { RecordUnreadable, type RunRecord } from '../../reports/record/read.ts'
import type { SummaryLine } from '../../reports/record/types.ts'
import { RecordWriter } from '../../reports/record/write.ts'
import { comparison } from '../comparison.ts'
import { EXIT } from '../exit.ts'
import { differences } from '../judge-session.ts'
import { openSpecs } from '../open-specs.ts'
import { allowsUnproven, profileFromJson } from '../recorded-options.ts'
import { showRecord, writeReports } from '../reports.ts'
import { say } from '../speak.ts'
import { loadExit } from './exit.ts'
import { digestOf, JOURNAL_FILE, judgeLoad, SAMPLES_FILE, samplesLine } from './judge.ts'

/** `assay judge DIR` of a load run: the same questions over the recorded rows. Works offline. */
export async function judgeLoadAgain(
  dir: string,
  record: RunRecord,
  flags: { out?: string; allowUnproven?: boolean },
): Promise<number> {
  const samples = await samplesOf(dir, record)
  const profile = profileFromJson(record.run)
  const order = record.run.load as unknown as Order
  const { verdicts, figures, unreachable, nothingFinished } = await judgeLoad({
    order,
    dir,
    specs: openSpecs(profile),
    profile,
    embedded: record.run.target.embedded,
  })
  const allowed = flags.allowUnproven ?? allowsUnproven(record)
  const judged = loadExit(verdicts, { unreachable, allowUnproven: allowed, nothingFinished })
  // What did not come to its end never reads as conforming.
  const honest = record.complete || judged !== EXIT.ok ? judged : EXIT.unproven
  // An engine that died is assay's own fault, as it was when the record was made.
  const exit = record.complete && !samples.complete ? EXIT.unreachable : honest
  const summary: SummaryLine = {
    type: 'summary',
    at: new Date().toISOString(),
    totals: totalsOf(verdicts),
    cost: record.summary?.cost ?? { requests: 0, tokens: 0, seconds: 0 },
    exit,
    ...(record.complete ? {} : { interrupted: true as const }),
    load: figures,
  }
  const again: RunRecord = { ...record, samples, verdicts, summary }
  if (flags.out !== undefined) {
    const writer = RecordWriter.create(flags.out)
    try {
      writer.write({ ...record.run, options: { ...record.run.options, allow_unproven: allowed } })
      for (const file of [SAMPLES_FILE, JOURNAL_FILE]) {
        const from = path.join(dir, file)
        if (existsSync(from)) copyFileSync(from, path.join(flags.out, file))
      }
      writer.write(samples)
      for (const line of verdicts) writer.write(line)
      writer.write(summary)
    } finally {
      writer.close()
    }
    writeReports(flags.out, again, { resumable: dir })
  }
  showRecord(again, flags.out, { resumable: dir })
  say(
    comparison(
      {
        differences: differences(record.verdicts, verdicts),
        compared: record.verdicts.length,
        sameChecks: true,
      },
      record.run.assay,
      record.complete,
    ),
  )
  return exit
}

/** The line of the sample file. Throws RecordUnreadable where the file is not the one that the record speaks of. */
async function samplesOf(dir: string, record: RunRecord): Promise<NonNullable<RunRecord['samples']>> {
  const file = path.join(dir, SAMPLES_FILE)
  if (!existsSync(file)) {
    throw new RecordUnreadable(`${file}: there is no such file; the rows of a load run are in it`)
  }
  const { samples } = record
  if (samples === undefined) {
    // The run was killed before it could tell.
    const line = await samplesLine(dir, false)
    if (line === undefined) throw new RecordUnreadable(`${file}: it has gone`)
    return line
  }
  const { sha256 } = await digestOf(file)
  if (sha256 !== samples.sha256) {
    throw new RecordUnreadable(
      `${file}: it is not the file that the record was made with (sha256 ${sha256}, recorded ${samples.sha256})`,
    )
  }
  return samples
}
