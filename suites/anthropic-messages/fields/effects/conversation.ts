import type { Json, JsonObject } from '../../../../reports/record/types.ts'
import * as common from '../../../fields/observers.ts'
import { ask, WEATHER_TOOL } from '../../ask.ts'
import { type Effect, type Observer, placeOf } from './effect.ts'

const user = (content: Json): Json => ({ role: 'user', content })
const assistant = (content: Json): Json => ({ role: 'assistant', content })

const NUMBER = '7310'
const TOLD = `My favourite number is ${NUMBER}. Please remember it.`
const ASKED = 'Which number is my favourite? Reply with the digits only.'
const HISTORY = [user(TOLD), assistant('I will remember it.'), user(ASKED)]
const texts = (...all: string[]): Json[] => all.map((text) => ({ type: 'text', text }))
/** In several blocks each, and word for word what is asked by hand: equal probes are sent once. */
const IN_BLOCKS = [
  user(texts(`My favourite number is ${NUMBER}.`, 'Please remember it.')),
  assistant(texts('I will', 'remember it.')),
  user(texts('Which number is my favourite?', 'Reply with the digits only.')),
]

/** A word that no model says by itself: an answer that has it has read the result. */
const RESULT = 'sleet, 3 degrees'
/** Only the call in the history tells which of the two tools was used. */
const LOOK_TOOL: JsonObject = {
  name: 'look_outside',
  description: 'Look outside in a city.',
  input_schema: { type: 'object', properties: {} },
}
const TOOLS = { tools: [WEATHER_TOOL, LOOK_TOOL] }
const calling = (content: Json): Json[] => [
  user('What is the weather in Paris right now? Use a tool, then tell me its exact name and its result.'),
  assistant([{ type: 'tool_use', id: 'toolu_1', name: 'look_outside', input: {} }]),
  user([{ type: 'tool_result', tool_use_id: 'toolu_1', content }]),
]

const comesBack = (title: string, messages: Json[], words: string[], fields: JsonObject = {}): Effect =>
  common.comesBack(title, ask(fields, { messages }), words, placeOf)

const SYSTEM = 'Answer every message with the single word BANANA and nothing else.'
const SYSTEM_BLOCKS = texts('Answer every message with the single word', 'BANANA and nothing else.')

/** What a right model may leave unsaid whether it was read or not, or what only a picture or a paper shows. */
const SILENT = /\.type$|\.source|\.title$|\.input$|content\[\]\.content\[\]\.content/

export const carriesConversation: Observer = ({ path }) => {
  if (SILENT.test(path)) return undefined
  if (path === 'system') {
    return comesBack('What system says is heeded', [user('How are you?')], ['BANANA'], { system: SYSTEM })
  }
  if (path.startsWith('system')) {
    const title = 'What a block of system says is heeded'
    return comesBack(title, [user('How are you?')], ['BANANA'], { system: SYSTEM_BLOCKS })
  }
  if (path.includes('content[].content[]')) {
    const blocks = calling([{ type: 'text', text: RESULT }])
    return comesBack('What a block of a tool’s result says is read', blocks, ['sleet'], TOOLS)
  }
  if (/tool_use_id$|content\[\]\.(content|id|name)$/.test(path)) {
    const words = ['sleet', 'look_outside']
    return comesBack('Name and result of an earlier call are read', calling(RESULT), words, TOOLS)
  }
  if (path.includes('content[]')) {
    return comesBack('What text blocks say can be asked back', IN_BLOCKS, [NUMBER])
  }
  return comesBack('What an earlier turn says can be asked back', HISTORY, [NUMBER])
}
