import { readRecord } from '../reports/record/read.ts'
import { RecordWriter } from '../reports/record/write.ts'
import { safeText } from '../reports/terminal/safe-text.ts'
import { dialects } from '../suites/dialects.ts'
import { judgeRecord, type Rejudged } from './judge-session.ts'
import { openSpecs } from './open-specs.ts'
import { allowsUnproven, optionsFromJson, profileFromJson } from './recorded-options.ts'
import { baselineText, showRecord, writeReports } from './reports.ts'
import { say } from './speak.ts'
import { version } from './version.ts'

/** `assay judge DIR`: the same session over the recorded exchanges. Works offline; writes nothing without `--out`. */
export async function judge(dir: string, flags: { out?: string; allowUnproven?: boolean }): Promise<number> {
  const record = await readRecord(dir)
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

function comparison(again: Rejudged, by: string, complete: boolean): string {
  const { differences, compared } = again
  const lines: string[] = []
  if (!complete) {
    lines.push('The record is that of a run that did not come to its end: what was not asked has no answer.')
  }
  if (compared === 0) lines.push('The record holds no verdicts to compare with.')
  else if (differences.length === 0)
    lines.push(`Judged again: all ${compared} verdicts agree with the record.`)
  else {
    lines.push(`Judged again: ${differences.length} of ${compared} verdicts do NOT agree with the record:`)
    lines.push(...differences.map((text) => `  ${safeText(text)}`))
  }
  const now = version()
  if (by !== now) lines.push(`The record was judged by assay ${by}, this is ${now}.`)
  else if (!again.sameChecks) lines.push('The checks or schemas have changed since the record was made.')
  return lines.join('\n')
}
