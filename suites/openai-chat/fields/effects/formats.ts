import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JsonObject } from '../../../../reports/record/types.ts'
import { isObject } from '../../../core/dig.ts'
import { readJson } from '../../../core/json.ts'
import { seen } from '../../../fields/effect.ts'
import { chat, PLAIN } from '../../ask.ts'
import { type Observer, placeOf, quote } from './effect.ts'

/** A prompt that nobody answers with JSON unasked, and that has the word that JSON mode wants. */
const UNLIKELY = `${PLAIN} The word JSON stands here because JSON mode asks for it.`

const FENCE = /^\s*```/

export const forcesJson: Observer = () => ({
  title: 'response_format json_object makes the answer the text of one JSON object',
  ask: { reply: [chat({ response_format: { type: 'json_object' } }, { prompt: UNLIKELY })] },
  *judge({ reply }) {
    const view = reply!
    if (isObject(readJson(view.content).value)) yield seen('honoured', placeOf(view), quote(view))
    else if (view.choice?.finish === 'length') yield { inconclusive: 'the answer was cut by the limit' }
    else yield seen(FENCE.test(view.content) ? 'altered' : 'ignored', placeOf(view), quote(view))
  },
})

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['teal', 'ochre'] },
    steps: { type: 'integer', minimum: 3, maximum: 5 },
  },
  required: ['colour', 'steps'],
  additionalProperties: false,
}
const valid = new Ajv2020({ strict: false }).compile(SCHEMA)

/** No one answers this prompt with these keys by chance. */
export const forcesSchema: Observer = () => ({
  title: 'response_format json_schema makes the answer JSON that its schema allows',
  ask: {
    reply: [
      chat({
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: SCHEMA, strict: true },
        },
      }),
    ],
  },
  *judge({ reply }) {
    const view = reply!
    const { value } = readJson(view.content)
    if (value !== undefined && valid(value)) yield seen('honoured', placeOf(view), quote(view))
    else if (view.choice?.finish === 'length') yield { inconclusive: 'the answer was cut by the limit' }
    else yield seen(FENCE.test(view.content) ? 'altered' : 'ignored', placeOf(view), quote(view))
  },
})
