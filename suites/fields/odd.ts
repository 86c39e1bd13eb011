import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { FieldSpec } from '../core/schema.ts'
import { NOT_IN_LIST, otherType } from './wrong.ts'

/** Characters of a string that is longer than any right one. */
const LONG = 4096
/** Levels of an object that is deeper than any right one. */
const DEPTH = 32

/** Values that nobody expects in a field, by name. Who ignores the field ignores them, too. */
export function oddValues(field: FieldSpec): Map<string, Json> {
  const { types } = field
  const odd = new Map<string, Json>()
  const other = otherType(types)
  if (other !== undefined) odd.set(`a value of type ${other.type}`, other.value)
  if (field.enum !== undefined && types.includes('string'))
    odd.set('a value that is not in the list', NOT_IN_LIST)
  else if (types.includes('string')) odd.set(`${LONG} characters`, 'u'.repeat(LONG))
  if (types.includes('integer') || types.includes('number')) odd.set('a huge number', 999_999_999)
  let deep: JsonObject = {}
  for (let level = 1; level < DEPTH; level += 1) deep = { deeper: deep }
  odd.set('a deep object', deep)
  return odd
}
