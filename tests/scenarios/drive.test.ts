import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamScenario } from '../../load/order.ts'
import { Drive } from '../../load/scenarios/stream/drive/drive.ts'
import { part } from '../../load/scenarios/stream/drive/engine.ts'
import { timetableOf } from '../../load/scenarios/stream/plan/timetable.ts'
import { BODIES, type Changes, orderOf, WORDS } from './orders.ts'
import { type Gateway, VirtualEngine } from './virtual-engine.ts'

const SHORT = {
  requests: { prompt_tokens: [1, 1] as [number, number], max_tokens: [16, 32] as [number, number] },
}

/** A scenario with a timetable, in virtual time, by so many virtual users. */
async function driven(scenario: StreamScenario, changes: Changes, gateway?: Gateway, users = 1, late = 0) {
  const engine = new VirtualEngine(gateway)
  engine.late = late
  const order = orderOf(scenario, { ...SHORT, ...changes })
  const drives = Array.from(
    { length: users },
    (_, index) => new Drive(order, engine, { bodies: BODIES, words: WORDS }, { index, of: users }, 5),
  )
  await engine.run(Promise.all(drives.map((drive) => drive.lanes(timetableOf(order), 1000))))
  return { engine, order }
}

const phases = (engine: VirtualEngine) => [...new Set(engine.asked.map(({ phase }) => phase))]

