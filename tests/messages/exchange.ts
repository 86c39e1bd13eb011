import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { type Made, made } from '../core/exchange.ts'

/** Exchanges of Messages written by hand: what a gateway might have answered, without a gateway. */

export const ASKED: JsonObject = {
  model: 'm-1',
  messages: [{ role: 'user', content: 'Reply with the single word OK.' }],
  max_tokens: 48,
}

/** A right message; `over` replaces keys of it. */
export function message(over: JsonObject = {}): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm-1',
    content: [{ type: 'text', text: 'OK' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 1 },
    ...over,
  }
}

/** One event as it stands on the wire. */
export function named(event: JsonObject, name = String(event.type)): string {
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`
}

const PIECE = 3

/** A message as the events of a stream; texts in pieces of three characters. */
export function eventsOf(whole: JsonObject): JsonObject[] {
  const usage = whole.usage as JsonObject
  const events: JsonObject[] = [
    {
      type: 'message_start',
      message: {
        ...whole,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usage, output_tokens: 1 },
      },
    },
  ]
  for (const [index, block] of (whole.content as JsonObject[]).entries()) {
    events.push({ type: 'content_block_start', index, content_block: opening(block) })
    for (const delta of deltas(block)) events.push({ type: 'content_block_delta', index, delta })
    events.push({ type: 'content_block_stop', index })
  }
  const { stop_reason, stop_sequence } = whole as { stop_reason: Json; stop_sequence: Json }
  events.push({
    type: 'message_delta',
    delta: { stop_reason, stop_sequence },
    usage: { output_tokens: usage.output_tokens ?? 0 },
  })
  events.push({ type: 'message_stop' })
  return events
}

function opening(block: JsonObject): JsonObject {
  if (block.type === 'text') return { ...block, text: '' }
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' }
  return block.type === 'tool_use' ? { ...block, input: {} } : block
}

function deltas(block: JsonObject): JsonObject[] {
  switch (block.type) {
    case 'text':
      return pieces(String(block.text)).map((text) => ({ type: 'text_delta', text }))
    case 'thinking':
      return [
        ...pieces(String(block.thinking)).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature ?? '' },
      ]
    case 'tool_use':
      return pieces(JSON.stringify(block.input)).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }))
    default:
      return []
  }
}

function pieces(text: string): string[] {
  const points = [...text]
  return Array.from({ length: Math.ceil(points.length / PIECE) }, (_, at) =>
    points.slice(at * PIECE, (at + 1) * PIECE).join(''),
  )
}

const MESSAGES: Pick<Made, 'url'> = { url: 'https://gateway.example.test/v1/messages' }

export const reply = (body: Json = message(), given: Made = {}): Exchange => ({
  ...made({ ...MESSAGES, request: ASKED, body, ...given }),
  dialect: 'anthropic-messages',
})

/** A stream; objects are written as named events. */
export const stream = (
  events: (string | JsonObject)[] = eventsOf(message()),
  given: Made = {},
): Exchange => ({
  ...made({
    ...MESSAGES,
    request: { ...ASKED, stream: true },
    events: events.map((event) => (typeof event === 'string' ? event : named(event))),
    ...given,
  }),
  dialect: 'anthropic-messages',
})

export const refusal = (
  status: number,
  error: JsonObject = {},
  more: JsonObject = {},
  given: Made = {},
): Exchange =>
  reply(
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'No.', ...error },
      request_id: 'req_1',
      ...more,
    },
    { status, headers: [['request-id', 'req_1']], ...given },
  )
