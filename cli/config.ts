import path from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { nearest } from '../specs/nearest.ts'
import { pathText, SpecError, type SpecProblem } from '../specs/problem.ts'
import { readYaml, type YamlFile } from '../specs/yaml-file.ts'
import schema from './config.schema.json' with { type: 'json' }
import type { RunSettings } from './words.ts'

export interface ConfigFile {
  /** Paths are absolute. */
  settings: RunSettings
  /** Knows where each key stands. */
  yaml: YamlFile
}

/** Reads `--config FILE`. Paths in it are relative to the file itself. Throws SpecError: file, line, key, nearest key. */
export function readConfigFile(file: string): ConfigFile {
  const yaml = readYaml(file)
  if (yaml.problems.length > 0) throw new SpecError(yaml.problems)
  const value: unknown = yaml.data ?? {}
  const validate = new Ajv2020({
    allErrors: true,
    verbose: true,
    // A number, or the two ends of a span.
    allowUnionTypes: true,
    keywords: ['x-message'],
  }).compile<RunSettings>(schema)
  if (!validate(value)) {
    // `if` only says that one of its own errors is there.
    const told = (validate.errors ?? []).filter((error) => error.keyword !== 'if')
    throw new SpecError(told.map((error) => problem(error, yaml, value)))
  }
  return { settings: relativeTo(path.dirname(file), value), yaml }
}

/** A profile is named by its id or by the path of its file. */
export function isPath(profile: string): boolean {
  return /[\\/]|\.ya?ml$/.test(profile)
}

function relativeTo(folder: string, settings: RunSettings): RunSettings {
  const { out, baseline, profile, tls, load } = settings
  return {
    ...settings,
    ...(out === undefined ? {} : { out: path.resolve(folder, out) }),
    ...(baseline === undefined ? {} : { baseline: path.resolve(folder, baseline) }),
    ...(profile === undefined || !isPath(profile) ? {} : { profile: path.resolve(folder, profile) }),
    ...(tls?.ca === undefined ? {} : { tls: { ...tls, ca: path.resolve(folder, tls.ca) } }),
    ...(load?.prompts === undefined
      ? {}
      : { load: { ...load, prompts: path.resolve(folder, load.prompts) } }),
  }
}

function problem(error: ErrorObject, yaml: YamlFile, value: unknown): SpecProblem {
  const at = steps(error.instancePath, value)
  const extra: unknown = error.params.additionalProperty
  if (error.keyword === 'additionalProperties' && typeof extra === 'string') {
    const known = knownKeys(at)
    const suggestion = nearest(extra, known)
    const hint = suggestion === undefined ? `; known: ${known.join(', ')}` : ''
    return yaml.problem([...at, extra], `unknown key${hint}`, { atKey: true, suggestion })
  }
  if (error.keyword === 'false schema') return yaml.problem(at, 'does not go with this metric')
  const allowed: unknown = error.params.allowedValues
  const more = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : ''
  const told: unknown = member(error.parentSchema, 'x-message')
  if (error.keyword === 'pattern' && typeof told === 'string') return yaml.problem(at, told)
  const subject = at.length === 0 ? 'the config ' : ''
  return yaml.problem(at, `${subject}${error.message ?? 'is not valid'}${more}`)
}

/** A JSON Pointer as steps; a step into a list is a number. */
function steps(pointer: string, value: unknown): (string | number)[] {
  let at = value
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(at) ? Number(key) : key
      at = member(at, key)
      return step
    })
}

function knownKeys(at: readonly (string | number)[]): string[] {
  let node: unknown = schema
  for (const step of at) {
    const inner = typeof step === 'number' ? member(node, 'items') : member(member(node, 'properties'), step)
    const ref: unknown = member(inner, '$ref')
    node = typeof ref === 'string' ? member(schema.$defs, ref.replace('#/$defs/', '')) : inner
  }
  const properties = member(node, 'properties')
  if (typeof properties !== 'object' || properties === null) {
    throw new Error(`the config schema has no properties at ${pathText(at)}`)
  }
  return Object.keys(properties)
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
