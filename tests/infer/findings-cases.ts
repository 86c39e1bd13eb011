/** Limiters with one fault each, and without, and the whole experiment against them in virtual time. */
import { tokenBucket } from '../../fixtures/limiter/buckets.ts'
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
import type { Charging, Gauge, Limiter } from '../../fixtures/limiter/types.ts'
import { fixedClock, fixedFirst, slidingCounter, slidingLog } from '../../fixtures/limiter/windows.ts'
import { probes } from '../../load/infer/findings/plan.ts'
import type { FindingId } from '../../load/infer/findings/types.ts'
import { plan } from '../../load/infer/plan/plan.ts'
import type { Batch, PlanOptions, Reply } from '../../load/infer/plan/types.ts'
import type { Sample } from '../../load/infer/types.ts'
import { random, World, type WorldOptions } from './world.ts'

export const GAUGES: Record<string, (limit: number, window: number, skew: number) => Gauge> = {
  'fixed-clock': fixedClock,
  'fixed-first': (limit, window) => fixedFirst(limit, window),
  'sliding-log': slidingLog,
  'sliding-counter': slidingCounter,
  'token-bucket': tokenBucket,
}

export interface Setting {
  algorithm: string
  aim: PlanOptions['aim']
  limit: number
  window: number
  skew: number
  charging: Charging
  world: WorldOptions
  options: PlanOptions
}

const TOKENS = ['prompt', 'prompt+max', 'reserve-refund'] as const

/** A limiter as it should be: everything is charged, at admission. Refused requests are charged or not. */
export function setting(seed: number, given: { aim?: Setting['aim']; algorithm?: string } = {}): Setting {
  const draw = random(seed * 104_729 + 7)
  for (let n = 0; n < 5; n++) draw()
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T
  const between = (low: number, high: number) => Math.exp(Math.log(low) + draw() * Math.log(high / low))
  const names = Object.keys(GAUGES)
  const algorithm = given.algorithm ?? (names[seed % names.length] as string)
  const aim = given.aim ?? (draw() < 0.5 ? 'tokens' : 'requests')
  const window = Math.round(between(10_000, 60_000))
  const limit = Math.round(aim === 'tokens' ? between(5000, 60_000) : between(10, 200))
  return {
    algorithm,
    aim,
    limit,
    window,
    skew: Math.round(draw() * 120_000),
    charging: {
      what: aim === 'tokens' ? pick(TOKENS) : 'request',
      when: 'admission',
      refused: draw() < 0.25,
      cancelled: true,
    },
    world: {
      seed: seed + 1,
      latency: [5, pick([20, 100, 300])],
      firstToken: Math.round(between(20, 150)),
      perToken: between(4, 15),
      slowFirst: pick([0, 400, 1500]),
      headers: (remaining) => ({ limit, remaining: Math.floor(remaining) }),
    },
    options: {
      aim,
      windowAtMost: 90_000,
      limitAtMost: aim === 'tokens' ? 100_000 : 400,
      maxRequests: 6000,
      maxTokens: 5_000_000,
      keys: 2,
      models: 2,
    },
  }
}

export const gaugeOf = ({ algorithm, limit, window, skew }: Setting): Gauge => {
  const make = GAUGES[algorithm]
  if (!make) throw new Error(algorithm)
  return make(limit, window, skew)
}

export interface Fault {
  id: FindingId
  aim?: Setting['aim']
  /** Only these algorithms can have it. */
  algorithms?: string[]
  limiter?: (setting: Setting) => Limiter
  /** What the network or the gateway's face makes of a sample. */
  sample?: (sample: Sample) => Sample
  /** Charging that the fault needs. */
  charging?: Partial<Charging>
  /** The store is away between these shares of the probes' time. */
  away?: [number, number]
}

const plain = (given: Setting): Limiter => metered(gaugeOf(given), given.charging)
const refusal = (change: (sample: Sample) => Sample) => (sample: Sample) =>
  sample.admitted ? sample : change(sample)

