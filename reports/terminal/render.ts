import type { RunRecord } from '../record/read.ts'
import { advice } from './advice.ts'
import { exchanges } from './exchanges.ts'
import { failures } from './failures.ts'
import { fates } from './fates.ts'
import { loadScreen } from './load/screen.ts'
import type { Screen, SentFirst } from './screen.ts'
import { styleFor } from './style.ts'
import { title, totals } from './totals.ts'
import { unanswered } from './unanswered.ts'
import { warnings } from './warnings.ts'

export interface RenderOptions {
  /** See `wantsColor`. */
  color: boolean
  /** Columns; 100 where not given, 60 at least. */
  width?: number
  /** Where the files of the run are, to be named at the end. */
  dir?: string
  /** Nothing is left out: every block, every list, and the exchanges that the findings point at. */
  whole?: boolean
  /** Where the record is that an interrupted run can go on with; `dir` where not given. */
  resumable?: string
  sentFirst?: SentFirst
}

/** The final screen: what failed first, what it all comes to last. Safe to print whatever the gateway sent. */
export function renderTerminal(record: RunRecord, options: RenderOptions): string {
  const width = Math.max(60, Math.floor(options.width ?? 100))
  const { resumable = options.dir, sentFirst } = options
  const screen: Screen = {
    record,
    style: styleFor(options.color),
    width,
    whole: options.whole ?? false,
    ...(resumable === undefined ? {} : { resumable }),
    ...(sentFirst === undefined ? {} : { sentFirst }),
  }
  if (record.run.load !== undefined) {
    return `${loadScreen(screen, record.run.load, options.dir).join('\n')}\n`
  }
  const lines = [
    ...title(screen),
    ...advice(screen),
    ...failures(screen),
    ...warnings(screen),
    ...unanswered(screen),
    ...fates(screen),
    ...(screen.whole ? exchanges(screen) : []),
    ...totals(screen, options.dir),
  ]
  return `${lines.join('\n')}\n`
}

/** The same as plain text for `report.txt`, with nothing left out. */
export function reportText(
  record: RunRecord,
  dir?: string,
  more: Pick<RenderOptions, 'resumable' | 'sentFirst'> = {},
): string {
  return renderTerminal(record, {
    ...more,
    color: false,
    width: 110,
    whole: true,
    ...(dir === undefined ? {} : { dir }),
  })
}
