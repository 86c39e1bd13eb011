/** Random limiters, the experiment against each in virtual time, and how far what was inferred is from the truth. */
import { limiter } from '../../fixtures/limiter/limiter.ts'
import type { Algorithm, Charging, LimiterOptions } from '../../fixtures/limiter/types.ts'
import { infer } from '../../load/infer/infer.ts'
import { plan } from '../../load/infer/plan/plan.ts'
import type { PlanOptions } from '../../load/infer/plan/types.ts'
import type { Inference, Sample } from '../../load/infer/types.ts'
import { random, World, type WorldOptions } from './world.ts'

export interface Setup {
  seed: number
  truth: LimiterOptions
  world: WorldOptions
  plan: PlanOptions
}

export interface Trialled {
  setup: Setup
  samples: Sample[]
  seen: Inference
}

const KINDS: Algorithm['kind'][] = [
  'fixed-clock',
  'fixed-first',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
  'leaky-bucket',
  'concurrency',
  'none',
]

const TOKEN_WAYS: Pick<Charging, 'what' | 'when'>[] = [
  { what: 'prompt', when: 'admission' },
  { what: 'prompt', when: 'end' },
  { what: 'prompt+completion', when: 'end' },
  { what: 'prompt+max', when: 'admission' },
  { what: 'reserve-refund', when: 'admission' },
]

/** Setup number `seed`: kinds take turns, everything else is drawn. */
export function setup(seed: number): Setup {
  const draw = random(seed * 7919 + 13)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T
  const between = (low: number, high: number) => Math.exp(Math.log(low) + draw() * Math.log(high / low))
  for (let n = 0; n < 8; n++) draw()
  // The five with a window and a way of charging come three times as often as the three without.
  const kind = KINDS[seed % 18 < 15 ? seed % 5 : 5 + (seed % 3)] as Algorithm['kind']
  const tokens = kind !== 'leaky-bucket' && kind !== 'concurrency' && draw() < 0.6
  const window = Math.round(between(10_000, 60_000))
  const limit = Math.round(
    kind === 'concurrency'
      ? between(2, 40)
      : kind === 'leaky-bucket'
        ? between(6, 40)
        : tokens
          ? between(5_000, 60_000)
          : between(10, 200),
  )
  const skew = Math.round(draw() * 120_000)
  const way = tokens
    ? pick(TOKEN_WAYS)
    : { what: 'request' as const, when: pick(['admission', 'end'] as const) }
  const charging: Charging = { ...way, refused: draw() < 0.25, cancelled: draw() < 0.6 }
  const algorithm = algorithmOf(kind, limit, window, skew)
  return {
    seed,
    truth: {
      algorithm,
      charging:
        kind === 'leaky-bucket'
          ? { what: 'request', when: 'admission', refused: false, cancelled: true }
          : charging,
      scope: pick(['key', 'model', 'key+model', 'shared']),
    },
    world: {
      seed: seed + 1,
      latency: [5, pick([20, 100, 300])],
      firstToken: Math.round(between(20, 150)),
      perToken: between(4, 15),
      slowFirst: pick([0, 400, 1500]),
    },
    plan: {
      aim: tokens ? 'tokens' : 'requests',
      windowAtMost: 90_000,
      limitAtMost: tokens ? 100_000 : 400,
      maxRequests: 3000,
      maxTokens: 2_000_000,
      keys: 2,
      models: 2,
    },
  }
}

function algorithmOf(kind: Algorithm['kind'], limit: number, window: number, skew: number): Algorithm {
  if (kind === 'none') return { kind }
  if (kind === 'concurrency') return { kind, limit }
  if (kind === 'fixed-clock' || kind === 'sliding-counter') return { kind, limit, window, skew }
  return { kind, limit, window }
}

export function drive(options: PlanOptions, world: World): Sample[] {
  const course = plan(options)
  let step = course.next()
  while (!step.done) step = course.next(world.run(step.value))
  return step.value
}

