/**
 * The whole way in virtual time, on a few limiters that the experiment is known to tell apart: a net against falling
 * back, not a measure. How often it is right is measured by bench/limits.ts.
 */
import { describe, expect, it } from 'vitest'
import { limiter } from '../../fixtures/limiter/limiter.ts'
import { infer } from '../../load/infer/infer.ts'
import type { Sample } from '../../load/infer/types.ts'
import { drive, mark, setup, trial } from './experiment.ts'
import { World } from './world.ts'

const done = new Map<number, ReturnType<typeof trial>>()
const run = (seed: number) => {
  const found = done.get(seed) ?? trial(setup(seed))
  done.set(seed, found)
  return found
}

describe('the experiment', () => {
  it.each([6, 14, 15, 16, 17, 33, 35])('tells configuration %i', (seed) => {
    expect(mark(run(seed))).toMatchObject({ algorithm: true, charging: true })
  })

  it('keeps to its caps: nothing is sent that would pass one', () => {
    const given = setup(11)
    const options = { ...given.plan, maxRequests: 90, maxTokens: 900 }
    const samples = drive(options, new World(limiter(given.truth), given.world))
    expect(samples.length).toBeLessThanOrEqual(90)
    expect(
      samples.reduce((sum, { promptTokens, maxTokens }) => sum + promptTokens + maxTokens, 0),
    ).toBeLessThanOrEqual(900)
  })

  it('is the same twice', () => {
    const given = setup(6)
    const once = () => drive(given.plan, new World(limiter(given.truth), given.world))
    expect(once()).toEqual(once())
  })
})

const scaled = (samples: Sample[], by: number): Sample[] =>
  samples.map((sample) => ({
    ...sample,
    sentAt: sample.sentAt * by,
    endedAt: sample.endedAt * by,
    ...(sample.firstAt !== undefined && { firstAt: sample.firstAt * by }),
  }))

describe('inference', () => {
  it('scales with time', () => {
    const { samples, seen } = run(6)
    const slow = infer(scaled(samples, 2))
    expect(slow).toMatchObject({ algorithm: seen.algorithm, charging: seen.charging })
    expect((slow.window_s ?? 0) / (seen.window_s ?? 1)).toBeCloseTo(2, 1)
  })

  it('does not care for the order of the samples, nor for what keys are called', () => {
    const { samples, seen } = run(6)
    const other = samples.map((sample) => ({ ...sample, key: `other ${sample.key}` })).reverse()
    const again = infer(other)
    expect(again).toMatchObject({
      algorithm: seen.algorithm,
      limit: seen.limit,
      charging: seen.charging,
      per: seen.per,
    })
  })

  it('finds no limit where nothing was refused, and says up to what', () => {
    const { samples, seen } = run(17)
    expect(seen).toMatchObject({ algorithm: 'none', limit: samples.length })
  })

  it('names what refusals lack', () => {
    const { samples } = run(6)
    const bare = samples.map((sample): Sample => {
      if (sample.admitted) return sample
      const { retryAfter_s: _, ...rest } = sample
      return { ...rest, bodyBytes: 0 }
    })
    const ids = infer(bare).faults.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['empty-refusal-body', 'retry-after-missing']))
  })
})