describe('a closed load', () => {
  const load = { streams: 4, warmup_s: 1, duration_s: 2 }

  test('keeps its streams in flight, each followed at once by the next, and ends', async () => {
    const { engine } = await driven('latency', { load }, () => ({ ms: 250 }))
    expect(engine.mostOpen).toBe(4)
    expect(engine.asked).toHaveLength(4 * 12)
    expect(phases(engine)).toEqual(['warmup', 'main'])
    expect(engine.asked.filter(({ phase }) => phase === 'warmup')).toHaveLength(16)
    expect(engine.asked.every(({ planned_ms }) => planned_ms === undefined)).toBe(true)
    expect(Math.max(...engine.asked.map(({ at }) => at))).toBeLessThan(4000)
  })

  test('every request has a nonce of its own, by however many virtual users', async () => {
    const { engine } = await driven('latency', { load: { ...load, streams: 7 } }, () => ({ ms: 70 }), 3)
    const nonces = engine.asked.map(({ nonce }) => nonce)
    expect(new Set(nonces).size).toBe(nonces.length)
    expect(nonces.every((nonce) => /^assay-0badcafe-[0-9a-f]{8}$/.test(nonce ?? ''))).toBe(true)
    expect(engine.asked.every(({ body, nonce = '?' }) => JSON.stringify(body).includes(nonce))).toBe(true)
    expect(engine.mostOpen).toBe(7)
  })

  test('asks with the key of its role, which is nowhere but in the header', async () => {
    const { engine } = await driven('latency', { load })
    expect(engine.asked[0]).toMatchObject({
      key: 'default',
      headers: { authorization: 'Bearer sk-fake-default' },
      secrets: ['sk-fake-default'],
    })
    expect(JSON.stringify([engine.asked[0]?.body, engine.notes])).not.toContain('sk-fake')
  })

  test('waits a little longer after each refusal in a row, and asks on at once when one is answered', async () => {
    let n = 0
    const gateway: Gateway = () => {
      n += 1
      return n <= 3 ? { ms: 10, result: { outcome: 'refused', status: 429 } } : { ms: 10 }
    }
    const { engine } = await driven('latency', { load: { ...load, streams: 1, warmup_s: 0 } }, gateway)
    const gaps = engine.asked.slice(1, 6).map(({ at }, i) => at - (engine.asked[i]?.at ?? 0))
    expect(gaps).toEqual([110, 210, 410, 10, 10])
  })

  test('never exceeds the cap on the rate, in any second', async () => {
    const changes = { load: { ...load, streams: 20 }, caps: { rate: 7 } }
    for (const users of [1, 3]) {
      const { engine } = await driven('latency', changes, () => ({ ms: 1 }), users)
      const starts = engine.asked.map(({ at }) => at)
      for (const from of starts) {
        expect(starts.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(7)
      }
      expect(starts.length).toBeGreaterThanOrEqual(20)
    }
  })

  test('ends at the first answer that says that the caps are reached, or that the run is stopped', async () => {
    for (const result of [
      { outcome: 'error', status: 0, error: { class: 'capped', detail: '' } },
      { outcome: 'stopped', status: 0 },
    ] as const) {
      let n = 0
      const { engine } = await driven('latency', { load }, () => {
        n += 1
        return n > 10 ? { ms: 1, result } : { ms: 50 }
      })
      expect(engine.asked.length).toBeLessThanOrEqual(14)
      expect(engine.noted('ended')).toEqual([{ why: result.outcome === 'stopped' ? 'stopped' : 'capped' }])
      expect(engine.stopped).toEqual([])
    }
  })
})

describe('an open load', () => {
  const load = { arrivals: 'poisson' as const, rate: 40, streams: 500, warmup_s: 0, duration_s: 5 }

  test('starts when it was planned, however slow the gateway is', async () => {
    const planned = async (ms: number) => {
      const { engine } = await driven('latency', { load }, () => ({ ms }))
      expect(engine.asked.every(({ at, planned_ms = -1 }) => Math.abs(at - planned_ms) < 1e-6)).toBe(true)
      return engine.asked.map(({ planned_ms }) => planned_ms)
    }
    const [fast, slow] = [await planned(1), await planned(4000)]
    expect(fast).toEqual(slow)
    expect(Math.abs(fast.length - 200)).toBeLessThan(60)
  })

  test('a late start is sent late, with the time at which it was planned', async () => {
    const onTime = await driven('latency', { load })
    const late = await driven('latency', { load }, undefined, 1, 300)
    const plans = (engine: VirtualEngine) => engine.asked.map(({ planned_ms }) => planned_ms)
    expect(plans(late.engine)).toEqual(plans(onTime.engine))
    const delays = late.engine.asked.map(({ at, planned_ms = 0 }) => at - planned_ms)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(300.001)
    expect(delays.filter((delay) => delay > 100).length).toBeGreaterThan(10)
  })

  test('what finds no stream free is recorded as dropped: sent and dropped are all that was planned', async () => {
    const all = await driven('latency', { load })
    const few = await driven('latency', { load: { ...load, streams: 3 } }, () => ({ ms: 1000 }))
    expect(few.engine.mostOpen).toBe(3)
    expect(few.engine.dropped.every(({ why, phase }) => why === 'streams' && phase === 'main')).toBe(true)
    const both = [...few.engine.asked, ...few.engine.dropped].map(({ planned_ms = 0 }) => planned_ms)
    expect(both.toSorted((a, b) => a - b)).toEqual(all.engine.asked.map(({ planned_ms }) => planned_ms))
  })

  test('what exceeds the cap on the rate is recorded as dropped', async () => {
    const { engine } = await driven('latency', { load, caps: { rate: 10 } })
    expect(engine.asked.length).toBeLessThanOrEqual(50)
    expect(engine.dropped.length).toBeGreaterThan(50)
    expect(engine.dropped.every(({ why }) => why === 'cap')).toBe(true)
  })

  test('is the same load by however many virtual users', async () => {
    const plans = async (users: number) => {
      const { engine } = await driven('latency', { load }, undefined, users)
      return engine.asked.map(({ planned_ms = 0 }) => planned_ms).toSorted((a, b) => a - b)
    }
    expect(await plans(4)).toEqual(await plans(1))
  })
})

describe('hopelessness', () => {
  const load = { streams: 30, warmup_s: 0, duration_s: 5 }
  const refused = (status: number) => ({ outcome: 'refused' as const, status, body: '{"error":"no"}' })

  test('ends a run whose every answer is the same refusal, with its words', async () => {
    const { engine } = await driven('latency', { load }, () => ({ ms: 10, result: refused(401) }))
    expect(engine.stopped).toEqual(['refused 401: {"error":"no"}'])
    expect(engine.asked).toHaveLength(30)
  })

  test('ends a run that reaches nobody', async () => {
    const error = { class: 'connect-refused' as const, detail: '127.0.0.1:1' }
    const { engine } = await driven('latency', { load: { ...load, streams: 2 } }, () => ({
      ms: 1,
      result: { outcome: 'error', status: 0, error },
    }))
    expect(engine.stopped).toEqual(['unreachable connect-refused 127.0.0.1:1'])
  })

  test.each([429, 503, 500, 408])('does not come from %i: that may pass', async (status) => {
    const { engine } = await driven('latency', { load }, () => ({ ms: 10, result: refused(status) }))
    expect(engine.stopped).toEqual([])
  })

  test('does not come once anything else was seen: a gateway that dies in the middle may come back', async () => {
    const gateway: Gateway = (_, engine) => {
      const dead = engine.now() > 2000 && engine.now() < 4000
      return {
        ms: 100,
        ...(dead ? { result: { outcome: 'error', error: { class: 'connect-refused', detail: '' } } } : {}),
      }
    }
    const { engine } = await driven('latency', { load }, gateway)
    expect(engine.stopped).toEqual([])
    expect(engine.asked.filter(({ at }) => at > 5000).length).toBeGreaterThan(30)
  })

  test('does not come from the key that is meant to be refused', async () => {
    const gateway: Gateway = ({ key }) => ({ ms: 20, ...(key === 'default' ? {} : { result: refused(402) }) })
    const { engine } = await driven('isolation', { load: { ...load, streams: 2 } }, gateway)
    expect(engine.stopped).toEqual([])
    expect(engine.asked.filter(({ key }) => key === 'exhausted').length).toBeGreaterThan(20)
  })
})

describe('what the scenarios ask', () => {
  test('isolation: the other key is hammered in the middle third, relentlessly, within its rate', async () => {
    const gateway: Gateway = ({ key }) => ({
      ms: 5,
      ...(key === 'default' ? {} : { result: { outcome: 'refused', status: 402 } }),
    })
    const options = { role: 'exhausted', streams: 4, rate: 30 }
    const load = { streams: 2, warmup_s: 0, duration_s: 6 }
    const { engine } = await driven('isolation', { load, options }, gateway)
    const hammer = engine.asked.filter(({ phase }) => phase === 'hammer')
    expect(hammer.every(({ key, at }) => key === 'exhausted' && at >= 3000 && at < 5000)).toBe(true)
    expect(hammer).toHaveLength(60)
    expect(new Set(engine.asked.filter(({ key }) => key === 'default').map(({ phase }) => phase))).toEqual(
      new Set(['before', 'beside', 'after']),
    )
  })

  test('burst: so many at once, beside a base load that goes on', async () => {
    const load = { streams: 2, warmup_s: 0, duration_s: 3 }
    const { engine } = await driven(
      'burst',
      { load, options: { bursts: 2, size: 25 } },
      () => ({ ms: 100 }),
      2,
    )
    for (const [name, at] of [
      ['burst-1', 2000],
      ['burst-2', 3000],
    ] as const) {
      const salvo = engine.asked.filter(({ phase }) => phase === name)
      expect(salvo).toHaveLength(25)
      expect(salvo.every((ask) => ask.at === at && ask.planned_ms === at)).toBe(true)
    }
    expect(engine.mostOpen).toBe(27)
    const names = ['after-1', 'after-2', 'burst-1', 'burst-2', 'during-1', 'during-2', 'quiet']
    expect(phases(engine).toSorted()).toEqual(names)
  })

  test('burst: what begins while it is being answered is not what comes after it', async () => {
    const load = { streams: 2, warmup_s: 0, duration_s: 4 }
    const gateway = ({ phase = '' }) => ({ ms: phase.startsWith('burst') ? 700 : 100 })
    const { engine } = await driven('burst', { load, options: { bursts: 1, size: 5 } }, gateway)
    const begun = (name: string) => engine.asked.filter(({ phase }) => phase === name).map(({ at }) => at)
    expect(Math.max(...begun('quiet'))).toBeLessThan(3000)
    expect([Math.min(...begun('during-1')), Math.max(...begun('during-1'))]).toEqual([3000, 3600])
    expect(Math.min(...begun('after-1'))).toBe(3700)
  })

  test('the word of another request is noted, which the row does not hold', async () => {
    const gateway = () => ({
      ms: 100,
      result: { nonce: 'foreign' as const, foreign: 'assay-0123abcd-00000001' },
    })
    const { engine } = await driven('latency', { load: { streams: 1, warmup_s: 0, duration_s: 1 } }, gateway)
    expect(engine.noted('foreign')[0]).toEqual({ row: 1, word: 'assay-0123abcd-00000001' })
  })

  test('soak: one window after the other', async () => {
    const load = { streams: 1, warmup_s: 1, duration_s: 3 }
    const { engine } = await driven('soak', { load, options: { windows: 3 } })
    expect(phases(engine)).toEqual(['warmup', 'window-1', 'window-2', 'window-3'])
    expect(engine.noted('lane')).toMatchObject([
      { start_ms: 1000, phases: [0, 1000, 2000, 3000].map((from_ms) => ({ from_ms })) },
    ])
  })

  test('selftest: a share of the readers sleeps, in its own phase only', async () => {
    const load = { streams: 10, warmup_s: 0, duration_s: 4 }
    const { engine } = await driven('selftest', { load, options: { stall_ms: 50, stalled_share: 0.1 } })
    const stalled = engine.asked.filter(({ stall_ms }) => stall_ms === 50)
    expect(new Set(stalled.map(({ phase }) => phase))).toEqual(new Set(['stalled']))
    expect(Math.abs(stalled.length - 20)).toBeLessThanOrEqual(2)
  })

  test('mixed: streams and whole answers, two lengths, some with tools, in their shares', async () => {
    const load = { streams: 20, warmup_s: 0, duration_s: 5 }
    const requests = { prompt_tokens: [200, 400] as [number, number], stream_share: 0.7, tools_share: 0.3 }
    const { engine } = await driven('mixed', { load, requests, options: { long_share: 0.25 } })
    const share = (is: (ask: (typeof engine.asked)[number]) => boolean) =>
      engine.asked.filter(is).length / engine.asked.length
    expect(share(({ stream }) => stream)).toBeCloseTo(0.7, 1)
    expect(share(({ body }) => 'tools' in (body as object))).toBeCloseTo(0.3, 1)
    expect(share(({ prompt_tokens }) => prompt_tokens === 400)).toBeCloseTo(0.25, 1)
    expect(share(({ prompt_tokens }) => prompt_tokens === 200)).toBeCloseTo(0.75, 1)
  })
})

test('parts of a number add up to it, and differ by one at most', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 50 }), (total, of) => {
      const parts = Array.from({ length: of }, (_, index) => part(total, { index, of }))
      expect(parts.reduce((sum, n) => sum + n)).toBe(total)
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1)
    }),
  )
})
