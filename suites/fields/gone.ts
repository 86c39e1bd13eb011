import type { DialectPromise, FieldPromise } from '../../specs/types.ts'
import { type FieldSpec, requestFields } from '../core/schema.ts'

/** Paths of the fields that the version under test does not have any more, those inside them included. */
export function goneFields(dialect: string, { version }: Pick<DialectPromise, 'version'>): Set<string> {
  const gone = new Set<string>()
  if (version === undefined) return gone
  for (const { path, until } of requestFields(dialect)) {
    const holder = parentOf(path)
    if ((until !== undefined && until <= version) || (holder !== undefined && gone.has(holder)))
      gone.add(path)
  }
  return gone
}

/** The object that holds a nested field. */
export function parentOf(path: FieldSpec['path']): string | undefined {
  const cut = path.lastIndexOf('.')
  return cut < 0 ? undefined : path.slice(0, cut).replace(/\[\]$/, '')
}

/** Whether the document says that a request with the field is refused. */
export function isRefused(promise: FieldPromise | undefined): boolean {
  return promise?.fate === 'unsupported' && promise.refusal === 'stated'
}
