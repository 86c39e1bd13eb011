import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { eventsOf, message, named, refusal, reply, stream } from './exchange.ts'
import { ruled } from './judged.ts'

const right = eventsOf(message())
const without = (type: string): JsonObject[] => right.filter((event) => event.type !== type)
const failed = (error: string | JsonObject): Exchange => stream([...right.slice(0, 3), error])
const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const head = (exchange: Exchange): Exchange => ({
  ...exchange,
  request: { ...exchange.request, method: 'HEAD' },
})

type Case = [id: string, what: string, exchange: Exchange, words: string[] | undefined, profile?: string]

const cases: Case[] = [
  ['errors/type-of-status', 'right', refusal(400), []],
  ['errors/type-of-status', 'the word of another status', refusal(404), ['official']],
  ['errors/type-of-status', 'a new word', refusal(404, { type: 'thread_not_found_error' }), []],
  ['errors/type-of-status', 'a status of no row', refusal(422), []],
  ['errors/type-of-status', 'no status of an error', reply(), undefined],
  ['errors/one-envelope', 'right', refusal(400), []],
  ['errors/one-envelope', 'that of Chat', refusal(400, { code: null }, { type: null }), ['official']],
  ['errors/message', 'empty', refusal(400, { message: ' ' }), ['should']],
  ['errors/request-id', 'right', refusal(400), []],
  ['errors/request-id', 'another', refusal(400, {}, { request_id: 'req_2' }), ['documented']],
  ['errors/request-id', 'null', refusal(400, {}, { request_id: null }), []],
  ['errors/request-id', 'none', reply(), ['should']],
  ['errors/context', 'told', refusal(400, { message: 'prompt is too long: 3 tokens > 2 maximum' }), []],
  ['errors/context', 'another refusal', refusal(400), undefined],
  ['errors/in-stream', 'right', failed(error), []],
  ['errors/in-stream', 'unnamed', failed(`data: ${JSON.stringify(error)}\n\n`), ['official']],
  ['errors/in-stream', 'without type', failed(named({ error: error.error }, 'error')), ['official']],
  ['errors/in-stream', 'a text', failed({ type: 'error', error: 'Overloaded' }), ['official', 'official']],
  ['errors/in-stream', 'no error', stream(), undefined],
  ['shape/error-envelope', 'no body for HEAD', head(reply('', { status: 404 })), undefined],
  ['shape/error-envelope', 'no body', reply('', { status: 404 }), ['official']],

  ['clients/anthropic-node', 'right', stream(), []],
  [
    'clients/anthropic-node',
    'pings and unknown events',
    stream([{ type: 'ping' }, ...right.slice(0, 1), { type: 'x' }, ...right.slice(1)]),
    [],
  ],
  ['clients/anthropic-node', 'no start', stream(without('message_start')), ['documented']],
  ['clients/anthropic-node', 'no end', stream(without('message_stop')), ['documented']],
  ['clients/anthropic-node', 'no block start', stream(without('content_block_start')), ['documented']],
  ['clients/anthropic-node', 'no block stop', stream(without('content_block_stop')), []],
  [
    'clients/anthropic-node',
    'no names',
    stream(right.map((event) => `data: ${JSON.stringify(event)}\n\n`)),
    ['documented'],
  ],
  ['clients/anthropic-node', 'two starts', stream([right[0]!, ...right]), ['documented']],
  [
    'clients/anthropic-node',
    'a delta elsewhere',
    stream(right.map((event) => (event.type === 'content_block_delta' ? { ...event, index: 1 } : event))),
    ['documented'],
  ],
  [
    'clients/anthropic-node',
    'no usage at the end',
    stream(
      right.map((event) =>
        event.type === 'message_delta' ? { type: event.type, delta: event.delta! } : event,
      ),
    ),
    ['documented'],
  ],
  [
    'clients/anthropic-node',
    'an end of Chat',
    stream([...right.slice(0, -1), 'event: done\ndata: [DONE]\n\n', right.at(-1)!]),
    ['documented'],
  ],
  ['clients/go-prefix-reader', 'right', stream(), [], 'tokenhub-intl'],
  [
    'clients/go-prefix-reader',
    'no space',
    stream(right.map((event) => named(event).replace('data: ', 'data:'))),
    ['documented'],
    'tokenhub-intl',
  ],
  [
    'clients/go-prefix-reader',
    'two lines',
    stream(right.map((event) => named(event).replace('data: {', 'data: {\ndata: '))),
    ['documented'],
    'tokenhub-intl',
  ],
  [
    'clients/go-prefix-reader',
    'CRLF',
    stream(right.map((event) => named(event).replaceAll('\n', '\r\n'))),
    ['should'],
    'tokenhub-intl',
  ],
  [
    'clients/go-scanner-line',
    'long',
    stream(
      eventsOf(message()).map((event) =>
        named({ ...event, pad: 'x'.repeat(event.type === 'message_delta' ? 70_000 : 1) }),
      ),
    ),
    ['documented'],
    'tokenhub-intl',
  ],
  ['clients/okhttp-eventsource', 'right', stream(), [], 'tokenhub-intl'],
  [
    'clients/okhttp-eventsource',
    'another type',
    stream(undefined, { headers: [['content-type', 'text/plain']] }),
    ['documented'],
    'tokenhub-intl',
  ],
]

describe('rules on exchanges by hand', () => {
  test.each(cases.map((one) => [`${one[0]}: ${one[1]}`, one] as const))(
    '%s',
    (_, [id, , exchange, words, profile]) => {
      expect(ruled(id, exchange, profile)).toEqual(words)
    },
  )
})
