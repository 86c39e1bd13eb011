import type { Exchange } from '../../reports/record/types.ts'
import type { FieldPromise } from '../../specs/types.ts'
import type { Ground } from '../core/check.ts'
import type { Probe, Step } from '../core/probe.ts'
import { requestFields } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { silentOrBroken } from '../requests/clean.ts'
import { narrowing } from './bisect.ts'
import { type Case, join, NOTHING, probeOf } from './compose.ts'
import { cover } from './covering.ts'
import { parentOf } from './gone.ts'
import type { FieldKit, Patch } from './kit.ts'
import { oddValues } from './odd.ts'
import { replacedIn } from './place.ts'

/** The name of the right value of an ignored field, among its odd ones. */
export const VALID = 'valid'

/** Whether a promise says that the field has no effect, and binds this model. */
export function isIgnored(promise: FieldPromise | undefined, ground: Pick<Ground, 'level'>): boolean {
  return promise?.fate === 'ignored' && ground.level(promise.requirements) !== undefined
}

/** A value of an ignored field. The patch holds the right value; an odd one takes its place. */
export interface Value extends Case {
  odd: boolean
}

/** How the values of all ignored fields are asked in few requests. */
export interface IgnoredRows {
  /** The right values of the ignored fields that can stand in one request; all rows have what surrounds them. */
  held: Value[]
  /** The values of each ignored field by name; the first is the right one. */
  values: ReadonlyMap<string, ReadonlyMap<string, Value>>
  /** The request that holds these values, and of all other ignored fields only what surrounds them. */
  request(part: readonly Value[]): Probe
  /**
   * The conversation about one value: the request without ignored fields, the row with many, and where that is answered
   * otherwise, its half with the value, and so on, down to the value alone. Where already the first is not answered,
   * the request of this field alone: without the value, and with it.
   */
  steps(one: Value): Step[]
}

export function ignoredRows<V extends StreamView>(
  ground: Ground,
  cases: ReadonlyMap<string, Case[]>,
  kit: FieldKit<V>,
): IgnoredRows {
  const carriers: Value[] = []
  for (const [path, [carrier]] of cases) {
    if (carrier !== undefined && isIgnored(ground.promise.fields[path], ground))
      carriers.push({ ...carrier, odd: false })
  }
  const paths = carriers.map(({ path }) => path)
  const values = new Map(carriers.map((one) => [one.path, valuesOf(one, kit)]))
  const surroundings = new Map(carriers.map((one) => [one.path, { ...one, patch: bare(one, paths, kit) }]))
  const valid = coverFreely(carriers, kit)
  const [held = []] = valid
  const rows = [...valid, ...coverFreely(oddOnes(values), kit)]
  const rowOf = new Map(rows.flatMap((row) => row.map((one) => [one, row] as const)))

  /** The part, and of the other fields what surrounds them. */
  const holding = (part: readonly Value[], others: readonly Value[]): Probe => {
    const given = new Map(part.map((one) => [one.path, one]))
    const all = new Set([...others, ...part].map(({ path }) => path))
    return probeWith(
      [...all].map((path) => given.get(path) ?? surroundings.get(path)!),
      kit,
    )
  }
  const made = new Map(
    rows.map((row) => {
      const others = [...held, ...row]
      return [row, { without: holding([], others), whole: holding(row, others) }]
    }),
  )
  /** Requests of parts of rows, and of single values without and with what is asked, each made once. */
  const ofPart = once((part: readonly Value[]) => holding(part, [...held, ...rowOf.get(part[0]!)!]))
  const alone = once((one: Value) => [holding([], [one]), holding([one], [])])
  return {
    held,
    values,
    request: (part) => holding(part, held),
    steps(one) {
      const row = rowOf.get(one)!
      const [, ...parts] = narrowing(one, row)
      const next = ([first, ...sofar]: Exchange[]): Probe | undefined => {
        const plain = kit.view(first!)
        const last = kit.view(sofar.at(-1)!)
        if (plain.status === 429 || last.status === 429) return undefined
        const turn = sofar.length - 1
        if (!plain.answered) return alone(one)[turn]
        const part = parts[turn]
        return part === undefined || !deviates(last, plain, kit) ? undefined : ofPart(part)
      }
      const { without, whole } = made.get(row)!
      const later = Array.from({ length: Math.max(parts.length, 2) }, (_, turn) => {
        const step = (sofar: Exchange[]) => next(sofar)
        const may = () => [...parts.slice(turn, turn + 1).map(ofPart), ...alone(one).slice(turn, turn + 1)]
        return Object.assign(step, { contingent: may })
      })
      return [without, whole, ...later]
    },
  }
}

