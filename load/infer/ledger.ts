import type { Timeline } from './timeline.ts'
import type { Charge, Sample } from './types.ts'

/** Running sums of amounts by time. */
export class Sums {
  readonly times: Float64Array
  readonly totals: Float64Array
  /** The same moment is asked for many times in a row. */
  #lastAt = Number.NaN
  #last = 0
  #index = 0

  constructor(entries: { at: number; amount: number }[]) {
    const sorted = entries.filter(({ amount }) => amount !== 0).sort((a, b) => a.at - b.at)
    this.times = Float64Array.from(sorted, ({ at }) => at)
    this.totals = new Float64Array(sorted.length + 1)
    for (const [i, { amount }] of sorted.entries()) this.totals[i + 1] = (this.totals[i] ?? 0) + amount
  }

  /** Sum of what is at or before `at`. */
  upTo(at: number): number {
    if (at === this.#lastAt || this.times.length === 0) return this.#last
    this.#lastAt = at
    this.#last = this.#find(at)
    return this.#last
  }

  #find(at: number): number {
    const { times } = this
    // Questions come mostly in the order of time: a few steps from the last answer, else a binary search.
    let i = this.#index
    for (let steps = 0; steps < 6; steps++) {
      if (i < times.length && (times[i] as number) <= at) i++
      else if (i > 0 && (times[i - 1] as number) > at) i--
      else {
        this.#index = i
        return this.totals[i] as number
      }
    }
    let low = 0
    let high = times.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((times[middle] as number) <= at) low = middle + 1
      else high = middle
    }
    this.#index = low
    return this.totals[low] as number
  }
}

/** What one sample takes by one way of charging, and when. */
export interface Entry {
  from: number
  to: number
  least: number
  most: number
  refused: boolean
  /** Given back at the end, and when that is. */
  back: number
  backFrom: number
  backTo: number
}

/**
 * All entries by one way of charging, as sums by the earliest and the latest time at which each can have been made:
 * a lower bound takes what was certainly there and leaves out what may have expired; an upper bound the reverse.
 */
export interface Ledger {
  charge: Charge
  /** What each sample needs in order to be let in; 0 where charging at the end only wants some room. */
  costs: Float64Array
  entries: (Entry | undefined)[]
  leastByTo: Sums
  leastByFrom: Sums
  mostByFrom: Sums
  mostByTo: Sums
  refusedByTo: Sums
  refusedByFrom: Sums
  backByEarliest: Sums
  backByLatest: Sums
  /** Given back, by the time of the entry that it belongs to. */
  backOfFrom: Sums
  backOfTo: Sums
}

export function tokensAsked({ promptTokens, maxTokens, maxCompletionTokens }: Sample): number {
  return promptTokens + Math.max(maxTokens, maxCompletionTokens ?? 0)
}

function admissionCost({ what, when }: Charge, sample: Sample): number {
  if (when === 'end') return 0
  if (what === 'request' || what === 'chunk') return 1
  if (what === 'prompt') return sample.promptTokens
  return tokensAsked(sample)
}

/** [least, most]: how many tokens were made for a client that hung up is known only from below. */
function finalCost(what: Charge['what'], sample: Sample): [number, number] {
  if (what === 'request') return [1, 1]
  if (what === 'chunk')
    return sample.stream ? [sample.completionTokens + 1, sample.completionTokens + 3] : [1, 1]
  if (what === 'prompt') return [sample.promptTokens, sample.promptTokens]
  if (what === 'prompt+max') return [tokensAsked(sample), tokensAsked(sample)]
  const least = sample.promptTokens + sample.completionTokens
  if (sample.cancelledAfter === undefined) return [least, least]
  return [least, Math.min(tokensAsked(sample), least + 20 + 0.3 * (tokensAsked(sample) - least))]
}

function refusalCost({ what, refused }: Charge, sample: Sample): number {
  if (refused !== true) return 0
  if (what === 'request' || what === 'chunk') return 1
  return what === 'prompt+max' ? tokensAsked(sample) : sample.promptTokens
}

