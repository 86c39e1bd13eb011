import { isMap } from './plain.ts'

/**
 * `over` laid over `base`: maps are merged key by key, everything else (lists too) is replaced. Neither is changed.
 * Keys keep the order of `base`; new ones follow.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over
  const merged: [string, unknown][] = Object.entries(base).map(([key, value]) => [
    key,
    Object.hasOwn(over, key) ? merge(value, over[key]) : value,
  ])
  for (const [key, value] of Object.entries(over)) if (!Object.hasOwn(base, key)) merged.push([key, value])
  return Object.fromEntries(merged)
}
