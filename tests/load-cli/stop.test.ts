import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { assay, recordLines } from '../cli/assay.ts'
import { BUILD_MS, engine } from './engine.ts'
import { engineOf, isAlive, pacedGateway, rowsOf, startLoad, verdictsOf } from './short.ts'

beforeAll(async () => void (await engine()), BUILD_MS)

const LONG = { duration: '60s', streams: 3 }
/** A stream takes about a second: some are always in the middle. */
const SLOW = { pace: { first_ms: 20, tokens_per_s: 20 } }

describe('Ctrl-C', () => {
  test('once: what is in flight ends, and everything is written', async () => {
    const gateway = await pacedGateway(SLOW)
    const running = await startLoad('latency', ['--url', gateway.url], { load: LONG })
    await running.during(gateway.until(LONG.streams + 2))
    running.child.kill('SIGINT')
    const { status, stdout, stderr } = await running.ended
    expect(stderr).toContain('interrupted')
    expect(stdout).toContain('INTERRUPTED')
    expect(status).toBe(130)
    const rows = rowsOf(running.dir)
    expect(rows.filter(({ outcome }) => outcome === 'finished').length).toBeGreaterThan(LONG.streams)
    expect(rows.length).toBe(gateway.received())
    expect(rows.every(({ outcome }) => outcome === 'finished' || outcome === 'stopped')).toBe(true)
    expect(recordLines(running.dir).at(-1)).toMatchObject({ type: 'summary', interrupted: true, exit: 130 })
    const judged = await assay(['judge', running.dir])
    expect(judged.stdout).toContain('verdicts agree with the record')
    expect(judged.stdout).not.toContain('HOLDS')
    expect([3, 4]).toContain(judged.status)
  })

  test('twice: at once, and the engine is gone', async () => {
    const gateway = await pacedGateway({ silent: true })
    const running = await startLoad('latency', ['--url', gateway.url], { load: LONG })
    await running.during(gateway.until(LONG.streams))
    const pid = engineOf(running)
    running.child.kill('SIGINT')
    await running.shows('interrupted')
    running.child.kill('SIGINT')
    expect((await running.ended).status).toBe(130)
    expect(isAlive(pid)).toBe(false)
  })
})

test('an engine that is killed in the middle: exit 3, said, and its rows are judged', async () => {
  const gateway = await pacedGateway(SLOW)
  const running = await startLoad('latency', ['--url', gateway.url], { load: LONG })
  await running.during(gateway.until(LONG.streams * 2 + 1))
  process.kill(engineOf(running), 'SIGKILL')
  const { status, stderr } = await running.ended
  expect(stderr).toContain('the load engine was ended by SIGKILL')
  expect(stderr).toContain(path.join(running.dir, 'k6.log'))
  expect(status).toBe(3)
  expect(verdictsOf(running.dir)).toContain('load/meter/complete inconclusive')
  expect(recordLines(running.dir)).toContainEqual(
    expect.objectContaining({ type: 'samples', complete: false }),
  )
  const judged = await assay(['judge', running.dir])
  expect(judged.stdout).toContain('verdicts agree with the record')
  expect(judged.status).toBe(3)
})

test('assay itself is killed: the engine does not go on without it', async () => {
  const gateway = await pacedGateway(SLOW)
  const running = await startLoad('latency', ['--url', gateway.url], { load: LONG })
  await running.during(gateway.until(LONG.streams))
  const pid = engineOf(running)
  running.child.kill('SIGKILL')
  await running.ended
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false)
  // What it wrote can be judged, as the record of a run that did not come to its end.
  const judged = await assay(['judge', running.dir])
  expect(judged.stdout).toContain('did not come to its end')
  expect(judged.status).not.toBe(0)
})
