/**
 * `npx node scripts/record-gateways.ts [NAME]…`: runs assay against gateways of others in front of the reference gateway
 * (all, or the named) and keeps each record as fixtures/recordings/NAME/record.jsonl.gz. Then it shows how the verdicts differ from the
 * confirmed list beside it. The list itself is written by hand, after a look at the bytes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { readRecord } from '../reports/record/read.ts'
import type { VerdictLine } from '../reports/record/types.ts'
import { confirmed, recordingFile, standingOut } from '../tests/real/expected.ts'
import { play, SCENE_NAMES, type SceneName } from '../tests/real/scenes.ts'

const named = process.argv.slice(2)
const unknown = named.find((name) => !SCENE_NAMES.includes(name as SceneName))
if (unknown !== undefined) throw new Error(`${unknown} is none of ${SCENE_NAMES.join(', ')}`)
for (const name of SCENE_NAMES) if (named.length === 0 || named.includes(name)) await record(name)

async function record(name: SceneName): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'assay-record-'))
  try {
    const run = await play(name, scratch)
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
