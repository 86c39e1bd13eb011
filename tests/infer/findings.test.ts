/**
 * Every limiter fault is named by its finding and no other, and a correct limiter by none: in virtual time, over several
 * algorithms and seeds, with jitter, skewed clocks and slow first calls. How often, over many more, `MORE=n` says: so many seeds instead.
 */
import { describe, expect, it } from 'vitest'
import { findings } from '../../load/infer/findings/findings.ts'
import { probes } from '../../load/infer/findings/plan.ts'
import { FINDINGS } from '../../load/infer/findings/types.ts'
import { infer } from '../../load/infer/infer.ts'
import { correct, FAULTS, faulty, GAUGES, setting } from './findings-cases.ts'

const SEEDS = Array.from({ length: Number(process.env.MORE ?? 6) }, (_, n) => n + 1)

/** Share of the configurations in which the fault is named; chunks leave debts that some algorithms hide behind. */
const LEAST: Record<string, number> = { 'counts-chunks': 0.7 }

describe.each(Object.entries(FAULTS))('%s', (_name, fault) => {
  const algorithms = fault.algorithms ?? Object.keys(GAUGES)
  const seen = algorithms.flatMap((algorithm) =>
    SEEDS.map((seed) => {
      const { given, course } = faulty(seed, fault, algorithm)
      return findings({ samples: course.samples, aim: given.aim }).map(({ id }) => id)
    }),
  )

  it('is named', () => {
    const right = seen.filter((ids) => ids.length === 1 && ids[0] === fault.id).length
    expect(right / seen.length).toBeGreaterThanOrEqual(LEAST[fault.id] ?? 0.85)
  })

  it('and hardly ever taken for another', () => {
    const wrong = seen.filter((ids) => ids.some((id) => id !== fault.id))
    expect(wrong.length / seen.length).toBeLessThanOrEqual(0.1)
  })
})

it('no fault is seen in 150 correct limiters', () => {
  const seen = Array.from({ length: 150 }, (_, seed) => {
    const { given, course } = correct(seed)
    return findings({ samples: course.samples, aim: given.aim }).map(({ id }) => `${seed}: ${id}`)
  })
  expect(seen.flat()).toEqual([])
})

it('every finding but those of headers alone has a fault that shows it', () => {
  const shown = new Set(Object.values(FAULTS).map(({ id }) => id))
  const rest = FINDINGS.filter((id) => !shown.has(id))
  expect(rest).toEqual(['remaining-wrong', 'limit-header-wrong'])
})

describe('headers', () => {
  const { given, course } = correct(5)
  const inference = infer(course.samples.filter(({ probe }) => probe === undefined))
  const told = (change: (limits: { limit?: number; remaining?: number }) => object) =>
    findings({
      aim: given.aim,
      inference,
      samples: course.samples.map((sample) => ({
        ...sample,
        limits: { ...sample.limits, ...change(sample.limits ?? {}) },
      })),
    }).map(({ id }) => id)

  it('as they are', () => expect(told(() => ({}))).toEqual([]))
  it('a limit that is another', () => {
    expect(inference.confidence).toBeGreaterThan(0.8)
    expect(told(() => ({ limit: 3 * given.limit }))).toEqual(['limit-header-wrong'])
  })
  it('something remains although it is refused', () => {
    expect(told(({ remaining = 0 }) => ({ remaining: remaining + given.limit }))).toEqual(['remaining-wrong'])
  })
})

describe('the second plan', () => {
  const given = setting(4)
  const options = { ...given.options, timeAtMost: 900_000, twoBounds: true }

  it('sends nothing where the experiment met no limit', () => {
    expect(probes(options, []).next()).toEqual({ done: true, value: [] })
  })

  it('keeps to its caps of requests, tokens and time', () => {
    const { course } = correct(4)
    const before = course.samples.filter(({ probe }) => probe === undefined)
    for (const tight of [{ maxRequests: 40 }, { maxTokens: 700 }, { timeAtMost: 3000 }]) {
      const plan = probes({ ...options, ...tight }, before)
      const start = Math.max(...before.map(({ endedAt }) => endedAt))
      let [requests, tokens, last] = [0, 0, start]
      let step = plan.next()
      while (!step.done) {
        const now = Math.max(...step.value.map(({ at }) => at)) + 50
        requests += step.value.length
        for (const { promptTokens, maxTokens } of step.value) tokens += promptTokens + maxTokens
        last = Math.max(last, ...step.value.map(({ at }) => at))
        const samples = step.value.map((planned, i) => ({
          ...planned,
          key: 'key-0',
          model: 'model-0',
          sentAt: planned.at,
          endedAt: now,
          status: i === 0 ? 429 : 200,
          admitted: i !== 0,
        }))
        step = plan.next({ now, samples })
      }
      expect(requests).toBeLessThanOrEqual(tight.maxRequests ?? Number.POSITIVE_INFINITY)
      expect(tokens).toBeLessThanOrEqual(tight.maxTokens ?? Number.POSITIVE_INFINITY)
      expect(last - start).toBeLessThanOrEqual(tight.timeAtMost ?? Number.POSITIVE_INFINITY)
    }
  })
})
