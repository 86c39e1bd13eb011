import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { type RunRecord, readRecord } from '../../reports/record/read.ts'
import { inside } from '../cli/inside.ts'
import { confirmed, standingOut } from './expected.ts'
import { type Played, play, type SceneName } from './scenes.ts'

/** Portkey in its second provider is judged from its recording only. */
const PLAYED: SceneName[] = ['portkey-openai', 'portkey-anthropic', 'llms']

describe.each(PLAYED)('%s', (name) => {
  const root = mkdtempSync(path.join(tmpdir(), `assay-${name}-`))
  const runs: (Played & { scratch: string; dir: string; record: RunRecord })[] = []

  beforeAll(async () => {
    // Side by side: each has gateways of its own, and waits for them most of the time.
    const both = ['first', 'second'].map(async (time) => {
      const scratch = path.join(root, time)
      mkdirSync(scratch)
      const dir = path.join(scratch, 'run')
      const played = await play(name, scratch)
      return { ...played, scratch, dir, record: await readRecord(dir) }
    })
    runs.push(...(await Promise.all(both)))
  }, 120_000)

  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('it is checked to the end, and found not to conform', () => {
    for (const { status, stdout, stderr, record } of runs) {
      expect(status, stderr).toBe(1)
      expect(stdout).toContain('DOES NOT CONFORM')
      expect(record.complete).toBe(true)
      expect(record.summary?.exit).toBe(1)
      expect(record.verdicts.filter(({ verdict }) => verdict === 'error')).toEqual([])
    }
  })

  test('two runs give the same verdicts', () => {
    const [first, second] = runs.map(({ record }) =>
      record.verdicts.map(({ id, verdict, skip }) => ({ id, verdict, skip: skip?.reason })),
    )
    expect(first!.length).toBeGreaterThan(100)
    expect(second).toEqual(first)
  })

  test('what stands out is what was confirmed from the bytes', () => {
    expect(standingOut(runs[0]!.record.verdicts)).toEqual(standingOut(confirmed(name)))
  })

  test('judging the record again gives the same verdicts', async () => {
    for (const { dir, record } of runs) {
      const told = await inside('judge', dir)
      expect(told.status, told.stderr).toBe(1)
      expect(told.stdout).toContain(`all ${record.verdicts.length} verdicts agree with the record`)
    }
  })

  test('no key is in anything that assay wrote', () => {
    for (const { scratch, dir, stdout, stderr, record } of runs) {
      const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
      expect(files).toContain('record.jsonl')
      const bytes = [...record.exchanges.values()].flatMap(({ reads }) => reads.map((read) => read.bytes))
      const texts = [
        stdout,
        stderr,
        readFileSync(path.join(scratch, 'config.json'), 'utf8'),
        ...files.map((file) => readFileSync(path.join(dir, file), 'utf8')),
        Buffer.concat(bytes).toString('latin1'),
      ]
      for (const [role, key] of Object.entries(KEYS)) {
        const at = texts.findIndex((text) => text.includes(key))
        expect(at, `the key of role ${role}`).toBe(-1)
      }
    }
  })

  test('the gateway stayed on this machine', () => {
    expect(runs.map(({ refused }) => refused)).toEqual([[], []])
  })
})
