import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { FieldPromise } from '../../specs/types.ts'
import { isObject } from '../core/dig.ts'
import type { FieldSpec } from '../core/schema.ts'

/** One fault in one field. `missing`: the field is taken out. */
export interface Wrong {
  fault: string
  value?: Json
  /** The fault is what goes with the field, not its value: the schema cannot see it. */
  dependency?: true
}

const OF_TYPE: Record<string, Json> = { string: 'assay', integer: 7, boolean: true, array: [], object: {} }
/** Which other type stands for a wrong one, by what is least likely to be taken for the right one. */
const OTHER = ['string', 'integer', 'object', 'boolean']
/** A word that no closed list has. */
export const NOT_IN_LIST = 'assay-none-of-these'
const MOST = 4
const FEW = 2

/** Values that schema and profile exclude, the clearest first; few where no source says that they are refused. */
export function wrongValues(
  field: FieldSpec,
  told: FieldPromise,
  dependency?: { fault: string; value: Json },
): Wrong[] {
  const { schema, types } = field
  const all: Wrong[] = []
  const other = otherType(types)
  if (other !== undefined) all.push({ fault: `a value of type ${other.type}`, value: other.value })
  if (field.enum !== undefined && types.includes('string')) {
    all.push({ fault: 'a value that is not in the list', value: NOT_IN_LIST })
  }
  const [least, most] = [told.minimum ?? field.minimum, told.maximum ?? field.maximum]
  const step = types.includes('integer') ? 1 : 0.1
  if (most !== undefined) all.push({ fault: 'above the maximum', value: round(most + step) })
  if (least !== undefined) all.push({ fault: 'below the minimum', value: round(least - step) })
  if (types.includes('integer')) all.push({ fault: 'a fraction', value: 1.5 })
  if (schema.maxItems !== undefined) {
    all.push({
      fault: `${schema.maxItems + 1} items`,
      value: Array.from({ length: schema.maxItems + 1 }, (_, i) => `zebra ${i}`),
    })
  }
  if (schema.minItems !== undefined) all.push({ fault: 'no items', value: [] })
  if (schema.pattern !== undefined) all.push({ fault: 'forbidden characters', value: 'not a name!' })
  if (schema.maxLength !== undefined) {
    all.push({ fault: 'too long', value: 'u'.repeat(schema.maxLength + 1) })
  }
  if (schema.maxProperties !== undefined) {
    const keys = Array.from({ length: schema.maxProperties + 1 }, (_, i) => [`key-${i}`, 'value'])
    all.push({ fault: 'too many keys', value: Object.fromEntries(keys) as JsonObject })
  }
  if (isObject(schema.additionalProperties))
    all.push(...entryFaults(schema.additionalProperties as JsonObject))
  if (field.occurrences.every((one) => one.required)) all.push({ fault: 'left out' })
  if (dependency !== undefined) all.splice(1, 0, { ...dependency, dependency: true })
  const firm = told.refusal === 'stated' || told.refusal === 'official'
  return all.slice(0, firm ? MOST : FEW)
}

/** A value of a type that the field does not take. */
export function otherType(types: readonly string[]): { type: string; value: Json } | undefined {
  const type = OTHER.find((one) => !types.includes(one) && !(one === 'integer' && types.includes('number')))
  return type === undefined ? undefined : { type, value: OF_TYPE[type]! }
}

function entryFaults(entry: JsonObject): Wrong[] {
  if (typeof entry.maximum === 'number') {
    return [{ fault: 'an entry above the maximum', value: { '1234': entry.maximum + 1 } }]
  }
  return [{ fault: 'an entry of type integer', value: { run: 7 } }]
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
