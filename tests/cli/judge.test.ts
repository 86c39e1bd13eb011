import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { assay, recordLines, temporary } from './assay.ts'
import { inside } from './inside.ts'

test('judging a whole run again gives the same verdicts and the same status, and writes nothing', async () => {
  const dir = path.join(temporary(), 'out')
  const ran = await assay(['run', '--out', dir])
  const before = readdirSync(dir).map((name) => readFileSync(path.join(dir, name)))
  const { status, stdout } = await inside('judge', dir)
  const count = recordLines(dir).filter((line) => line.type === 'verdict').length
  expect(count).toBeGreaterThan(50)
  expect(stdout).toContain(`Judged again: all ${count} verdicts agree with the record.`)
  expect(status).toBe(ran.status)
  expect(readdirSync(dir).map((name) => readFileSync(path.join(dir, name)))).toEqual(before)

  const copy = path.join(temporary(), 'again')
  expect((await inside('judge', dir, '--out', copy)).status).toBe(status)
  expect(recordLines(copy).map((line) => line.type)).toEqual(recordLines(dir).map((line) => line.type))
  expect((await inside('judge', copy)).status).toBe(status)
})

test('a verdict that the bytes do not bear out is told', async () => {
  const dir = path.join(temporary(), 'out')
  await assay(['run', '--check', 'openai-chat/plain/*', '--out', dir])
  const file = path.join(dir, 'record.jsonl')
  const forged = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) =>
      line.includes('"id":"openai-chat/plain/stream"')
        ? line.replace('"verdict":"pass"', '"verdict":"fail"')
        : line,
    )
  writeFileSync(file, forged.join('\n'))
  const { status, stdout } = await inside('judge', dir)
  expect(stdout).toContain('1 of 2 verdicts do NOT agree')
  expect(stdout).toContain('openai-chat/plain/stream: recorded fail, now pass')
  expect(status).toBe(0)
})

test.each(['profile', 'options'])('a run line without its %s is wrong use', async (key) => {
  const dir = path.join(temporary(), 'out')
  await assay(['run', '--check', 'openai-chat/plain/reply', '--out', dir])
  const file = path.join(dir, 'record.jsonl')
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n')
  const run = { ...(JSON.parse(first) as object), [key]: {} }
  writeFileSync(file, [JSON.stringify(run), ...rest].join('\n'))
  const { status, stderr } = await inside('judge', dir)
  expect(stderr).toContain('the run line of the record')
  expect(status).toBe(2)
})

test('a file that is no record is wrong use', async () => {
  const dir = temporary()
  writeFileSync(path.join(dir, 'record.jsonl'), '{"type":"verdict"}\n')
  const { status, stderr } = await inside('judge', dir)
  expect(status).toBe(2)
  expect(stderr).toContain('record.jsonl:1')
})
