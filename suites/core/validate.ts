import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Json } from '../../reports/record/types.ts'
import { effects, type SchemaNode } from '../../schemas/documents.ts'
import { show } from './check.ts'

/** A place where a message is not what any document says it may be. */
export interface SchemaFinding {
  /** JSON Pointer into the message; that of the holding object where a key is missing. */
  pointer: string
  expected: string
  got: string
  /** The key that is not there, where that is the deviation. */
  missing?: string
  /** Whose words the schema has here: `<document>:<line>`, `openai@7.57.0 …`. A document's own words weigh more. */
  sources: string[]
}

/** Above this number of values in a message only the first deviation is looked for: memory stays bounded. */
const MANY = 20_000

/** An ajv that knows our annotations, so that a typo in one fails when the schema is compiled. */
export function newAjv(options: { allErrors?: boolean } = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: true,
    allowUnionTypes: true,
    discriminator: true,
    verbose: true,
    allErrors: options.allErrors ?? false,
  })
  formats.default(ajv)
  const source = {
    type: 'string',
    pattern:
      '^((openai|@anthropic-ai/sdk)@[0-9.]+ \\w|openai-openapi@[0-9a-f]+ \\w|anthropic-[a-z]+ \\w|[a-z0-9-]+:[0-9]+$)',
  }
  ajv.addKeyword({
    keyword: 'sources',
    metaSchema: { type: 'array', minItems: 1, uniqueItems: true, items: source },
  })
  ajv.addKeyword({ keyword: 'effect', metaSchema: { enum: Object.keys(effects()) } })
  ajv.addKeyword({ keyword: 'because', metaSchema: { type: 'string', minLength: 1 } })
  ajv.addKeyword({ keyword: 'until', metaSchema: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } })
  return ajv
}

interface Validators {
  /** Stops at the first deviation. */
  quick: ValidateFunction
  /** Finds all. */
  all: ValidateFunction
}

const compiled = new Map<string, Validators>()
let shared: { quick: Ajv2020; all: Ajv2020 } | undefined

/** The two validators of a schema, compiled once. `key` names it. */
export function validators(key: string, schema: SchemaNode): Validators {
  let pair = compiled.get(key)
  if (pair === undefined) {
    shared ??= { quick: newAjv(), all: newAjv({ allErrors: true }) }
    pair = { quick: shared.quick.compile(schema), all: shared.all.compile(schema) }
    compiled.set(key, pair)
  }
  return pair
}

/** What a schema has against a value: one finding for each cause. */
export function judge({ quick, all }: Validators, value: Json): SchemaFinding[] {
  if (quick(value)) return []
  const errors = few(value) && !all(value) ? all.errors : quick.errors
  return findings(errors ?? [])
}

/** Whether a value has at most MANY values in it. */
function few(value: Json): boolean {
  const open: Json[] = [value]
  let seen = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const inside = Object.values(next)
    seen += inside.length
    if (seen > MANY) return false
    for (const one of inside) open.push(one)
  }
  return true
}

/** A value of the wrong type breaks other keywords too, and `if` only says that its branch broke. */
function findings(errors: ErrorObject[]): SchemaFinding[] {
  const wrongType = new Set(errors.filter((e) => e.keyword === 'type').map((e) => e.instancePath))
  const found = new Map<string, SchemaFinding>()
  for (const error of errors) {
    if (error.keyword === 'if' || error.keyword === 'propertyNames') continue
    if (error.keyword !== 'type' && wrongType.has(error.instancePath)) continue
    const { pointer, expected, got } = sentence(error)
    const key = `${pointer} ${expected}`
    if (found.has(key)) continue
    const finding: SchemaFinding = { pointer, expected, got, sources: [] }
    if (error.keyword === 'required') finding.missing = String(error.params.missingProperty)
    else finding.sources = list(error.parentSchema?.sources).map(String)
    found.set(key, finding)
  }
  return [...found.values()]
}

function sentence(error: ErrorObject): { pointer: string; expected: string; got: string } {
  const pointer = error.instancePath
  const params: Record<string, unknown> = error.params
  const schema: unknown = error.schema
  const got = show(error.data)
  const length = typeof error.data === 'string' || Array.isArray(error.data) ? error.data.length : 0
  switch (error.keyword) {
    case 'type':
      return { pointer, expected: words([schema].flat().map((t) => TYPES[String(t)] ?? String(t))), got }
    case 'enum':
      return { pointer, expected: words(list(schema).map((v) => JSON.stringify(v))), got: quoted(error.data) }
    case 'const':
      return { pointer, expected: JSON.stringify(schema), got: quoted(error.data) }
    case 'required':
      return { pointer, expected: `the key ${quoted(params.missingProperty)}`, got: 'no such key' }
    case 'minimum':
      return { pointer, expected: `at least ${schema}`, got }
    case 'maximum':
      return { pointer, expected: `at most ${schema}`, got }
    case 'minItems':
      return { pointer, expected: `at least ${schema} elements`, got: `${length}` }
    case 'maxItems':
      return { pointer, expected: `at most ${schema} elements`, got: `${length}` }
    case 'minLength':
      return { pointer, expected: `at least ${schema} characters`, got: `${length}` }
    case 'maxLength':
      return { pointer, expected: `at most ${schema} characters`, got: `${length}` }
    case 'maxProperties':
      return { pointer, expected: `at most ${schema} keys`, got: `${Object.keys(Object(error.data)).length}` }
    case 'pattern':
      return { pointer, expected: `a text that matches ${schema}`, got: quoted(error.data) }
    case 'format':
      return { pointer, expected: `a text of the form ${schema}`, got: quoted(error.data) }
    case 'discriminator': {
      const tag = String(params.tag)
      const branches = list(error.parentSchema?.oneOf).length
      return {
        pointer: `${pointer}/${tag}`,
        expected: `one of the ${branches} documented values of ${quoted(tag)}`,
        got: quoted(params.tagValue),
      }
    }
    default:
      return { pointer, expected: error.message ?? error.keyword, got }
  }
}

const TYPES: Record<string, string> = {
  null: 'null',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  string: 'a string',
  array: 'an array',
  object: 'an object',
}

/** `a`, `a or b`, `one of a, b, c`. */
function words(list: (string | undefined)[]): string {
  const known = list.filter((w) => w !== undefined)
  if (known.length < 3) return known.join(' or ')
  return `one of ${known.join(', ')}`
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Strings in quotes, so that the empty one can be seen. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${show(value)}"` : show(value)
}
