import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nearest } from './nearest.ts'
import { packageRoot } from './package-root.ts'
import { textAt } from './plain.ts'
import { SpecError, type SpecProblem } from './problem.ts'
import { documentsOf, finished, rawProfiles } from './profiles.ts'
import { referenceProblems, type SchemaPaths } from './references.ts'
import { type Found, ownRows, requirementRows, rowsById } from './rows.ts'
import type { Contradiction, Document, Profile, Requirement, Specs } from './types.ts'
import { readText, readYaml, YamlFile } from './yaml-file.ts'

export interface LoadOptions {
  /** A profile of the user's own; it may extend a built-in one. Becomes `Specs.own`. */
  profileFile?: string
  /** By dialect, the paths that its schemas know: unknown fields and keys of a profile are then problems too. */
  paths?: Readonly<Record<string, SchemaPaths>>
  /** Folder that holds `specs/`. Default: the package's. */
  root?: string
}

/** Reads everything that is documented. Throws `SpecError` with all problems of all files. */
export function loadSpecs(options: LoadOptions = {}): Specs {
  const folder = join(options.root ?? packageRoot(), 'specs')
  const documents: Found<Document> = { rows: new Map(), problems: [] }
  rowsById(open(folder, 'documents.yaml'), 'document', 'documents', documents)
  const contradictions: Found<Contradiction> = { rows: new Map(), problems: [] }
  rowsById(open(folder, 'contradictions.yaml'), 'contradiction', 'contradictions', contradictions)

  const own = options.profileFile === undefined ? undefined : readYaml(options.profileFile)
  const profileFiles = openAll(folder, 'profiles')
  const raw = rawProfiles(profileFiles, own)
  const known = {
    documents: documents.rows,
    contradictions: contradictions.rows,
    profiles: new Map([...raw.profiles].map(([id, profile]) => [id, documentsOf(profile)])),
  }
  const requirements: Found<Requirement> = { rows: new Map(), problems: [] }
  const requirementFiles = openAll(folder, 'requirements')
  for (const file of requirementFiles) requirementRows(file, known, requirements)
  for (const { file, rows } of raw.profiles.values()) ownRows(file, rows, known, requirements)

  const names = {
    requirements: requirements.rows,
    contradictions: contradictions.rows,
    documents: requirementFiles.map(stem),
    paths: options.paths ?? {},
  }
  const problems = [
    ...documents.problems,
    ...contradictions.problems,
    ...requirements.problems,
    ...requirementFiles.flatMap((file) => misnamed(file, 'document')),
    ...profileFiles.flatMap((file) => misnamed(file, 'id')),
    ...raw.problems,
    ...[...raw.profiles.values()].flatMap((profile) => referenceProblems(profile, names)),
  ]
  if (problems.length > 0) throw new SpecError(problems)
  const ownId = own === undefined ? undefined : textAt(own.data, 'id')
  return {
    documents: documents.rows,
    requirements: requirements.rows,
    contradictions: contradictions.rows,
    profiles: new Map([...raw.profiles].map(([id, profile]) => [id, finished(profile)])),
    ...(ownId === undefined ? {} : { own: ownId }),
  }
}

/** A word that names nothing, such as an unknown profile: wrong use, not a fault of a file. */
export class UnknownName extends Error {
  constructor(kind: string, word: string, candidates: Iterable<string>) {
    const near = nearest(word, candidates)
    super(`unknown ${kind} ${word}${near === undefined ? '' : ` (did you mean ${near}?)`}`)
    this.name = 'UnknownName'
  }
}

/** The profile with this id. Throws `UnknownName` with the nearest one. */
export function profileById(specs: Specs, id: string): Profile {
  const profile = specs.profiles.get(id)
  if (profile === undefined) throw new UnknownName('profile', id, specs.profiles.keys())
  return profile
}

/** Parsed files by name and text: one process reads the package's own files more than once. */
const parsed = new Map<string, YamlFile>()

function open(folder: string, name: string): YamlFile {
  const text = readText(join(folder, name), `specs/${name}`)
  const key = `${name}\n${text}`
  const file = parsed.get(key) ?? new YamlFile(text, `specs/${name}`)
  parsed.set(key, file)
  return file
}

function openAll(folder: string, kind: string): YamlFile[] {
  return readdirSync(join(folder, kind))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => open(folder, `${kind}/${name}`))
}

/** File name without folder and extension. */
function stem(file: YamlFile): string {
  return file.name.replace(/^.*\//, '').replace(/\.yaml$/, '')
}

/** A file is named for what it holds, so that a name in a message leads to it. */
function misnamed(file: YamlFile, key: string): SpecProblem[] {
  const name = textAt(file.data, key)
  return name === undefined || name === stem(file)
    ? []
    : [file.problem([key], `must be ${stem(file)}, like the file`)]
}
