import { merge } from './merge.ts'
import { nearest } from './nearest.ts'
import { ownProfile } from './own-profile.ts'
import { isMap, listAt, textAt } from './plain.ts'
import type { SpecProblem } from './problem.ts'
import type { Profile, Requirement } from './types.ts'
import { misfits } from './validate.ts'
import type { YamlFile } from './yaml-file.ts'

/** A profile before its references have been checked: the file, and its content laid over its bases. */
export interface RawProfile {
  id: string
  file: YamlFile
  /** Nearest first. */
  bases: string[]
  data: unknown
  /** Of a user's own profile: the rows that it brings along, and those of its bases that it takes back. */
  rows: Requirement[]
  withdrawn: string[]
}

/** Reads the profile files into raw profiles; `own` is the user's file, which may extend a built-in one. */
export function rawProfiles(
  builtIn: YamlFile[],
  own: YamlFile | undefined,
): { profiles: Map<string, RawProfile>; problems: SpecProblem[] } {
  const files = own === undefined ? builtIn : [...builtIn, own]
  const problems = files.flatMap((file) => file.problems)
  const byId = new Map<string, YamlFile>()
  for (const file of files) {
    if (file.data === undefined) continue
    const id = textAt(file.data, 'id')
    if (id === undefined) problems.push(file.problem([], 'the key id is missing, or its value is no text'))
    else if (byId.has(id)) problems.push(file.problem(['id'], `there is a profile ${id} already`))
    else byId.set(id, file)
  }
  const profiles = new Map<string, RawProfile>()
  for (const [id, file] of byId) {
    const bases = basesOf(id, byId)
    if (Array.isArray(bases)) {
      const layers = [...bases].reverse().map((base) => byId.get(base)?.data)
      const base = layers.length === 0 ? undefined : layers.reduce(merge)
      const over = file === own ? ownProfile(file, id, base) : undefined
      const data = withoutExtends(over?.data ?? (base === undefined ? file.data : merge(base, file.data)))
      const { rows = [], withdrawn = [] } = over ?? {}
      profiles.set(id, { id, file, bases, data, rows, withdrawn })
      if (file !== own && file.has(['not_promised']))
        problems.push(file.problem(['not_promised'], 'stands only in a profile of your own', { atKey: true }))
    } else {
      problems.push(bases)
    }
  }
  for (const raw of profiles.values()) problems.push(...shape(raw, byId))
  return { profiles, problems }
}

/** The chain of `extends`, nearest first, or what is wrong with it. */
function basesOf(id: string, byId: ReadonlyMap<string, YamlFile>): string[] | SpecProblem {
  const chain: string[] = []
  for (let here = id; ; ) {
    const file = byId.get(here)
    const base = file === undefined ? undefined : textAt(file.data, 'extends')
    if (file === undefined || base === undefined) return chain
    if (!byId.has(base)) {
      const suggestion = nearest(base, byId.keys())
      return file.problem(['extends'], `unknown profile ${base}`, { suggestion })
    }
    if (base === id || chain.includes(base))
      return file.problem(['extends'], `${base} extends itself in the end`)
    chain.push(base)
    here = base
  }
}

function withoutExtends(data: unknown): unknown {
  return isMap(data) ? Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'extends')) : data
}

/** Where the merged profile does not fit the schema. What stands in a base only is that base's problem. */
function shape(raw: RawProfile, byId: ReadonlyMap<string, YamlFile>): SpecProblem[] {
  const bases = raw.bases.flatMap((id) => byId.get(id) ?? [])
  const bare = bareDialects(raw, bases, byId)
  const told = misfits('profile', raw.data)
    .filter(({ path }) => !(path[0] === 'dialects' && bare.has(String(path[1]))))
    .filter(({ path }) => raw.file.has(path) || !bases.some((base) => base.has(path)))
    .map(({ path, message, suggestion, atKey }) => raw.file.problem(path, message, { suggestion, atKey }))
  return [...told, ...bare.values()]
}

/** A dialect that says only in part what it promises, over a base that has nothing of it: one sentence for each. */
function bareDialects(
  { file, bases: chain, data }: RawProfile,
  bases: readonly YamlFile[],
  byId: ReadonlyMap<string, YamlFile>,
): Map<string, SpecProblem> {
  const found = new Map<string, SpecProblem>()
  const [base] = chain
  if (base === undefined) return found
  const lacking = misfits('profile', data).flatMap(({ path, lacks }) =>
    lacks && path.length === 2 && path[0] === 'dialects' ? [String(path[1])] : [],
  )
  for (const dialect of lacking) {
    const at = ['dialects', dialect]
    if (!file.has(at) || bases.some((one) => one.has(at))) continue
    const having = [...byId].filter(([, one]) => one !== file && one.has(at)).map(([id]) => id)
    if (having.length === 0) continue
    const message = `${base} promises no ${dialect} that could be laid over; extends: ${having.join(' or ')} does`
    found.set(dialect, file.problem(at, message, { atKey: true }))
  }
  return found
}

/** The requirement files that a profile lists; its own id stands for the rows that it brings along. */
export function documentsOf(raw: RawProfile): string[] {
  const listed = listAt(raw.data, 'documents').map(String)
  return raw.rows.length === 0 || listed.includes(raw.id) ? listed : [...listed, raw.id]
}

/** The profile as everybody uses it; to be called where `rawProfiles` found no problem. */
export function finished(raw: RawProfile): Profile {
  const { not_promised: _, ...profile } = raw.data as Profile & { not_promised?: string[] }
  const { bases, rows, withdrawn } = raw
  return {
    ...profile,
    ...(bases.length === 0 ? {} : { bases }),
    ...(rows.length === 0 ? {} : { documents: documentsOf(raw), requirements: rows }),
    ...(withdrawn.length === 0 ? {} : { withdrawn }),
  }
}
