import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Tail } from '../../cli/load/tail.ts'
import { temporary } from '../cli/assay.ts'

const COLUMNS = [
  'phase',
  'outcome',
  'status',
  'error',
  'ttft_us',
  'prompt_tokens',
  'asked_prompt_tokens',
  'completion_tokens',
  'tokens',
]

function file(): { path: string; add(...lines: unknown[]): void } {
  const at = path.join(temporary(), 'samples.jsonl')
  return {
    path: at,
    add: (...lines) => appendFileSync(at, lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  }
}

test('a growing file is read on from where the last look ended', () => {
  const samples = file()
  const tail = new Tail(samples.path)
  expect(tail.look()).toMatchObject({ requests: 0, complete: false })
  samples.add({ schema: 'assay/samples/1', columns: COLUMNS }, { meter: { open: 1 } })
  samples.add(
    ['calibrate', 'finished', 200, null, 250_000, 10, 12, 5, 6],
    ['calibrate', 'refused', 429, null, null, null, 7, null, null],
  )
  expect(tail.look()).toMatchObject({
    requests: 2,
    finished: 1,
    refused: 1,
    tokens: 22,
    recent: [250],
    phase: 'calibrate',
    began: false,
  })
  samples.add(
    ['main', 'error', null, 'connect-refused', null, null, 3, null, null],
    ['main', 'hung-up', 200, null, 100_000, null, 1, null, 4],
  )
  samples.add(
    { meter: { open: 7 } },
    ['main', 'stopped', null, 'stopped', null, null, 1, null, null],
    ['main', 'error', null, 'capped', null, null, 1, null, null],
  )
  const seen = tail.look()
  expect(seen).toMatchObject({ phase: 'main', began: true })
  expect(seen).toMatchObject({ requests: 5, finished: 2, failed: 1, open: 7, recent: [100], complete: false })
  expect([...seen.refusals]).toEqual([
    ['429', 1],
    ['connect-refused', 1],
  ])
  samples.add({ end: { rows: 6 } })
  expect(tail.look().complete).toBe(true)
})

test('half a line is left for later, and what is no line is left out', () => {
  const samples = file()
  const tail = new Tail(samples.path)
  samples.add({ columns: COLUMNS })
  const row = JSON.stringify(['main', 'finished', 200, null, 1000, 1, 1, 1, 1])
  appendFileSync(samples.path, row.slice(0, 9))
  expect(tail.look().requests).toBe(0)
  appendFileSync(samples.path, `${row.slice(9)}\n{"histogram"\n\n{broken\n`)
  expect(tail.look().requests).toBe(1)
})

test('a look at a large file can be bounded', () => {
  const at = path.join(temporary(), 'samples.jsonl')
  const row = `${JSON.stringify(['main', 'finished', 200, null, 1000, 1, 1, 1, 1])}\n`
  writeFileSync(at, `${JSON.stringify({ columns: COLUMNS })}\n${row.repeat(50_000)}`)
  const tail = new Tail(at)
  const first = tail.look(1 << 18).requests
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(50_000)
  expect(tail.look().requests).toBe(50_000)
})

test('rows of the search for a limit', () => {
  const samples = file()
  const tail = new Tail(samples.path)
  samples.add(
    { schema: 'assay/limit-samples/1' },
    { status: 200, admitted: true, promptTokens: 3, completionTokens: 4 },
    { status: 429, admitted: false, promptTokens: 3, completionTokens: 0 },
    { status: 0, admitted: false, error: 'closed' },
    { end: {} },
  )
  expect(tail.look()).toMatchObject({ requests: 3, finished: 1, refused: 1, failed: 1, complete: true })
})
