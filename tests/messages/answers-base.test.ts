import { describe, expect, test } from 'vitest'
import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { eventsOf, message, refusal, reply, stream } from './exchange.ts'
import { judged } from './judged.ts'

type Asked = Record<string, Exchange | Exchange[]>
type Case = [id: string, what: string, asked: Asked, words: string[], profile?: string]

const said = (over: JsonObject, request?: Json): Exchange =>
  reply(message(over), request === undefined ? {} : { request })
const told = (over: JsonObject, request: JsonObject = {}): Exchange =>
  stream(eventsOf(message(over)), { request: { stream: true, ...request } })
/** The same answer, whole and streamed. */
const both = (over: JsonObject, request: JsonObject = {}): Asked => ({
  reply: said(over, request),
  stream: told(over, request),
})
const text = (value: string): JsonObject => ({ content: [{ type: 'text', text: value }] })
const counts = (input: Json, output: Json = 1, more: JsonObject = {}): JsonObject => ({
  usage: { input_tokens: input, output_tokens: output, ...more },
})
const cut = { stop_reason: 'max_tokens', ...counts(12, 8), ...text('1 2 3 4') }
const LIMIT = { max_tokens: 8 }
const html = (status: number): Exchange =>
  reply('<html>', { status, headers: [['content-type', 'text/html']] })
const dead: Exchange = { ...reply(), status: 0, reads: [], end: { kind: 'reset', detail: 'ECONNRESET' } }

const GAMMA = { stop_reason: 'stop_sequence', stop_sequence: 'gamma', ...text('alpha beta ') }
const model = { type: 'model', id: 'm-1', display_name: 'M 1', created_at: '2026-01-01T00:00:00Z' }
/** That of the model under test, by its dated id. */
const asked = { ...model, id: 'claude-haiku-4-5-20251001' }
const page = (over: JsonObject = {}): JsonObject => ({
  data: [model],
  has_more: false,
  first_id: 'm-1',
  last_id: 'm-1',
  ...over,
})

