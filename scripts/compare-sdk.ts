/**
 * Compares schemas/openai-chat with the types of the `openai` package, field by field: which keys there are, which
 * are required, which may be null, which words are allowed, which are deprecated. What differs must stand, with a
 * reason, in schemas/openai-chat/differences.yaml; what stands there and no longer differs is reported too.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { baseSchema, type MessageKind, type SchemaNode, tierDocument } from '../schemas/documents.ts'
import { fieldsOf, typesOf } from '../schemas/fields.ts'
import type { Tier } from '../schemas/types/tier.ts'
import { type Declarations, type DtsType, lookup, readDts } from './dts.ts'

const ROOT = dirname(import.meta.dirname)
const PACKAGE = join(ROOT, 'node_modules/openai')
const FILES = [
  'resources/shared.d.ts',
  'resources/completions.d.ts',
  'resources/chat/completions/completions.d.ts',
]

/** The type of the package that each message is compared with. */
const ROOTS: Record<MessageKind, string> = {
  request: 'ChatCompletionCreateParamsBase',
  response: 'ChatCompletion',
  chunk: 'ChatCompletionChunk',
  error: 'ErrorObject',
}

/** What one side says about one field, everything as text that can be compared. */
export interface Facts {
  /** `always`, `never`, or the branches in which the holder must have it: `type=function`. */
  required: string
  /** JSON types, sorted; a whole number is a number. */
  types: string
  /** The closed list of words, sorted; `any` where it is open. */
  words: string
  deprecated: string
}

export type FactSheet = Map<string, Facts>

export interface Difference {
  message: string
  path: string
  /** `field`: only one side has it. */
  aspect: 'field' | keyof Facts
  sdk: string
  schema: string
}

export interface Reviewed extends Difference {
  reason: string
}

/** The declarations of the pinned package. */
export function sdkDeclarations(): Declarations {
  const all: Declarations = new Map()
  for (const file of FILES) readDts(readFileSync(join(PACKAGE, file), 'utf8'), all)
  return all
}

export function sdkVersion(): string {
  return JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version
}

interface Seen {
  required: boolean
  type: DtsType
  deprecated: boolean
  branch: string
}

/** What the package says about every field below a type. */
export function sdkFacts(all: Declarations, root: string): FactSheet {
  const seen = new Map<string, Seen[]>()
  const holders = new Map<string, string[]>()
  const visit = (type: DtsType, path: string): void => {
    const objects = flat(all, type).filter((t) => t.kind === 'object')
    const tag = tagOf(objects)
    for (const object of objects) {
      const tagged = tag === undefined ? undefined : object.keys.get(tag)?.type
      const branch = tagged?.kind === 'literal' ? `${tag}=${tagged.value}` : ''
      holders.set(path, [...(holders.get(path) ?? []), branch])
      for (const [key, { optional, deprecated, type: inner }] of object.keys) {
        const at = path === '' ? key : `${path}.${key}`
        seen.set(at, [...(seen.get(at) ?? []), { required: !optional, type: inner, deprecated, branch }])
      }
    }
    for (const array of flat(all, type)) if (array.kind === 'array') visit(array.of, `${path}[]`)
    const keys = new Set(objects.flatMap((o) => [...o.keys.keys()]))
    for (const key of keys) {
      const types = objects.map((o) => o.keys.get(key)?.type).filter((t) => t !== undefined)
      visit({ kind: 'union', of: types }, path === '' ? key : `${path}.${key}`)
    }
  }
  visit({ kind: 'name', name: root, scope: '' }, '')
  const sheet: FactSheet = new Map()
  for (const [path, list] of seen) {
    const parts = list.flatMap((s) => flat(all, s.type))
    const holder = holders.get(path.slice(0, Math.max(0, path.lastIndexOf('.')))) ?? []
    sheet.set(path, {
      required: requiredIn(
        list.filter((s) => s.required).map((s) => s.branch),
        holder,
      ),
      types: sorted(parts.map(typeName)),
      words: wordsOf(parts),
      deprecated: String(list.every((s) => s.deprecated)),
    })
  }
  return sheet
}

/** The members of a union, names followed. Types that the package leaves open are kept as they are. */
function flat(all: Declarations, type: DtsType): DtsType[] {
  if (type.kind === 'union') return type.of.flatMap((t) => flat(all, t))
  if (type.kind !== 'name') return [type]
  const found = lookup(all, type.name, type.scope)
  if (found === undefined) throw new Error(`${type.scope}: ${type.name} is not declared`)
  return flat(all, found.type)
}

/** The key whose literal tells the members of a union of objects apart. */
function tagOf(objects: Extract<DtsType, { kind: 'object' }>[]): string | undefined {
  if (objects.length < 2) return undefined
  return [...(objects[0]?.keys.keys() ?? [])].find((key) => {
    const values = objects.map((o) => o.keys.get(key)?.type)
    const literals = values.map((v) => (v?.kind === 'literal' ? v.value : undefined))
    return !literals.includes(undefined) && new Set(literals).size === objects.length
  })
}

function requiredIn(branches: string[], holders: string[]): string {
  if (branches.length === 0) return 'never'
  return branches.length === holders.length ? 'always' : sorted(branches)
}

