import type { Json } from '../../reports/record/types.ts'
import type { Condition } from '../../schemas/types/grammar.ts'

/** One dispatched event, as the grammar sees it. `json` is undefined where the data is no JSON. */
export interface GrammarEvent {
  type: string
  data: string
  json: Json | undefined
}

/** Whether one condition holds of an item of an event. */
export function holds(
  test: Condition,
  event: GrammarEvent,
  eventClass: string,
  item: Json | undefined,
): boolean {
  if (test.class !== undefined && !test.class.includes(eventClass)) return false
  if (test.type !== undefined && !test.type.includes(event.type)) return false
  if (test.data !== undefined && !test.data.includes(event.data)) return false
  if (test.path === undefined) return true
  const value = at(item, test.path)
  if (test.is !== undefined && !test.is.includes(kind(value))) return false
  if (test.equals !== undefined && !test.equals.some((v) => v === value)) return false
  if (test.empty !== undefined) {
    const elements = size(value)
    if (elements === undefined || (elements === 0) !== test.empty) return false
  }
  if (test.named !== undefined && (typeof value !== 'string' || (value === event.type) !== test.named))
    return false
  return true
}

export type JsonKind = NonNullable<Condition['is']>[number]

/** The JSON type of a value; `missing` where there is none. */
export function kind(value: Json | undefined): JsonKind {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'
}

/** Number of elements; undefined for what has none by nature. */
function size(value: Json | undefined): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined
}

/** Paths of grammars, taken apart. They come from files of ours, so there are few. */
const paths = new Map<string, string[]>()

/** The value at a path of the grammar; undefined where there is none. */
export function at(value: Json | undefined, path: string): Json | undefined {
  if (path === '') return value
  let keys = paths.get(path)
  if (keys === undefined) {
    keys = path.split('.')
    paths.set(path, keys)
  }
  let here = value
  for (const key of keys) {
    if (Array.isArray(here)) here = here[Number(key)]
    else if (typeof here === 'object' && here !== null && Object.hasOwn(here, key)) here = here[key]
    else return undefined
  }
  return here
}
