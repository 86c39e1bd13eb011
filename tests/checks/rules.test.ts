import { describe, expect, test } from 'vitest'
import type { Exchange, VerdictWord } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { select } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import { Recorded } from '../../suites/core/source.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { chunk, completion, DONE, made, RIGHT_STREAM, refusal, reply, stream } from '../core/exchange.ts'

const specs = loadSpecs()
const PROFILES = ['openai', 'tokenhub-intl', 'pingtoken'] as const
type Id = (typeof PROFILES)[number]

const grounds = new Map(
  PROFILES.map((id) => {
    const profile = profileById(specs, id)
    const options = {
      dialects: ['openai-chat'],
      model: profile.default_model,
      level: 'may' as const,
      checks: [],
      suites: [],
      roles: { chosen: [], given: ['default'] },
    }
    const dialects = [openaiChat as Dialect]
    const session = new Session({ specs, profile, dialects, options, source: new Recorded(new Map()) })
    const [part] = select(dialects, profile, specs, options)
    return [
      id,
      { session, rules: new Map(part!.rules.map((rule) => [rule.id.replace('openai-chat/', ''), rule])) },
    ]
  }),
)

function verdict(rule: string, exchange: Exchange, profile: Id = 'openai'): VerdictWord {
  const { session, rules } = grounds.get(profile)!
  return session.judgeRule(rules.get(rule)!, [openaiChat.view(exchange)]).verdict
}

const json = (value: string, over: Parameters<typeof reply>[0] = {}) => reply({ body: value, ...over })
const header = (name: string, value: string, status = 200) => reply({ status, headers: [[name, value]] })
const streamed = (...more: Parameters<typeof stream>[0] & object) =>
  stream([...RIGHT_STREAM.slice(0, -1), ...more])
const withKey = (key: string, value: unknown) =>
  reply({ body: completion({}, { [key]: value } as Parameters<typeof completion>[1]) })
const finish = (reason: string | null) => reply({ body: completion({ finish_reason: reason }) })

const closing = (answer: string): Exchange => {
  const { request, ...rest } = reply({ headers: [['Connection', answer]] })
  return { ...rest, request: { ...request, headers: [...request.headers, ['Connection', 'close']] } }
}
const numbered = (...indexes: number[]): Exchange => {
  const choices = indexes.map((index) => ({ ...Object(completion().choices)[0], index }))
  return reply({ body: completion({}, { choices }) })
}

const ok = reply()
const good = stream()

