import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { finding, type Outcome, show } from '../../core/check.ts'
import { isObject } from '../../core/dig.ts'
import type { Block } from '../message.ts'

const ajv = new Ajv2020({ strict: false })

/** What is wrong with the form of a call's input, the gateway's part; undefined where nothing is. */
export function wrongInput(call: Block): string | undefined {
  if (isObject(call.input)) return undefined
  if (call.input !== undefined) return `${kind(call.input)}: ${show(call.input)}`
  const { inputText } = call
  return inputText === undefined
    ? 'no input'
    : `partial_json that joins to no JSON: ${inputText.slice(0, 120)}`
}

/** Where the tool's own schema does not allow the input: the model's part. */
export function unfitInput(call: Block, tool: JsonObject): string | undefined {
  const schema = tool.input_schema
  if (!isObject(schema) || ajv.validate(schema, call.input)) return undefined
  return `${ajv.errorsText(ajv.errors, { dataVar: 'input' })}: ${show(call.input ?? null).slice(0, 120)}`
}

/**
 * Form is the gateway's, and a deviation from its documents. What the schema does not allow is a warning: nobody promises
 * it without `strict`, and a model may make parameters up.
 */
export function* soundInput(call: Block, tool: JsonObject): Iterable<Outcome> {
  const wrong = wrongInput(call)
  if (wrong !== undefined) {
    yield finding(call.where, 'input: an object', wrong)
    return
  }
  const unfit = unfitInput(call, tool)
  if (unfit !== undefined) {
    yield finding(call.where, 'an input that the tool’s input_schema allows', unfit, {
      by: 'should',
      why: 'a model may make parameters up; a gateway that rewrites tools may, too',
    })
  }
}

function kind(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
