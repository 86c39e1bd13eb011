/** Samples in, limiter and charging model out. Pure: the same samples give the same inference. */
import { fitOf } from './fit/bounds.ts'
import { queueFit } from './fit/queue.ts'
import { slotBounds } from './fit/slots.ts'
import { honesty } from './honesty.ts'
import { ledger } from './ledger.ts'
import { scopeOf } from './scope.ts'
import { type Range, Searcher, type Trial, WINDOWED, type Windowed } from './search.ts'
import { type Timeline, timeline } from './timeline.ts'
import type { Charge, Fit, Inference, Observation, Sample } from './types.ts'

const WAYS: Pick<Charge, 'what' | 'when'>[] = [
  { what: 'request', when: 'admission' },
  { what: 'request', when: 'end' },
  { what: 'prompt', when: 'admission' },
  { what: 'prompt', when: 'end' },
  { what: 'prompt+completion', when: 'end' },
  { what: 'prompt+max', when: 'admission' },
  { what: 'reserve-refund', when: 'admission' },
]

export interface Candidate {
  algorithm: Windowed
  charge: Charge
  searcher: Searcher
  trial: Trial
  /** Logarithm: how well it explains the samples, beside the others. */
  score: number
}

/** What one contradicted sample takes from a score. */
const PRICE = 4

const GRAIN = 0.05

/** All candidates, the best first, those near the best refined. Exported for the bench and for explanations. */
export function candidates(line: Timeline): Candidate[] {
  const range = rangeOf(line)
  const hungUp = line.samples.some(({ cancelledAfter }) => cancelledAfter !== undefined)
  const rough: Candidate[] = []
  const searchers = new Map<string, Searcher>()
  const searcherOf = (charge: Charge): Searcher => {
    const name = JSON.stringify(charge)
    const found = searchers.get(name) ?? new Searcher(ledger(charge, line), line)
    searchers.set(name, found)
    return found
  }
  for (const way of WAYS)
    for (const refused of [false, true])
      for (const cancelled of hungUp ? [true, false] : (['unknown'] as const)) {
        const charge: Charge = { ...way, refused, cancelled }
        const searcher = searcherOf(charge)
        for (const algorithm of WINDOWED)
          for (const trial of searcher.coarse(algorithm, range, GRAIN).slice(0, 2))
            rough.push({ algorithm, charge, searcher, trial, score: 0 })
      }
  const worth = (list: Candidate[], margin: number, most: number): Candidate[] => {
    const sorted = list.sort((a, b) => a.trial.contradictions - b.trial.contradictions)
    const least = sorted[0]?.trial.contradictions ?? 0
    return sorted.filter(({ trial }) => trial.contradictions <= least + margin).slice(0, most)
  }
  const fine = worth(rough, 6, 40).map((candidate) => {
    const trial = candidate.searcher.fine(candidate.algorithm, candidate.trial, GRAIN)
    return { ...candidate, trial }
  })
  const least = Math.min(...fine.map(({ trial }) => trial.contradictions))
  return fine
    .filter(({ trial }) => trial.contradictions <= least + 1)
    .map((candidate) => {
      const { algorithm, searcher, trial } = candidate
      const score = searcher.room(algorithm, trial) - PRICE * (trial.contradictions - least)
      return { ...candidate, score }
    })
    .sort((a, b) => b.score - a.score)
}

function rangeOf({ samples, from, to }: Timeline): Range {
  const turns: number[] = []
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1], samples[i]]
    // Refused, and some time later no less was let in.
    if (!before || !after || before.admitted || !after.admitted || after.sentAt - before.sentAt < 20) continue
    const [a, b] = [to[i - 1] ?? 0, to[i] ?? 0]
    if (after.promptTokens >= before.promptTokens * 0.9) turns.push((Math.min(a, b) + b) / 2)
  }
  const span = (from.at(-1) ?? 0) - (from[0] ?? 0)
  return { least: Math.max(100, span / 8), most: span / 1.3, turns }
}

/** Explanations whose score is so near to the best are not excluded. */
const NEAR = 2.5

