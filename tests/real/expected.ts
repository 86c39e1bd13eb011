import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { type RunRecord, readRecord } from '../../reports/record/read.ts'
import type { VerdictLine, VerdictWord } from '../../reports/record/types.ts'

const RECORDINGS = fileURLToPath(new URL('../../fixtures/recordings/', import.meta.url))
const LIST = '.expected.yaml'

/** A verdict on a real gateway that somebody has confirmed from the bytes. */
export interface Confirmed {
  id: string
  verdict: VerdictWord
  reason: string
  /** Headings of docs/field-notes.md, such as `P-1`. */
  notes: string[]
}

type Judged = Pick<VerdictLine, 'id' | 'verdict' | 'skip'>

/** Names of the recordings: each has a directory and a reviewed list. */
export function recordings(): string[] {
  return readdirSync(RECORDINGS)
    .filter((file) => file.endsWith(LIST))
    .map((file) => file.slice(0, -LIST.length))
}

/** The reviewed list beside a recording: all that is neither a pass nor a rule that nothing came up for. */
export function confirmed(name: string): Confirmed[] {
  const text = readFileSync(path.join(RECORDINGS, `${name}${LIST}`), 'utf8')
  return (parse(text) as { verdicts: Confirmed[] }).verdicts
}

/** The compressed record of a recording. */
export function recordingFile(name: string): string {
  return path.join(RECORDINGS, name, 'record.jsonl.gz')
}

/** A capture by `curl -iN`, for `assay check-transcript`. */
export function captured(name: string): string {
  return path.join(RECORDINGS, `${name}.http`)
}

export async function readRecording(name: string): Promise<RunRecord> {
  const dir = mkdtempSync(path.join(tmpdir(), 'assay-recording-'))
  try {
    writeFileSync(path.join(dir, 'record.jsonl'), gunzipSync(readFileSync(recordingFile(name))))
    return await readRecord(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What stands out of a run, as `id: verdict` with the ids in order: to be compared with the confirmed list. */
export function standingOut(lines: readonly Judged[]): string[] {
  return lines
    .filter(({ verdict, skip }) => verdict !== 'pass' && skip?.reason !== 'idle' && skip?.reason !== 'chosen')
    .map(({ id, verdict }) => `${id}: ${verdict}`)
    .sort()
}
