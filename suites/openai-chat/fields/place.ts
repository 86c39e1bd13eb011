import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { isObject } from '../../core/dig.ts'

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
