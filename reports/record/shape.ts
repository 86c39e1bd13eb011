/** What a value of a record's line must have for a reader not to stumble. */

export type Shape = 'string' | 'number' | 'boolean' | 'object' | 'array'

/** A line that cannot be read, and why. */
export class BadLine extends Error {
  override name = 'BadLine'
}

export function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadLine(`${what} is not an object`)
  }
  return value as Record<string, unknown>
}

export function shape(value: unknown, keys: Record<string, Shape>, what: string): Record<string, unknown> {
  const record = object(value, what)
  for (const [key, wanted] of Object.entries(keys)) {
    const got = record[key]
    const kind = Array.isArray(got) ? 'array' : got === null ? 'null' : typeof got
    if (kind !== wanted) throw new BadLine(`${what}.${key} is ${kind}, not ${wanted}`)
  }
  return record
}

export function each(value: unknown, keys: Record<string, Shape>, what: string): void {
  for (const [i, item] of (value as unknown[]).entries()) shape(item, keys, `${what}[${i}]`)
}
