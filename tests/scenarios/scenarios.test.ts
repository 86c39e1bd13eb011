import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { engineOrNothing, type Ran, type Row, ran } from './engine.ts'
import type { Changes } from './orders.ts'

const path = await engineOrNothing()

const CHARGING = { what: 'request', when: 'admission', refused: false, cancelled: true } as const
const REQUESTS = { prompt_tokens: [70, 80] as [number, number], max_tokens: [16, 24] as [number, number] }
const LOAD = { streams: 5, warmup_s: 0, duration_s: 1, calibrate: 1 }
/** Every phase has requests, however slow the machine is: they are planned. */
const OPEN = { arrivals: 'constant' as const, rate: 30, streams: 500 }

function changes(more: Changes = {}): Changes {
  return { ...more, load: { ...LOAD, ...more.load }, requests: { ...REQUESTS, ...more.requests } }
}

/** What holds for every run that comes to its end, whatever the scenario. */
function assertSound({ order, end, log, text, first, rows, last }: Ran): void {
  expect({ ...end, log }).toEqual({ status: 0, signal: null, log: '' })
  expect(first).toMatchObject({ schema: 'assay/samples/1', run: order.run })
  expect(last).toMatchObject({ rows: rows.length, stopped: false })
  expect(new Set(rows.map(({ nonce_sent }) => nonce_sent)).size).toBe(rows.length)
  for (const row of rows) {
    expect(row.scenario).toBe(order.scenario)
    expect(row.broken).toEqual([])
    expect(row.nonce_sent).toMatch(/^assay-0badcafe-[0-9a-f]{8}$/)
    // A whole answer has its nonce; what was not read to its end may have it, but never another's.
    expect(row.outcome === 'finished' ? ['back'] : ['back', null]).toContain(row.nonce)
  }
  for (const key of Object.values(KEYS)) expect(text).not.toContain(key)
}

/** Rows of a phase. */
const of = (rows: Row[], phase: string) => rows.filter((row) => row.phase === phase)
const phases = ({ rows }: Ran) => new Set(rows.map(({ phase }) => phase))
const outcomes = (rows: Row[]) => new Set(rows.map(({ outcome }) => outcome))

