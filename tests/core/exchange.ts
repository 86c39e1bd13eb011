import type { End, Exchange, HeaderPair, Json, JsonObject } from '../../reports/record/types.ts'

/** Exchanges written by hand: what a gateway might have answered, without a gateway. */

export interface Made {
  status?: number
  headers?: HeaderPair[]
  /** The body in one piece; an object goes as JSON. Not with `events`. */
  body?: string | Uint8Array | Json
  /** Pieces of a stream, each in a read of its own: objects go as `data: <JSON>`, strings as they stand. */
  events?: (string | JsonObject)[]
  /** Line end of the pieces that are objects. */
  eol?: string
  request?: Json
  url?: string
  method?: string
  digest?: string
  end?: End
  wire?: Exchange['wire']
  reused?: boolean
  leaks?: Exchange['leaks']
}

export const NOW = '2026-11-22T02:00:00.000Z'

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

/** A finished exchange, delimited by Content-Length (or by the end of the connection, for a stream). */
export function made(given: Made = {}): Exchange {
  const status = given.status ?? 200
  const pieces = piecesOf(given)
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  const type = given.events === undefined ? 'application/json' : 'text/event-stream'
  const own: HeaderPair[] = [['Content-Type', type]]
  if (given.events === undefined) own.push(['Content-Length', String(length)])
  const named = new Set((given.headers ?? []).map(([name]) => name.toLowerCase()))
  const headers = [
    ...own.filter(([name]) => !named.has(name.toLowerCase())),
    ...(given.headers ?? []),
  ].filter(([, value]) => value !== '')
  const head = `HTTP/1.1 ${status} X\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const parts = (given.wire ?? 'http1') === 'body' ? pieces : [text(head), ...pieces]
  return {
    digest: given.digest ?? '00000000000000aa',
    dialect: 'openai-chat',
    request: {
      method: given.method ?? 'POST',
      url: given.url ?? 'https://gateway.example.test/v1/chat/completions',
      headers: [
        ['content-type', 'application/json'],
        ['accept-encoding', 'identity'],
      ],
      ...(given.request === undefined ? {} : { body: JSON.stringify(given.request) }),
    },
    wire: given.wire ?? 'http1',
    status,
    headers,
    reads: status === 0 ? [] : parts.map((bytes, at) => ({ at: 10 + at, bytes })),
    end: given.end ?? { kind: given.events === undefined ? 'complete' : 'closed' },
    leaks: given.leaks ?? [],
    startedAt: NOW,
    timing: { connected: 1, sent: 2, ended: 100 },
    reused: given.reused ?? false,
    retries: 0,
  }
}

function piecesOf({ body, events, eol = '\n' }: Made): Uint8Array[] {
  if (events !== undefined) {
    return events.map((event) =>
      text(typeof event === 'string' ? event : `data: ${JSON.stringify(event)}${eol}${eol}`),
    )
  }
  if (body === undefined) return []
  if (body instanceof Uint8Array) return [body]
  return [text(typeof body === 'string' ? body : JSON.stringify(body))]
}

export const ASKED = { model: 'm-1', messages: [{ role: 'user', content: 'Reply with the single word OK.' }] }

/** A right reply; `over` replaces keys of the choice, `more` of the whole. */
export function completion(over: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: Date.parse(NOW) / 1000,
    model: 'm-1',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'OK', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
        ...over,
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 },
    ...more,
  }
}

/** A right chunk of choice 0. */
export function chunk(delta: Json, finish: string | null = null, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: Date.parse(NOW) / 1000,
    model: 'm-1',
    choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
    ...more,
  }
}

export const DONE = 'data: [DONE]\n\n'

/** A right stream of the text OK. */
export const RIGHT_STREAM: (string | JsonObject)[] = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'O' }),
  chunk({ content: 'K' }),
  chunk({}, 'stop'),
  DONE,
]

export const reply = (given: Made = {}): Exchange => made({ request: ASKED, body: completion(), ...given })

export const stream = (events: (string | JsonObject)[] = RIGHT_STREAM, given: Made = {}): Exchange =>
  made({ request: { ...ASKED, stream: true }, events, ...given })

export const refusal = (status: number, error: Json = {}, given: Made = {}): Exchange =>
  made({
    status,
    request: ASKED,
    body: {
      error: { message: 'No.', type: 'invalid_request_error', param: null, code: null, ...Object(error) },
    },
    ...given,
  })
