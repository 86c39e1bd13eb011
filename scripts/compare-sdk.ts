/**
 * Compares the schemas of each dialect with the types of its vendor's SDK, field by field: which keys there are, which
 * are required, which may be null, which words are allowed, which are deprecated. What differs must stand, with a
 * reason, in schemas/<dialect>/differences.yaml; what stands there and no longer differs is reported too.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { baseSchema, type MessageKind, type SchemaNode, tierDocument } from '../schemas/documents.ts'
import { fieldsOf, type Occurrence, typesOf } from '../schemas/fields.ts'
import type { Tier } from '../schemas/types/tier.ts'
import { type Declarations, type DtsType, lookup, readDts } from './dts.ts'

const ROOT = dirname(import.meta.dirname)

/** The package that a dialect is compared with. */
interface Sdk {
  package: string
  files: string[]
  /** The type of the package for each message. */
  roots: Partial<Record<MessageKind, string>>
  /** A message of which the package types only what is inside this key. */
  inside?: Partial<Record<MessageKind, string>>
}

const SDKS: Record<string, Sdk> = {
  'openai-chat': {
    package: 'openai',
    files: [
      'resources/shared.d.ts',
      'resources/completions.d.ts',
      'resources/chat/completions/completions.d.ts',
    ],
    roots: {
      request: 'ChatCompletionCreateParamsBase',
      response: 'ChatCompletion',
      chunk: 'ChatCompletionChunk',
      error: 'ErrorObject',
    },
    inside: { error: 'error' },
  },
  'anthropic-messages': {
    package: '@anthropic-ai/sdk',
    files: ['resources/shared.d.ts', 'resources/messages/messages.d.ts'],
    roots: {
      request: 'MessageCreateParamsBase',
      response: 'Message',
      chunk: 'RawMessageStreamEvent',
      error: 'ErrorResponse',
      count: 'MessageTokensCount',
    },
  },
}

/** The dialects that have an SDK to be compared with. */
export const COMPARED = Object.keys(SDKS)

