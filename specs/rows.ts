import { nearest } from './nearest.ts'
import { isMap, listAt, textAt } from './plain.ts'
import type { SpecProblem } from './problem.ts'
import type { Document, Requirement } from './types.ts'
import { misfits, type SpecKind } from './validate.ts'
import type { Path, YamlFile } from './yaml-file.ts'

/** What the files hold so far. Rows that do not fit their schema stand too, so that one mistake is one problem. */
export interface Found<T> {
  rows: Map<string, T>
  problems: SpecProblem[]
}

/** Problems of syntax and schema. */
function shapeProblems(kind: SpecKind, file: YamlFile): SpecProblem[] {
  if (file.data === undefined) return file.problems
  const found = misfits(kind, file.data).map(({ path, message, suggestion, atKey }) =>
    file.problem(path, message, { suggestion, atKey }),
  )
  return [...file.problems, ...found]
}

/** The rows of a list that have an id; an id that stands twice is a problem where it stands again. */
export function rowsById<T>(file: YamlFile, kind: SpecKind, list: string, into: Found<T>): void {
  into.problems.push(...shapeProblems(kind, file))
  for (const [index, row] of listAt(file.data, list).entries()) {
    const id = textAt(row, 'id')
    if (id === undefined) continue
    if (into.rows.has(id)) into.problems.push(file.problem([list, index, 'id'], `the id ${id} stands twice`))
    else into.rows.set(id, row as T)
  }
}

export interface Known {
  documents: ReadonlyMap<string, Document>
  contradictions: ReadonlyMap<string, unknown>
  /** Ids of all profiles, with the requirement files that each lists. */
  profiles: ReadonlyMap<string, readonly string[]>
}

/** The rows of one requirement file, bound to the profiles that they name. */
export function requirementRows(file: YamlFile, known: Known, into: Found<Requirement>): void {
  const seen: Found<Record<string, unknown>> = { rows: new Map(), problems: [] }
  rowsById(file, 'requirement', 'requirements', seen)
  into.problems.push(...seen.problems)
  const document = textAt(file.data, 'document') ?? ''
  const common = isMap(file.data) ? file.data.profiles : undefined
  const everywhere = [...known.profiles].filter(([, listed]) => listed.includes(document)).map(([id]) => id)
  for (const [index, row] of listAt(file.data, 'requirements').entries()) {
    const at: Path = ['requirements', index]
    const id = textAt(row, 'id')
    if (!isMap(row) || id === undefined) continue
    into.problems.push(...references(row, at, file, known))
    if (seen.rows.get(id) !== row) continue
    if (into.rows.has(id)) {
      into.problems.push(file.problem([...at, 'id'], `the id ${id} stands in another file too`))
      continue
    }
    const named = 'profiles' in row ? row.profiles : common
    const profiles = named === 'all' ? everywhere : Array.isArray(named) ? named.map(String) : []
    const all = named === 'all' ? { everywhere: true as const } : {}
    into.rows.set(id, { ...(row as unknown as Requirement), profiles, document, ...all })
  }
  const commonNames = listAt(file.data, 'profiles')
  into.problems.push(...profileNames(commonNames, ['profiles'], document, file, known))
}

/** The rows that a user's own profile brings along. Their sources are free text: nobody else reads them. */
export function ownRows(file: YamlFile, rows: Requirement[], known: Known, into: Found<Requirement>): void {
  for (const [index, row] of listAt(file.data, 'requirements').entries()) {
    if (!isMap(row)) continue
    const at: Path = ['requirements', index]
    into.problems.push(...contradictionNames(row, at, file, known))
  }
  for (const [index, row] of rows.entries()) {
    const other = into.rows.get(row.id)
    if (other === undefined) into.rows.set(row.id, row)
    else {
      const where = other.document === row.document ? 'stands twice' : `is one of ${other.document} already`
      into.problems.push(file.problem(['requirements', index, 'id'], `the id ${row.id} ${where}`))
    }
  }
}

function contradictionNames(
  row: Record<string, unknown>,
  at: Path,
  file: YamlFile,
  known: Known,
): SpecProblem[] {
  return listAt(row, 'contradictions').flatMap((id, index) => {
    if (typeof id !== 'string' || known.contradictions.has(id)) return []
    const suggestion = nearest(id, known.contradictions.keys())
    return file.problem([...at, 'contradictions', index], `unknown contradiction ${id}`, { suggestion })
  })
}

function references(row: Record<string, unknown>, at: Path, file: YamlFile, known: Known): SpecProblem[] {
  const found = contradictionNames(row, at, file, known)
  for (const [index, source] of listAt(row, 'source').entries()) {
    const wrong = typeof source === 'string' ? sourceProblem(source, known.documents) : undefined
    if (wrong !== undefined) found.push(file.problem([...at, 'source', index], wrong.message, wrong))
  }
  const document = textAt(file.data, 'document') ?? ''
  found.push(...profileNames(listAt(row, 'profiles'), [...at, 'profiles'], document, file, known))
  return found
}

function profileNames(
  names: unknown[],
  at: Path,
  document: string,
  file: YamlFile,
  known: Known,
): SpecProblem[] {
  return names.flatMap((name, index) => {
    if (typeof name !== 'string') return []
    const listed = known.profiles.get(name)
    if (listed === undefined) {
      const suggestion = nearest(name, known.profiles.keys())
      return file.problem([...at, index], `unknown profile ${name}`, { suggestion })
    }
    if (listed.includes(document)) return []
    return file.problem([...at, index], `the profile ${name} does not list ${document} among its documents`)
  })
}

const SOURCE =
  /^(?<id>(?:@[a-z0-9-]+\/)?[a-z0-9-]+)(?::(?<line>\d+)|@(?<version>\S+) (?<place>\S.*)| (?<section>\S.*))$/

/** What is wrong with a source, if anything: its form, its document, a line past the end, another version. */
function sourceProblem(
  source: string,
  documents: ReadonlyMap<string, Document>,
): { message: string; suggestion?: string | undefined } | undefined {
  const parts = SOURCE.exec(source)?.groups
  if (parts === undefined)
    return { message: `a source is document:line, document@version place, or document place; not ${source}` }
  const { id = '', line, version } = parts
  const document = documents.get(id)
  if (document === undefined)
    return { message: `unknown document ${id}`, suggestion: nearest(id, documents.keys()) }
  if (document.lines !== undefined) {
    if (line === undefined) return { message: `${id} is cited by line` }
    const number = Number(line)
    return number >= 1 && number <= document.lines
      ? undefined
      : { message: `${id} has ${document.lines} lines` }
  }
  if (line !== undefined) return { message: `${id} has no numbered lines` }
  const versions = [document.version, ...(document.also ?? [])]
  if (!versions.includes(version)) {
    const forms = versions.map((one) => (one === undefined ? id : `${id}@${one}`))
    return { message: `${id} is cited as ${forms.join(' or ')}` }
  }
  return undefined
}
