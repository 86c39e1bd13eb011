import type { Json } from '../../../../reports/record/types.ts'
import { chat, ONE_CITY, WEATHER_TOOL } from '../../ask.ts'
import { answered, type Effect, type Observer, placeOf, quote, seen } from './effect.ts'

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
const calling = (turn: Json, result: Json): Json[] => [user(ONE_CITY), turn, result]
const CALLED = calling(
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: RESULT },
)
const FUNCTION_CALLED = calling(
  { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
  { role: 'function', name: 'get_weather', content: RESULT },
)

const SECRET = 'obsidian'
const REFUSED = [
  user('Tell me a secret.'),
  assistant([{ type: 'refusal', refusal: `I cannot talk about ${SECRET}.` }]),
  user('What did you say? Repeat your last message.'),
]

/** A word of the history comes back in the answer. A model may forget: it is asked again. */
function comesBack(title: string, messages: Json[], word: string, fields = {}): Effect {
  return {
    title,
    ask: { reply: [chat(fields, { messages })] },
    elicit: { ask: 'reply', shows: (reply) => !answered(reply) || reply.content.includes(word) },
    *judge({ reply }) {
      yield seen('honoured', placeOf(reply!), quote(reply!))
    },
  }
}

/** What is inside a call steers the model; only that the result is read comes back for certain. */
const INSIDE_CALL = /tool_calls\[\]\.|function_call\.|\.tool_call_id$/

export const carriesConversation: Observer = ({ path }) => {
  if (path.includes('custom')) return undefined
  if (INSIDE_CALL.test(path)) return undefined
  if (path === 'messages[].function_call') {
    const functions = [WEATHER_TOOL.function!]
    return comesBack('The result of a function call is read', FUNCTION_CALLED, 'sleet', { functions })
  }
  if (path === 'messages[].tool_calls') {
    return comesBack('The result of a tool call is read', CALLED, 'sleet', { tools: [WEATHER_TOOL] })
  }
  if (path === 'messages[].content[].refusal') {
    return comesBack('An earlier refusal can be asked back', REFUSED, SECRET)
  }
  if (path.startsWith('messages[].content[]')) {
    return comesBack('What text parts say can be asked back', IN_PARTS, NUMBER)
  }
  return comesBack('What an earlier turn says can be asked back', HISTORY, NUMBER)
}
