import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limiter } from '../../fixtures/limiter/limiter.ts'
import type { Algorithm, Ask, Charging, Limiter, LimiterOptions } from '../../fixtures/limiter/types.ts'

const ask: Ask = { key: 'k', model: 'm', promptTokens: 10, maxTokens: 20, stream: true }
const requests: Charging = { what: 'request', when: 'admission', refused: false, cancelled: true }
const make = (
  algorithm: Algorithm,
  charging: Partial<Charging> = {},
  scope: LimiterOptions['scope'] = 'key',
) => limiter({ algorithm, charging: { ...requests, ...charging }, scope })

/** How many of `count` asked at `now` are let in. */
function admitted(gate: Limiter, now: number, count: number, what: Ask = ask): number {
  return Array.from({ length: count }, () => gate.ask(now, what)).filter(({ kind }) => kind !== 'refused')
    .length
}

describe('algorithms', () => {
  it('a fixed window on the clock opens at the multiple, however late it was filled', () => {
    const gate = make({ kind: 'fixed-clock', limit: 5, window: 1000 })
    expect(admitted(gate, 990, 8)).toBe(5)
    expect(admitted(gate, 999, 1)).toBe(0)
    expect(admitted(gate, 1000, 8)).toBe(5)
  })

  it('a skewed clock moves the boundary', () => {
    const gate = make({ kind: 'fixed-clock', limit: 1, window: 1000, skew: 300 })
    expect(admitted(gate, 650, 2)).toBe(1)
    expect(admitted(gate, 700, 2)).toBe(1)
  })

  it('a fixed window to the first request opens a window after that request', () => {
    const gate = make({ kind: 'fixed-first', limit: 5, window: 1000 })
    expect(admitted(gate, 990, 8)).toBe(5)
    expect(admitted(gate, 1989, 1)).toBe(0)
    expect(admitted(gate, 1990, 8)).toBe(5)
  })

  it('a log gives back each request a window after it', () => {
    const gate = make({ kind: 'sliding-log', limit: 5, window: 1000 })
    expect(admitted(gate, 0, 2)).toBe(2)
    expect(admitted(gate, 600, 9)).toBe(3)
    expect(admitted(gate, 1000, 9)).toBe(2)
    expect(admitted(gate, 1600, 9)).toBe(3)
  })

  it('a counter lets the window before fade', () => {
    const gate = make({ kind: 'sliding-counter', limit: 10, window: 1000 })
    expect(admitted(gate, 500, 20)).toBe(10)
    expect(admitted(gate, 1000, 5)).toBe(0)
    expect(admitted(gate, 1500, 20)).toBe(5)
  })

  it('a bucket fills evenly, and no further than its size', () => {
    const gate = make({ kind: 'token-bucket', limit: 10, window: 1000 })
    expect(admitted(gate, 0, 20)).toBe(10)
    expect(admitted(gate, 300, 20)).toBe(3)
    expect(admitted(gate, 9000, 20)).toBe(10)
  })

  it('a queue delays evenly and refuses when it is full', () => {
    const gate = make({ kind: 'leaky-bucket', limit: 4, window: 1000 })
    const answers = Array.from({ length: 5 }, () => gate.ask(0, ask))
    expect(answers.map((answer) => (answer.kind === 'delayed' ? answer.ms : answer.kind))).toEqual([
      'admitted',
      250,
      500,
      750,
      'refused',
    ])
  })

  it('slots are free again when a request ends', () => {
    const gate = make({ kind: 'concurrency', limit: 2 })
    const first = gate.ask(0, ask)
    expect(admitted(gate, 0, 5)).toBe(1)
    if (first.kind !== 'admitted') throw new Error('the first was refused')
    gate.finish(5, first.ticket, { completionTokens: 1, cancelled: true })
    expect(admitted(gate, 5, 5)).toBe(1)
  })

  it('lets in exactly the limit at once, whatever it is', () => {
    const kinds = ['fixed-clock', 'fixed-first', 'sliding-log', 'sliding-counter', 'token-bucket'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(1e6),
        (kind, limit, now) => {
          expect(admitted(make({ kind, limit, window: 1000 }), now, limit + 5)).toBe(limit)
        },
      ),
    )
  })

  it('says truly when it will let in again', () => {
    const kinds = ['fixed-clock', 'fixed-first', 'sliding-log', 'sliding-counter', 'token-bucket'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(5000),
        (kind, limit, now) => {
          const gate = make({ kind, limit, window: 1000 })
          admitted(gate, now, limit)
          const refusal = gate.ask(now, ask)
          if (refusal.kind !== 'refused' || refusal.retryAfter === undefined) throw new Error('was not full')
          expect(admitted(gate, now + refusal.retryAfter + 0.01, 1)).toBe(1)
          const early = make({ kind, limit, window: 1000 })
          admitted(early, now, limit)
          expect(admitted(early, now + refusal.retryAfter * 0.98 - 0.01, 1)).toBe(0)
        },
      ),
    )
  })
})