function sdkOf(dialect: string): Sdk {
  const sdk = SDKS[dialect]
  if (sdk === undefined) throw new Error(`${dialect}: no SDK to compare with`)
  return sdk
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

/** Where a schema does not look inside: fields of the package below a path are passed over. */
export interface Opaque {
  message: string
  path: string
  reason: string
}

export interface Review {
  differences: Reviewed[]
  opaque?: Opaque[]
}

/** The declarations of the pinned package. */
export function sdkDeclarations(dialect: string): Declarations {
  const { package: name, files } = sdkOf(dialect)
  const all: Declarations = new Map()
  for (const file of files) readDts(readFileSync(join(ROOT, 'node_modules', name, file), 'utf8'), all)
  return all
}

/** `openai@7.57.0`. */
export function sdkName(dialect: string): string {
  const { package: name } = sdkOf(dialect)
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
  return `${name}@${version}`
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
    const tag = tagOf(all, objects)
    for (const object of objects) {
      const words = tag === undefined ? [] : tagsOf(all, object, tag)
      const branch = words.map((word) => `${tag}=${word}`).join(' ')
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

/** The key whose words tell the members of a union of objects apart; one member may go without it. */
function tagOf(all: Declarations, objects: ObjectType[]): string | undefined {
  if (objects.length < 2) return undefined
  const keys = [...new Set(objects.flatMap((o) => [...o.keys.keys()]))]
  const tells = (key: string, most: number): boolean => {
    const words = objects.map((o) => tagsOf(all, o, key))
    return words.filter((list) => list.length === 0).length <= most && new Set(words.flat()).size > 1
  }
  return keys.find((key) => tells(key, 0)) ?? keys.find((key) => tells(key, 1))
}

type ObjectType = Extract<DtsType, { kind: 'object' }>

/** The words of a required key, where it has a closed list of them. */
function tagsOf(all: Declarations, object: ObjectType, key: string): string[] {
  const found = object.keys.get(key)
  if (found === undefined || found.optional) return []
  const parts = flat(all, found.type)
  const words = parts.flatMap((p) => (p.kind === 'literal' && typeof p.value === 'string' ? [p.value] : []))
  return words.length === parts.length ? words : []
}

function requiredIn(branches: string[], holders: string[]): string {
  if (branches.length === 0) return 'never'
  return branches.length === holders.length ? 'always' : sorted(branches.flatMap((b) => b.split(' ')))
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
  /** By holder: the branches in which it has any field. */
  const branches = new Map<string, Set<string>>()
  for (const { path, occurrences } of fields) {
    const holder = holderOf(path)
    const known = branches.get(holder) ?? new Set()
    branches.set(holder, known)
    for (const one of occurrences) for (const branch of branchesOf(one, holder)) known.add(branch)
  }
  for (const field of fields) {
    const over = rows.filter((r) => r.path === field.path)
    const strict = over.find((r) => r.schema !== undefined)?.schema
    const types = field.occurrences
      .flatMap((o) => typesOf(o.schema))
      .map((t) => (t === 'integer' ? 'number' : t))
    const allowed =
      strict === undefined ? types : types.filter((t) => typesOf(strict as SchemaNode).includes(t))
    const holder = holderOf(field.path)
    const own = field.occurrences.flatMap((o) => branchesOf(o, holder))
    const some = field.occurrences.filter((o) => o.required).flatMap((o) => branchesOf(o, holder))
    let always = field.required
    for (const row of over.filter((r) => r.required)) {
      const words = Object.entries(row.when ?? {}).map(([key, word]) => `${key}=${word}`)
      if (words.length === 0 && row.within === undefined) always = true
      some.push(...(words.length === 0 ? own : words))
    }
    always ||= some.length > 0 && [...(branches.get(holder) ?? [])].every((branch) => some.includes(branch))
    const words = field.enum?.filter((v) => typeof v === 'string')
    sheet.set(field.path, {
      required: always ? 'always' : some.length === 0 ? 'never' : sorted(some),
      types: sorted(allowed),
      words: words === undefined || words.length === 0 ? 'any' : sorted(words),
      deprecated: String(field.deprecated),
    })
  }
  return sheet
}

/** The branches of the holder in which a field stands: `type=text`, '' where the holder has none. */
function branchesOf(one: Occurrence, holder: string): string[] {
  const branch = one.when.find((w) => holderOf(w.path) === holder)
  if (branch === undefined) return ['']
  const key = branch.path.slice(branch.path.lastIndexOf('.') + 1)
  return (branch.values ?? [branch.value]).map((value) => `${key}=${value}`)
}

function holderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')))
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

/** All differences between the package and the schemas of a dialect as they stand. */
export function compareAll(
  dialect: string,
  all: Declarations,
  base = (kind: MessageKind) => baseSchema(dialect, kind),
): Difference[] {
  const { roots, inside } = sdkOf(dialect)
  const tier = tierDocument(dialect, 'official')
  return (Object.entries(roots) as [MessageKind, string][]).flatMap(([kind, root]) => {
    const key = inside?.[kind]
    const whole = base(kind)
    const schema = key === undefined ? whole : (whole.properties?.[key] ?? {})
    const rows = (kind === 'request' ? undefined : tier[kind]) ?? []
    const below = rows.flatMap((r) =>
      key === undefined
        ? r
        : r.path.startsWith(`${key}.`)
          ? { ...r, path: r.path.slice(key.length + 1) }
          : [],
    )
    return differences(kind, sdkFacts(all, root), schemaFacts(schema, below))
  })
}

export function reviewOf(dialect: string): Review {
  return parse(readFileSync(join(ROOT, 'schemas', dialect, 'differences.yaml'), 'utf8'))
}

/** Differences that nobody reviewed, and reviewed ones that are gone. */
export function unreviewed(found: Difference[], review: Review): { unlisted: string[]; stale: string[] } {
  const opaque = review.opaque ?? []
  const hidden = (d: Difference, one: Opaque) =>
    d.message === one.message && d.schema === 'absent' && /^[.[]/.test(below(d.path, one.path))
  const seen = found.filter((d) => !opaque.some((one) => hidden(d, one)))
  const now = new Set(seen.map(line))
  const listed = new Set(review.differences.map(line))
  const empty = opaque.filter((one) => !found.some((d) => hidden(d, one)))
  return {
    unlisted: [...now].filter((l) => !listed.has(l)),
    stale: [
      ...[...listed].filter((l) => !now.has(l)),
      ...empty.map((one) => `${one.message} ${one.path}: hides nothing`),
    ],
  }
}

function below(path: string, holder: string): string {
  return path.startsWith(holder) ? path.slice(holder.length) : ''
}

function line({ message, path, aspect, sdk, schema }: Difference): string {
  return `${message} ${path} ${aspect}: the SDK has ${sdk}, the schema ${schema}`
}

if (import.meta.main) {
  for (const dialect of COMPARED) {
    const found = compareAll(dialect, sdkDeclarations(dialect))
    const { unlisted, stale } = unreviewed(found, reviewOf(dialect))
    for (const one of unlisted) console.log(`${dialect}: not reviewed: ${one}`)
    for (const one of stale) console.log(`${dialect}: stale in differences.yaml: ${one}`)
    if (unlisted.length + stale.length > 0) process.exitCode = 1
    else console.log(`schemas/${dialect} agrees with ${sdkName(dialect)} but for the reviewed differences`)
  }
}
