import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { assay, recordLines, temporary } from './assay.ts'
import { inside } from './inside.ts'

/** The embedded gateway's record, cut after `bytes` bytes, as a kill would leave it. */
function cut(whole: Buffer, bytes: number): string {
  const dir = path.join(temporary(), 'out')
  mkdirSync(dir)
  writeFileSync(path.join(dir, 'record.jsonl'), whole.subarray(0, bytes))
  return dir
}

test('a record cut anywhere is read, never reads as conforming, and is gone on with', async () => {
  const dir = path.join(temporary(), 'out')
  const suites = ['--suite', 'plain', '--suite', 'completion']
  const ran = await assay(['run', ...suites, '--out', dir])
  expect(ran.status).toBe(0)
  const whole = readFileSync(path.join(dir, 'record.jsonl'))
  const head = whole.indexOf('\n') + 1
  const verdictsFrom = whole.indexOf('{"type":"verdict"')
  const summaryFrom = whole.indexOf('{"type":"summary"')
  const cuts = [
    head,
    head + 100,
    Math.floor((head + verdictsFrom) / 2),
    verdictsFrom,
    Math.floor((verdictsFrom + summaryFrom) / 2),
    summaryFrom,
    whole.length - 2,
  ]
  for (const bytes of cuts) {
    const { status, stdout } = await inside('judge', cut(whole, bytes))
    expect(stdout).toContain('did not come to its end')
    expect(stdout).not.toContain('CONFORMS')
    expect([2, 4]).toContain(status)
  }
  for (const bytes of [head - 10, 0]) {
    expect((await inside('judge', cut(whole, bytes))).status).toBe(2)
  }

  const torn = cut(whole, Math.floor((head + verdictsFrom) / 2))
  const before = recordLines(torn).filter((line) => line.type === 'exchange').length
  const resumed = await assay(['run', '--resume', torn])
  expect(resumed.stdout).toContain('CONFORMS')
  expect(resumed.status).toBe(0)
  const lines = recordLines(torn)
  const all = recordLines(dir).filter((line) => line.type === 'exchange').length
  expect(before).toBeLessThan(all)
  expect(lines.filter((line) => line.type === 'exchange')).toHaveLength(all)
  expect(lines.filter((line) => line.type === 'resume')).toHaveLength(1)
  expect((await inside('judge', torn)).stdout).toContain('verdicts agree with the record')
})
