import type { JsonObject } from '../../reports/record/types.ts'
import { asker } from '../requests/asking.ts'

export { type Ask, LONG, ONE_CITY, PLAIN, TWO_CITIES } from '../requests/asking.ts'

/** The limit field is required in this dialect: every body carries it. */
export const LIMIT_FIELD = 'max_tokens'

/** A Messages probe. The session adds `max_tokens`. */
export const ask = asker('anthropic-messages')

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
