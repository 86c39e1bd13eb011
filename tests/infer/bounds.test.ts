/** What the inference stands on: with the true limiter in hand, its bounds contradict no sample. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Groups, groups } from '../../load/infer/groups.ts'
import { bucketBounds, steps } from '../../load/infer/model/bucket.ts'
import { Heap } from '../../load/infer/model/heap.ts'
import { ledger, Sums } from '../../load/infer/model/ledger.ts'
import type { Windowed } from '../../load/infer/model/search.ts'
import {
  anchorOf,
  type Bounds,
  type Cell,
  clockBounds,
  counterBounds,
  firstBounds,
  logBounds,
  Usage,
} from '../../load/infer/model/usage.ts'
import { ownOf } from '../../load/infer/scope.ts'
import type { Charge } from '../../load/infer/types.ts'
import { setup, type Trialled, trial } from './experiment.ts'

/** Bounds of one algorithm in a box of windows and phases. */
function boundsIn(all: Groups, charge: Charge, algorithm: Windowed, cell: Cell, limit: number): Bounds {
  const book = ledger(charge, all)
  const usage = new Usage(book)
  const bounds = { lo: new Float64Array(all.list.length), hi: new Float64Array(all.list.length) }
  if (algorithm === 'fixed-clock') clockBounds(usage, cell, bounds)
  else if (algorithm === 'fixed-first') firstBounds(usage, cell, bounds)
  else if (algorithm === 'sliding-log') logBounds(usage, cell, bounds)
  else if (algorithm === 'sliding-counter') counterBounds(usage, cell, bounds)
  else bucketBounds(book, steps(book), limit / cell.w1, limit / cell.w0, bounds)
  return bounds
}

/** The true place of a limiter among the parameters. */
function placed({ setup: { truth }, samples }: Trialled) {
  const { algorithm, charging, scope } = truth
  if (!('window' in algorithm) || algorithm.kind === 'leaky-bucket') throw new Error('has no window')
  const all = groups(samples, ownOf(samples, scope))
  const { limit, window, kind } = algorithm
  const skew = 'skew' in algorithm ? (algorithm.skew ?? 0) : 0
  const turns = (-skew - anchorOf(ledger(charging, all))) / window
  const phase = turns - Math.floor(turns)
  return { all, kind, limit, window, phase, charging }
}

const SEEDS = Array.from({ length: 15 }, (_, seed) => seed)
const done = SEEDS.map((seed) => ({ seed, ...placed(trial(setup(seed))) }))

describe('bounds', () => {
  it.each(done)('hold for configuration $seed, $kind', ({ all, kind, limit, window, phase, charging }) => {
    const at = { w0: window, w1: window, p0: phase, p1: phase }
    const { lo, hi } = boundsIn(all, charging, kind, at, limit)
    const { cost } = ledger(charging, all)
    const wrong = all.telling.filter((g) => {
      const { admitted, refused } = all.list[g]!
      const over = admitted > 0 && lo[g]! + admitted * cost[g]! > limit * 1.0005 + 1e-6
      const under = refused > 0 && hi[g]! + (admitted + 1) * cost[g]! < limit * 0.9995 - 1e-6
      return over || under
    })
    // A bucket is played at the middle of the times at which things can have been: nearly, not surely.
    const share = kind === 'token-bucket' ? 0.03 : 0
    expect(wrong.length).toBeLessThanOrEqual(share * all.telling.length)
  })

  it('of a box lie around those of every place in it', () => {
    const boxed = done.filter(({ kind }) => kind !== 'fixed-first' && kind !== 'token-bucket')
    fc.assert(
      fc.property(
        fc.constantFrom(...boxed),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ all, kind, limit, window, phase, charging }, a, b) => {
          const box = { w0: window * 0.97, w1: window * 1.03, p0: phase, p1: phase + 0.04 }
          const w = box.w0 + a * (box.w1 - box.w0)
          const p = box.p0 + b * (box.p1 - box.p0)
          const outer = boundsIn(all, charging, kind, box, limit)
          const inner = boundsIn(all, charging, kind, { w0: w, w1: w, p0: p, p1: p }, limit)
          for (const g of all.telling) {
            expect(outer.lo[g]!).toBeLessThanOrEqual(inner.lo[g]! + 1e-6)
            expect(outer.hi[g]!).toBeGreaterThanOrEqual(inner.hi[g]! - 1e-6)
          }
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })
})

describe('sums', () => {
  it('are what was made by then, surely and possibly, in whatever order they are asked for', () => {
    const entry = fc
      .tuple(fc.nat(1000), fc.nat(50), fc.nat(9), fc.nat(9))
      .map(([from, wide, least, more]) => ({ from, to: from + wide, least, most: least + more }))
    fc.assert(
      fc.property(fc.array(entry), fc.array(fc.nat(1100)), (entries, times) => {
        const sums = new Sums(entries)
        for (const at of times) {
          const possible = entries.filter(({ from }) => from <= at).reduce((sum, { most }) => sum + most, 0)
          const sure = entries.filter(({ to }) => to <= at).reduce((sum, { least }) => sum + least, 0)
          expect([sums.possible(at, 1), sums.sure(at, 0)]).toEqual([possible, sure])
        }
      }),
    )
  })
})

describe('heap', () => {
  it('gives the greatest first', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), (items) => {
        const heap = new Heap<number>((item) => item)
        for (const item of items) heap.push(item)
        const out = items.map(() => heap.pop())
        expect(out).toEqual(items.toSorted((a, b) => b - a))
        expect(heap.pop()).toBeUndefined()
      }),
    )
  })
})
