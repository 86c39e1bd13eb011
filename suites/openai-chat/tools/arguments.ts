import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { finding, type Outcome, show } from '../../core/check.ts'
import { dig, isObject } from '../../core/dig.ts'
import { readJson } from '../../core/json.ts'
import type { ToolCall } from '../assemble.ts'

const ajv = new Ajv2020({ strict: false })

/** What is wrong with the form of a call's arguments, the gateway's part; undefined where nothing is. */
export function wrongArguments(call: ToolCall): string | undefined {
  if (call.arguments === undefined) {
    return call.unread === undefined ? 'no arguments' : `${kind(call.unread)}: ${show(call.unread)}`
  }
  const read = readJson(call.arguments)
  if (read.value === undefined) return `a string that is not JSON: ${call.arguments.slice(0, 120)}`
  if (!isObject(read.value)) return `the JSON of something else: ${call.arguments.slice(0, 120)}`
  return undefined
}

/** Where the tool's own schema does not allow the arguments: the model's part. */
export function unfitArguments(call: ToolCall, tool: JsonObject): string | undefined {
  const schema = dig(tool, 'function', 'parameters')
  if (!isObject(schema) || ajv.validate(schema, argumentsOf(call))) return undefined
  return `${ajv.errorsText(ajv.errors, { dataVar: 'arguments' })}: ${call.arguments?.slice(0, 120)}`
}

/**
 * Form is the gateway's, and a deviation from its documents. What the schema does not allow is a warning: without `strict`
 * nobody promises it, and the official words are that a model may make parameters up.
 */
export function* soundArguments(call: ToolCall, tool: JsonObject): Iterable<Outcome> {
  const wrong = wrongArguments(call)
  if (wrong !== undefined) {
    yield finding(call.where, 'arguments: a string with the JSON of an object', wrong)
    return
  }
  const unfit = unfitArguments(call, tool)
  if (unfit !== undefined) {
    yield finding(call.where, 'arguments that the tool’s schema allows', unfit, {
      by: 'should',
      why: 'a model may make parameters up; a gateway that rewrites tools may, too',
    })
  }
}

function kind(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The arguments as JSON; undefined where they are none. */
export function argumentsOf(call: ToolCall | undefined): Json | undefined {
  return call?.arguments === undefined ? undefined : readJson(call.arguments).value
}