const cases: Case[] = [
  ['plain/reply', 'a text', { reply: reply() }, []],
  ['plain/reply', 'a wrong key, perhaps', { reply: refusal(401) }, ['inconclusive']],
  [
    'plain/reply',
    'a model that is not there',
    { reply: refusal(404, { message: 'model: x' }) },
    ['inconclusive'],
  ],
  ['plain/reply', 'a 5xx', { reply: html(502) }, ['documented']],
  ['plain/reply', 'no block', { reply: said({ content: [] }) }, ['documented']],
  [
    'plain/reply',
    'a message of Chat',
    { reply: reply({ choices: [{ message: { content: 'OK' } }] }) },
    ['documented'],
  ],
  ['plain/reply', 'cut before any text', { reply: said({ ...cut, content: [] }, LIMIT) }, []],
  ['plain/stream', 'events', { stream: stream() }, []],
  [
    'plain/stream',
    'a whole message',
    { stream: reply(message(), { request: { stream: true } }) },
    ['documented'],
  ],
  [
    'plain/stream',
    'an error at once',
    { stream: stream([{ type: 'error', error: { type: 'api_error' } }]) },
    ['documented'],
  ],
  ['plain/stream', 'no text', { stream: told({ content: [] }) }, ['documented']],

  [
    'completion/unique-id',
    'three ids',
    { one: reply(), other: said({ id: 'msg_2' }), streamed: stream(eventsOf(message({ id: 'msg_3' }))) },
    [],
  ],
  [
    'completion/unique-id',
    'one id, whole and streamed',
    { one: reply(), other: said({ id: 'msg_2' }), streamed: stream() },
    ['documented'],
  ],
  ['completion/unique-id', 'one id', { one: reply(), other: reply() }, ['documented']],
  ['completion/unique-id', 'no id', { one: said({ id: '' }), other: reply() }, ['documented']],
  ['completion/model', 'a longer name', both({ model: 'vendor/m-1-20260101' }, { model: 'm-1' }), []],
  [
    'completion/model',
    'another model',
    both({ model: 'gpt-4o' }, { model: 'm-1' }),
    ['documented', 'documented'],
  ],
  ['completion/model', 'none', both({ model: null }, { model: 'm-1' }), ['documented', 'documented']],
  ['completion/unicode', 'right', { stream: told(text('Zürich 東京')) }, []],
  ['completion/unicode', 'a replacement', { stream: told(text('Z\uFFFDrich')) }, ['documented']],
  ['completion/stream-equals-reply', 'equal', both({}), []],
  [
    'completion/stream-equals-reply',
    'another end',
    { reply: reply(), stream: told({ stop_reason: 'tool_use' }) },
    ['documented'],
  ],
  [
    'completion/stream-equals-reply',
    'the text twice',
    { reply: reply(), stream: told(text('OKOK')) },
    ['documented'],
  ],
  [
    'completion/stream-equals-reply',
    'in two blocks',
    {
      reply: reply(),
      stream: told({
        content: [
          { type: 'text', text: 'O' },
          { type: 'text', text: 'K' },
        ],
      }),
    },
    [],
  ],
  [
    'completion/stream-equals-reply',
    'no block',
    { reply: reply(), stream: told({ content: [] }) },
    ['documented'],
  ],
  [
    'completion/stream-equals-reply',
    'cut in one',
    { reply: reply(), stream: told(cut, LIMIT) },
    ['inconclusive'],
  ],

  ['stops/end-turn', 'right', both({}), []],
  ['stops/end-turn', 'null', both({ stop_reason: null }), ['documented', 'documented']],
  ['stops/end-turn', 'a word of Chat', both({ stop_reason: 'stop' }), ['official', 'official']],
  ['stops/end-turn', 'with a sequence', both({ stop_sequence: 'x' }), ['documented', 'documented']],
  ['stops/end-turn', 'cut', both(cut, LIMIT), ['inconclusive', 'inconclusive']],
  ['stops/max-tokens', 'cut', both(cut, LIMIT), []],
  [
    'stops/max-tokens',
    'said to be done',
    both({ ...cut, stop_reason: 'end_turn' }, LIMIT),
    ['documented', 'documented'],
  ],
  [
    'stops/max-tokens',
    'a model that was brief',
    both(counts(12, 2), LIMIT),
    ['inconclusive', 'inconclusive'],
  ],
  ['stops/sequence', 'right', both(GAMMA), []],
  [
    'stops/sequence',
    'in the text',
    both({ ...GAMMA, ...text('alpha beta gamma') }),
    ['documented', 'documented'],
  ],
  ['stops/sequence', 'end_turn', both({ ...GAMMA, stop_reason: 'end_turn' }), ['documented', 'documented']],
  [
    'stops/sequence',
    'without its name',
    both({ ...GAMMA, stop_sequence: null }),
    ['documented', 'documented'],
  ],
  ['stops/sequence', 'another text', both(text('Sure!')), ['inconclusive', 'inconclusive']],
  ['stops/sequence-not-met', 'right', { reply: reply() }, []],
  [
    'stops/sequence-not-met',
    'a sequence',
    { reply: said({ stop_reason: 'stop_sequence', stop_sequence: 'x' }) },
    ['documented'],
  ],
  ['stops/sequence-at-start', 'none in both', both({ ...GAMMA, content: [] }), []],
  [
    'stops/sequence-at-start',
    'empty in one',
    { reply: said({ ...GAMMA, ...text('') }), stream: told({ ...GAMMA, content: [] }) },
    ['documented'],
  ],
  ['stops/refusal', 'a refusal', both({ stop_reason: 'refusal', content: [] }), []],
  ['stops/refusal', 'nothing, done', both({ content: [] }), ['documented', 'documented']],
  ['stops/refusal', 'a 400', { reply: refusal(400), stream: refusal(400) }, ['documented', 'documented']],
  ['stops/refusal', 'an answer', both({}), ['inconclusive', 'inconclusive']],

  ['usage/counts', 'right', both({}), []],
  ['usage/counts', 'null for the cache', both(counts(12, 1, { cache_read_input_tokens: null })), []],
  [
    'usage/counts',
    'a text for the cache',
    both(counts(12, 1, { cache_read_input_tokens: '0' })),
    ['documented', 'documented'],
  ],
  ['usage/counts', 'none', { reply: said({ usage: null }), stream: stream() }, ['documented']],
  ['usage/counts', 'texts', { reply: said(counts('12')), stream: stream() }, ['documented']],
  ['usage/plausible', 'more for more', { short: said(counts(12)), long: said(counts(70)) }, []],
  [
    'usage/plausible',
    'cached',
    { short: said(counts(12)), long: said(counts(2, 1, { cache_read_input_tokens: 68 })) },
    [],
  ],
  ['usage/plausible', 'made up', { short: said(counts(10)), long: said(counts(10)) }, ['documented']],
  ['usage/plausible', 'zero', { short: said(counts(0)), long: said(counts(70)) }, ['documented']],
  [
    'usage/plausible',
    'text of no token',
    { short: said(counts(12, 0)), long: said(counts(70)) },
    ['documented'],
  ],
  ['usage/within-limit', 'right', both(cut, LIMIT), []],
  [
    'usage/within-limit',
    'summed up',
    { reply: said(cut, LIMIT), stream: told({ ...cut, ...counts(12, 9) }, LIMIT) },
    ['documented'],
  ],
  ['usage/stream-equals-reply', 'equal', both({}), []],
  [
    'usage/stream-equals-reply',
    'input doubled',
    { reply: said(counts(12)), stream: told(counts(24)) },
    ['documented'],
  ],
  [
    'usage/stream-equals-reply',
    'cached in one',
    { reply: said(counts(12)), stream: told(counts(2, 1, { cache_read_input_tokens: 10 })) },
    [],
  ],
  ['usage/stream-equals-reply', 'no output', { reply: reply(), stream: told(counts(12, 0)) }, ['documented']],
  ['usage/at-start', 'right', { stream: stream() }, []],
  ['usage/at-start', 'zero', { stream: told(counts(0)) }, ['should']],
  [
    'usage/at-start',
    'all from the cache',
    { stream: told(counts(0, 1, { cache_read_input_tokens: 9 })) },
    [],
  ],
  ['usage/at-start', 'no start', { stream: stream(eventsOf(message()).slice(1)) }, []],
  [
    'usage/cache-apart',
    'apart',
    { marked: said(counts(2, 1, { cache_creation_input_tokens: 1000 })), unmarked: said(counts(1002)) },
    [],
  ],
  [
    'usage/cache-apart',
    'twice',
    { marked: said(counts(1002, 1, { cache_read_input_tokens: 1000 })), unmarked: said(counts(1002)) },
    ['documented'],
  ],

  ['system/string', 'counted', { reply: said(counts(30)), without: reply() }, []],
  ['system/string', 'lost', { reply: said(counts(9)), without: reply() }, ['documented']],
  ['system/blocks', 'counted', { reply: said(counts(30)), without: reply() }, []],
  ['system/blocks', 'lost', { reply: said(counts(9)), without: reply() }, ['documented']],
  ['system/role-in-messages', 'refused', { first: refusal(400), middle: reply() }, []],
  ['system/role-in-messages', 'a crash', { first: html(500), middle: dead }, ['documented', 'documented']],

  ['count/tokens', 'counted', { reply: reply({ input_tokens: 12 }) }, []],
  ['count/tokens', 'made up', { reply: reply({ input_tokens: 0 }) }, ['documented']],
  ['count/tokens', 'a message', { reply: reply() }, ['documented']],
  ['count/tokens', 'not there', { reply: refusal(404) }, ['official']],
  ['count/tokens', 'refused', { reply: refusal(400) }, ['documented']],
  ['count/tokens', 'a crash', { reply: html(500) }, ['documented']],
  [
    'count/agrees',
    'near',
    { count: reply({ input_tokens: 14 }), long: reply({ input_tokens: 70 }), reply: reply() },
    [],
  ],
  [
    'count/agrees',
    'far',
    { count: reply({ input_tokens: 99 }), long: reply({ input_tokens: 700 }), reply: reply() },
    ['documented'],
  ],
  [
    'count/agrees',
    'always the same',
    { count: reply({ input_tokens: 14 }), long: reply({ input_tokens: 14 }), reply: reply() },
    ['documented'],
  ],
  ['count/offered', 'zero', { reply: reply({ input_tokens: 0 }) }, ['documented'], 'tokenhub-intl'],
  ['count/offered', 'not there', { reply: refusal(404) }, [], 'tokenhub-intl'],

  ['models/list', 'right', { reply: reply(page()) }, []],
  [
    'models/list',
    'the list of Chat',
    { reply: reply({ object: 'list', data: [{ id: 'm-1', object: 'model' }] }) },
    Array<string>(6).fill('documented'),
  ],
  ['models/list', 'no list', { reply: reply([]) }, ['documented']],
  ['models/list', 'not there', { reply: refusal(404) }, ['documented']],
  ['models/list', 'a wrong last id', { reply: reply(page({ last_id: 'm-2' })) }, ['documented']],
  ['models/one', 'right', { reply: reply(asked), unknown: refusal(404) }, []],
  ['models/one', 'another one', { reply: reply({ ...model, id: 'x-9' }), unknown: refusal(404) }, ['should']],
  ['models/one', 'made up', { reply: reply(asked), unknown: reply({ ...asked, id: 'x' }) }, ['documented']],
  ['models/one', 'another status', { reply: reply(asked), unknown: refusal(400) }, ['should']],
  ['models/one', 'a crash', { reply: reply(asked), unknown: html(500) }, ['documented']],
  ['models/chat-only', 'refused', { reply: refusal(403) }, [], 'tokenhub-intl-old'],
  ['models/chat-only', 'served', { reply: reply() }, ['should'], 'tokenhub-intl-old'],

  [
    'errors/missing-max-tokens',
    'refused',
    { reply: refusal(400, { message: 'max_tokens: Field required' }) },
    [],
  ],
  ['errors/missing-max-tokens', 'served', { reply: reply() }, ['official']],
  ['errors/missing-max-tokens', 'a crash', { reply: html(500) }, ['documented']],
  ['errors/missing-max-tokens', 'no word of it', { reply: refusal(400) }, ['should']],
  ['errors/no-key', 'refused', { reply: refusal(401, { type: 'authentication_error' }) }, []],
  ['errors/no-key', 'served', { reply: reply() }, ['documented']],
  [
    'errors/unknown-model',
    'another status',
    { reply: refusal(400, { type: 'not_found_error' }) },
    ['documented'],
  ],
  // errors/type-of-status tells of a word that another status has.
  ['errors/unknown-model', 'the word of another status', { reply: refusal(404) }, []],
  ['errors/unknown-model', 'another word', { reply: refusal(404, { type: 'no_model' }) }, ['should']],
  ['errors/before-stream', 'served', { key: stream(), body: stream() }, []],
  ['errors/before-stream', 'refused', { key: refusal(401), body: refusal(400) }, []],
  [
    'errors/before-stream',
    'in the stream',
    { key: stream([{ type: 'error', error: {} }]), body: refusal(400) },
    ['documented'],
  ],
  ['errors/before-stream', 'in a 200', { key: refusal(401), body: refusal(200) }, ['documented']],
  ['errors/before-stream', 'silence', { key: refusal(401), body: dead }, ['documented']],
  ['errors/survived', 'right', { reply: [refusal(400), reply()] }, []],
  ['errors/survived', 'dead', { reply: [refusal(400), dead] }, ['documented']],

  ['headers/version-absent', 'refused', { reply: refusal(400) }, []],
  ['headers/version-absent', 'served', { reply: reply() }, ['official']],
  ['headers/version-absent', 'a crash', { reply: html(500) }, ['documented']],
  ['headers/version-unknown', 'served', { reply: reply() }, ['official']],
  [
    'headers/version-ignored',
    'one refused',
    { absent: refusal(400), older: reply(), newer: reply(), odd: reply() },
    ['documented'],
    'tokenhub-intl',
  ],
  ['headers/beta', 'refused', { known: refusal(400) }, ['documented']],
  ['headers/beta-ignored', 'refused', { known: reply(), odd: refusal(400) }, ['documented'], 'tokenhub-intl'],
  ['headers/ignored-together', 'served', both({}), [], 'tokenhub-intl'],
  [
    'headers/ignored-together',
    'refused',
    { reply: refusal(400), stream: stream() },
    ['documented'],
    'tokenhub-intl',
  ],
  ['headers/accept', 'served', { json: stream(), events: stream() }, []],
  ['headers/accept', 'refused', { json: stream(), events: refusal(406) }, ['documented']],
  ['headers/json-charset', 'refused', { reply: refusal(415) }, ['documented']],
  ['headers/json-charset', 'refused', { reply: refusal(415) }, [], 'tokenhub-intl-old'],
  ['headers/json-label', 'right', { reply: reply() }, []],
  [
    'headers/json-label',
    'in capitals',
    { reply: reply(message(), { headers: [['content-type', 'Application/JSON']] }) },
    ['documented'],
  ],

  ['access/x-api-key', 'right', { right: reply(), wrong: refusal(401) }, []],
  ['access/x-api-key', 'not read', { right: refusal(401), wrong: refusal(401) }, ['documented']],
  ['access/x-api-key', 'not checked', { right: reply(), wrong: reply() }, ['documented']],
  ['access/authorization', 'another status', { right: reply(), wrong: refusal(403) }, ['should']],
  ['access/both', 'refused', { reply: refusal(400) }, ['documented']],
  ['access/conflicting', 'either', { authorization: reply(), 'x-api-key': refusal(401) }, []],
  ['access/conflicting', 'a crash', { authorization: html(500), 'x-api-key': reply() }, ['documented']],
  ['access/restricted-key', 'served', { reply: reply() }, ['documented']],
  ['access/exhausted-key', 'another status', { reply: refusal(429) }, ['should']],
  ['access/revoked-key', 'right', { reply: refusal(401) }, []],
  ['access/expired-key', 'silence', { reply: dead }, ['documented']],
  ['access/rate-limit', 'never', { reply: [reply(), reply()] }, ['inconclusive']],
  ['access/rate-limit', 'without a hint', { reply: [reply(), refusal(429)] }, ['should']],
  ['access/rate-limit', 'another status', { reply: [reply(), html(503)] }, ['documented']],
  ['access/anthropic-node-1', 'refused', { stream: refusal(401) }, ['documented'], 'tokenhub-intl'],
  ['access/forms', 'refused', { 'x-api-key': refusal(401), bearer: reply() }, [], 'token-plan-enterprise'],
  ['addresses/beta-query', 'not found', { reply: refusal(404) }, ['documented']],
  ['addresses/beta-query', 'served', { reply: reply() }, []],
]

describe('answers by hand', () => {
  test.each(cases.map((one) => [`${one[0]}: ${one[1]}`, one] as const))(
    '%s',
    (_, [id, , asked, words, profile]) => {
      expect(judged(id, asked, profile)).toEqual(words)
    },
  )
})
