import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Probe } from '../core/probe.ts'

/** The simplest prompt: what everything that does not need another one asks, so that probes are shared. */
export const PLAIN = 'Reply with the single word OK.'
/** A task that is longer than any limit that we set. */
export const LONG = 'Count from 1 to 200 in digits, separated by single spaces. Write nothing else.'
/** The limit field is required in this dialect: every body carries it. */
export const LIMIT_FIELD = 'max_tokens'

export interface Ask extends Omit<Probe, 'dialect' | 'body'> {
  messages?: Json[]
  prompt?: string
  /** Removes body fields after everything else: for requests with one fault. */
  without?: string[]
}

/** A Messages probe: the model under test, one user turn, and what is added. The session adds `max_tokens`. */
export function ask(fields: JsonObject = {}, more: Ask = {}): Probe {
  const { messages, prompt, without, ...rest } = more
  const body: JsonObject = {
    model: '$model',
    messages: messages ?? [{ role: 'user', content: prompt ?? PLAIN }],
    ...fields,
  }
  for (const field of without ?? []) delete body[field]
  return { dialect: 'anthropic-messages', body, ...rest }
}

function tool(name: string, description: string, properties: JsonObject, required: string[]): JsonObject {
  return {
    name,
    description,
    input_schema: { type: 'object', properties, required, additionalProperties: false },
  }
}

const CITY: JsonObject = { city: { type: 'string', description: 'Name of the city' } }

/** Natural tools that a model understands at once. */
export const WEATHER_TOOL = tool('get_weather', 'Get the current weather in a city.', CITY, ['city'])
export const TIME_TOOL = tool('get_time', 'Get the current local time in a city.', CITY, ['city'])
/** A tool without arguments. */
export const STATUS_TOOL = tool('get_status', 'Get the status of the service. Takes no arguments.', {}, [])

export const ONE_CITY = 'What is the weather in Paris right now? Use the tool.'
export const TWO_CITIES =
  'What is the weather in Paris and in Tokyo right now? Call the tool once for each city.'
