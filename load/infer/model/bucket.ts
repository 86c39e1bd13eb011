import type { Ledger } from './ledger.ts'
import type { Bounds } from './usage.ts'

interface Step {
  at: number
  amount: number
  /** Group that is decided here, or -1. */
  decides: number
  fine: boolean
}

/** All that happens to a bucket, so that as little as possible is missing, and as much. */
export type Flow = readonly [least: Step[], most: Step[]]

/**
 * Each at the middle of the times at which it can have been; but where these lie far apart, as with a slow first call, at
 * the latest: it is taken to have been slow on its way there, while the connection was made. What follows the end of a
 * request may have come before or after the next decision.
 */
export function steps(book: Ledger): Flow {
  return [stepsBy(book, true), stepsBy(book, false)]
}

function stepsBy({ groups: { list, jitter }, takes, fines, backs, charge }: Ledger, least: boolean): Step[] {
  const all: Step[] = []
  const when = (span: { from: number; to: number }): number =>
    span.to - span.from > 1.5 * jitter + 50 ? span.to - 0.5 * jitter : (span.from + span.to) / 2
  for (const [g, group] of list.entries()) {
    const [take, back] = [takes[g]!, backs[g]!]
    const at = when(group)
    const amount = least ? take.least : take.most
    const now = charge.when === 'admission' ? amount : 0
    all.push({ at, amount: now, decides: g, fine: false })
    // Charged at the end, it refuses only when nothing is left to take.
    if (charge.when === 'admission' && fines[g]! > 0)
      all.push({ at: at + 1e-3, amount: fines[g]!, decides: -1, fine: true })
    if (charge.when === 'end' && amount > 0)
      all.push({ at: least ? take.to : take.from, amount, decides: -1, fine: false })
    const given = least ? back.most : back.least
    if (given > 0) all.push({ at: least ? back.from : back.to, amount: -given, decides: -1, fine: false })
  }
  return all.sort((a, b) => a.at - b.at)
}

/**
 * What is missing from a bucket that gets `slow` to `fast` units a ms, at each decision. While a request was under way, so
 * much more or less may have flowed in.
 */
export function bucketBounds(
  { groups: { list }, cost }: Ledger,
  flow: Flow,
  slow: number,
  fast: number,
  { lo, hi }: Bounds,
): void {
  for (const [side, rate] of [fast, slow].entries()) {
    const bound = side === 0 ? lo : hi
    let missing = 0
    // The size of the bucket, as far as it is known by then: from below, or from above.
    let brim = side === 0 ? 0 : Number.POSITIVE_INFINITY
    let at = Number.NEGATIVE_INFINITY
    for (const { at: when, amount, decides, fine } of flow[side]!) {
      missing = Math.max(0, missing - (when - at) * rate)
      at = when
      if (decides >= 0) {
        const { from, to, admitted, refused } = list[decides]!
        const slack = fast * (to - from) * 0.5
        bound[decides] = side === 0 ? Math.max(0, missing - slack) : missing + slack
        const each = cost[decides] ?? 0
        if (side === 0) brim = Math.max(brim, missing - slack + each * admitted)
        else if (refused > 0) brim = Math.min(brim, missing + slack + each * (admitted + 1))
      }
      // What a refused request takes is what is left, never more.
      missing = fine ? Math.max(missing, Math.min(brim, missing + amount)) : Math.max(0, missing + amount)
    }
  }
}
