import { isObject } from '../../core/dig.ts'
import type { FieldKit } from '../../fields/kit.ts'
import { namesField } from '../../requests/refusal.ts'
import { chat, PLAIN } from '../ask.ts'
import { ChatView } from '../view.ts'
import { OBSERVERS } from './effects/observers.ts'
import { pairs } from './pairs.ts'
import { SAMPLES } from './samples.ts'

const UNDOCUMENTED = ['OAI-CHAT-undocumented-fields', 'TH-OAI-REQ-official-fields', 'PT-REQ-undocumented']

/** What the generated questions about request fields know of Chat Completions. */
export const CHAT_FIELDS: FieldKit<ChatView> = {
  dialect: 'openai-chat',
  view: (exchange) => new ChatView(exchange),
  vendor: 'openai',
  compose: ({ first, turns, last, body }) => ({
    model: '$model',
    messages: [...(first === undefined ? [] : [first]), ...turns, { role: 'user', content: PLAIN, ...last }],
    ...body,
  }),
  samples: SAMPLES,
  observers: OBSERVERS,
  pairs,
  apart: [
    ['max_tokens', 'max_completion_tokens'],
    ['temperature', 'top_p'],
    ['tools', 'functions'],
    ['tools', 'function_call'],
    ['functions', 'tool_choice'],
    ['functions', 'parallel_tool_calls'],
    ['thinking', 'reasoning_effort'],
    ['thinking', 'tools'],
    ['reasoning_effort', 'tools'],
    ['stream', 'store'],
    ['stream', 'n'],
    ['stream', 'logprobs'],
  ],
  notWith: [
    {
      // An answer that is forced into JSON.
      when: ({ response_format: format }) => isObject(format) && format.type !== 'text',
      fields: ['tools', 'functions', 'stop', 'logprobs', 'logit_bias', 'stream', 'n', 'thinking'],
    },
  ],
  // A prediction excludes a limit; its answer is one word.
  unlimited: ['prediction'],
  dependencies: {
    stream_options: { fault: 'without stream', value: { include_usage: true } },
    top_logprobs: { fault: 'without logprobs', value: 2 },
    tool_choice: { fault: 'without tools', value: 'required' },
    function_call: { fault: 'without functions', value: { name: 'get_weather' } },
  },
  wrongProbe(path, value) {
    if (value === undefined && (path === 'model' || path === 'messages')) return chat({}, { without: [path] })
    return path === 'messages' && typeof value === 'string' ? chat({ messages: 'hello' }) : undefined
  },
  namesField,
  sameShape: (plain, other) => {
    const [one, two] = [formOf(plain), formOf(other)]
    return one === two ? undefined : `${two}, where ${one} is the answer without it`
  },
  modelLimits: {
    capability: 'sampling-limits',
    fields: ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'],
    requirements: { temperature: ['TH-OAI-REQ-temperature-model-limits'] },
  },
  requirements: {
    undocumented: UNDOCUMENTED,
    unknown: [...UNDOCUMENTED, 'TH-OAI-REQ-unknown-fields'],
    ignoredTogether: [],
  },
}

/** The kind of an answer to the plain prompt, in words. A limit may end it before any text. */
function formOf(view: ChatView): string {
  const calls = view.choices.some(({ toolCalls }) => toolCalls.length > 0)
  const kind = view.isStream ? 'a stream' : 'a reply'
  return `${kind} with ${view.choices.length} choice(s)${calls ? ' and tool calls' : ''}`
}