/** Rule, what is right, what is wrong, and what the wrong one is on `openai`. */
const CASES: [string, Exchange, Exchange, VerdictWord][] = [
  ['http/framing', ok, reply({ headers: [['Content-Length', '3']] }), 'fail'],
  ['http/complete', ok, reply({ end: { kind: 'reset', detail: 'x' } }), 'fail'],
  ['http/content-type', ok, header('content-type', 'text/html'), 'fail'],
  [
    'http/content-type',
    header('content-type', 'application/problem+json; charset=utf-8'),
    reply({ headers: [['content-type', '']] }),
    'fail',
  ],
  ['http/content-coding', ok, header('content-encoding', 'gzip'), 'fail'],
  [
    'http/content-coding',
    header('content-encoding', 'identity'),
    reply({ body: new Uint8Array([0x1f, 0x8b, 8]) }),
    'fail',
  ],
  ['http/no-error-in-2xx', withKey('error', null), json('{"error":{"message":"x"}}'), 'fail'],
  ['http/no-error-in-2xx', withKey('error', ''), json('{"error":"x"}'), 'fail'],
  ['http/retry-after', header('retry-after', '3', 429), header('retry-after', '1.5', 429), 'fail'],
  [
    'http/retry-after',
    header('retry-after', 'Sun, 22 Nov 2026 02:00:05 GMT', 429),
    header('retry-after', '0', 429),
    'fail',
  ],
  ['http/date', header('date', 'Sun, 22 Nov 2026 02:00:05 GMT'), header('date', '2026-11-22'), 'warn'],
  [
    'http/limit-counts',
    header('x-ratelimit-limit-tokens', '0'),
    header('x-ratelimit-limit-tokens', '-1'),
    'warn',
  ],
  [
    'http/limit-counts',
    header('x-ratelimit-limit-day', '-1'),
    header('X-RateLimit-Remaining-Requests', 'none'),
    'warn',
  ],
  [
    'http/limit-resets',
    header('x-ratelimit-reset-tokens', '6m0s'),
    header('x-ratelimit-reset-tokens', '60'),
    'warn',
  ],
  [
    'http/limit-resets',
    header('x-ratelimit-reset-requests', '24.5ms'),
    header('x-ratelimit-reset-requests', '2026-11-22T02:00:05Z'),
    'warn',
  ],
  ['http/connection-close', closing('close'), closing('keep-alive'), 'warn'],
  ['http/connection-close', header('connection', 'keep-alive'), closing('Keep-Alive, foo'), 'warn'],
  ['shape/choice-index', numbered(0, 1), numbered(1), 'fail'],
  ['shape/choice-index', numbered(1, 0), numbered(0, 0), 'fail'],
  ['shape/error-words', refusal(400, { code: 'model_not_found' }), refusal(400, { code: '400' }), 'warn'],
  ['shape/error-words', refusal(400, { param: '404' }), refusal(400, { param: 'None' }), 'warn'],
  ['shape/error-words', refusal(400), refusal(400, { message: ' ' }), 'warn'],
  ['shape/error-words', refusal(400, { code: null }), refusal(400, { type: 'undefined' }), 'warn'],
  [
    'http/date',
    header('date', 'Sun, 22 Nov 2026 02:00:05 GMT'),
    header('date', 'Sun, 22 Nov 2020 02:00:05 GMT'),
    'warn',
  ],
  ['http/allow', header('allow', 'POST', 405), refusal(405), 'warn'],
  ['http/server-version', header('server', 'nginx'), header('server', 'nginx/1.25.1'), 'warn'],
  [
    'http/reuse',
    reply({ reused: true }),
    made({ status: 0, reused: true, end: { kind: 'garbled', detail: 'x' } }),
    'fail',
  ],
  ['json/syntax', ok, json('{"a":1} x'), 'fail'],
  [
    'json/syntax',
    reply({ status: 500, body: '[ERR] x', headers: [['content-type', 'text/plain']] }),
    json('{"a":'),
    'fail',
  ],
  ['json/utf8', ok, reply({ body: new Uint8Array([0x22, 0xff, 0x22]) }), 'fail'],
  ['json/values', ok, withKey('x', 2 ** 53), 'warn'],
  ['json/values', ok, json('{"x":["\\ud83d"]}'), 'warn'],
  ['json/unique-names', ok, json('{"a":1,"a":2}'), 'warn'],
  ['sse/media-type', good, stream(RIGHT_STREAM, { headers: [['content-type', 'text/plain']] }), 'fail'],
  [
    'sse/utf8',
    good,
    stream(RIGHT_STREAM, {
      events: undefined as never,
      headers: [['content-type', 'text/event-stream']],
      body: new Uint8Array([100, 97, 116, 97, 58, 0xff, 10, 10]),
    }),
    'fail',
  ],
  ['sse/dispatch', good, streamed('data: [DONE]\n'), 'fail'],
  ['sse/empty-event', streamed(': ping\n\n', DONE), streamed('event: ping\n\n', DONE), 'fail'],
  ['sse/byte-order-mark', good, stream([`\ufeff${DONE}`]), 'warn'],
  ['sse/comment-first', stream([': a\n', ...RIGHT_STREAM]), stream([': a\n\n', ...RIGHT_STREAM]), 'warn'],
  ['sse/comment-first', streamed(': a\n\n', DONE), stream([': a\n: b\n\n', ...RIGHT_STREAM]), 'warn'],
  [
    'sse/id-and-comment',
    stream(['id: 1\n: x\n', ...RIGHT_STREAM]),
    stream(['id: 1\n', ...RIGHT_STREAM.slice(0, 2), ': x\n\n', ...RIGHT_STREAM.slice(2)]),
    'warn',
  ],
  ['sse/known-fields', good, streamed('foo: 1\n\n', DONE), 'warn'],
  ['sse/known-fields', streamed('retry: 10\n\n', DONE), streamed('retry: soon\n\n', DONE), 'warn'],
  [
    'reasoning/apart',
    ok,
    reply({
      body: completion({ message: { role: 'assistant', content: '<think>a</think>b', refusal: null } }),
    }),
    'warn',
  ],
  ['shape/reply-documented', ok, reply({ body: completion({}, { model: undefined as never }) }), 'fail'],
  ['shape/reply-types', ok, withKey('created', '1'), 'fail'],
  ['shape/reply-types', finish('length'), finish('eos'), 'fail'],
  ['shape/chunk-types', good, stream([chunk({ content: 7 }), DONE]), 'fail'],
  ['shape/error-envelope', refusal(400), reply({ status: 400, body: { detail: 'x' } }), 'fail'],
  ['shape/error-types', refusal(400), refusal(400, { message: 7 }), 'fail'],
  ['grammar/done-missing', good, streamed(), 'fail'],
  ['grammar/finish-missing', good, stream([...RIGHT_STREAM.slice(0, 3), DONE]), 'fail'],
  ['grammar/data-not-json', good, streamed('data: ping\n\n', DONE), 'fail'],
]

describe('on profile openai', () => {
  test.each(CASES)('%s', (rule, right, wrong, bad) => {
    expect(['pass', 'skip']).toContain(verdict(rule, right))
    expect(verdict(rule, wrong)).toBe(bad)
  })
})

