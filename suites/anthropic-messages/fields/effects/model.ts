import type { Json, JsonObject } from '../../../../reports/record/types.ts'
import { isObject } from '../../../core/dig.ts'
import { canonical } from '../../../core/digest.ts'
import { readJson } from '../../../core/json.ts'
import { seen } from '../../../fields/effect.ts'
import * as common from '../../../fields/observers.ts'
import { NOBODY } from '../../../requests/served-models.ts'
import { ask } from '../../ask.ts'
import { SUM, THINKING } from '../../thinking.ts'
import type { MessagesView } from '../../view.ts'
import { type Observer, placeOf, quote } from './effect.ts'

const word = (view: MessagesView): string => (view.thinking.length > 0 ? 'thinking' : 'no thinking')

/** The same prompt with and without: a pair. */
export const switchesThinking: Observer = () => ({
  title: 'thinking enabled shows thinking blocks, without it there are none',
  ask: { on: [ask(THINKING, SUM)], off: [ask({}, SUM)] },
  *judge({ on, off }) {
    const got = `${word(on!)} with it, ${word(off!)} without`
    const honoured = on!.thinking.length > 0 && off!.thinking.length === 0
    yield seen(honoured ? 'honoured' : 'ignored', placeOf(on!), got)
  },
})

/** How hard a model tried cannot be read off one answer. */
export const reasoningEffort: Observer = ({ path }) => {
  if (path !== 'output_config.effort') return undefined
  return {
    title: 'effort low and high are both answered (the difference is recorded only)',
    ask: {
      high: [ask({ output_config: { effort: 'high' } }, SUM)],
      low: [ask({ output_config: { effort: 'low' } }, SUM)],
    },
    *judge({ high, low }) {
      const got = `${high!.usage?.output} output tokens with high, ${low!.usage?.output} with low`
      yield seen('accepted', placeOf(high!), got)
    },
  }
}

const COLOURS = ['teal', 'ochre']
const FORMAT: JsonObject = {
  type: 'json_schema',
  schema: {
    type: 'object',
    properties: { colour: { type: 'string', enum: COLOURS } },
    required: ['colour'],
    additionalProperties: false,
  },
}

export const forcesSchema: Observer = ({ path }) => {
  if (path.endsWith('.type')) return undefined
  return {
    title: 'The text is JSON that the schema allows',
    ask: { reply: [ask({ output_config: { format: FORMAT } }, { prompt: 'Name a colour.' })] },
    *judge({ reply }) {
      const { value } = readJson(reply!.content)
      const fits = isObject(value) && typeof value.colour === 'string' && COLOURS.includes(value.colour)
      yield seen(fits ? 'honoured' : 'ignored', placeOf(reply!), quote(reply!))
    },
  }
}

/** The answer may leave the key out, and a tier may become another one. */
export const echoed: Observer = ({ path }, { promise }) => {
  // What has no effect has nothing to be told.
  if (promise.fields[path]?.fate === 'ignored') return undefined
  const value: Json = path === 'service_tier' ? 'auto' : path === 'speed' ? 'standard' : null
  return {
    title: `${path} is answered, and what usage says of it is recorded`,
    ask: { reply: [ask({ [path]: value })] },
    *judge({ reply }) {
      const back = reply!.usage?.raw[path]
      const got = back === undefined ? `no ${path} in usage` : canonical(back)
      yield seen('accepted', placeOf(reply!), got)
    },
  }
}

export const selectsModel = common.selectsModel(ask(), ask({ model: NOBODY }, { limit: 8 }))
