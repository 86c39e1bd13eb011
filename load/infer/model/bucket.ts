import type { Ledger } from './ledger.ts'
import type { Bounds } from './usage.ts'

interface Step {
  at: number
  amount: number
  /** Group that is decided here, or -1. */
  decides: number
  fine: boolean
}

/** All that happens to a bucket, each at the middle of the times at which it can have been. */
export function steps({ groups: { list }, takes, fines, backs, charge }: Ledger): Step[] {
  const all: Step[] = []
  const middle = ({ from, to }: { from: number; to: number }): number => (from + to) / 2
  for (const [g, group] of list.entries()) {
    const [take, back] = [takes[g]!, backs[g]!]
    const at = middle(group)
    const amount = (take.least + take.most) / 2
    const now = charge.when === 'admission' ? amount : 0
    all.push({ at, amount: now, decides: g, fine: false })
    if (fines[g]! > 0) all.push({ at: at + 1e-3, amount: fines[g]!, decides: -1, fine: true })
    if (charge.when === 'end' && amount > 0) all.push({ at: middle(take), amount, decides: -1, fine: false })
    if (back.most > 0)
      all.push({ at: middle(back), amount: -(back.least + back.most) / 2, decides: -1, fine: false })
  }
  return all.sort((a, b) => a.at - b.at)
}

/**
 * What is missing from a bucket that gets `slow` to `fast` units a ms, at each decision. `jitter` ms: so much may have
 * flowed in while a request was under way.
 */
export function bucketBounds(
  { groups: { list }, cost }: Ledger,
  flow: readonly Step[],
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
    for (const { at: when, amount, decides, fine } of flow) {
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