function typeName(type: DtsType): string {
  if (type.kind === 'literal') return type.value === null ? 'null' : typeof type.value
  if (type.kind === 'word') return type.word
  return type.kind === 'array' ? 'array' : 'object'
}

function wordsOf(parts: DtsType[]): string {
  if (parts.some((p) => p.kind === 'word' && p.word === 'string')) return 'any'
  const words = parts.flatMap((p) => (p.kind === 'literal' && typeof p.value === 'string' ? [p.value] : []))
  return words.length === 0 ? 'any' : sorted(words)
}

function sorted(list: string[]): string {
  return [...new Set(list)].sort().join(' ')
}

/** What our schema says about every field, the official tier laid over it. */
export function schemaFacts(schema: SchemaNode, rows: NonNullable<Tier['response']>): FactSheet {
  const fields = fieldsOf(schema)
  const sheet: FactSheet = new Map()
  for (const field of fields) {
    const over = rows.filter((r) => r.path === field.path)
    const strict = over.find((r) => r.schema !== undefined)?.schema
    const types = field.occurrences
      .flatMap((o) => typesOf(o.schema))
      .map((t) => (t === 'integer' ? 'number' : t))
    const allowed =
      strict === undefined ? types : types.filter((t) => typesOf(strict as SchemaNode).includes(t))
    const holder = field.path.slice(0, Math.max(0, field.path.lastIndexOf('.')))
    const branches = field.occurrences
      .filter((o) => o.required)
      .map((o) => o.when.find((w) => w.path.slice(0, w.path.lastIndexOf('.')) === holder))
    const stated = over
      .filter((r) => r.required)
      .map((r) => Object.entries(r.when ?? {}).map(([key, word]) => `${key}=${word}`))
    const words = field.enum?.filter((v) => typeof v === 'string')
    const always = field.required || stated.some((s) => s.length === 0)
    const some = [
      ...branches.map((b) => (b === undefined ? '' : `${lastKey(b.path)}=${b.value}`)),
      ...stated.flat(),
    ]
    sheet.set(field.path, {
      required: always ? 'always' : some.length === 0 ? 'never' : sorted(some),
      types: sorted(allowed),
      words: words === undefined || words.length === 0 ? 'any' : sorted(words),
      deprecated: String(field.deprecated),
    })
  }
  return sheet
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

export function differences(message: string, sdk: FactSheet, schema: FactSheet): Difference[] {
  const found: Difference[] = []
  for (const path of [...new Set([...sdk.keys(), ...schema.keys()])].sort()) {
    const theirs = sdk.get(path)
    const ours = schema.get(path)
    if (theirs === undefined || ours === undefined) {
      const there = (facts: Facts | undefined) => (facts === undefined ? 'absent' : 'present')
      found.push({ message, path, aspect: 'field', sdk: there(theirs), schema: there(ours) })
      continue
    }
    for (const aspect of ['required', 'types', 'words', 'deprecated'] as const) {
      if (theirs[aspect] === ours[aspect]) continue
      found.push({ message, path, aspect, sdk: theirs[aspect], schema: ours[aspect] })
    }
  }
  return found
}

/** All differences between the package and the schemas as they stand. */
export function compareAll(
  all: Declarations,
  base = (kind: MessageKind) => baseSchema('openai-chat', kind),
): Difference[] {
  const tier = tierDocument('openai-chat', 'official')
  return (['request', 'response', 'chunk', 'error'] as const).flatMap((kind) => {
    const whole = base(kind)
    // The package types what is inside `error`, not the envelope.
    const schema = kind === 'error' ? (whole.properties?.error ?? {}) : whole
    const rows = (kind === 'request' ? undefined : tier[kind]) ?? []
    const inside = kind === 'error' ? rows.map((r) => ({ ...r, path: r.path.replace(/^error\./, '') })) : rows
    return differences(kind, sdkFacts(all, ROOTS[kind]), schemaFacts(schema, inside))
  })
}

export function reviewedDifferences(): Reviewed[] {
  return parse(readFileSync(join(ROOT, 'schemas/openai-chat/differences.yaml'), 'utf8')).differences
}

/** Differences that nobody reviewed, and reviewed ones that are gone. */
export function unreviewed(
  found: Difference[],
  reviewed: Reviewed[],
): { unlisted: string[]; stale: string[] } {
  const now = new Set(found.map(line))
  const listed = new Set(reviewed.map(line))
  return { unlisted: [...now].filter((l) => !listed.has(l)), stale: [...listed].filter((l) => !now.has(l)) }
}

function line({ message, path, aspect, sdk, schema }: Difference): string {
  return `${message} ${path} ${aspect}: openai has ${sdk}, the schema ${schema}`
}

if (import.meta.main) {
  const { unlisted, stale } = unreviewed(compareAll(sdkDeclarations()), reviewedDifferences())
  for (const one of unlisted) console.log(`not reviewed: ${one}`)
  for (const one of stale) console.log(`stale in differences.yaml: ${one}`)
  if (unlisted.length + stale.length > 0) process.exitCode = 1
  else console.log(`schemas/openai-chat agrees with openai ${sdkVersion()} but for the reviewed differences`)
}
