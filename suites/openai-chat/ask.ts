import type { JsonObject } from '../../reports/record/types.ts'
import { asker } from '../requests/asking.ts'

export { LONG, ONE_CITY, PLAIN, TWO_CITIES } from '../requests/asking.ts'

/** A Chat Completions probe. */
export const chat = asker('openai-chat')

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
