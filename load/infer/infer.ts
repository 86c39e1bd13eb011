/** Samples in, limiter and charging model out. Pure: the same samples give the same inference. */
import { chargesFor } from './charges.ts'
import { type Groups, groups } from './groups.ts'
import { honesty } from './honesty.ts'
import { ledger } from './model/ledger.ts'
import { type Hypothesis, Search } from './model/search.ts'
import { slots } from './model/slots.ts'
import { ALONE, type Prices, WITH_OTHERS } from './model/weigh.ts'
import { queueFit } from './queue.ts'
import { ownOf, scopeOf } from './scope.ts'
import { timeline } from './timeline.ts'
import type { AlgorithmName, Charge, Inference, Observation, Sample, Scope } from './types.ts'

/** Trials after which a search ends: about two seconds. */
const TRIALS = 60_000

/** Shares of the evidence: a flag is said above, another explanation is named above. */
const SURE = 0.85
const RIVAL = 0.08

export interface Explained {
  search: Search
  ranked: Hypothesis[]
  mass: number
  /** All windows and charges of one algorithm weigh as one: so that slots can be held against them. */
  share: number
}

/** The evidence of every hypothesis with a window, the best first. Exported for the bench and for explanations. */
export function explain(all: Groups, prices: Prices = ALONE): Explained {
  const span = all.end - all.begin
  const range = { least: Math.max(50, span / 14), most: Math.max(100, span * 1.05) }
  const charges = chargesFor(all.list.some(({ hungUp }) => hungUp > 0))
  const search = new Search(all, charges, { range, prices })
  search.run(TRIALS)
  const ranked = search.hypotheses.filter(({ mass }) => mass > 0).sort((a, b) => b.mass - a.mass)
  const share = 1 / Math.log(range.most / range.least) / charges.length
  return { search, ranked, mass: ranked.reduce((sum, { mass }) => sum + mass, 0), share }
}

interface Kind {
  algorithm: AlgorithmName
  charge: Charge
  mass: number
  members: Hypothesis[]
}

/** Hypotheses that differ in flags only, together; a flag that they leave open is unknown. */
function kinds(ranked: readonly Hypothesis[]): Kind[] {
  const byName = new Map<string, Hypothesis[]>()
  for (const one of ranked) {
    const { what, when } = one.book.charge
    const name = `${one.algorithm},${what},${when}`
    byName.set(name, [...(byName.get(name) ?? []), one])
  }
  return [...byName.values()]
    .map((members) => {
      const [best] = members as [Hypothesis]
      const mass = members.reduce((sum, one) => sum + one.mass, 0)
      const flag = (name: 'refused' | 'cancelled'): boolean | 'unknown' => {
        const value = best.book.charge[name]
        const same = members.filter(({ book }) => book.charge[name] === value)
        return same.reduce((sum, one) => sum + one.mass, 0) >= SURE * mass ? value : 'unknown'
      }
      const refused = leavesNoTrace(best) ? ('unknown' as const) : flag('refused')
      const charge = { ...best.book.charge, refused, cancelled: flag('cancelled') }
      return { algorithm: best.algorithm, charge, mass, members }
    })
    .sort((a, b) => b.mass - a.mass)
}

/** docs/limits.md, "What cannot be told": where a refused request that is charged changes nothing that can be seen. */
function leavesNoTrace({ algorithm, book: { charge } }: Hypothesis): boolean {
  if (algorithm === 'token-bucket') return charge.when === 'end'
  const fixed = algorithm === 'fixed-clock' || algorithm === 'fixed-first'
  return fixed && (charge.what === 'request' || charge.when === 'end')
}

export function infer(samples: readonly Sample[]): Inference {
  const { per: shown, evidence } = scopeOf(samples)
  const faults = honesty(samples)
  const own = ownOf(samples, shown)
  if (!samples.some(({ admitted }) => !admitted)) return { ...none(samples), faults }
  const queue = queueFit(timeline(own.map((i) => samples[i]!)))
  if (queue)
    return {
      ...none(samples),
      algorithm: 'leaky-bucket',
      limit: queue.limit,
      window_s: queue.window_s,
      burst: queue.limit,
      charging: queue.charge,
      per: shown,
      evidence,
      faults,
    }
  const { per, all, explained } = shown === 'unknown' ? likeliest(samples) : alone(samples, shown)
  let found = explained
  const held = slots(
    ledger({ what: 'request', when: 'admission', refused: false, cancelled: true }, all),
    ALONE,
  )
  if (held.mass > found.mass * found.share)
    return {
      ...none(samples),
      algorithm: 'concurrency',
      limit: held.limit,
      burst: held.limit,
      // Nothing else was found; that makes places no better an explanation of what they contradict.
      confidence: HELD * Math.exp(-held.price / FORGIVEN),
      per: shown,
      evidence,
      faults,
    }
  const others = othersSeen(all, found)
  if (others) found = others
  const ranked = kinds(found.ranked)
  const [first, ...rest] = ranked
  const best = first?.members[0]
  if (!first || !best?.best) return { ...none(samples), faults }
  const limit = limitOf(first.members)
  const seen = contradicted(all, found.search, best, limit)
  const rivals = rest.filter(({ mass }) => mass > RIVAL * first.mass)
  const posterior = first.mass / found.mass
  const unexplained = (seen.over.length + (others ? 0 : seen.under.length)) / all.list.length
  return {
    algorithm: first.algorithm,
    limit,
    window_s: Math.exp(best.windows / best.mass) / 1000,
    burst: limit,
    charging: first.charge,
    per,
    overshoot: seen.overshoot,
    confidence: Math.max(0, Math.min(1, posterior * (1 - 5 * unexplained))),
    otherTraffic: others !== undefined,
    evidence: [...evidence, ...(others ? [saidOfOthers(seen.under)] : [])],
    faults,
    ...(rivals.length > 0 && {
      ambiguous: rivals.map(({ algorithm, charge }) => ({ algorithm, charging: charge })),
    }),
  }
}

