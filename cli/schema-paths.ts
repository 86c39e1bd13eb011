import { baseSchema } from '../schemas/documents.ts'
import { fieldsOf, requestFields } from '../schemas/fields.ts'
import type { SchemaPaths } from '../specs/references.ts'
import { dialects } from '../suites/dialects.ts'

/** By dialect, every path that a profile can speak of: what is none is a mistake, not a promise that nothing checks. */
export function schemaPaths(): Record<string, SchemaPaths> {
  return Object.fromEntries(
    dialects.map(({ id }) => [
      id,
      {
        fields: requestFields(id).map(({ path }) => path),
        response: fieldsOf(baseSchema(id, 'response')).map(({ path }) => path),
        chunk: fieldsOf(baseSchema(id, 'chunk')).map(({ path }) => path),
      },
    ]),
  )
}