/** What the documents leave to the official tier is a warning where that is not claimed. */
test.each<[string, string, Exchange, Record<Id, VerdictWord | undefined>]>([
  [
    'C-40: a foreign finish_reason',
    'shape/reply-types',
    finish('eos'),
    { openai: 'fail', 'tokenhub-intl': 'warn', pingtoken: 'warn' },
  ],
  [
    'C-40: an empty finish_reason',
    'shape/reply-types',
    finish(''),
    { openai: 'fail', 'tokenhub-intl': 'fail', pingtoken: 'fail' },
  ],
  [
    'C-40: finish_reason null',
    'shape/reply-types',
    finish(null),
    { openai: 'fail', 'tokenhub-intl': 'fail', pingtoken: 'fail' },
  ],
  [
    'C-12: no created',
    'shape/reply-documented',
    reply({ body: completion({}, { created: undefined as never }) }),
    { openai: 'fail', 'tokenhub-intl': 'warn', pingtoken: 'warn' },
  ],
  [
    'C-13: no model in chunks',
    'shape/chunk-official',
    stream([{ id: 'a', choices: [] }, DONE]),
    { openai: 'fail', 'tokenhub-intl': 'warn', pingtoken: 'warn' },
  ],
  [
    'C-55: chat.completion in chunks',
    'shape/chunk-types',
    stream([chunk({}, null, { object: 'chat.completion' }), DONE]),
    { openai: 'fail', 'tokenhub-intl': 'warn', pingtoken: 'warn' },
  ],
  [
    'another error body',
    'shape/error-envelope',
    reply({ status: 400, body: {} }),
    { openai: 'fail', 'tokenhub-intl': 'warn', pingtoken: 'warn' },
  ],
  [
    'C-54: choices []',
    'clients/python-iter-lines',
    streamed({ choices: [] }, DONE),
    { openai: undefined, 'tokenhub-intl': undefined, pingtoken: 'warn' },
  ],
  [
    'an error in the stream',
    'clients/python-iter-lines',
    streamed({ error: { message: 'x' } }),
    { openai: undefined, 'tokenhub-intl': undefined, pingtoken: 'fail' },
  ],
  [
    'delta null',
    'clients/python-iter-lines',
    stream([chunk(null), DONE]),
    { openai: undefined, 'tokenhub-intl': undefined, pingtoken: 'fail' },
  ],
  [
    'CRLF',
    'clients/node-fetch-lf',
    stream(['data: {"choices":[{"delta":{}}]}\r\n\r\n', 'data: [DONE]\r\n\r\n']),
    { openai: undefined, 'tokenhub-intl': undefined, pingtoken: 'fail' },
  ],
  [
    'CRLF',
    'clients/go-prefix-reader',
    stream(['data: {"choices":[{"delta":{}}]}\r\n\r\n', 'data: [DONE]\r\n\r\n']),
    { openai: undefined, 'tokenhub-intl': 'warn', pingtoken: undefined },
  ],
  [
    'a line of 64 KiB',
    'clients/go-scanner-line',
    streamed(chunk({ content: 'x'.repeat(66_000) }), DONE),
    { openai: undefined, 'tokenhub-intl': 'warn', pingtoken: undefined },
  ],
  [
    'a line of 64 KiB',
    'clients/go-prefix-reader',
    streamed(chunk({ content: 'x'.repeat(66_000) }), DONE),
    { openai: undefined, 'tokenhub-intl': 'pass', pingtoken: undefined },
  ],
])('%s: %s', (_, rule, exchange, expected) => {
  for (const id of PROFILES) {
    const wanted = expected[id]
    if (wanted === undefined) expect(grounds.get(id)!.rules.has(rule)).toBe(false)
    else expect([id, verdict(rule, exchange, id)]).toEqual([id, wanted])
  }
})

test.each(PROFILES)('right answers break no rule of %s', (id) => {
  const { rules } = grounds.get(id)!
  for (const rule of rules.keys()) {
    for (const exchange of [ok, good, refusal(400)])
      expect([rule, verdict(rule, exchange, id)]).not.toEqual([rule, 'fail'])
  }
})

test('an object of another protocol in a stream is told by the grammar alone', () => {
  const ping = stream([...RIGHT_STREAM.slice(0, 2), { type: 'ping' }, ...RIGHT_STREAM.slice(2)])
  const { rules } = grounds.get('openai')!
  const red = [...rules.keys()].filter((rule) => ['fail', 'warn'].includes(verdict(rule, ping)))
  expect(red).toEqual(['grammar/not-a-chunk'])
})

test('an empty finish_reason before the end of a stream is told by the grammar alone', () => {
  const blank = stream(RIGHT_STREAM.map((one, at) => (at === 1 ? chunk({ content: 'O' }, '') : one)))
  const { rules } = grounds.get('openai')!
  const red = [...rules.keys()].filter((rule) => ['fail', 'warn'].includes(verdict(rule, blank)))
  expect(red).toEqual(['grammar/finish-not-null-early'])
})
