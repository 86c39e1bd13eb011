import type { Group } from '../groups.ts'
import type { Ledger } from './ledger.ts'
import type { Bounds } from './usage.ts'
import { type Prices, Scale, weigh } from './weigh.ts'

export interface Slots {
  limit: number
  /** Evidence, as of a hypothesis with a window. */
  mass: number
  price: number
}

/** How many requests may be open at once. `book`: of one request at admission. */
export function slots(book: Ledger, prices: Prices): Slots {
  const { list } = book.groups
  const bounds: Bounds = { lo: new Float64Array(list.length), hi: new Float64Array(list.length) }
  for (const [g, group] of list.entries()) {
    bounds.lo[g] = open(list, group, (other) => other.to <= group.from && other.endFrom > group.to)
    bounds.hi[g] = open(list, group, (other) => other.from <= group.to && other.endTo >= group.from)
    // Short ones may have ended while others of the same group were still on their way.
    if (group.endFrom < group.to + 1) bounds.lo[g]! -= group.admitted
  }
  const scale = new Scale(book)
  const price = new Float64Array(scale.size + 1)
  weigh(book, bounds, scale, prices, price)
  let at = 0
  let mass = 0
  for (let i = 0; i < scale.size; i++) {
    if (price[i]! < price[at]!) at = i
    mass += scale.share(i) * Math.exp(-price[i]!)
  }
  return { limit: scale.limit(at), mass, price: price[at]! }
}

const open = (list: readonly Group[], group: Group, test: (other: Group) => boolean): number =>
  list.reduce((sum, other) => sum + (other !== group && test(other) ? other.admitted : 0), 0)
