import dependents from './dependent-fields.json' with { type: 'json' }
import { isMap, listAt, type PlainMap, textAt } from './plain.ts'
import type { DocumentedFate, Requirement } from './types.ts'
import type { YamlFile } from './yaml-file.ts'

/** What the fields of a user's own file make of those of its base. */
export interface OwnFields {
  /** Field promises as they hold, by path. */
  fields: PlainMap
  /** Rows for what the file promises in its own words, each citing file and line. */
  rows: Requirement[]
  /** Requirements of the base that the file contradicts. */
  contradicted: string[]
}

/** The word for a field that the base promises and the file does not. `null` says the same. */
const UNDOCUMENTED = 'undocumented'

const LEVELS: Record<DocumentedFate, 'must' | 'ignored' | 'unsupported'> = {
  honoured: 'must',
  partial: 'must',
  ignored: 'ignored',
  unsupported: 'unsupported',
}

/**
 * Lays the fields of a user's own file over those of its base. Where the file gives a field another fate, or no
 * requirement, a row of its own says so; fields below it, and those that need it, go with it unless the file names them.
 * Nothing here is checked: the schema of profiles is, over what comes out.
 */
export function ownFields(
  file: YamlFile,
  profile: string,
  dialect: string,
  named: PlainMap,
  base: PlainMap,
): OwnFields {
  const fields: PlainMap = { ...base }
  const rows: Requirement[] = []
  const contradicted: string[] = []
  const drop = (path: string): void => {
    contradicted.push(...listAt(base[path], 'requirements').map(String))
    delete fields[path]
  }
  for (const [path, value] of Object.entries(named)) {
    if (value === null || value === UNDOCUMENTED) {
      for (const one of [path, ...below(path, base)]) if (one === path || !(one in named)) drop(one)
      continue
    }
    if (!isMap(value)) {
      fields[path] = value
      continue
    }
    const before = isMap(base[path]) ? base[path] : {}
    const fate = textAt(value, 'fate') ?? textAt(before, 'fate')
    const changed = textAt(before, 'fate') !== undefined && textAt(before, 'fate') !== fate
    const given = listAt(value, 'requirements')
    const inherited = 'requirements' in value ? [] : listAt(before, 'requirements')
    if (changed) contradicted.push(...listAt(before, 'requirements').map(String))
    const merged: PlainMap = { ...before, ...value }
    if (isFate(fate) && given.length === 0 && (changed || inherited.length === 0)) {
      const row = rowOf(file, profile, { dialect, path, fate, capability: textAt(merged, 'capability') })
      rows.push(row)
      merged.requirements = [row.id]
    }
    fields[path] = merged
    if (!changed || !isFate(fate) || fate === 'partial') continue
    for (const one of below(path, base)) {
      if (one in named) continue
      const child = base[one]
      if (!isMap(child)) continue
      // What an honoured object holds was told apart by the base; it follows only where the base held it for the same.
      if (fate === 'honoured' && textAt(child, 'fate') !== textAt(before, 'fate')) continue
      if (textAt(child, 'fate') === fate) continue
      contradicted.push(...listAt(child, 'requirements').map(String))
      fields[one] = { ...child, fate, requirements: merged.requirements }
    }
  }
  return { fields, rows, contradicted }
}

/** Paths of the base that are nothing without `path`: those below it, and those that need it, with what is below them. */
function below(path: string, base: PlainMap): string[] {
  const roots = [path, ...needing(path)]
  return Object.keys(base).filter(
    (other) =>
      other !== path &&
      roots.some((root) => other === root || other.startsWith(`${root}.`) || other.startsWith(`${root}[]`)),
  )
}

function needing(path: string): string[] {
  const table: Record<string, string[]> = dependents
  return Object.hasOwn(table, path) ? (table[path] ?? []) : []
}

function isFate(word: string | undefined): word is DocumentedFate {
  return word !== undefined && Object.hasOwn(LEVELS, word)
}

function rowOf(
  file: YamlFile,
  profile: string,
  of: { dialect: string; path: string; fate: DocumentedFate; capability: string | undefined },
): Requirement {
  const { dialect, path, fate, capability } = of
  const { line } = file.problem(['dialects', dialect, 'fields', path], '', { atKey: true })
  return {
    id: `OWN-${dialect}-${path.replaceAll('[]', '')}`,
    profiles: [profile],
    level: capability === undefined ? LEVELS[fate] : 'some-models',
    ...(capability === undefined ? {} : { capability }),
    text: `${profile} promises ${path}: ${fate}`,
    // Without its folder: the row goes into records, and a record travels.
    source: [`${file.name.replace(/^.*[\\/]/, '')}:${line}`],
    document: profile,
  }
}
