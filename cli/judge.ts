import { readRecord } from '../reports/record/read.ts'
import { RecordWriter } from '../reports/record/write.ts'
import { dialects } from '../suites/dialects.ts'
import { comparison } from './comparison.ts'
import { judgeRecord } from './judge-session.ts'
import { openSpecs } from './open-specs.ts'
import { allowsUnproven, optionsFromJson, profileFromJson } from './recorded-options.ts'
import { baselineText, showRecord, writeReports } from './reports.ts'
import { say } from './speak.ts'

/** `assay judge DIR`: the same session over the recorded exchanges. Works offline; writes nothing without `--out`. */
export async function judge(dir: string, flags: { out?: string; allowUnproven?: boolean }): Promise<number> {
  const record = await readRecord(dir)
  if (record.run.load !== undefined) {
    const { judgeLoadAgain } = await import('./load/judge-again.ts')
    return judgeLoadAgain(dir, record, flags)
  }
  const again = await judgeRecord(record, {
    specs: openSpecs(profileFromJson(record.run)),
    dialects,
    ...(flags.allowUnproven === undefined ? {} : { allowUnproven: flags.allowUnproven }),
  })
  const judged = { ...record, verdicts: again.lines, summary: again.summary }
  if (flags.out !== undefined) {
    const writer = RecordWriter.create(flags.out)
    try {
      const allowed = flags.allowUnproven ?? allowsUnproven(record)
      writer.write({ ...record.run, options: { ...record.run.options, allow_unproven: allowed } })
      for (const exchange of record.exchanges.values()) writer.write({ type: 'exchange', exchange })
      for (const line of again.lines) writer.write(line)
      writer.write(again.summary)
    } finally {
      writer.close()
    }
    writeReports(flags.out, judged, { resumable: dir })
  }
  showRecord(judged, flags.out, { resumable: dir })
  for (const line of baselineText(optionsFromJson(record.run.options).baseline, again.baseline)) say(line)
  say(comparison(again, record.run.assay, record.complete))
  return again.exit
}