function entryOf(charge: Charge, line: Timeline, i: number): Entry | undefined {
  const sample = line.samples[i]
  if (!sample) return undefined
  const at = { from: line.from[i] ?? 0, to: line.to[i] ?? 0 }
  const end = { from: line.endFrom[i] ?? 0, to: line.endTo[i] ?? 0 }
  const never = { back: 0, backFrom: 0, backTo: 0 }
  if (!sample.admitted) {
    const cost = refusalCost(charge, sample)
    return cost > 0 ? { ...at, least: cost, most: cost, refused: true, ...never } : undefined
  }
  const free = sample.cancelledAfter !== undefined && charge.cancelled === false
  const [least, most] = free ? [0, 0] : finalCost(charge.what, sample)
  if (charge.when === 'end') return { ...end, least, most, refused: false, ...never }
  const first = admissionCost(charge, sample)
  if (charge.what !== 'reserve-refund' && !free)
    return { ...at, least: first, most: first, refused: false, ...never }
  const mine = { ...at, least: first, most: first, refused: false }
  return { ...mine, back: first - (least + most) / 2, backFrom: end.from, backTo: end.to }
}

export function ledger(charge: Charge, line: Timeline): Ledger {
  const entries = line.samples.map((_, i) => entryOf(charge, line, i))
  const own = entries.filter((entry) => entry !== undefined)
  const admitted = own.filter((entry) => !entry.refused)
  const refused = own.filter((entry) => entry.refused)
  const sums = (list: Entry[], at: keyof Entry, amount: keyof Entry) =>
    new Sums(list.map((entry) => ({ at: Number(entry[at]), amount: Number(entry[amount]) })))
  return {
    charge,
    costs: Float64Array.from(line.samples, (sample) => admissionCost(charge, sample)),
    entries,
    leastByTo: sums(admitted, 'to', 'least'),
    leastByFrom: sums(admitted, 'from', 'least'),
    mostByFrom: sums(admitted, 'from', 'most'),
    mostByTo: sums(admitted, 'to', 'most'),
    refusedByTo: sums(refused, 'to', 'least'),
    refusedByFrom: sums(refused, 'from', 'least'),
    backByEarliest: sums(admitted, 'backFrom', 'back'),
    backByLatest: sums(admitted, 'backTo', 'back'),
    backOfFrom: sums(admitted, 'from', 'back'),
    backOfTo: sums(admitted, 'to', 'back'),
  }
}

/**
 * Least that can have been in use when sample `i` had been decided, counting only what came after `cut` (ms). With
 * charging at admission the sample itself and all that were decided by then are in it: whichever of them was the last,
 * it was let in with all the others there.
 */
export function leastUsed(book: Ledger, from: number, to: number, cut: number): number {
  if (book.charge.when === 'end')
    return (
      book.leastByTo.upTo(from) -
      book.leastByFrom.upTo(Math.min(cut, from)) +
      book.refusedByTo.upTo(from) -
      book.refusedByFrom.upTo(Math.min(cut, from))
    )
  const admitted = book.leastByTo.upTo(to) - book.leastByFrom.upTo(Math.min(cut, to))
  const refused = book.refusedByTo.upTo(from) - book.refusedByFrom.upTo(Math.min(cut, from))
  const back = book.backByEarliest.upTo(to) - book.backOfFrom.upTo(Math.min(cut, to))
  return Math.max(0, admitted) + Math.max(0, refused) - Math.max(0, back)
}

/** Most that can have been in use when sample `i` was decided, `i` itself not counted. */
export function mostUsed(book: Ledger, i: number, from: number, to: number, cut: number): number {
  const own = book.entries[i]
  const mine = own?.refused ? own.most : 0
  const admitted = book.mostByFrom.upTo(to) - book.mostByTo.upTo(cut)
  const refused = book.refusedByFrom.upTo(to) - book.refusedByTo.upTo(cut) - mine
  const back = book.backByLatest.upTo(from) - book.backOfTo.upTo(cut)
  return Math.max(0, admitted) + Math.max(0, refused) - Math.max(0, back)
}