describe
  .skipIf(path === undefined)
  .concurrent('each scenario, on the engine, against the reference gateway', () => {
    const start = (run: Parameters<typeof ran>[1]) => ran(path ?? '', run)

    test('latency, closed, with several virtual users', async () => {
      const load = { streams: 5, streams_per_vu: 2, warmup_s: 0.4 }
      const run = await start({ scenario: 'latency', changes: changes({ load }) })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'warmup', 'main']))
      expect(of(run.rows, 'calibrate')).toHaveLength(1)
      expect(of(run.rows, 'main').length).toBeGreaterThanOrEqual(5)
      expect(outcomes(run.rows)).toEqual(new Set(['finished']))
      expect(run.rows.every(({ planned_us, stream }) => planned_us === null && stream === true)).toBe(true)
    })

    test('latency, open: nothing is sent before its time, and what finds no stream is dropped', async () => {
      const load = { arrivals: 'poisson' as const, rate: 60, streams: 2 }
      const run = await start({ scenario: 'latency', changes: changes({ load }) })
      assertSound(run)
      const rows = of(run.rows, 'main')
      expect(rows.length).toBeGreaterThan(0)
      for (const { planned_us, start_us } of rows)
        expect(Number(start_us)).toBeGreaterThanOrEqual(Number(planned_us))
      expect(run.dropped.length).toBeGreaterThan(0)
      expect(run.dropped.every(({ why }) => why === 'streams')).toBe(true)
    })

    test('mixed, in the other dialect: streams and whole answers, tools, two lengths', async () => {
      const run = await start({
        scenario: 'mixed',
        profile: 'anthropic',
        dialect: 'anthropic-messages',
        changes: changes({ requests: { prompt_tokens: [200, 600] } }),
      })
      assertSound(run)
      const rows = of(run.rows, 'main')
      expect(new Set(rows.map(({ stream }) => stream))).toEqual(new Set([true, false]))
      expect(new Set(rows.map(({ asked_prompt_tokens }) => asked_prompt_tokens))).toEqual(new Set([200, 600]))
      expect(outcomes(rows)).toEqual(new Set(['finished']))
    })

    test('an objective that is missed is a threshold that k6 says was crossed; one that is met is not', async () => {
      const slo = [
        { metric: 'itl' as const, quantile: 'p99', max_ms: 60_000 },
        { metric: 'errors' as const, max: 0 },
      ]
      const met = await start({ scenario: 'latency', changes: changes({ slo }) })
      assertSound(met)
      const missed = await start({
        scenario: 'latency',
        changes: changes({ slo: [{ metric: 'e2e', quantile: 'p50', max_ms: 0.001 }, ...slo] }),
      })
      expect(missed.end.status).toBe(99)
      expect(missed.log).toContain('assay_end_to_end{phase:main}')
      expect(missed.log).not.toContain('inter_token')
    })

    test('soak, in windows', async () => {
      const run = await start({ scenario: 'soak', changes: changes({ load: OPEN, options: { windows: 3 } }) })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'window-1', 'window-2', 'window-3']))
    })

    test('burst, beside a base load', async () => {
      const run = await start({
        scenario: 'burst',
        changes: changes({ load: OPEN, options: { bursts: 1, size: 20 } }),
      })
      assertSound(run)
      // Whether anything begins while the burst is answered depends on how fast that is.
      const during = phases(run).has('during-1') ? ['during-1'] : []
      expect(phases(run)).toEqual(new Set(['calibrate', 'quiet', 'burst-1', 'after-1', ...during]))
      const salvo = of(run.rows, 'burst-1')
      expect(salvo).toHaveLength(20)
      expect(new Set(salvo.map(({ planned_us }) => planned_us)).size).toBe(1)
    })

    test('isolation: the exhausted key is refused, the healthy one served throughout', async () => {
      const options = { role: 'exhausted', streams: 3, rate: 60 }
      const run = await start({
        scenario: 'isolation',
        changes: changes({ load: { ...OPEN, duration_s: 3 }, options }),
      })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'before', 'beside', 'after', 'hammer']))
      for (const row of run.rows) {
        const hammered = row.phase === 'hammer'
        expect([row.key, row.outcome]).toEqual(hammered ? ['exhausted', 'refused'] : ['default', 'finished'])
      }
      expect(of(run.rows, 'hammer').length).toBeGreaterThanOrEqual(3)
    })

    test('selftest: some readers sleep in the second half', async () => {
      const options = { stall_ms: 50, stalled_share: 0.2 }
      const run = await start({ scenario: 'selftest', changes: changes({ load: OPEN, options }) })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'plain', 'stalled']))
    })

    test('sweep: every step is a phase of its own, and the knee is said', async () => {
      const run = await start({
        scenario: 'sweep',
        changes: changes({
          load: { duration_s: 30, streams: 50 },
          slo: [
            { metric: 'ttft', quantile: 'p95', max_ms: 10_000 },
            { metric: 'itl', quantile: 'p99', max_ms: 10_000 },
          ],
          options: { from: 20, to: 40, step_s: 0.5, settle_s: 0.1, at_least: 1, steps: 3 },
        }),
      })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'settle-1', 'step-1', 'settle-2', 'step-2']))
      const noted = (name: string) => run.notes.filter((note) => note.name === name).map(({ value }) => value)
      expect(noted('step')).toMatchObject([
        { phase: 'step-1', rate: 20, met: true },
        { rate: 40, met: true },
      ])
      expect(noted('knee')).toEqual([{ met: 40, missed: null, steps: 2, why: 'never-missed' }])
    })

    test('cancel: those who leave have hung up, and their places are free', async () => {
      const places = {
        algorithm: { kind: 'concurrency', limit: 5 } as const,
        charging: CHARGING,
        scope: 'key' as const,
      }
      const run = await start({
        scenario: 'cancel',
        gateway: { limiter: { requests: places } },
        changes: changes({
          load: { duration_s: 20 },
          requests: { max_tokens: [200, 200] },
          options: { waves: 2, after_ms: [20, 100], after_tokens: [1, 8], probe_every_ms: 20 },
        }),
      })
      assertSound(run)
      expect(phases(run)).toEqual(new Set(['calibrate', 'wave-1', 'recovery-1', 'wave-2', 'recovery-2']))
      const wave = of(run.rows, 'wave-1')
      expect(wave).toHaveLength(5)
      expect(outcomes(wave)).toEqual(new Set(['hung-up']))
      expect(new Set(wave.map(({ cancel }) => cancel))).toEqual(new Set(['tokens', 'ms']))
      const admitted = of(run.rows, 'recovery-1').filter(({ status }) => status === 200)
      expect(admitted).toHaveLength(5)
      expect(outcomes(admitted)).toEqual(new Set(['finished']))
      const recovered = run.notes.filter(({ name }) => name === 'recovered').map(({ value }) => value)
      expect(recovered).toMatchObject([
        { wave: 1, hung_up: 5 },
        { wave: 2, hung_up: 5 },
      ])
      expect(recovered.every(({ ms }) => typeof ms === 'number')).toBe(true)
    })

    test("the user's own prompts and extra fields are what is sent", async ({ onTestFinished }) => {
      const file = join(tmpdir(), `assay-prompts-${process.pid}.jsonl`)
      onTestFinished(() => rmSync(file, { force: true }))
      writeFileSync(
        file,
        '{"prompt":"One","max_tokens":17}\n{"messages":[{"role":"user","content":"Two"}],"max_tokens":18}\n',
      )
      const run = await start({
        scenario: 'latency',
        changes: changes({ requests: { prompts: file, extra: { temperature: 0 } } }),
      })
      assertSound(run)
      expect(new Set(run.rows.map(({ max_tokens }) => max_tokens))).toEqual(new Set([17, 18]))
    })
  })

