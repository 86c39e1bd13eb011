import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { junitXml } from '../reports/junit.ts'
import type { RunRecord } from '../reports/record/read.ts'
import { summaryJson } from '../reports/summary.ts'
import { renderTerminal, reportText } from '../reports/terminal/render.ts'
import { safeText } from '../reports/terminal/safe-text.ts'
import { wantsColor } from '../reports/terminal/style.ts'
import type { BaselineOutcome, KnownFailure } from './baseline.ts'
import { openSpecs } from './open-specs.ts'
import { say } from './speak.ts'

/** Where the record was read, where that is not the directory of the reports. */
interface From {
  resumable?: string
}

/** Writes `summary.json`, `junit.xml` and `report.txt` beside the record. */
export function writeReports(dir: string, record: RunRecord, from: From = {}): void {
  writeFileSync(path.join(dir, 'summary.json'), `${JSON.stringify(summaryJson(record), null, 2)}\n`)
  writeFileSync(path.join(dir, 'junit.xml'), junitXml(record))
  writeFileSync(path.join(dir, 'report.txt'), reportText(record, dir, { sentFirst, ...from }))
}

/** The final screen on standard output. `dir`: where the files of the run are. */
export function showRecord(record: RunRecord, dir?: string, from: From = {}): void {
  const { stdout } = process
  say(
    renderTerminal(record, {
      ...from,
      sentFirst,
      color: wantsColor(stdout, process.env),
      ...(stdout.columns === undefined ? {} : { width: Math.min(stdout.columns, 120) }),
      ...(dir === undefined ? {} : { dir }),
    }),
  )
}

/** Ids of the profiles that come with assay and send the key of a dialect in this header. */
function sentFirst(dialect: string, header: string): string[] {
  const profiles = [...openSpecs().profiles.values()]
  return profiles.filter(({ dialects }) => dialects[dialect]?.auth.header === header).map(({ id }) => id)
}

/** What the baseline did to the exit status, or nothing. */
export function baselineText(entries: readonly KnownFailure[], { known, stale }: BaselineOutcome): string[] {
  const reasons = new Map(entries.map((entry) => [entry.id, entry.reason]))
  return [
    ...[...known].map((id) => {
      const reason = reasons.get(id)
      return `known to fail, not counted: ${id}${reason === undefined ? '' : ` (${safeText(reason)})`}`
    }),
    ...stale.map((id) => `out of date in the baseline: ${id} no longer fails; take it off the list (exit 1)`),
  ]
}
