import { merge } from './merge.ts'
import { ownFields } from './own-fields.ts'
import { isMap, listAt, type PlainMap, textAt } from './plain.ts'
import type { Profile, Requirement, Specs } from './types.ts'
import type { YamlFile } from './yaml-file.ts'

/** A user's own file over its base, before anything of it has been checked. */
export interface OwnProfile {
  data: unknown
  /** Rows that stand in the file, and those that its promises amount to. */
  rows: Requirement[]
  /** Requirements that the file takes back: those of the base that it contradicts, and those under `not_promised`. */
  withdrawn: string[]
}

/** Lays a user's own file over `base` (undefined: it extends nothing). `id`: that of the file. */
export function ownProfile(file: YamlFile, id: string, base: unknown): OwnProfile {
  const data = base === undefined ? file.data : merge(base, file.data)
  const rows = statedRows(file, id)
  const contradicted: string[] = []
  const named = listAt(data, 'not_promised').filter((id): id is string => typeof id === 'string')
  if (!isMap(data) || !isMap(data.dialects)) return { data, rows, withdrawn: named }
  const dialects: PlainMap = { ...data.dialects }
  for (const [dialect, merged] of Object.entries(dialects)) {
    const given = promiseIn(file.data, dialect)
    if (!isMap(merged) || given === undefined) continue
    const before = promiseIn(base, dialect) ?? {}
    const promise = { ...merged, ...ownAuth(given, before) }
    dialects[dialect] = promise
    if (!isMap(given.fields)) continue
    const basis = isMap(before.fields) ? before.fields : {}
    const own = ownFields(file, id, dialect, given.fields, basis)
    dialects[dialect] = { ...promise, fields: own.fields }
    rows.push(...own.rows)
    contradicted.push(...own.contradicted)
  }
  const whole = { ...data, dialects }
  const cited = new Set(citedIn({ ...whole, requirements: [] }))
  return {
    data: whole,
    rows,
    withdrawn: [...new Set([...contradicted.filter((row) => !cited.has(row)), ...named])].sort(),
  }
}

/**
 * The requirements that a profile carries beside those of `specs`: a record holds the whole profile, so that judging
 * again does not need the file it came from.
 */
export function withOwnRows(specs: Specs, profile: Profile): Specs {
  if (profile.requirements === undefined) return specs
  const own = profile.requirements.map((row): [string, Requirement] => [row.id, row])
  return { ...specs, requirements: new Map([...specs.requirements, ...own]) }
}

function promiseIn(data: unknown, dialect: string): PlainMap | undefined {
  const dialects = isMap(data) && isMap(data.dialects) ? data.dialects : {}
  const promise = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  return isMap(promise) ? promise : undefined
}

/** Who names another header for the key means that header, without the scheme and the other forms of the base. */
function ownAuth({ auth }: PlainMap, before: PlainMap): PlainMap {
  const header = textAt(auth, 'header')
  return header === undefined || header === textAt(before.auth, 'header') ? {} : { auth }
}

/** Rows of the file's own list; one without an id is the schema's problem. */
function statedRows(file: YamlFile, id: string): Requirement[] {
  return listAt(file.data, 'requirements').flatMap((row) =>
    isMap(row) && textAt(row, 'id') !== undefined
      ? [{ ...(row as unknown as Requirement), profiles: [id], document: id }]
      : [],
  )
}

/** Every id that stands in a list called `requirements`. */
function citedIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(citedIn)
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'requirements' && Array.isArray(inner)
      ? inner.filter((id): id is string => typeof id === 'string')
      : citedIn(inner),
  )
}
