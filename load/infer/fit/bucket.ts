import type { Ledger } from '../ledger.ts'
import type { Timeline } from '../timeline.ts'

interface Step {
  at: number
  amount: number
  /** Sample that is decided here, or -1. */
  sample: number
  refused: boolean
}

/** The steps of a ledger, in the order in which they can have come at the latest and at the earliest. */
export interface Flow {
  late: Step[]
  early: Step[]
}

export function flow(book: Ledger, line: Timeline): Flow {
  const late: Step[] = []
  const early: Step[] = []
  const asked = new Set(line.telling)
  for (const [i, sample] of line.samples.entries()) {
    const entry = book.entries[i]
    const to = line.to[i] ?? 0
    if (entry) {
      late.push({ at: entry.to, amount: entry.least, sample: -1, refused: entry.refused })
      // What a refused request takes, it takes after it was decided: at the latest then.
      early.push({
        at: entry.refused ? to + 1e-3 : entry.from,
        amount: entry.most,
        sample: -1,
        refused: entry.refused,
      })
      if (entry.back) {
        late.push({ at: entry.backFrom, amount: -entry.back, sample: -1, refused: false })
        early.push({ at: entry.backTo, amount: -entry.back, sample: -1, refused: false })
      }
    }
    if (!asked.has(i)) continue
    if (sample.admitted)
      late.push({
        at: book.charge.when === 'end' ? (line.from[i] ?? 0) : to,
        amount: 0,
        sample: i,
        refused: false,
      })
    else early.push({ at: to, amount: 0, sample: i, refused: true })
  }
  const order = (a: Step, b: Step) => a.at - b.at || a.sample - b.sample
  return { late: late.sort(order), early: early.sort(order) }
}

/** What every sample says about the size of a bucket that is filled again at `rate` (units per ms). */
export function bucketBounds(
  book: Ledger,
  line: Timeline,
  { late, early }: Flow,
  rate: number,
): Float64Array {
  const bound = new Float64Array(line.samples.length).fill(Number.NaN)
  const atEnd = book.charge.when === 'end'
  // Times are known to half the way there and back: so much may have flowed in meanwhile.
  const slack = rate * line.latency * 0.5
  let brim = 0
  let used = 0
  let at = Number.NEGATIVE_INFINITY
  for (const step of late) {
    used = Math.max(0, used - (at === Number.NEGATIVE_INFINITY ? 0 : (step.at - at) * rate))
    at = step.at
    // What a refused request takes of an all but empty bucket is what is left of it.
    if (step.refused) used = Math.max(used, Math.min(brim, used + step.amount))
    else used = Math.max(0, used + step.amount)
    if (step.sample < 0) continue
    bound[step.sample] = used - slack
    brim = Math.max(brim, used - slack)
  }
  used = 0
  at = Number.NEGATIVE_INFINITY
  for (const step of early) {
    used = Math.max(0, used - (at === Number.NEGATIVE_INFINITY ? 0 : (step.at - at) * rate))
    at = step.at
    if (step.sample >= 0) {
      const wants = atEnd ? 0 : (book.costs[step.sample] ?? 0)
      bound[step.sample] = used + slack + wants
    } else if (step.refused) used = Math.max(used, Math.min(brim + slack, used + step.amount))
    else used = Math.max(0, used + step.amount)
  }
  return bound
}
