import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { judgeRecord } from '../../cli/judge-session.ts'
import { openSpecs } from '../../cli/open-specs.ts'
import { gateway } from '../../fixtures/hostile/chat.ts'
import { type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { conclude } from '../../reports/conclusion.ts'
import { readRecord } from '../../reports/record/read.ts'
import { dialects } from '../../suites/dialects.ts'
import { inside } from '../cli/inside.ts'
import { CANARY, CONFIG, start } from './run.ts'

const UNDER_WAY = 3
const CHECKS = ['plain', 'usage', 'completion', 'messages', 'http'].map(
  (subject) => `openai-chat/${subject}/*`,
)

/** How many more requests are answered; all others are held back. */
let free = Number.POSITIVE_INFINITY
let onHeld = () => {}
let server: Hostile
let home: string
let config: string
/** The uninterrupted run. */
let total: number
let verdicts: string[]
let exit: number

beforeAll(async () => {
  vi.stubEnv('ASSAY_KEY', CANARY)
  const answer = gateway({})
  server = await hostile((socket, nth, request) => {
    if (free-- > 0) return answer(socket, nth, request)
    onHeld()
  })
  home = mkdtempSync(path.join(tmpdir(), 'assay-killed-'))
  config = path.join(home, 'config.yaml')
  writeFileSync(config, JSON.stringify({ ...CONFIG, deadlines: {}, checks: CHECKS, concurrency: UNDER_WAY }))
  const dir = path.join(home, 'whole')
  exit = (await inside('run', '--url', `${server.origin}/v1`, '--config', config, '--out', dir)).status
  total = server.requests.length
  verdicts = await verdictsOf(dir)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.close()
  rmSync(home, { recursive: true, force: true })
})

async function verdictsOf(dir: string): Promise<string[]> {
  const { verdicts: lines } = await readRecord(dir)
  return lines.map((line) => `${line.id}: ${line.verdict}: ${line.message}`)
}

/** Resolves when the record in `dir` holds `count` exchanges, which it is seen to write. */
function recorded(dir: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      let text = ''
      try {
        text = readFileSync(path.join(dir, 'record.jsonl'), 'latin1')
      } catch {
        return
      }
      if (!text.includes('\n') || text.split('{"type":"exchange"').length - 1 < count) return
      watcher.close()
      resolve()
    }
    const watcher = watch(path.dirname(dir), { recursive: true }, look)
    look()
  })
}

test('the uninterrupted run asks enough to be interrupted', () => {
  expect(total).toBeGreaterThan(12)
})

test.each<[NodeJS.Signals, () => number]>([
  ['SIGKILL', () => 0],
  ['SIGKILL', () => 1],
  ['SIGKILL', () => 5],
  ['SIGKILL', () => Math.floor(total / 2)],
  ['SIGKILL', () => total - 1],
  ['SIGKILL', () => total],
  ['SIGINT', () => 0],
  ['SIGINT', () => 5],
])('%s in the middle ($#): readable, never conforming, and gone on with', async (signal, after) => {
  const count = after()
  const own = mkdtempSync(path.join(home, 'run-'))
  const dir = path.join(own, 'out')
  free = count
  const holds =
    count === total
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          onHeld = resolve
        })
  const { child, ended } = start(
    ['run', '--url', `${server.origin}/v1`, '--config', config, '--out', dir],
    own,
  )
  await Promise.all([recorded(dir, count), holds])
  child.kill(signal)
  const end = await ended
  if (count < total) expect(end.signal ?? end.status).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 130)

  const record = await readRecord(dir)
  expect(record.exchanges.size).toBe(count)
  expect(end.stdout).not.toContain('CONFORMS')
  if (!record.complete) {
    const again = await judgeRecord(record, { specs: openSpecs(), dialects })
    expect(again.exit).not.toBe(0)
    const word = conclude({ ...record, verdicts: again.lines, summary: again.summary }).word
    expect(word).toBe('interrupted')
    const judged = await inside('judge', dir)
    expect(judged.status).not.toBe(0)
    expect(judged.stdout).not.toContain('CONFORMS')

    free = Number.POSITIVE_INFINITY
    const before = server.requests.length
    const resumed = await inside('run', '--resume', dir)
    expect(server.requests.length - before).toBe(total - count)
    expect(resumed.status).toBe(exit)
  } else expect(count).toBe(total)
  expect(await verdictsOf(dir)).toEqual(verdicts)
  expect((await readRecord(dir)).complete).toBe(true)
})