/** Of the candidates that are as good as the best, those that differ in kind; what only they disagree on is unknown. */
function settle(
  all: Candidate[],
): { best: Candidate; charge: Charge; rivals: Candidate[]; posterior: number } | undefined {
  const [best] = all
  if (!best) return undefined
  const level = all.filter(({ score }) => score >= best.score - NEAR)
  const same = level.filter(
    ({ algorithm, charge }) =>
      algorithm === best.algorithm && charge.what === best.charge.what && charge.when === best.charge.when,
  )
  const agreed = (pick: 'refused' | 'cancelled'): boolean | 'unknown' => {
    const values = new Set(same.map(({ charge }) => charge[pick]))
    return values.size === 1 ? best.charge[pick] : 'unknown'
  }
  const charge = { ...best.charge, refused: agreed('refused'), cancelled: agreed('cancelled') }
  const kinds = new Map<string, Candidate>()
  for (const rival of level)
    if (!same.includes(rival))
      kinds.set([rival.algorithm, rival.charge.what, rival.charge.when].join(), rival)
  const weight = (list: Candidate[]) => list.reduce((sum, { score }) => sum + Math.exp(score - best.score), 0)
  const mine = all.filter(
    ({ algorithm, charge }) =>
      algorithm === best.algorithm && charge.what === best.charge.what && charge.when === best.charge.when,
  )
  return { best, charge, rivals: [...kinds.values()], posterior: weight(mine) / weight(all) }
}

export function infer(samples: readonly Sample[]): Inference {
  const { per, evidence } = scopeOf(samples)
  const faults = honesty(samples)
  const first = samples.reduce<Sample | undefined>(
    (early, sample) => (early && early.sentAt <= sample.sentAt ? early : sample),
    undefined,
  )
  const own = samples.filter(({ key, model }) => key === first?.key && model === first?.model)
  const line = timeline(own)
  if (!samples.some(({ admitted }) => !admitted)) return { ...none(samples), faults }
  const queue = queueFit(line)
  const settled = settle(candidates(line))
  const slots = fitOf(
    'concurrency',
    ledger({ what: 'request', when: 'admission', refused: false, cancelled: true }, line),
    line,
    slotBounds(line),
    0,
  )
  const fits: Fit[] = []
  if (settled) {
    const { best, charge } = settled
    const fitted = fitOf(best.algorithm, ledger(best.charge, line), line, best.trial.bound, best.trial.window)
    fits.push({ ...fitted, charge })
  }
  // Slots have one parameter where windows have two or three: as good is better.
  fits.unshift(slots)
  fits.sort((a, b) => a.over.length + a.under.length - b.over.length - b.under.length)
  const fit = queue ?? fits[0]
  if (!fit) return { ...none(samples), faults }
  const others = othersSeen(fit)
  return {
    algorithm: fit.algorithm,
    limit: fit.limit,
    window_s: fit.algorithm === 'concurrency' ? undefined : fit.window_s,
    burst: fit.limit,
    charging: fit.algorithm === 'concurrency' ? undefined : fit.charge,
    per,
    overshoot: fit.overshoot,
    confidence: confidence(fit, settled?.posterior ?? 1, line),
    otherTraffic: others.length > 0,
    evidence: [...evidence, ...others],
    faults,
    ...(settled &&
      fit.algorithm === settled.best.algorithm &&
      settled.rivals.length > 0 && {
        ambiguous: settled.rivals.map(({ algorithm, charge }) => ({ algorithm, charging: charge })),
      }),
  }
}

/** The share of the explanation among all, less what it leaves unexplained. */
function confidence(fit: Fit, posterior: number, { telling }: Timeline): number {
  const unexplained = (fit.over.length + fit.under.length) / Math.max(1, telling.length)
  return Math.max(0, Math.min(1, posterior * (1 - 5 * unexplained)))
}

/**
 * Others on the same key take room and never give any: requests refused below a limit that was reached before, and
 * none let in above it.
 */
function othersSeen(fit: Fit): Observation[] {
  const found: Observation[] = []
  if (fit.under.length >= 3 && fit.under.length >= 4 * fit.over.length)
    found.push({
      id: 'other-traffic',
      text: `${fit.under.length} requests were refused with room left by our own count: others use the same key, and the limit is at least what is said`,
      samples: fit.under,
    })
  return found
}

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
