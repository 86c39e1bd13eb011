import { describe, expect, test } from 'vitest'
import { cancel } from '../../load/scenarios/stream/drive/cancel.ts'
import { Drive } from '../../load/scenarios/stream/drive/drive.ts'
import { sweep } from '../../load/scenarios/stream/drive/sweep.ts'
import { BODIES, type Changes, orderOf, WORDS } from './orders.ts'
import { type Gateway, VirtualEngine } from './virtual-engine.ts'

const WORLD = { bodies: BODIES, words: WORDS }
const ALONE = { index: 0, of: 1 }
const SHORT = { prompt_tokens: [1, 1] as [number, number], max_tokens: [16, 16] as [number, number] }

async function swept(changes: Changes, gateway: Gateway) {
  const engine = new VirtualEngine(gateway)
  const order = orderOf('sweep', {
    requests: SHORT,
    slo: [{ metric: 'e2e', quantile: 'p95', max_ms: 500 }],
    ...changes,
  })
  await engine.run(sweep(new Drive(order, engine, WORLD, ALONE), 0))
  return { engine, knee: engine.noted('knee')[0], steps: engine.noted('step') }
}

/** Takes 100 ms as long as no more than `places` are served at once, then much longer. */
const limited =
  (places: number): Gateway =>
  (_, engine) => ({ ms: engine.open <= places ? 100 : 2000 })

