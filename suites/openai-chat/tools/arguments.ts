import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { dig, isObject } from '../../core/dig.ts'
import { readJson } from '../../core/json.ts'
import type { ToolCall } from '../assemble.ts'

const ajv = new Ajv2020({ strict: false })

/** What is wrong with the arguments of a call to `tool`; undefined where nothing is. */
export function wrongArguments(call: ToolCall, tool: JsonObject): string | undefined {
  if (call.arguments === undefined) return 'no arguments string'
  const read = readJson(call.arguments)
  if (read.value === undefined) return `arguments that are not JSON: ${call.arguments.slice(0, 120)}`
  if (!isObject(read.value)) return `arguments that are JSON, but no object: ${call.arguments.slice(0, 120)}`
  const schema = dig(tool, 'function', 'parameters')
  if (!isObject(schema) || ajv.validate(schema, read.value)) return undefined
  return `arguments against the tool's own schema (${ajv.errorsText(ajv.errors, { dataVar: 'arguments' })}): ${call.arguments.slice(0, 120)}`
}

/** The arguments as JSON; undefined where they are none. */
export function argumentsOf(call: ToolCall | undefined): Json | undefined {
  return call?.arguments === undefined ? undefined : readJson(call.arguments).value
}
