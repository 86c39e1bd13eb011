import { baseSchema, resolve, type SchemaNode } from './documents.ts'

/** `messages[].role` is `tool`: a branch of a union that a field belongs to. */
export interface Condition {
  path: string
  value: unknown
  /** All values of the branch, where it has several. */
  values?: unknown[]
}

/** One place in which a field is described: once, or once for each branch of a union. */
export interface Occurrence {
  /** The branches on the way to it, outermost first. Empty: always. */
  when: Condition[]
  /** Whether the object that holds it must have it. */
  required: boolean
  schema: SchemaNode
}

/** A field of the request, all its occurrences taken together. */
export interface FieldSpec {
  /** `a.b` for objects, `a[].b` for arrays. */
  path: string
  /** The only schema, or a union (`oneOf`) of those of the occurrences. */
  schema: SchemaNode
  effect: string
  /** With effect `unobservable`: why. */
  because?: string
  sources: string[]
  /** Required wherever the object that holds it can stand, in every branch. */
  required: boolean
  deprecated: boolean
  /** The first version of the API in which no occurrence is left. */
  until?: string
  /** JSON types, `integer` for whole numbers. */
  types: string[]
  /** The closed list of values (null among them), where every occurrence has one for its type. */
  enum?: unknown[]
  minimum?: number
  maximum?: number
  default?: unknown
  occurrences: Occurrence[]
}

const lists = new Map<string, FieldSpec[]>()

/** Every documented field of a dialect's request, nested ones too, in the order of the schema. */
export function requestFields(dialect: string): FieldSpec[] {
  let list = lists.get(dialect)
  if (list === undefined) {
    list = fieldsOf(baseSchema(dialect, 'request'))
    lists.set(dialect, list)
  }
  return list
}

/** The fields of any schema of this project (see `requestFields`). */
export function fieldsOf(root: SchemaNode): FieldSpec[] {
  const found: Found = { fields: new Map(), holders: new Map() }
  walk(root, root, '', [], found)
  return [...found.fields].map(([path, occurrences]) => {
    const holder = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
    return merge(path, occurrences, occurrences.length === found.holders.get(holder))
  })
}

/** Occurrences by path, and how many objects can stand at a path: a field in all of them is in every branch. */
interface Found {
  fields: Map<string, Occurrence[]>
  holders: Map<string, number>
}

function walk(root: SchemaNode, given: SchemaNode, path: string, when: Condition[], found: Found): void {
  const node = resolve(root, given)
  if (node.properties !== undefined) found.holders.set(path, (found.holders.get(path) ?? 0) + 1)
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const at = path === '' ? key : `${path}.${key}`
    const schema = resolve(root, child)
    const list = found.fields.get(at) ?? []
    found.fields.set(at, list)
    list.push({ when, required: node.required?.includes(key) ?? false, schema })
    walk(root, schema, at, when, found)
  }
  if (node.items !== undefined) walk(root, node.items, `${path}[]`, when, found)
  if (node.then !== undefined) walk(root, node.then, path, when, found)
  if (node.else !== undefined) walk(root, node.else, path, when, found)
  const tag = node.discriminator?.propertyName
  for (const branch of node.oneOf ?? []) {
    const target = resolve(root, branch)
    const named = target.properties?.[tag ?? '']
    const values = named?.const === undefined ? (named?.enum ?? []) : [named.const]
    if (tag === undefined || values.length === 0) throw new Error(`${path}: a union without a discriminator`)
    const condition: Condition = { path: path === '' ? tag : `${path}.${tag}`, value: values[0] }
    if (values.length > 1) condition.values = values
    walk(root, target, path, [...when, condition], found)
  }
}

function merge(path: string, occurrences: Occurrence[], everywhere: boolean): FieldSpec {
  const schemas = occurrences.map((o) => o.schema)
  const first = schemas[0]
  if (first === undefined) throw new Error(`${path}: no occurrence`)
  const types = unique(schemas.flatMap(typesOf))
  const values = valuesOf(schemas, types)
  const because = schemas.find((s) => s.because !== undefined)?.because
  const effect = schemas.find((s) => s.effect !== 'unobservable')?.effect ?? first.effect ?? ''
  const spec: FieldSpec = {
    path,
    schema: schemas.length === 1 ? first : { oneOf: schemas },
    effect,
    sources: unique(schemas.flatMap((s) => s.sources ?? [])),
    required: everywhere && occurrences.every((o) => o.required),
    deprecated: schemas.every((s) => s.deprecated === true),
    types,
    occurrences,
  }
  if (effect === 'unobservable' && because !== undefined) spec.because = because
  if (values !== undefined) spec.enum = values
  const ends = schemas.map((s) => s.until).filter((end) => end !== undefined)
  if (ends.length === schemas.length) spec.until = ends.toSorted().at(-1)!
  for (const key of ['minimum', 'maximum'] as const) {
    const bound = first[key]
    if (bound !== undefined && schemas.every((s) => s[key] === bound)) spec[key] = bound
  }
  if (first.default !== undefined && schemas.length === 1) spec.default = first.default
  return spec
}

/** JSON types that a schema takes; those of its values where it names no type. */
export function typesOf(schema: SchemaNode): string[] {
  if (schema.type !== undefined) return [schema.type].flat()
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const])
  return unique(values.map((v) => (v === null ? 'null' : Array.isArray(v) ? 'array' : typeof v)))
}

/** The closed list of scalars, where there is one: `tool_choice` has one for strings beside its object forms. */
function valuesOf(schemas: SchemaNode[], types: string[]): unknown[] | undefined {
  const lists = schemas.map((s) => (s.const === undefined ? (s.enum ?? s.then?.enum) : [s.const]))
  const all = lists.flatMap((list) => list ?? [])
  if (all.length === 0 || lists.includes(undefined)) return undefined
  if (types.includes('null') && !all.includes(null)) all.push(null)
  return unique(all)
}

function unique<T>(list: T[]): T[] {
  return [...new Set(list)]
}
