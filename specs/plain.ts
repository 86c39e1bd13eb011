/** Questions to plain values that a YAML file gave, before its schema has been asked. */

export type PlainMap = Record<string, unknown>

export function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isMap(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, key: string): unknown[] {
  const found = isMap(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}
