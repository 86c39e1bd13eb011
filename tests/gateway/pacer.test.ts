/** What is done at a set time is done at that time, whatever was late before it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Due, DueHeap } from '../../fixtures/gateway/pace/due-heap.ts'
import { type Paced, Pacer } from '../../fixtures/gateway/pace/pacer.ts'
import { timetable } from '../../fixtures/gateway/pace/timetable.ts'
import { HandClock } from './pace-clock.ts'

describe('a heap of due times', () => {
  it('gives the earliest first, whatever was taken out or moved meanwhile', () => {
    const step = fc.record({ due: fc.nat(1000), drop: fc.nat(30), move: fc.nat(30), to: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new DueHeap<Due>()
        const held: Due[] = []
        for (const { due, drop, move, to } of steps) {
          const item = { due, place: -1 }
          heap.add(item)
          held.push(item)
          const gone = held[drop]
          if (gone !== undefined) {
            heap.remove(gone)
            held.splice(drop, 1)
          }
          const moved = held[move]
          if (moved !== undefined) {
            moved.due = to
            heap.moved(moved)
          }
        }
        const out: number[] = []
        for (let item = heap.first; item !== undefined; item = heap.first) {
          out.push(item.due)
          heap.remove(item)
        }
        expect(out).toEqual(held.map(({ due }) => due).toSorted((a, b) => a - b))
      }),
    )
  })
})

/** Notes when it was called, `count` times, `gap` apart. */
function beat(clock: HandClock, gap: number, count: number): { item: Paced; at: number[] } {
  const at: number[] = []
  const item: Paced = {
    due: 0,
    place: -1,
    step: () => {
      at.push(clock.now())
      return at.length < count ? at.length * gap : undefined
    },
  }
  return { item, at }
}

describe('a pacer', () => {
  it('keeps absolute times: what was late makes nothing else late', () => {
    const clock = new HandClock()
    const pacer = new Pacer(clock)
    const { item, at } = beat(clock, 20, 10)
    pacer.add(item, 0)
    clock.pass(50)
    clock.hang(55)
    clock.pass(200)
    expect(at).toEqual([0, 20, 40, 105, 105, 105, 120, 140, 160, 180])
  })

  it('has one timer for all, set for the earliest', () => {
    const clock = new HandClock()
    const pacer = new Pacer(clock)
    const slow = beat(clock, 100, 3)
    const fast = beat(clock, 7, 20)
    pacer.add(slow.item, 50)
    pacer.add(fast.item, 3)
    clock.pass(300)
    expect(slow.at).toEqual([50, 100, 200])
    expect(fast.at.slice(0, 4)).toEqual([3, 7, 14, 21])
    expect(fast.at).toHaveLength(20)
  })

  it('drops what is taken back, also from within a step', () => {
    const clock = new HandClock()
    const pacer = new Pacer(clock)
    const { item, at } = beat(clock, 10, 10)
    pacer.add(item, 0)
    const cancel = pacer.once(25, () => pacer.drop(item))
    pacer.once(15, () => undefined)
    clock.pass(100)
    cancel()
    expect(at).toEqual([0, 10, 20])
  })

  it('does all that is due when there is more of it than fits in a turn', () => {
    const clock = new HandClock()
    const pacer = new Pacer(clock)
    let count = 0
    for (let i = 0; i < 5000; i++) pacer.once(10, () => count++)
    clock.pass(10)
    expect(count).toBe(5000)
  })
})

describe('a timetable', () => {
  it('gives the first token its delay and every other a multiple of the gap', () => {
    const times = timetable({ first_ms: 200, tokens_per_s: 50 }, 1000, 1)
    expect([0, 1, 100].map((i) => times.token(i))).toEqual([1200, 1220, 3200])
    expect(times.tail(3200)).toBe(3205)
    expect(timetable({ first_ms: 0, tokens_per_s: 1000 }, 0, 1).tail(7)).toBe(7.5)
  })

  it('lets jitter move a token by its share of a gap at most, and never the ones behind it', () => {
    const times = timetable({ first_ms: 0, tokens_per_s: 100, jitter: 0.5 }, 0, 7)
    const late = Array.from({ length: 200 }, (_, i) => times.token(i) - i * 10)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(5)
    expect(new Set(late).size).toBeGreaterThan(150)
    const again = timetable({ first_ms: 0, tokens_per_s: 100, jitter: 0.5 }, 0, 7)
    expect(again.token(50)).toBe(times.token(50))
  })

  it('without a rate gives all tokens at once', () => {
    const times = timetable({ first_ms: 5, tokens_per_s: Number.POSITIVE_INFINITY }, 0, 1)
    expect([times.token(0), times.token(999), times.tail(5)]).toEqual([5, 5, 5])
  })
})
