import type { Json, JsonObject } from '../../reports/record/types.ts'
import { isObject } from '../core/dig.ts'
import type { Patch } from './kit.ts'

/** `a[].b` as steps; `[]` is any item. */
function stepsOf(path: string): string[] {
  return path.split(/\.|(?=\[\])/)
}

/**
 * The body with another value where the field first stands; undefined takes it out. A field at the top that is not
 * there is put in. The result is undefined where the place does not exist.
 */
export function replaced(body: JsonObject, path: string, value: Json | undefined): JsonObject | undefined {
  const steps = stepsOf(path)
  const [top] = steps
  if (steps.length === 1 && !Object.hasOwn(body, top!))
    return value === undefined ? body : { ...body, [path]: value }
  const made = change(body, steps, value)
  return isObject(made) ? made : undefined
}

/** The same in a patch, its turns included; undefined where the patch does not hold the place. */
export function replacedIn(patch: Patch, path: string, value: Json | undefined): Patch | undefined {
  if (!path.startsWith('messages[')) {
    const body = replaced(patch.body, path, value)
    return body === undefined ? undefined : { ...patch, body }
  }
  const before = patch.first === undefined ? [] : [patch.first]
  const made = replaced({ messages: [...before, ...patch.turns, patch.last] }, path, value)
  if (made === undefined) return undefined
  const turns = made.messages as JsonObject[]
  const [first] = turns
  return {
    body: patch.body,
    turns: turns.slice(before.length, -1),
    last: turns.at(-1)!,
    ...(before.length === 0 ? {} : { first: first! }),
  }
}

function change(here: Json, steps: string[], value: Json | undefined): Json | undefined {
  const [step, ...rest] = steps
  if (step === '[]') {
    if (!Array.isArray(here)) return undefined
    for (const [i, item] of here.entries()) {
      const made = rest.length === 0 ? value : change(item, rest, value)
      if (made !== undefined) return here.with(i, made)
    }
    return undefined
  }
  if (!isObject(here) || !Object.hasOwn(here, step!)) return undefined
  if (rest.length === 0) {
    const { [step!]: _, ...others } = here
    if (value === undefined) return others
    return Object.fromEntries(Object.entries(here).map(([key, old]) => [key, key === step ? value : old]))
  }
  const made = change(here[step!]!, rest, value)
  return made === undefined ? undefined : { ...here, [step!]: made }
}
