import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Grammar } from './types/grammar.ts'
import type { Tier } from './types/tier.ts'

/**
 * The messages of a dialect that have a base schema. `chunk`: one JSON object of a stream, whatever the dialect calls it;
 * `count`: the answer of a token count (not every dialect has one).
 */
export type MessageKind = 'request' | 'response' | 'chunk' | 'error' | 'count'
export type TierName = 'client' | 'official'

/** A JSON Schema (2020-12) as far as this project writes it, with its own annotations. */
export interface SchemaNode {
  $id?: string
  $ref?: string
  $defs?: Record<string, SchemaNode>
  title?: string
  description?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  deprecated?: boolean
  /** Request only: the first version of the API (`2026-10-21`) in which the field, or the value, is gone. */
  until?: string
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  maxProperties?: number
  pattern?: string
  required?: string[]
  properties?: Record<string, SchemaNode>
  propertyNames?: SchemaNode
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  oneOf?: SchemaNode[]
  discriminator?: { propertyName: string }
  if?: SchemaNode
  then?: SchemaNode
  else?: SchemaNode
  /** Whose words these are: `openai@7.57.0 Type.key`, `openai-openapi@f85dbe2 key`, `<document>:<line>`. */
  sources?: string[]
  /** Request only: how the effect of the field can be seen, a name of effects.json. */
  effect?: string
  /** Request only, with effect `unobservable`: why a black box cannot see it. */
  because?: string
}

/** The folder `schemas/` as it is shipped: beside this file in the sources, above it in the compiled package. */
export const SCHEMAS = find(import.meta.dirname)

function find(from: string): string {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'schemas')
    if (existsSync(join(folder, 'effects.json'))) return folder
    if (at === dirname(at)) throw new Error(`no schemas/effects.json in or above ${from}`)
  }
}

const cache = new Map<string, unknown>()

function read<T>(...path: string[]): T {
  const file = join(SCHEMAS, ...path)
  let value = cache.get(file)
  if (value === undefined) {
    value = JSON.parse(readFileSync(file, 'utf8'))
    cache.set(file, value)
  }
  return value as T
}

/** Base schema of one message of a dialect. */
export function baseSchema(dialect: string, kind: MessageKind): SchemaNode {
  return read(dialect, `${kind}.schema.json`)
}

export function tierDocument(dialect: string, tier: TierName): Tier {
  return read(dialect, 'tiers', `${tier}.json`)
}

export function grammarDocument(dialect: string): Grammar {
  return read(dialect, 'grammar.json')
}

/** The closed list of effects: name and what is to be seen. */
export function effects(): Record<string, string> {
  return read('effects.json')
}

/** A schema that is no message: the form of tiers, the form of grammars. */
export function metaSchema(name: 'tier' | 'grammar'): SchemaNode {
  return read(`${name}.schema.json`)
}

/** The node that a `$ref` names, the annotations beside the `$ref` laid over it. */
export function resolve(root: SchemaNode, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node
  const name = node.$ref.replace('#/$defs/', '')
  const target = root.$defs?.[name]
  if (target === undefined) throw new Error(`${root.$id}: ${node.$ref} names nothing`)
  const { $ref: _, ...beside } = node
  return { ...resolve(root, target), ...beside }
}