/** The middle of the evidence; a whole number where requests are counted. */
function limitOf(members: readonly Hypothesis[]): number {
  const [best] = members as [Hypothesis]
  const total = best.limits.reduce((sum, mass) => sum + mass, 0)
  let at = 0
  for (let sum = best.limits[0]!; sum < total / 2 && at < best.limits.length - 1; sum += best.limits[at]!)
    at++
  const limit = best.scale.limit(at)
  return best.book.charge.what === 'request' || limit > 1000 ? Math.round(limit) : limit
}

/** Groups that the best explanation contradicts, as indexes of their samples. */
function contradicted(all: Groups, search: Search, best: Hypothesis, limit: number) {
  const { lo, hi } = search.boundsOf(best)
  const over: number[] = []
  const under: number[] = []
  let overshoot = 0
  for (const [g, { admitted, refused, members }] of all.list.entries()) {
    const each = best.book.cost[g]!
    const used = lo[g]! + admitted * each
    if (admitted > 0 && used > limit * 1.005 + 1) {
      over.push(...members)
      overshoot = Math.max(overshoot, used / limit - 1)
    }
    if (refused > 0 && hi[g]! + (admitted + 1) * each < limit * 0.995 - 1) under.push(...members)
  }
  return { over, under, overshoot }
}

interface Partition {
  per: Scope
  all: Groups
  explained: Explained
}

function alone(samples: readonly Sample[], per: Scope): Partition {
  const all = groups(samples, ownOf(samples, per))
  return { per, all, explained: explain(all) }
}

/** Confidence in places that nothing contradicts, and the price at which it has fallen by a factor of e. */
const HELD = 0.9
const FORGIVEN = 40

/** How much likelier a scope has to be than any other before it is said. */
const SCOPED = 10

/** The brim did not show whose limit it is: what other keys and models took tells, if it tells at all. */
function likeliest(samples: readonly Sample[]): Partition {
  const first = samples.reduce((early, sample) => (early.sentAt <= sample.sentAt ? early : sample))
  const mine = ({ key, model }: Sample): boolean => key === first.key && model === first.model
  if (samples.every(mine)) return alone(samples, 'unknown')
  const ranked = (['key+model', 'key', 'model', 'shared'] as const)
    .map((per) => {
      const all = groups(samples, ownOf(samples, per), mine)
      return { per, all, explained: explain(all) }
    })
    .sort((a, b) => b.explained.mass - a.explained.mass)
  const [best, next] = ranked as [Partition, Partition]
  return best.explained.mass > SCOPED * next.explained.mass ? best : { ...best, per: 'unknown' }
}

/** Logarithm of how much likelier others have to make the samples before they are stated. */
const OTHERS = 6

/**
 * Others on the same key take room and never give any. Looked for where the best explanation without them leaves
 * two samples or more unexplained.
 */
function othersSeen(all: Groups, alone: Explained): Explained | undefined {
  const price = alone.ranked[0]?.best?.price ?? Number.POSITIVE_INFINITY
  if (price < ALONE.under - 1) return undefined
  const found = explain(all, WITH_OTHERS)
  return found.mass * Math.exp(-OTHERS) > alone.mass ? found : undefined
}

const saidOfOthers = (samples: number[]): Observation => ({
  id: 'other-traffic',
  text: `${samples.length} requests were refused with room left by our own count: others use the same key, and the limit is at least what is said`,
  samples,
})

function none(samples: readonly Sample[]): Inference {
  return {
    algorithm: 'none',
    limit: samples.length,
    window_s: undefined,
    burst: samples.length,
    charging: undefined,
    per: 'unknown',
    overshoot: 0,
    confidence: 0.9,
    otherTraffic: false,
    evidence: [],
    faults: [],
  }
}
