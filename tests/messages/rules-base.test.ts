import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { call, called, thought } from './answers.ts'
import { ASKED, eventsOf, message, named, refusal, reply, stream } from './exchange.ts'
import { ruled } from './judged.ts'

const right = eventsOf(message())
const without = (type: string): JsonObject[] => right.filter((event) => event.type !== type)
const failed = (error: string | JsonObject): Exchange => stream([...right.slice(0, 3), error])
const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const head = (exchange: Exchange): Exchange => ({
  ...exchange,
  request: { ...exchange.request, method: 'HEAD' },
})

const EDGE = { type: 'request_too_large', message: 'Request exceeds the maximum size' }

/** All the counts that the official types have. */
const COUNTED = {
  usage: { input_tokens: 12, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
}

/** A refusal without the envelope. */
const at = (status: number, body: JsonObject | string, path = '/v1/messages'): Exchange =>
  reply(body, { status, url: `https://gateway.example.test${path}` })

/** A stream whose last counts are lower than its first. */
const falling = (usage: JsonObject): Exchange =>
  stream(
    right.map((event) =>
      event.type === 'message_delta'
        ? { ...event, usage: { input_tokens: 3, output_tokens: 5, ...usage } }
        : event,
    ),
  )

/** An answer that says that a sequence ended it. */
const met = (stop_sequence: string | null | undefined, asked: JsonObject = {}): Exchange => {
  const { stop_sequence: _, ...rest } = message({ stop_reason: 'stop_sequence' })
  const told = stop_sequence === undefined ? rest : { ...rest, stop_sequence }
  return reply(told, { request: { ...ASKED, ...asked } })
}

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
  ['errors/type-of-status', 'a prompt too large', refusal(413), ['official at most warn']],
  ['errors/one-envelope', 'that of the edge', at(413, { error: EDGE }), ['official at most warn']],
  [
    'errors/one-envelope',
    'an unknown path',
    at(404, { error: EDGE }, '/v1/messagez'),
    ['official at most warn'],
  ],
  ['errors/one-envelope', 'an unknown model', at(404, { error: EDGE }), ['official']],
  ['shape/error-envelope', 'a body of HTML, too large', at(413, '<html>'), ['official at most warn']],
  ['shape/error-official', 'right', refusal(400), []],
  ['shape/error-official', 'no outer type: told elsewhere', at(400, { error: EDGE, request_id: null }), []],
  ['shape/error-official', 'no request_id', at(400, { type: 'error', error: EDGE }), ['official']],
  ['shape/error-official', 'no request_id of the edge', at(413, { error: EDGE }), ['official at most warn']],
  [
    'shape/reply-official',
    'a new block',
    reply(message({ ...COUNTED, content: [{ type: 'mcp_tool_use' }] })),
    [],
  ],
  [
    'shape/reply-official',
    'a block of no type',
    reply(message({ ...COUNTED, content: [{ type: '' }] })),
    ['official'],
  ],
  [
    'shape/event-official',
    'a new block',
    stream(eventsOf(message({ ...COUNTED, content: [{ type: 'compaction' }] }))),
    [],
  ],
  [
    'shape/reply-types',
    'a new stop_reason',
    reply(message({ stop_reason: 'compaction' })),
    ['documented at most warn'],
  ],
  ['shape/reply-types', 'a word of Chat', reply(message({ stop_reason: 'stop' })), ['documented']],
  ['shape/reply-types', 'no word', reply(message({ stop_reason: '' })), ['documented']],
  ['grammar/usage-falls', 'after a compaction', falling({ iterations: [{ type: 'compaction' }] }), []],
  ['grammar/usage-falls', 'without one', falling({}), ['documented']],
  [
    'grammar/usage-falls',
    'of the answer, after a compaction',
    falling({ input_tokens: 12, output_tokens: 0, iterations: [{ type: 'compaction' }] }),
    ['documented'],
  ],
  ['sse/empty-event', 'recorded only', stream(['event: ping\n\n', ...right]), []],
  ['stops/call-told', 'right', reply(called()), []],
  [
    'stops/call-told',
    'a call that the limit cut',
    reply(called(undefined, { stop_reason: 'max_tokens' })),
    [],
  ],
  [
    'stops/call-told',
    'a call with end_turn',
    reply(called(undefined, { stop_reason: 'end_turn' })),
    ['documented'],
  ],
  [
    'stops/call-told',
    'a call of code',
    reply(
      called([call('a', {}, { caller: { type: 'code_execution_20250825' } })], { stop_reason: 'end_turn' }),
    ),
    [],
  ],
  ['stops/call-told', 'no call', stream(eventsOf(message({ stop_reason: 'tool_use' }))), ['documented']],
  ['stops/call-told', 'a call of a server', reply(called([{ type: 'mcp_tool_use' }])), []],
  [
    'stops/call-told',
    'no documented row',
    reply(called(undefined, { stop_reason: 'end_turn' })),
    ['official'],
    'tokenhub-intl',
  ],
  ['stops/sequence-told', 'right', met('yak', { stop_sequences: ['zebra', 'yak'] }), []],
  ['stops/sequence-told', 'none was met', reply(), []],
  ['stops/sequence-told', 'met, and null', met(null, { stop_sequences: ['yak'] }), ['documented']],
  ['stops/sequence-told', 'met, and none was asked for', met(null), ['documented']],
  ['stops/sequence-told', 'another one', met('yeti', { stop_sequences: ['yak'] }), ['documented']],
  ['stops/sequence-told', 'with end_turn', reply(message({ stop_sequence: 'yak' })), ['documented']],
  ['stops/sequence-told', 'a missing key: told elsewhere', met(undefined), undefined],
  ['completion/names', 'right', reply(called([call(), call()])), []],
  ['completion/names', 'empty', reply(message({ id: '', model: '' })), ['documented', 'documented']],
  [
    'completion/names',
    'an empty call',
    reply(called([call('', {}, { id: '' })])),
    ['documented', 'documented'],
  ],
  [
    'completion/names',
    'one id twice',
    reply(called(['t', 't'].map((id) => call('a', {}, { id })))),
    ['documented'],
  ],
  ['thinking/sealed', 'right', stream(eventsOf(message({ content: [thought()] }))), []],
  [
    'thinking/sealed',
    'an empty signature',
    stream(eventsOf(message({ content: [thought('')] }))),
    ['official'],
    'tokenhub-intl',
  ],
  [
    'thinking/sealed',
    'no signature at all: told elsewhere',
    reply(message({ content: [{ type: 'thinking', thinking: 'a' }] })),
    [],
  ],
  [
    'thinking/sealed',
    'no data',
    reply(message({ content: [{ type: 'redacted_thinking', data: '' }] })),
    ['documented'],
  ],
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
