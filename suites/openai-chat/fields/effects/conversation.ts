import type { Json, JsonObject } from '../../../../reports/record/types.ts'
import * as common from '../../../fields/observers.ts'
import { chat, WEATHER_TOOL } from '../../ask.ts'
import { type Effect, type Observer, placeOf } from './effect.ts'

const user = (content: Json): Json => ({ role: 'user', content })
const assistant = (content: Json): Json => ({ role: 'assistant', content })

const NUMBER = '7310'
const TOLD = `My favourite number is ${NUMBER}. Please remember it.`
const ASKED = 'Which number is my favourite? Reply with the digits only.'
const HISTORY = [user(TOLD), assistant('I will remember it.'), user(ASKED)]
const IN_PARTS = [
  user([{ type: 'text', text: TOLD }]),
  assistant('I will remember it.'),
  user([{ type: 'text', text: ASKED }]),
]

/** A word that no model says by itself: an answer that has it has read the result. */
const RESULT = 'sleet, 3 degrees'
/** Only the call in the history tells which of the two tools was used. */
const LOOK_TOOL: JsonObject = {
  type: 'function',
  function: { name: 'look_outside', description: 'Look outside in a city.' },
}
const CALLED: Json[] = [
  user('What is the weather in Paris right now? Use a tool, then tell me its exact name and its result.'),
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look_outside', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'call_1', content: RESULT },
]
const TOOLS = { tools: [WEATHER_TOOL, LOOK_TOOL] }

const SECRET = 'obsidian'
const REFUSED = [
  user('Tell me a secret.'),
  assistant([{ type: 'refusal', refusal: `I cannot talk about ${SECRET}.` }]),
  user('What did you say? Repeat your last message.'),
]

const comesBack = (title: string, messages: Json[], words: string[], fields: JsonObject = {}): Effect =>
  common.comesBack(title, chat(fields, { messages }), words, placeOf)

/** What a right model may leave unsaid whether it was read or not. */
const SILENT = /custom|\.type$|\.arguments$|function_call(\.|$)/

export const carriesConversation: Observer = ({ path }) => {
  if (SILENT.test(path)) return undefined
  if (path.includes('tool_call')) {
    return comesBack(
      'Name and result of an earlier tool call are read',
      CALLED,
      ['sleet', 'look_outside'],
      TOOLS,
    )
  }
  if (path.endsWith('.refusal')) return comesBack('An earlier refusal can be asked back', REFUSED, [SECRET])
  if (path.includes('content[]'))
    return comesBack('What text parts say can be asked back', IN_PARTS, [NUMBER])
  return comesBack('What an earlier turn says can be asked back', HISTORY, [NUMBER])
}
