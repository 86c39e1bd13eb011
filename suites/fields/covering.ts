import type { Json } from '../../reports/record/types.ts'
import { isObject } from '../core/dig.ts'
import { canonical } from '../core/digest.ts'
import type { StreamView } from '../core/stream-view.ts'
import { agreed, type Case, join } from './compose.ts'
import type { FieldKit, Patch } from './kit.ts'

/** Who stands with whom, beside what the kit says of patches. */
export interface Company {
  /** Only cases of one group share a request. */
  group(one: Case): string | undefined
  beside(a: Case, b: Case): boolean
}

const GROUPED: Company = {
  group: ({ group }) => group,
  beside: (a, b) => a.path !== b.path || together(a, b),
}

/** Cases that may share one request, found by putting each into the first row that takes it. */
export function cover<C extends Case, V extends StreamView>(
  cases: readonly C[],
  kit: FieldKit<V>,
  { group, beside }: Company = GROUPED,
): C[][] {
  const rows: { cases: C[]; patch: Patch; group: string | undefined }[] = []
  for (const one of cases) {
    const home = rows.find(
      (row) =>
        row.group === group(one) &&
        fits(row.patch, one.patch, kit) &&
        row.cases.every((other) => beside(other, one)),
    )
    if (home === undefined) rows.push({ cases: [one], patch: one.patch, group: group(one) })
    else {
      home.cases.push(one)
      home.patch = join(home.patch, one.patch)
    }
  }
  return rows.map((row) => row.cases)
}

/** Whether two patches can stand in one request: they agree where they meet, and hold nothing that goes apart. */
export function fits<V extends StreamView>(a: Patch, b: Patch, kit: FieldKit<V>): boolean {
  const both = agreed(a, b)
  if (both === undefined) return false
  const given = (key: string): boolean => {
    const value = both[key]
    return value !== undefined && value !== null && value !== false
  }
  if (kit.apart.some(([x, y]) => given(x) && given(y))) return false
  if (kit.most !== undefined) {
    const whole = join(a, b)
    const all: Json[] = [whole.body, whole.last, whole.first ?? {}, ...whole.turns]
    if (kit.most.some(({ key, times }) => occurrences(all, key) > times)) return false
  }
  return !kit.notWith.some(({ when, fields }) => when(both) && fields.some(given))
}

/** How often a key stands in a value with something in it. Samples are our own, and shallow. */
function occurrences(value: Json, key: string): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + occurrences(item, key), 0)
  if (!isObject(value)) return 0
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + (name === key && item !== null ? 1 : 0) + occurrences(item, key),
    0,
  )
}

/** Two values of one field: they may both stand in a history, else only where they are one request. */
export function together(a: Case, b: Case): boolean {
  return a.path.startsWith('messages') || canonical(a.patch) === canonical(b.patch)
}

/** A case's name among the cases of its field. */
export function caseName(one: Case): string {
  const text = canonical(one.value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The cases of one field by name. The same value may stand in several places of a history. */
export function named(cases: readonly Case[]): Map<string, Case> {
  const names = new Map<string, Case>()
  for (const one of cases) {
    const name = caseName(one)
    let own = name
    for (let place = 2; names.has(own); place += 1) own = `${name} (place ${place})`
    names.set(own, one)
  }
  return names
}
