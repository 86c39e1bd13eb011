import { holds } from './level.ts'
import { nearest } from './nearest.ts'
import { isMap, listAt, textAt } from './plain.ts'
import type { SpecProblem } from './problem.ts'
import { documentsOf, type RawProfile } from './profiles.ts'
import { promiseHeaderProblems } from './promise-headers.ts'
import type { Contradiction, Profile, Requirement } from './types.ts'
import type { Path } from './yaml-file.ts'

/** Paths that the schemas of a dialect know, by part of the profile. */
export interface SchemaPaths {
  fields?: readonly string[]
  response?: readonly string[]
  chunk?: readonly string[]
}

export interface Names {
  requirements: ReadonlyMap<string, Requirement>
  contradictions: ReadonlyMap<string, Contradiction>
  /** Names of the requirement files. */
  documents: readonly string[]
  paths: Readonly<Record<string, SchemaPaths>>
}

/** Everything that a profile's own file names and that does not exist, or that the profile does not hold. */
export function referenceProblems(raw: RawProfile, names: Names): SpecProblem[] {
  const { file, data } = raw
  const found: SpecProblem[] = []
  const unknown = (
    path: Path,
    kind: string,
    word: string,
    candidates: Iterable<string>,
    atKey = false,
  ): void => {
    found.push(
      file.problem(path, `unknown ${kind} ${word}`, { suggestion: nearest(word, candidates), atKey }),
    )
  }
  const holder = { id: raw.id, bases: raw.bases, documents: documentsOf(raw) } as Profile
  for (const [index, name] of documentsOf(raw).entries()) {
    if (name !== raw.id && !names.documents.includes(name))
      unknown(['documents', index], 'requirement file', name, names.documents)
  }
  for (const { path, key, value } of walk(data, [])) {
    if (!file.has(path)) continue
    const listed = path.at(-2) === 'requirements' || (path.length === 2 && path[0] === 'not_promised')
    if (listed && typeof value === 'string') {
      const row = names.requirements.get(value)
      if (row === undefined) unknown(path, 'requirement', value, names.requirements.keys())
      else if (!holds(holder, row))
        found.push(file.problem(path, `${value} does not bind the profile ${raw.id}`))
    } else if (key === 'contradiction' && typeof value === 'string' && !names.contradictions.has(value)) {
      unknown(path, 'contradiction', value, names.contradictions.keys())
    } else if (isMap(value) && Number(value.minimum) > Number(value.maximum)) {
      found.push(file.problem([...path, 'minimum'], 'minimum is above maximum'))
    }
  }
  const models = listAt(data, 'models').map((model) => textAt(model, 'id') ?? '')
  for (const [index, id] of models.entries()) {
    if (models.indexOf(id) < index)
      found.push(file.problem(['models', index, 'id'], `the id ${id} stands twice`))
  }
  const chosen = textAt(data, 'default_model')
  if (chosen !== undefined && !models.includes(chosen)) unknown(['default_model'], 'model', chosen, models)
  for (const [dialect, promise] of Object.entries(isMap(data) && isMap(data.dialects) ? data.dialects : {})) {
    const at = ['dialects', dialect]
    const fields = isMap(promise) && isMap(promise.fields) ? Object.keys(promise.fields) : []
    const limit = textAt(promise, 'limit_field')
    if (limit !== undefined && !fields.includes(limit))
      unknown([...at, 'limit_field'], 'field', limit, fields)
    found.push(...promiseHeaderProblems(file, at, promise))
    for (const part of ['fields', 'response', 'chunk'] as const) {
      const known = names.paths[dialect]?.[part]
      for (const path of known === undefined ? [] : namedIn(file.data, dialect, part)) {
        if (known?.includes(path) === true || !file.has([...at, part, path])) continue
        unknown([...at, part, path], part === 'fields' ? 'field' : 'key', path, known ?? [], true)
      }
    }
  }
  return found
}

/** The keys of a part as they stand in the file: of what it calls undocumented, the whole profile tells nothing. */
function namedIn(data: unknown, dialect: string, part: string): string[] {
  const dialects = isMap(data) && isMap(data.dialects) ? data.dialects : {}
  const promise = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  return isMap(promise) && isMap(promise[part]) ? Object.keys(promise[part]) : []
}

interface Place {
  path: Path
  key: string | number | undefined
  value: unknown
}

/** Every value under `value`, itself first. */
function* walk(value: unknown, path: Path): Generator<Place> {
  yield { path, key: path.at(-1), value }
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* walk(item, [...path, index])
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key])
}
