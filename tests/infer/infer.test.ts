/**
 * The whole way in virtual time, on a few limiters that the experiment is known to tell apart: a net against falling
 * back, not a measure. How often it is right is measured by bench/limits.ts.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { limiter } from '../../fixtures/limiter/limiter.ts'
import type { LimiterOptions } from '../../fixtures/limiter/types.ts'
import { infer } from '../../load/infer/infer.ts'
import type { Sample } from '../../load/infer/types.ts'
import { crowded, drive, mark, setup, trial } from './experiment.ts'
import { World } from './world.ts'

const done = new Map<number, ReturnType<typeof trial>>()
const run = (seed: number) => {
  const found = done.get(seed) ?? trial(setup(seed))
  done.set(seed, found)
  return found
}

const TOLD = [1, 4, 6, 12, 15, 16, 17, 20, 21, 29, 33, 34]

describe('the experiment', () => {
  it.each(TOLD)('tells configuration %i', (seed) => {
    const { limitOff = 0, windowOff = 0, windows = 0, requestsPerLimit = 0, ...seen } = mark(run(seed))
    expect(seen).toMatchObject({ algorithm: true, charging: true })
    expect([limitOff <= 0.02, windowOff <= 0.05]).toEqual([true, true])
    expect([windows <= 6, requestsPerLimit <= 40]).toEqual([true, true])
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

  it('states others on the same key, and only where there are some', () => {
    const given = crowded(11)
    expect(given && mark(trial(given)).otherTraffic).toBe(true)
    expect(TOLD.filter((seed) => run(seed).seen.otherTraffic)).toEqual([])
  })
})

const KINDS = [
  'fixed-clock',
  'fixed-first',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
  'leaky-bucket',
  'concurrency',
]

describe('recorded runs', () => {
  it.each(KINDS)('%s', (kind) => {
    const file = new URL(`recordings/${kind}.json`, import.meta.url)
    const { truth, samples }: { truth: LimiterOptions; samples: Sample[] } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    const { algorithm, charging } = truth
    const seen = infer(samples)
    expect(seen.algorithm).toBe(kind)
    if ('limit' in algorithm) expect(Math.abs(seen.limit / algorithm.limit - 1)).toBeLessThanOrEqual(0.02)
    if (!('window' in algorithm)) return
    expect(Math.abs(((seen.window_s ?? 0) * 1000) / algorithm.window - 1)).toBeLessThanOrEqual(0.05)
    expect(seen.charging).toMatchObject({ what: charging.what, when: charging.when })
  })
})
