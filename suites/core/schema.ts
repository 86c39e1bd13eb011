import type { Json } from '../../reports/record/types.ts'
import { baseSchema, type MessageKind } from '../../schemas/documents.ts'
import { fieldsOf } from '../../schemas/fields.ts'
import { judge, type SchemaFinding, validators } from './validate.ts'

export type { MessageKind } from '../../schemas/documents.ts'
export { type FieldSpec, requestFields } from '../../schemas/fields.ts'
export { type RequiredFinding, requiredFindings, type TierFinding, tierFindings } from './tier.ts'
export type { SchemaFinding } from './validate.ts'

/** What is wrong with a message by the base schema of its dialect: one finding for each cause. */
export function schemaFindings(dialect: string, kind: MessageKind, value: Json): SchemaFinding[] {
  const found = judge(validators(`${dialect}/${kind}`, baseSchema(dialect, kind)), value)
  return found.map((one) =>
    one.sources.length > 0 ? one : { ...one, sources: sourcesAt(dialect, kind, one) },
  )
}

const known = new Map<string, Map<string, string[]>>()

/** The sources of the field at a place: of the missing key, else of the value, else of what holds it. */
function sourcesAt(dialect: string, kind: MessageKind, { pointer, missing }: SchemaFinding): string[] {
  const name = `${dialect}/${kind}`
  const fields =
    known.get(name) ?? new Map(fieldsOf(baseSchema(dialect, kind)).map((f) => [f.path, f.sources]))
  known.set(name, fields)
  const keys = pointer.split('/').slice(1)
  if (missing !== undefined) keys.push(missing)
  for (; keys.length > 0; keys.pop()) {
    const path = keys.map((key) => (/^[0-9]+$/.test(key) ? '[]' : `.${key}`)).join('')
    const sources = fields.get(path.slice(1))
    if (sources !== undefined) return sources
  }
  return []
}
