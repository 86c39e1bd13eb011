import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { VerdictLine, VerdictWord } from '../../reports/record/types.ts'

const RECORDINGS = new URL('../../fixtures/recordings/', import.meta.url)

/** A verdict on a real gateway that somebody has confirmed from the bytes. */
export interface Confirmed {
  id: string
  verdict: VerdictWord
  reason: string
  /** Headings of docs/field-notes.md, such as `P-1`. */
  notes: string[]
}

/** The reviewed list beside a recording: all that is neither a pass nor a rule that nothing came up for. */
export function confirmed(name: string): Confirmed[] {
  const text = readFileSync(new URL(`${name}.expected.yaml`, RECORDINGS), 'utf8')
  return (parse(text) as { verdicts: Confirmed[] }).verdicts
}

export function recordingDir(name: string): string {
  return fileURLToPath(new URL(name, RECORDINGS))
}

/** What stands out of a run, as `id: verdict` with the ids in order: to be compared with the confirmed list. */
export function standingOut(lines: readonly Pick<VerdictLine, 'id' | 'verdict' | 'skip'>[]): string[] {
  return lines
    .filter(({ verdict, skip }) => verdict !== 'pass' && skip?.reason !== 'idle')
    .map(({ id, verdict }) => `${id}: ${verdict}`)
    .sort()
}
