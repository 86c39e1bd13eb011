import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Probe } from '../core/probe.ts'

/** The simplest prompt: what everything that does not need another one asks, so that probes are shared. */
export const PLAIN = 'Reply with the single word OK.'
/** A task that is longer than any limit that we set. */
export const LONG = 'Count from 1 to 200 in digits, separated by single spaces. Write nothing else.'

export interface Ask extends Omit<Probe, 'dialect' | 'body'> {
  /** Fields beside model and messages. */
  body?: JsonObject
  messages?: Json[]
  prompt?: string
  /** Replaces or (undefined) removes body fields after everything else: for requests with one fault. */
  without?: string[]
}

/** A Chat Completions probe: the model under test, one user turn, and what is added. */
export function chat(fields: JsonObject = {}, more: Omit<Ask, 'body'> = {}): Probe {
  const { messages, prompt, without, ...rest } = more
  const body: JsonObject = {
    model: '$model',
    messages: messages ?? [{ role: 'user', content: prompt ?? PLAIN }],
    ...fields,
  }
  for (const field of without ?? []) delete body[field]
  return { dialect: 'openai-chat', body, ...rest }
}

/** Natural tools that a model understands at once. */
export const WEATHER_TOOL: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'Name of the city' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

export const TIME_TOOL: JsonObject = {
  type: 'function',
  function: {
    name: 'get_time',
    description: 'Get the current local time in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'Name of the city' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

/** A tool without arguments. */
export const STATUS_TOOL: JsonObject = {
  type: 'function',
  function: {
    name: 'get_status',
    description: 'Get the status of the service. Takes no arguments.',
    parameters: { type: 'object', properties: {} },
  },
}

export const ONE_CITY = 'What is the weather in Paris right now? Use the tool.'
export const TWO_CITIES =
  'What is the weather in Paris and in Tokyo right now? Call the tool once for each city.'
