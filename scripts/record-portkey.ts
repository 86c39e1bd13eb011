/**
 * `npx node scripts/record-portkey.ts`: runs assay against Portkey's gateway in front of the reference gateway and
 * keeps each record as fixtures/recordings/NAME/record.jsonl.gz. Then it shows how the verdicts differ from the
 * confirmed list beside it. The list itself is written by hand, after a look at the bytes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { readRecord } from '../reports/record/read.ts'
import type { VerdictLine } from '../reports/record/types.ts'
import { confirmed, recordingFile, standingOut } from '../tests/real/expected.ts'
import { startPortkey } from '../tests/real/portkey.ts'
import { runThroughPortkey } from '../tests/real/portkey-run.ts'

/** The provider is the last part of the recording's name. */
const RECORDED = ['portkey-openai', 'portkey-groq']

const portkey = await startPortkey()
try {
  for (const name of RECORDED) await record(name)
} finally {
  await portkey.stop()
}

async function record(name: string): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'assay-record-'))
  try {
    const run = await runThroughPortkey(portkey, scratch, name.slice('portkey-'.length))
    const dir = path.join(scratch, 'run')
    if (run.status !== 1) throw new Error(`assay run ended with ${run.status}: ${run.stderr}`)
    const { complete, verdicts, exchanges } = await readRecord(dir)
    if (!complete) throw new Error('the run did not come to its end')
    const file = recordingFile(name)
    mkdirSync(path.dirname(file), { recursive: true })
    const packed = gzipSync(readFileSync(path.join(dir, 'record.jsonl')), { level: 9 })
    writeFileSync(file, packed)
    console.log(`${path.relative(process.cwd(), file)}: ${exchanges.size} exchanges, ${packed.length} bytes`)
    compare(name, verdicts)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Says what stands out and is not confirmed, and what was confirmed and is no longer so. */
function compare(name: string, verdicts: VerdictLine[]): void {
  const known = new Set(standingOut(confirmed(name)))
  const seen = standingOut(verdicts)
  const fresh = seen.filter((line) => !known.has(line))
  const stale = [...known].filter((line) => !seen.includes(line))
  for (const line of fresh) {
    const verdict = verdicts.find(({ id }) => line.startsWith(`${id}: `))
    console.log(`to be confirmed  ${line}\n                 ${verdict?.message}`)
  }
  for (const line of stale) console.log(`no longer so     ${line}`)
  if (fresh.length + stale.length > 0) process.exitCode = 1
  else console.log(`all ${known.size} verdicts that stand out are confirmed`)
}