describe.skipIf(path === undefined).concurrent('a run that cannot go on', () => {
  const start = (run: Parameters<typeof ran>[1]) => ran(path ?? '', run)

  test('ends when the caps are reached, and what was sent is within them', async () => {
    const run = await start({
      scenario: 'latency',
      changes: changes({ load: { duration_s: 20, streams_per_vu: 2 }, caps: { requests: 12 } }),
    })
    assertSound(run)
    expect(run.rows.filter(({ error }) => error !== 'capped')).toHaveLength(12)
    expect(run.notes).toContainEqual(expect.objectContaining({ name: 'ended', value: { why: 'capped' } }))
  })

  test('says that everything was refused', async () => {
    const run = await start({
      scenario: 'latency',
      asRole: 'revoked',
      changes: changes({ load: { duration_s: 20 } }),
    })
    expect(run.end.status).toBe(108)
    expect(run.log).toContain('assay-stop: refused 401')
    expect(run.log).not.toContain(KEYS.revoked)
    expect(run.rows.length).toBeLessThan(20)
    expect(run.last).toBeDefined()
  })

  test('says that nobody is there', async () => {
    const run = await start({
      scenario: 'latency',
      changes: changes({
        load: { duration_s: 20 },
        target: { url: 'http://127.0.0.1:1/v1/chat/completions' },
      }),
    })
    expect(run.end.status).toBe(108)
    expect(run.log).toContain('assay-stop: unreachable connect-refused')
    expect(run.rows.every(({ outcome, error }) => outcome === 'error' && error === 'connect-refused')).toBe(
      true,
    )
  })

  test('says what is wrong with the order, and sends nothing', async () => {
    const run = start({ scenario: 'isolation', changes: changes({ options: { role: 'limited' } }) })
    await expect(run.then(({ rows, log }) => ({ rows, log }))).resolves.toMatchObject({
      rows: [],
      log: expect.stringContaining('target.keys.limited must be there'),
    })
  })

  test('outlives a gateway that dies and comes back', async () => {
    const run = await start({
      scenario: 'latency',
      changes: changes({ load: { duration_s: 60 } }),
      async meanwhile({ engine, samples, kill, revive }) {
        const finished = () => samples().split('"finished"').length
        const before = finished()
        while (finished() <= before) await pause(20)
        await kill()
        while (!samples().includes('"connect-refused"')) await pause(20)
        await revive()
        const between = finished()
        while (finished() <= between) await pause(20)
        engine.stop()
      },
    })
    expect(run.end.status).toBe(105)
    const said = run.rows.map(({ outcome }) => outcome)
    expect(said.lastIndexOf('finished')).toBeGreaterThan(said.indexOf('error'))
    expect(said.indexOf('error')).toBeGreaterThan(said.indexOf('finished'))
    expect(run.log).not.toContain('assay-stop')
  })

  test('is stopped: what is in flight ends, all rows are there', async () => {
    const run = await start({
      scenario: 'latency',
      changes: changes({ load: { duration_s: 60 } }),
      async meanwhile({ engine, samples }) {
        while (!samples().includes('"main"')) await pause(20)
        engine.stop()
      },
    })
    expect(run.end.status).toBe(105)
    expect(run.last).toMatchObject({ rows: run.rows.length, stopped: true })
    expect(outcomes(run.rows.filter(({ outcome }) => outcome !== 'stopped'))).toEqual(new Set(['finished']))
  })
})