describe('the sweep', () => {
  const load = { arrivals: 'constant' as const, streams: 100, duration_s: 1000 }
  const options = {
    from: 1,
    to: 400,
    factor: 2,
    within: 0.1,
    step_s: 4,
    settle_s: 1,
    steps: 20,
    at_least: 10,
  }

  test('finds the highest rate that meets the SLO: ten places of 100 ms are 100 a second', async () => {
    const { knee, steps, engine } = await swept({ load, options }, limited(10))
    expect(knee).toMatchObject({ why: 'found', steps: steps.length })
    expect(Number(knee?.met)).toBeLessThanOrEqual(100)
    expect(Number(knee?.missed)).toBeGreaterThanOrEqual(100)
    expect(steps.map(({ rate }) => rate).slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
    expect(steps.map(({ phase }) => phase)).toEqual(steps.map((_, i) => `step-${i + 1}`))
    expect(new Set(engine.asked.map(({ phase }) => phase))).toEqual(
      new Set(steps.flatMap((_, i) => [`settle-${i + 1}`, `step-${i + 1}`])),
    )
  })

  test('a step begins when the one before has nothing in flight any more', async () => {
    const { engine, steps } = await swept({ load, options: { ...options, steps: 3 } }, () => ({ ms: 900 }))
    expect(steps).toHaveLength(3)
    const starts = engine.noted('lane').map(({ start_ms }) => Number(start_ms))
    expect(starts).toHaveLength(3)
    for (const start of starts) {
      const before = engine.asked.filter(({ at }) => at < start)
      expect(before.every(({ at }) => at + 900 <= start)).toBe(true)
    }
  })

  test('a gateway that refuses what is too much does not meet an objective of time by that', async () => {
    const refusing: Gateway = (_, engine) =>
      engine.open <= 10 ? { ms: 100 } : { ms: 1, result: { outcome: 'refused', status: 429 } }
    const { knee } = await swept({ load, options }, refusing)
    expect(Number(knee?.missed)).toBeGreaterThan(90)
    expect(Number(knee?.missed)).toBeLessThan(125)
  })

  test('what settles is not judged, and a slow step is long enough for enough requests', async () => {
    const { steps } = await swept({ load, options: { ...options, at_least: 30, steps: 3 } }, () => ({
      ms: 1,
    }))
    // 1/s × 4 s × 4 at most; 2/s × 15 s; 4/s × 7.5 s
    expect(steps.map(({ requests }) => requests)).toEqual([16, 30, 30])
    expect(steps.map(({ few }) => few)).toEqual([true, false, false])
  })

  test('says so where it never misses, where it never meets, and where time or caps run out', async () => {
    const fast: Gateway = () => ({ ms: 1 })
    const ends = async (changes: Changes, gateway: Gateway) => (await swept(changes, gateway)).knee
    expect(await ends({ load, options }, fast)).toMatchObject({ met: 400, missed: null, why: 'never-missed' })
    expect(await ends({ load, options: { ...options, steps: 4 } }, () => ({ ms: 600 }))).toMatchObject({
      met: null,
      why: 'never-met',
    })
    expect(await ends({ load: { ...load, duration_s: 30 }, options }, fast)).toMatchObject({ why: 'time' })
    expect(await ends({ load, options, caps: { rate: 50 } }, fast)).toMatchObject({
      met: 32,
      missed: null,
      why: 'capped',
    })
    let n = 0
    const capped: Gateway = () => {
      n += 1
      return n < 40
        ? { ms: 1 }
        : { ms: 0, result: { outcome: 'error', error: { class: 'capped', detail: '' } } }
    }
    expect(await ends({ load, options }, capped)).toMatchObject({ why: 'capped' })
  })
})

/** Places that a client holds from its request to the end of its answer, or to `leak` after it hangs up: so the first `leaking` do. */
function places(limit: number, leakMs: number, { leaking = Infinity, answerMs = 1000 } = {}): Gateway {
  const held: { until: number }[] = []
  let left = 0
  return ({ cancel: leaving }, engine) => {
    const now = engine.now()
    const free = limit - held.filter(({ until }) => until > now).length
    if (free <= 0) return { ms: 5, result: { outcome: 'refused', status: 429 } }
    const ms = leaving?.ms ?? (leaving?.tokens === undefined ? answerMs : leaving.tokens * 10)
    if (leaving !== undefined) left += 1
    const gone = leaving !== undefined && left <= leaking ? leakMs : 0
    held.push({ until: now + ms + gone })
    return { ms, result: leaving === undefined ? {} : { outcome: 'hung-up', ttfb_us: 5000 } }
  }
}

describe('clients that hang up', () => {
  const load = { streams: 8, duration_s: 600 }
  const options = {
    waves: 2,
    share: 1,
    after_tokens: [1, 16],
    after_ms: [50, 400],
    probe_every_ms: 250,
    probe_for_s: 10,
  }

  async function cancelled(changes: Changes, gateway: Gateway) {
    const engine = new VirtualEngine(gateway)
    const order = orderOf('cancel', {
      requests: SHORT,
      load,
      ...changes,
      options: { ...options, ...changes.options },
    })
    await engine.run(cancel(new Drive(order, engine, WORLD, ALONE), 0))
    return { engine, recovered: engine.noted('recovered') }
  }

  test('free their places at once: all probes are let in', async () => {
    const { engine, recovered } = await cancelled({}, places(8, 0))
    const fine = { hung_up: 8, admitted_at_once: 8, probes: 8 }
    expect(recovered).toMatchObject([
      { wave: 1, ...fine },
      { wave: 2, ...fine },
    ])
    expect(Number(recovered[0]?.ms)).toBeLessThan(600)
    const wave = engine.asked.filter(({ phase }) => phase === 'wave-1')
    expect(wave).toHaveLength(8)
    expect(wave.filter(({ cancel: leaving }) => leaving?.tokens !== undefined)).toHaveLength(4)
    expect(wave.filter(({ cancel: leaving }) => leaving?.ms !== undefined)).toHaveLength(4)
    expect(engine.asked.every(({ stream }) => stream)).toBe(true)
  })

  test('hold their places for some time: probes are refused until then, and the time is measured', async () => {
    const { recovered } = await cancelled(
      { options: { waves: 1, after_ms: [100, 100], after_tokens: [10, 10] } },
      places(8, 3000),
    )
    expect(recovered).toMatchObject([{ hung_up: 8, admitted_at_once: 0 }])
    expect(Number(recovered[0]?.ms)).toBeGreaterThan(2900)
    expect(Number(recovered[0]?.ms)).toBeLessThan(3900)
    expect(Number(recovered[0]?.probes)).toBeGreaterThan(80)
  })

  test('hold their places for ever: never recovered', async () => {
    const { recovered } = await cancelled({ options: { waves: 1 } }, places(8, 1e9))
    expect(recovered).toMatchObject([{ hung_up: 8, admitted_at_once: 0, ms: null }])
  })

  test.each([1, 4, 7])(
    'hold %i of 8 places for ever: probes that take turns do not count',
    async (leaking) => {
      const gateway = places(8, 1e9, { leaking, answerMs: 200 })
      const { recovered, engine } = await cancelled({ options: { waves: 1 } }, gateway)
      expect(recovered).toMatchObject([{ hung_up: 8, ms: null, held: 8 - leaking, too_soon: false }])
      expect(Math.max(...engine.asked.map(({ at }) => at))).toBeLessThan(11_000)
    },
  )

  test('hold some places for longer than an answer takes: those who were in are there until all are', async () => {
    const gateway = places(8, 3000, { leaking: 5, answerMs: 700 })
    const { recovered } = await cancelled({ options: { waves: 2 } }, gateway)
    expect(recovered).toMatchObject([
      { hung_up: 8, admitted_at_once: 3, held: 8 },
      { hung_up: 8, admitted_at_once: 8, held: 8 },
    ])
    expect(Number(recovered[0]?.ms)).toBeGreaterThan(2500)
    expect(Number(recovered[0]?.ms)).toBeLessThan(5000)
  })

  test('answers that are over before all are there say nothing about the places', async () => {
    const gateway = places(8, 0, { answerMs: 20 })
    const { recovered } = await cancelled({ caps: { rate: 10 }, options: { waves: 1 } }, gateway)
    expect(recovered).toMatchObject([{ ms: null, too_soon: true, probes: 24 }])
    expect(Number(recovered[0]?.held)).toBeLessThan(8)
  })

  test('only a share leaves; the others go on to their end, and as many probes come as have left', async () => {
    const { engine, recovered } = await cancelled({ options: { waves: 1, share: 0.5 } }, places(8, 0))
    expect(engine.asked.filter(({ phase }) => phase === 'wave-1')).toHaveLength(8)
    expect(recovered).toMatchObject([{ hung_up: 4, probes: 4, admitted_at_once: 4 }])
  })

  test('a wave in which nobody could hang up says nothing about the places', async () => {
    const { recovered } = await cancelled({}, () => ({ ms: 5, result: { outcome: 'refused', status: 503 } }))
    expect(recovered).toEqual([])
  })

  test('a run that ends before it is known says nothing about the places', async () => {
    const { recovered, engine } = await cancelled({ caps: { duration_s: 2 } }, places(8, 1e9))
    expect(recovered).toEqual([])
    expect(Math.max(...engine.asked.map(({ at }) => at))).toBeLessThanOrEqual(2000)
  })
})