function once<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, T>()
  return (key) => {
    const value = made.get(key) ?? make(key)
    made.set(key, value)
    return value
  }
}

/** Whether the one path lies in the other. */
export function inside(path: string, holder: string): boolean {
  return path.startsWith(`${holder}.`) || path.startsWith(`${holder}[`)
}

/** Rows of values of ignored fields: what has no effect excludes nothing, it only must not take another one's place. */
export function coverFreely<C extends Case & { odd?: boolean }, V extends StreamView>(
  cases: readonly C[],
  kit: FieldKit<V>,
): C[][] {
  const odd = new Set<Case>(cases.filter((one) => one.odd))
  return cover(
    cases,
    { ...kit, apart: [], notWith: [], most: [] },
    {
      group: ({ group }) => (group !== undefined && kit.unlimited.includes(group) ? group : undefined),
      beside: (a, b) =>
        a.path !== b.path &&
        !(odd.has(a) && inside(b.path, a.path)) &&
        !(odd.has(b) && inside(a.path, b.path)),
    },
  )
}

/** All odd values: the first of each field that holds no other one, the second of each …, last those of the holders. */
function oddOnes(values: ReadonlyMap<string, ReadonlyMap<string, Value>>): Value[] {
  const paths = [...values.keys()]
  const holds = (path: string) => paths.some((other) => inside(other, path))
  const ranked = paths.flatMap((path) => {
    const [, ...odd] = values.get(path)!.values()
    return odd.map((one, at) => ({ one, rank: at + (holds(path) ? odd.length + paths.length : 0) }))
  })
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ one }) => one)
}

/** The request that holds the values, odd ones in the places of the right ones. */
function probeWith<V extends StreamView>(values: readonly Value[], kit: FieldKit<V>): Probe {
  let patch: Patch = NOTHING
  for (const one of values) patch = join(patch, one.patch)
  for (const { odd, path, value } of values) if (odd) patch = replacedIn(patch, path, value) ?? patch
  return { ...probeOf(values, kit), body: kit.compose(patch) }
}

/** Whether an answer is another than that to the request without the fields. */
function deviates<V extends StreamView>(view: V, plain: V, kit: FieldKit<V>): boolean {
  return !view.answered || silentOrBroken(view) !== undefined || kit.sameShape(plain, view) !== undefined
}

function valuesOf<V extends StreamView>(carrier: Value, { dialect }: FieldKit<V>): Map<string, Value> {
  const field = requestFields(dialect).find(({ path }) => path === carrier.path)!
  const values = new Map([[VALID, carrier]])
  // Where a value has no place of its own, none can take it.
  if (replacedIn(carrier.patch, carrier.path, null) === undefined) return values
  for (const [name, value] of oddValues(field)) values.set(name, { ...carrier, value, odd: true })
  return values
}

/**
 * What surrounds an ignored field, without any ignored one. A field that must stand in its holder goes with it where
 * that is ignored as well; where it is not, nothing is left.
 */
function bare<V extends StreamView>(one: Case, ignored: readonly string[], { dialect }: FieldKit<V>): Patch {
  const fields = new Map(requestFields(dialect).map((field) => [field.path, field]))
  let { patch } = one
  for (const path of ignored) {
    let out: string | undefined = path
    while (out !== undefined && fields.get(out)!.occurrences.some(({ required }) => required)) {
      out = parentOf(out)
      if (out !== undefined && !ignored.includes(out)) out = undefined
    }
    if (out !== undefined) patch = emptied(patch, out)
    else if (replacedIn(patch, path, undefined) !== undefined) patch = NOTHING
  }
  return patch
}

/** The patch without the field, in each of its places. */
function emptied(patch: Patch, path: string): Patch {
  const top = !path.includes('.') && !path.includes('[')
  if (top) return replacedIn(patch, path, undefined)!
  let left = patch
  for (let next = replacedIn(left, path, undefined); next !== undefined; ) {
    left = next
    next = replacedIn(left, path, undefined)
  }
  return left
}