describe('charging', () => {
  const log: Algorithm = { kind: 'sliding-log', limit: 100, window: 1000 }

  it.each([
    ['prompt', 'admission', 10],
    ['prompt+max', 'admission', 3],
    ['reserve-refund', 'admission', 3],
  ] as const)('%s at %s lets %i in', (what, when, count) => {
    expect(admitted(make(log, { what, when }), 0, 30)).toBe(count)
  })

  it('charging at the end lets everything in until the first has ended', () => {
    const gate = make(log, { what: 'prompt+completion', when: 'end' })
    const answers = Array.from({ length: 20 }, () => gate.ask(0, ask))
    expect(answers.every(({ kind }) => kind === 'admitted')).toBe(true)
    for (const answer of answers)
      if (answer.kind === 'admitted') gate.finish(1, answer.ticket, { completionTokens: 5, cancelled: false })
    expect(admitted(gate, 2, 1)).toBe(0)
  })

  it('a refund gives back what was reserved and not used', () => {
    const gate = make(log, { what: 'reserve-refund' })
    const answer = gate.ask(0, { ...ask, maxTokens: 90 })
    expect(admitted(gate, 0, 1)).toBe(0)
    if (answer.kind !== 'admitted') throw new Error('refused')
    gate.finish(1, answer.ticket, { completionTokens: 10, cancelled: false })
    expect(admitted(gate, 2, 9)).toBe(2)
  })

  it('a cancelled stream pays only where it does', () => {
    for (const [cancelled, left] of [
      [true, 9],
      [false, 10],
    ] as const) {
      const gate = make({ ...log, limit: 10 }, { cancelled })
      const answer = gate.ask(0, ask)
      if (answer.kind !== 'admitted') throw new Error('refused')
      gate.finish(1, answer.ticket, { completionTokens: 1, cancelled: true })
      expect(admitted(gate, 2, 20)).toBe(left)
    }
  })

  it('refused requests that are charged keep a log shut', () => {
    const gate = make({ ...log, limit: 2 }, { refused: true })
    admitted(gate, 0, 2)
    admitted(gate, 900, 2)
    expect(admitted(gate, 1100, 1)).toBe(0)
  })
})

describe('scope', () => {
  it.each([
    ['key', [0, 1]],
    ['model', [1, 0]],
    ['key+model', [1, 1]],
    ['shared', [0, 0]],
  ] as const)('%s', (scope, [otherModel, otherKey]) => {
    const gate = make({ kind: 'fixed-first', limit: 1, window: 1000 }, {}, scope)
    admitted(gate, 0, 1)
    expect([
      admitted(gate, 1, 1, { ...ask, model: 'other' }),
      admitted(gate, 1, 1, { ...ask, key: 'other' }),
    ]).toEqual([otherModel, otherKey])
  })
})
