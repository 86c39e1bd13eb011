import type { Json, JsonObject } from '../../reports/record/types.ts'

/** The value at a path of keys and indexes, or undefined where the path leaves the value. Never throws. */
export function dig(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  let here: Json | undefined = value
  for (const step of path) {
    if (typeof step === 'number') here = Array.isArray(here) ? here[step] : undefined
    else here = isObject(here) && Object.hasOwn(here, step) ? here[step] : undefined
    if (here === undefined) return undefined
  }
  return here
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function asArray(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

export function asInteger(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