export const FAULTS: Record<string, Fault> = {
  'a race of 25 ms': { id: 'race', limiter: (given) => metered(racing(gaugeOf(given), 25), given.charging) },
  'a race of 80 ms': { id: 'race', limiter: (given) => metered(racing(gaugeOf(given), 80), given.charging) },
  'a window that refusals extend': {
    id: 'extended-by-refusals',
    algorithms: ['fixed-first'],
    limiter: ({ limit, window, charging }) =>
      metered(extendedByRefusals(limit, window), { ...charging, refused: true }),
  },
  'a limit that never resets': {
    id: 'never-resets',
    limiter: ({ limit, window, charging }) => metered(neverResets(limit, window), charging),
  },
  'charging only at the end': { id: 'charged-at-end', charging: { when: 'end' } },
  'who hangs up pays nothing': { id: 'hang-up-free', charging: { cancelled: false } },
  'each chunk is a request': {
    id: 'counts-chunks',
    aim: 'requests',
    limiter: (given) => {
      const gauge = gaugeOf(given)
      return countsChunks(metered(gauge, given.charging), gauge)
    },
  },
  'each request is counted three times': {
    id: 'counts-several-times',
    aim: 'requests',
    limiter: (given) => metered(countsRetries(gaugeOf(given), 3), given.charging),
  },
  'two bounds that disagree': {
    id: 'bypassed-by-conflict',
    aim: 'tokens',
    charging: { what: 'prompt+max' },
    limiter: (given) => bypassedByConflict(plain(given)),
  },
  'fails open': { id: 'fails-open', away: [0.25, 0.75] },
  'remaining never falls': {
    id: 'remaining-never-falls',
    limiter: (given) => stuckRemaining(plain(given), 99),
  },
  'no Retry-After': {
    id: 'retry-after-missing',
    limiter: (given) => wrongRetryAfter(plain(given), () => undefined),
  },
  'Retry-After of a second, always': {
    id: 'retry-after-too-short',
    algorithms: ['fixed-clock', 'fixed-first', 'sliding-log'],
    limiter: (given) => wrongRetryAfter(plain(given), () => 1000),
  },
  'Retry-After a third of the time': {
    id: 'retry-after-too-short',
    algorithms: ['fixed-first', 'sliding-log'],
    limiter: (given) => wrongRetryAfter(plain(given), (ms) => ms / 3),
  },
  'Retry-After in milliseconds': {
    id: 'retry-after-too-long',
    limiter: (given) => wrongRetryAfter(plain(given), (ms) => Math.max(3000, ms) * 1000),
  },
  'Retry-After of a minute more': {
    id: 'retry-after-too-long',
    limiter: (given) => wrongRetryAfter(plain(given), (ms) => 3 * ms + 30_000),
  },
  'empty bodies': { id: 'empty-refusal-body', sample: refusal((sample) => ({ ...sample, bodyBytes: 0 })) },
  'a page of a proxy': {
    id: 'refusal-envelope',
    sample: refusal((sample) => ({ ...sample, envelope: 'not-json' })),
  },
  'status 503': { id: 'refusal-status', sample: refusal((sample) => ({ ...sample, status: 503 })) },
  'dropped connections': {
    id: 'dropped-connection',
    sample: refusal(({ firstAt: _, retryAfter_s: __, limits: ___, ...sample }) => ({
      ...sample,
      status: 0,
      bodyBytes: 0,
    })),
  },
}

export interface Course {
  samples: Sample[]
  /** Time at which the second plan began and at which it ended, ms. */
  begun: number
  ended: number
  /** Its requests. */
  probes: number
}

/** Both plans, one after the other. */
export function experiment(given: Setting, limiter: Limiter, change?: (sample: Sample) => Sample): Course {
  const world = new World(limiter, given.world)
  const ask = (batch: Batch): Reply => {
    const { now, samples } = world.run(batch)
    return { now, samples: change ? samples.map(change) : samples }
  }
  const drive = (course: Generator<Batch, Sample[], Reply>): Sample[] => {
    let step = course.next()
    while (!step.done) step = course.next(ask(step.value))
    return step.value
  }
  const before = drive(plan(given.options))
  const begun = world.now
  const own = drive(probes({ ...given.options, timeAtMost: 900_000, twoBounds: true }, before))
  return { samples: [...before, ...own], begun, ended: world.now, probes: own.length }
}

export function faulty(seed: number, fault: Fault, algorithm: string): { given: Setting; course: Course } {
  const base = setting(seed, { algorithm, ...(fault.aim && { aim: fault.aim }) })
  const given = { ...base, charging: { ...base.charging, ...fault.charging } }
  if (!fault.away) return { given, course: experiment(given, (fault.limiter ?? plain)(given), fault.sample) }
  const { begun, ended } = experiment(given, plain(given))
  const [from, to] = fault.away.map((share) => begun + share * (ended - begun)) as [number, number]
  return { given, course: experiment(given, failsOpen(plain(given), from, to)) }
}

export const correct = (seed: number): { given: Setting; course: Course } => {
  const given = setting(seed)
  return { given, course: experiment(given, plain(given)) }
}
