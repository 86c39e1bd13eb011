import { describe, expect, it } from 'vitest'
import {
  bypassedByConflict,
  countsChunks,
  countsRetries,
  extendedByRefusals,
  failsOpen,
  neverResets,
  racing,
  stuckRemaining,
  wrongRetryAfter,
} from '../../fixtures/limiter/faults.ts'
import { metered } from '../../fixtures/limiter/limiter.ts'
import type { Ask, Charging, Limiter } from '../../fixtures/limiter/types.ts'
import { fixedFirst } from '../../fixtures/limiter/windows.ts'

const ask: Ask = { key: 'k', model: 'm', promptTokens: 10, maxTokens: 20, stream: true }
const requests: Charging = { what: 'request', when: 'admission', refused: false, cancelled: true }
const admitted = (gate: Limiter, now: number, count: number, what = ask): number =>
  Array.from({ length: count }, () => gate.ask(now, what)).filter(({ kind }) => kind !== 'refused').length

describe('limiter faults', () => {
  it('a race admits several times the limit within its lag, and nothing after it', () => {
    const gate = metered(racing(fixedFirst(5, 1000), 20), requests)
    expect(admitted(gate, 0, 20)).toBe(20)
    expect(admitted(gate, 30, 5)).toBe(0)
  })

  it('a window that refusals extend opens only after silence', () => {
    const gate = metered(extendedByRefusals(2, 1000), { ...requests, refused: true })
    admitted(gate, 0, 2)
    for (let now = 100; now < 5000; now += 900) expect(admitted(gate, now, 1)).toBe(0)
    expect(admitted(gate, 5700, 1)).toBe(1)
  })

  it('a limit that never resets stays shut after the wait that it named', () => {
    const gate = metered(neverResets(2, 1000), requests)
    admitted(gate, 0, 2)
    const refusal = gate.ask(0, ask)
    expect(refusal).toMatchObject({ kind: 'refused', retryAfter: 1000 })
    expect(admitted(gate, 1e9, 1)).toBe(0)
  })

  it('retries count over', () => {
    expect(admitted(metered(countsRetries(fixedFirst(9, 1000), 3), requests), 0, 9)).toBe(3)
  })

  it('chunks count as requests', () => {
    const gauge = fixedFirst(10, 1000)
    const gate = countsChunks(metered(gauge, requests), gauge)
    const answer = gate.ask(0, ask)
    if (answer.kind !== 'admitted') throw new Error('refused')
    gate.finish(1, answer.ticket, { completionTokens: 8, cancelled: false })
    expect(admitted(gate, 2, 5)).toBe(1)
  })

  it('two bounds that disagree get round the limit only with the fault', () => {
    const charging: Charging = { ...requests, what: 'prompt+max' }
    const conflicting = { ...ask, maxTokens: 1, maxCompletionTokens: 500 }
    expect(admitted(metered(fixedFirst(100, 1000), charging), 0, 3, conflicting)).toBe(0)
    expect(admitted(bypassedByConflict(metered(fixedFirst(100, 1000), charging)), 0, 3, conflicting)).toBe(3)
  })

  it('fails open while the store is away, and counts nothing then', () => {
    const gate = failsOpen(metered(fixedFirst(2, 1000), requests), 100, 200)
    expect([admitted(gate, 0, 5), admitted(gate, 150, 5), admitted(gate, 200, 5)]).toEqual([2, 5, 0])
  })

  it('headers can lie', () => {
    const plain = () => metered(fixedFirst(2, 1000), requests)
    const stuck = stuckRemaining(plain(), 99)
    expect([0, 1, 2].map((now) => stuck.ask(now, ask).remaining)).toEqual([99, 99, 99])
    const silent = wrongRetryAfter(plain(), () => undefined)
    admitted(silent, 0, 2)
    expect(silent.ask(0, ask)).toMatchObject({ kind: 'refused', retryAfter: undefined })
  })
})