export function trial(given: Setup): Trialled {
  const world = new World(limiter(given.truth), given.world)
  const samples = drive(given.plan, world)
  return { setup: given, samples, seen: infer(samples) }
}

/** The same setup with others on the same key, who use about a fifth of the limit; only where there is a window. */
export function crowded(seed: number): Setup | undefined {
  const given = setup(seed)
  const { algorithm } = given.truth
  if (!('window' in algorithm) || algorithm.kind === 'leaky-bucket') return undefined
  const { limit, window } = algorithm
  const tokens = given.plan.aim === 'tokens'
  const each = tokens ? Math.max(2, Math.round(limit * 0.015)) : 8
  const gap = window / (tokens ? 13 : Math.max(2, 0.2 * limit))
  const ask = { promptTokens: each, maxTokens: 4, stream: false }
  return { ...given, world: { ...given.world, others: { gap, ask, completion: 4 } } }
}

/** The same setup behind a gateway that never says when to come back. */
export function silent(seed: number): Setup {
  const given = setup(seed)
  return { ...given, world: { ...given.world, retryAfter: () => undefined } }
}

/** How one inference compares with the truth; undefined where a figure does not apply. */
export interface Mark {
  seed: number
  truth: { algorithm: string; charging: string }
  seen: { algorithm: string; charging: string }
  algorithm: boolean
  /** What, when, and both flags; a flag may be unknown only where docs/limits.md lists it. */
  charging: boolean
  scope: boolean
  limitOff?: number
  windowOff?: number
  windows?: number
  requestsPerLimit?: number
  otherTraffic: boolean
}

/** docs/limits.md, "What cannot be told": whether refused requests are charged, where that leaves no trace. */
function flagMayBeUnknown(flag: 'refused' | 'cancelled', { algorithm, charging }: LimiterOptions): boolean {
  if (flag === 'cancelled') return false
  if (algorithm.kind === 'token-bucket') return charging.when === 'end'
  const fixed = algorithm.kind === 'fixed-clock' || algorithm.kind === 'fixed-first'
  return fixed && (charging.what === 'request' || charging.when === 'end')
}

export function mark({ setup: { seed, truth }, samples, seen }: Trialled): Mark {
  const { algorithm, charging, scope } = truth
  const charged = 'window' in algorithm && algorithm.kind !== 'leaky-bucket'
  const flag = (name: 'refused' | 'cancelled') =>
    seen.charging?.[name] === charging[name] ||
    (seen.charging?.[name] === 'unknown' && flagMayBeUnknown(name, truth))
  const sameCharge =
    seen.charging?.what === charging.what &&
    seen.charging.when === charging.when &&
    flag('refused') &&
    flag('cancelled')
  const said = (what?: string, when?: string) => (what ? `${what} at ${when}` : 'nothing')
  const begin = Math.min(...samples.map(({ sentAt }) => sentAt))
  const end = Math.max(...samples.map(({ endedAt }) => endedAt))
  return {
    seed,
    truth: {
      algorithm: algorithm.kind,
      charging: charged ? said(charging.what, charging.when) : 'not applicable',
    },
    seen: { algorithm: seen.algorithm, charging: said(seen.charging?.what, seen.charging?.when) },
    algorithm: seen.algorithm === algorithm.kind,
    otherTraffic: seen.otherTraffic,
    charging: !charged || sameCharge,
    scope: algorithm.kind === 'none' || algorithm.kind === 'concurrency' || seen.per === scope,
    ...('limit' in algorithm && {
      limitOff: Math.abs(seen.limit / algorithm.limit - 1),
      requestsPerLimit: samples.length / algorithm.limit,
    }),
    ...('window' in algorithm && {
      windowOff: Math.abs(((seen.window_s ?? 0) * 1000) / algorithm.window - 1),
      windows: (end - begin) / algorithm.window,
    }),
  }
}
