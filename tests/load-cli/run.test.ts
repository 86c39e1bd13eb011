import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { assay, recordLines } from '../cli/assay.ts'
import { server } from '../cli/servers.ts'
import { BUILD_MS, engine } from './engine.ts'
import { pacedGateway, rowsOf, startLoad, verdictsOf } from './short.ts'

beforeAll(async () => void (await engine()), BUILD_MS)

const FAST = { pace: { first_ms: 10, tokens_per_s: 200 } }

test('a short run from the plan to the reports, and judged again with the same verdicts', async () => {
  const gateway = await pacedGateway(FAST)
  const { dir, ended } = await startLoad('latency', ['--url', gateway.url])
  const { status, stdout, stderr } = await ended
  // A machine that is busy with other tests may be too slow for the meter: then it says so.
  expect([0, 3]).toContain(status)
  expect(stderr.indexOf('load latency')).toBeLessThan(stderr.indexOf('in flight'))
  expect(stdout).toContain('first token (ttft)')
  expect(readdirSync(dir).sort()).toEqual([
    'junit.xml',
    'k6.log',
    'order.json',
    'record.jsonl',
    'report.txt',
    'samples.jsonl',
    'summary.json',
  ])
  const lines = recordLines(dir)
  expect(lines.map(({ type }) => type).filter((type) => type !== 'verdict')).toEqual([
    'run',
    'samples',
    'summary',
  ])
  const rows = rowsOf(dir)
  expect(rows.length).toBe(gateway.received())
  expect(rows.length).toBeGreaterThan(3)
  expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['finished']))
  expect(verdictsOf(dir)).toEqual(
    expect.arrayContaining(['load/invariants/finished pass', 'load/invariants/cross-talk pass']),
  )
  const summary: { cost: { requests: number } } = JSON.parse(
    readFileSync(path.join(dir, 'summary.json'), 'utf8'),
  )
  expect(summary.cost.requests).toBe(rows.length)

  const again = await assay(['judge', dir])
  expect(again.stdout).toContain(`all ${verdictsOf(dir).length} verdicts agree with the record`)
  expect(again.status).toBe(status)
  const copy = path.join(path.dirname(dir), 'again')
  expect((await assay(['judge', dir, '--out', copy])).status).toBe(status)
  expect((await assay(['judge', copy])).stdout).toContain('verdicts agree with the record')
})

test('without --url the embedded gateway is loaded, with the pace that was asked for', async () => {
  const { dir, ended } = await startLoad('latency', [
    '--pace',
    'first_ms=5,tokens_per_s=400',
    '--concurrency',
    '1',
  ])
  expect([0, 3]).toContain((await ended).status)
  expect(rowsOf(dir).every(({ outcome }) => outcome === 'finished')).toBe(true)
  expect(recordLines(dir)[0]).toMatchObject({ target: { embedded: true } })
})

test('an objective that is missed is exit 1, and so it is when judged again', async () => {
  const gateway = await pacedGateway(FAST)
  const slo = [{ metric: 'ttft', quantile: 'p50', max_ms: 1 }]
  const { dir, ended } = await startLoad('latency', ['--url', gateway.url], { load: { slo } })
  const { status } = await ended
  const missed = verdictsOf(dir).find((line) => line.startsWith('load/slo/ttft-p50'))
  // Where the meter could not keep pace it blames itself, never the gateway.
  expect([
    `1 load/slo/ttft-p50 fail`,
    `3 load/slo/ttft-p50 inconclusive`,
    '3 load/slo/ttft-p50 fail',
  ]).toContain(`${status} ${missed}`)
  expect((await assay(['judge', dir])).status).toBe(status)
})

test('the cap on requests is held, to the request', async () => {
  const gateway = await pacedGateway(FAST)
  const { dir, ended } = await startLoad('latency', ['--url', gateway.url, '--max-requests', '3'])
  await ended
  expect(gateway.received()).toBe(3)
  expect(rowsOf(dir).filter(({ error }) => error !== 'capped')).toHaveLength(3)
})

test('rpm finds the limit of the embedded gateway, and judged again it is the same', {
  timeout: 180_000,
}, async () => {
  const knobs = { window_at_most_s: 8, limit_at_most: 60, probes: false }
  const load = { limits: { rpm: 10, window: '1s' }, scenarios: { rpm: knobs } }
  const { dir, ended } = await startLoad('rpm', ['--limiter', 'requests=10/1s'], { load })
  const { status, stdout, stderr } = await ended
  expect([0, 4], `${stdout}${stderr}`).toContain(status)
  expect(stdout).toContain('THE LIMIT')
  expect(verdictsOf(dir)).toContain('limits/rpm/status pass')
  const again = await assay(['judge', dir])
  expect(again.stdout).toContain('verdicts agree with the record')
  expect(again.status).toBe(status)
})

describe('what cannot come to anything ends early, with a sentence', () => {
  test('nobody listens: exit 3', async () => {
    const { url, close } = await server((_, response) => response.end())
    await close()
    const { dir, ended } = await startLoad('latency', ['--url', url, '--duration', '30s'])
    const { status, stderr } = await ended
    expect(stderr).toMatch(/cannot reach 127\.0\.0\.1 port \d+: ECONNREFUSED/)
    expect(status).toBe(3)
    expect(new Set(rowsOf(dir).map(({ error }) => error)).has('connect-refused')).toBe(true)
    expect(rowsOf(dir).some(({ outcome }) => outcome === 'finished')).toBe(false)
    expect((await assay(['judge', dir])).status).toBe(3)
  })

  test('the key is wrong: exit 2, and the key is what is asked about', async () => {
    const gateway = await pacedGateway(FAST)
    const { dir, ended } = await startLoad('latency', ['--url', gateway.url, '--duration', '30s'], {
      env: { ASSAY_KEY: 'sk-fake-nobody-gave-this-out' },
    })
    const { status, stderr } = await ended
    expect(stderr).toContain('every request was refused with 401 (Unauthorized)')
    expect(stderr).toContain('Is the key right?')
    expect(status).toBe(2)
    expect(rowsOf(dir).every((row) => row.status === 401)).toBe(true)
  })

  test('https where http is spoken: exit 3, and http is what is advised', async () => {
    const gateway = await pacedGateway(FAST)
    const url = gateway.url.replace('http:', 'https:')
    const { status, stderr } = await (await startLoad('latency', ['--url', url, '--duration', '30s'])).ended
    expect(stderr).toContain('should the URL begin with http://?')
    expect(status).toBe(3)
  })
})

test('a record whose rows were changed is not judged', async () => {
  const gateway = await pacedGateway(FAST)
  const { dir, ended } = await startLoad('latency', ['--url', gateway.url])
  await ended
  const file = path.join(dir, 'samples.jsonl')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"finished"', '"refused"'))
  const { status, stderr } = await assay(['judge', dir])
  expect(stderr).toContain('not the file that the record was made with')
  expect(status).toBe(2)
  const resumed = await assay(['run', '--resume', dir])
  expect(resumed.stderr).toContain('that is the record of a load run')
  expect(resumed.status).toBe(2)
})
