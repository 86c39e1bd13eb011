import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeRecord } from '../../cli/judge-session.ts'
import { openSpecs } from '../../cli/open-specs.ts'
import { gateway } from '../../fixtures/hostile/chat.ts'
import { conclude } from '../../reports/conclusion.ts'
import { junitXml } from '../../reports/junit.ts'
import { RecordUnreadable, readRecord } from '../../reports/record/read.ts'
import { summaryJson } from '../../reports/summary.ts'
import { dialects } from '../../suites/dialects.ts'
import { against } from './run.ts'

let whole: Buffer
let home: string
beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'assay-torn-'))
  const { ran } = await against(gateway({}), { checks: ['openai-chat/plain/*', 'openai-chat/http/*'] })
  expect(ran.status).toBe(0)
  whole = ran.files.get('record.jsonl')!
  ran.dispose()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const specs = openSpecs()

/** What `assay judge` makes of a record with these bytes: its exit status, and the word of its reports. */
async function judge(bytes: Uint8Array): Promise<{ exit: number; word: string }> {
  const dir = path.join(home, 'record')
  mkdirSync(dir, { recursive: true })
  writeFileSync(path.join(dir, 'record.jsonl'), bytes)
  try {
    const record = await readRecord(dir)
    const again = await judgeRecord(record, { specs, dialects })
    const judged = { ...record, verdicts: again.lines, summary: again.summary }
    junitXml(judged)
    summaryJson(judged)
    return { exit: again.exit, word: conclude(judged).word }
  } catch (error) {
    // The command line says it in one sentence, and exits 2.
    if (!(error instanceof RecordUnreadable)) throw error
    return { exit: 2, word: 'unreadable' }
  }
}

test('the whole record conforms: what is cut off makes the difference', async () => {
  expect(await judge(whole)).toEqual({ exit: 0, word: 'conforms' })
  // Without its last line end it holds the same.
  expect(await judge(whole.subarray(0, -1))).toEqual({ exit: 0, word: 'conforms' })
})

test('a record cut at any byte is never judged to conform', async () => {
  const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at)
  const edges = ends.flatMap((at) => [at, at + 1, at + 2]).filter((at) => at < whole.length - 1)
  const even = Array.from({ length: 200 }, (_, i) => Math.floor((i * (whole.length - 1)) / 200))
  const cuts = [...new Set([...edges, ...even])]
  expect(cuts.length).toBeGreaterThan(200)
  for (const at of cuts) {
    const { exit, word } = await judge(whole.subarray(0, at))
    expect({ at, exit, conforms: word === 'conforms' || exit === 0 }).toEqual({
      at,
      exit: expect.toSatisfy((status: number) => [1, 2, 3, 4].includes(status)),
      conforms: false,
    })
  }
})

test('an exchange or a verdict with damaged bytes is read or refused, and nothing throws', async () => {
  const head = whole.indexOf(0x0a)
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(255), async (place, byte) => {
      const damaged = Buffer.from(whole)
      damaged[head + (place % (damaged.length - head))] = byte
      const { exit } = await judge(damaged)
      expect([0, 1, 2, 3, 4]).toContain(exit)
    }),
    { numRuns: 100 },
  )
})
