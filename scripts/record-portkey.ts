/**
 * `npx node scripts/record-portkey.ts`: runs assay against Portkey's gateway in front of the reference gateway and
 * keeps the record as fixtures/recordings/portkey-openai/record.jsonl.gz. Then it shows how the verdicts differ from
 * the confirmed list beside it. The list itself is written by hand, after a look at the bytes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { readRecord } from '../reports/record/read.ts'
import { confirmed, recordingFile, standingOut } from '../tests/real/expected.ts'
import { startPortkey } from '../tests/real/portkey.ts'
import { runThroughPortkey } from '../tests/real/portkey-run.ts'

const NAME = 'portkey-openai'

const scratch = mkdtempSync(path.join(tmpdir(), 'assay-record-'))
const portkey = await startPortkey()
try {
  const run = await runThroughPortkey(portkey, scratch)
  const dir = path.join(scratch, 'run')
  const { complete, verdicts, exchanges } = await readRecord(dir)
  if (!complete) throw new Error(`the run did not come to its end (exit ${run.status}): ${run.stderr}`)
  const file = recordingFile(NAME)
  mkdirSync(path.dirname(file), { recursive: true })
  const packed = gzipSync(readFileSync(path.join(dir, 'record.jsonl')), { level: 9 })
  writeFileSync(file, packed)
  console.log(`${path.relative(process.cwd(), file)}: ${exchanges.size} exchanges, ${packed.length} bytes`)

  const known = new Set(standingOut(confirmed(NAME)))
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
} finally {
  await portkey.stop()
  rmSync(scratch, { recursive: true, force: true })
}
