import type { Finding } from '../../reports/record/types.ts'

/** How many rows are kept as places of one deviation; all are counted. */
export const KEPT = 3
/** Kinds of deviation that are told apart; a hostile file must not make us keep more. */
const KINDS = 200

/** How often something was seen, and the ids of the rows where it was seen first. */
export interface Seen {
  count: number
  rows: string[]
}

/** Deviations by kind, in the order in which the kinds came. */
export class Places {
  readonly kinds = new Map<string, Seen>()

  get count(): number {
    let sum = 0
    for (const { count } of this.kinds.values()) sum += count
    return sum
  }

  add(kind: string, row: string): void {
    let seen = this.kinds.get(kind)
    if (seen === undefined) {
      const key = this.kinds.size < KINDS ? kind : 'others'
      seen = this.kinds.get(key)
      if (seen === undefined) {
        seen = { count: 0, rows: [] }
        this.kinds.set(key, seen)
      }
    }
    seen.count += 1
    if (seen.rows.length < KEPT) seen.rows.push(row)
  }

  of(kind: string): number {
    return this.kinds.get(kind)?.count ?? 0
  }
}

/** A finding for each row that was kept; the first says how many there are in all. */
export function rowFindings(
  about: Omit<Finding, 'at'>,
  seen: Seen,
  got: (row: string) => string = () => about.got,
): Finding[] {
  return seen.rows.map((row, i) => {
    const more = seen.count - seen.rows.length
    const all = i === 0 && seen.count > 1 ? ` (${seen.count} rows in all)` : ''
    const rest = i === seen.rows.length - 1 && more > 0 && i > 0 ? ` (and ${more} rows more)` : ''
    return { ...about, got: `${got(row)}${all}${rest}`, at: { exchange: `row-${row}`, part: 'row' } }
  })
}

/** A finding about the file as a whole. */
export function fileFinding(about: Omit<Finding, 'at'>): Finding {
  return { ...about, at: { exchange: 'samples', part: 'samples' } }
}

/** Findings of every kind, the most frequent first. */
export function each(places: Places, make: (kind: string) => Omit<Finding, 'at'>): Finding[] {
  return [...places.kinds]
    .sort(([, a], [, b]) => b.count - a.count)
    .flatMap(([kind, seen]) => rowFindings(make(kind), seen))
}
