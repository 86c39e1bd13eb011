import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import contradictionSchema from './contradiction.schema.json' with { type: 'json' }
import documentSchema from './document.schema.json' with { type: 'json' }
import { nearest } from './nearest.ts'
import profileSchema from './profile.schema.json' with { type: 'json' }
import requirementSchema from './requirement.schema.json' with { type: 'json' }
import type { Path } from './yaml-file.ts'

/** A place where a value is not as its schema says. */
export interface Misfit {
  path: Path
  message: string
  suggestion?: string | undefined
  /** The key itself is wrong, not its value. */
  atKey: boolean
  /** A key that must be there is not. */
  lacks?: true
}

const SCHEMAS = {
  profile: profileSchema,
  requirement: requirementSchema,
  contradiction: contradictionSchema,
  document: documentSchema,
}

export type SpecKind = keyof typeof SCHEMAS

const compiled = new Map<SpecKind, ValidateFunction>()
let ajv: Ajv2020 | undefined

function validator(kind: SpecKind): ValidateFunction {
  // The schema of profiles refers to the rows of requirement files.
  ajv ??= new Ajv2020({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    schemas: [requirementSchema],
  })
  const known = compiled.get(kind) ?? ajv.compile(SCHEMAS[kind])
  compiled.set(kind, known)
  return known
}

/** Keywords whose errors only repeat that of the schema inside them. */
const ECHOES = ['if', 'propertyNames']

/** Everything in `value` that the schema of this kind of file does not allow. */
export function misfits(kind: SpecKind, value: unknown): Misfit[] {
  const validate = validator(kind)
  if (validate(value)) return []
  return (validate.errors ?? []).filter(({ keyword }) => !ECHOES.includes(keyword)).map(misfit)
}

function misfit(error: ErrorObject): Misfit {
  const { params, propertyName } = error
  const path = steps(error.instancePath)
  if (propertyName !== undefined) {
    const message = `${show(propertyName)} must match ${String(params.pattern)}`
    return { path: [...path, propertyName], message, atKey: true }
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const allowed = propertiesOf(error.parentSchema)
      const message = `unknown key; allowed here: ${allowed.join(', ')}`
      return { path: [...path, key], message, suggestion: nearest(key, allowed), atKey: true }
    }
    case 'required':
      return {
        path,
        message: `the key ${String(params.missingProperty)} is missing`,
        atKey: true,
        lacks: true,
      }
    case 'enum': {
      const words = (Array.isArray(params.allowedValues) ? params.allowedValues : []).map(String)
      const message = `${show(error.data)} is not one of ${words.join(', ')}`
      return { path, message, suggestion: nearest(String(error.data), words), atKey: false }
    }
    case 'const':
      return { path, message: `${show(error.data)} must be ${show(params.allowedValue)}`, atKey: false }
    case 'type':
      return { path, message: `${show(error.data)} must be ${words(params.type)}`, atKey: false }
    case 'pattern':
      return { path, message: `${show(error.data)} must match ${String(params.pattern)}`, atKey: false }
    default:
      return { path, message: `${show(error.data)} ${error.message ?? error.keyword}`, atKey: false }
  }
}

/** JSON Pointer to path; steps that are numbers index arrays. */
function steps(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return []
  return typeof schema.properties === 'object' && schema.properties !== null
    ? Object.keys(schema.properties)
    : []
}

function words(type: unknown): string {
  return Array.isArray(type) ? type.join(' or ') : String(type)
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  return typeof value === 'string' ? `'${value.slice(0, 80)}'` : String(value)
}
