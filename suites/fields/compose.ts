import type { Json, JsonObject } from '../../reports/record/types.ts'
import { isObject } from '../core/dig.ts'
import { canonical } from '../core/digest.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { FieldKit, Patch } from './kit.ts'

/** One value of one field, with all that a request needs to hold it. */
export interface Case {
  path: string
  value: Json
  patch: Patch
  /** Shares a request only with cases of the same group. */
  group?: string
  /** Only the vendor's specification says that it is valid. */
  official: boolean
  /** Fields that stand in the patch because this one needs them. */
  needs: string[]
}

export const NOTHING: Patch = { body: {}, last: {}, turns: [] }

/** Output tokens of a request that only asks whether something is accepted. */
const LIMIT = 16

/**
 * `over` laid on `under`: objects key by key, arrays item by item. Where both have a value, `over` wins, or with `same`
 * the result is undefined: they contradict each other.
 */
export function lay(under: Json, over: Json, same = false): Json | undefined {
  if (isObject(under) && isObject(over)) {
    const out: JsonObject = { ...under }
    for (const [key, value] of Object.entries(over)) {
      const laid = Object.hasOwn(under, key) ? lay(under[key]!, value, same) : value
      if (laid === undefined) return undefined
      out[key] = laid
    }
    return out
  }
  if (Array.isArray(under) && Array.isArray(over)) {
    const out: Json[] = []
    for (let i = 0; i < Math.max(under.length, over.length); i++) {
      const [below, above] = [under[i], over[i]]
      const laid = below === undefined ? above : above === undefined ? below : lay(below, above, same)
      if (laid === undefined) return undefined
      out.push(laid)
    }
    return out
  }
  if (!same || under === over) return over
  return canonical(under) === canonical(over) ? over : undefined
}

/** `over` on `under`. */
export function join(under: Patch, over: Patch): Patch {
  const first = over.first ?? under.first
  return {
    body: lay(under.body, over.body) as JsonObject,
    last: lay(under.last, over.last) as JsonObject,
    turns: turns(under.turns, over.turns),
    ...(first === undefined ? {} : { first }),
  }
}

/** The body of both, where they say nothing that contradicts the other. */
export function agreed(a: Patch, b: Patch): JsonObject | undefined {
  if (a.first !== undefined && b.first !== undefined && lay(a.first, b.first, true) === undefined)
    return undefined
  if (lay(a.last, b.last, true) === undefined) return undefined
  const body = lay(a.body, b.body, true)
  return isObject(body) ? body : undefined
}

/** The same stretch of history stands once. */
function turns(under: JsonObject[], over: JsonObject[]): JsonObject[] {
  if (over.length === 0) return under
  if (under.length === 0) return over
  return canonical(under).includes(canonical(over).slice(1, -1)) ? under : [...under, ...over]
}

/** The request body that holds the cases. Their order does not matter where they do not contradict each other. */
export function bodyOf<V extends StreamView>(cases: readonly Case[], kit: FieldKit<V>): JsonObject {
  let all: Patch = NOTHING
  for (const one of cases) all = join(all, one.patch)
  return kit.compose(all)
}

export function probeOf<V extends StreamView>(cases: readonly Case[], kit: FieldKit<V>): Probe {
  const { dialect, unlimited } = kit
  const limit = cases.some(({ group }) => group !== undefined && unlimited.includes(group)) ? null : LIMIT
  return { dialect, body: bodyOf(cases, kit), limit }
}
