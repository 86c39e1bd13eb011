import { type Gateway, KEYS } from '../../fixtures/gateway/gateway.ts'
import { isObject, type Json, type JsonObject, listOf, objectOf } from '../../fixtures/gateway/json.ts'
import type { Got } from './ask.ts'

export const OLD = '2023-06-01'
export const NEW = '2026-10-21'

export const WEATHER: JsonObject = {
  name: 'get_weather',
  description: 'Get the current weather in a city.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
    additionalProperties: false,
  },
}
export const ONE_CITY = 'What is the weather in Paris right now? Use the tool.'
export const TWO_CITIES =
  'What is the weather in Paris and in Tokyo right now? Call the tool once for each city.'

export function message(content: Json, more: JsonObject = {}): JsonObject {
  return { model: 'small-1', max_tokens: 4096, messages: [{ role: 'user', content }], ...more }
}

export async function send(
  gateway: Gateway,
  body: JsonObject | string | undefined,
  headers: Record<string, string | null> = {},
  path = '/v1/messages',
  method = body === undefined ? 'GET' : 'POST',
): Promise<Got> {
  const plain: Record<string, string | null> = {
    'content-type': 'application/json',
    'x-api-key': KEYS.default,
    'anthropic-version': OLD,
    ...headers,
  }
  const kept = Object.entries(plain).filter((entry): entry is [string, string] => entry[1] !== null)
  const response = await fetch(gateway.urls['anthropic-messages'] + path, {
    method,
    headers: Object.fromEntries(kept),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export interface Named {
  name: string
  data: JsonObject
}

/** The events of a stream; throws where a record is not one event line and one data line. */
export function events(text: string): Named[] {
  return text
    .split('\n\n')
    .filter((record) => record !== '')
    .map((record) => {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.+)$/.exec(record) ?? []
      const value: unknown = JSON.parse(data)
      if (!isObject(value)) throw new Error(`no object: ${data}`)
      return { name, data: value }
    })
}

/** The blocks of a reply. */
export function content(got: Got): JsonObject[] {
  return listOf(objectOf(JSON.parse(got.text) as Json).content).map(objectOf)
}

/** An input that was cut stays empty. */
function whole(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}

/** The message that a stream tells of, put together by hand. */
export function assembled(text: string): JsonObject {
  let out: JsonObject = {}
  const blocks: JsonObject[] = []
  const inputs: string[] = []
  for (const { data } of events(text)) {
    const index = Number(data.index)
    const block = objectOf(blocks[index])
    const delta = objectOf(data.delta)
    if (data.type === 'message_start') out = structuredClone(objectOf(data.message))
    else if (data.type === 'content_block_start') {
      blocks[index] = structuredClone(objectOf(data.content_block))
      inputs[index] = ''
    } else if (data.type === 'content_block_delta') {
      if (delta.type === 'input_json_delta') inputs[index] += String(delta.partial_json)
      else if (delta.type === 'citations_delta')
        block.citations = [...listOf(block.citations), delta.citation!]
      else
        for (const key of ['text', 'thinking', 'signature'])
          if (typeof delta[key] === 'string') block[key] = `${String(block[key])}${delta[key]}`
    } else if (data.type === 'content_block_stop') {
      if (inputs[index] !== '') block.input = whole(inputs[index]!)
    } else if (data.type === 'message_delta') {
      Object.assign(out, delta)
      out.usage = { ...objectOf(out.usage), ...objectOf(data.usage) }
    }
  }
  return { ...out, content: blocks }
}
