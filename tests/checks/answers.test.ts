import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { FieldPromise } from '../../specs/types.ts'
import type { Check, Conversation, Ground } from '../../suites/core/check.ts'
import { groundOf } from '../../suites/core/select.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { PICTURE } from '../../suites/openai-chat/picture.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { chunk, completion, DONE, RIGHT_STREAM, refusal, reply, stream } from '../core/exchange.ts'

const specs = loadSpecs()
const ground = (id: string): Ground => groundOf('openai-chat', profileById(specs, id), specs)!
const checksOf = (where: Ground): Map<string, Check<ChatView>> =>
  new Map(openaiChat.checks(where).map((check) => [check.id.replace('openai-chat/', ''), check]))
const openai = checksOf(ground('openai'))

const talk = (...exchanges: Exchange[]): Conversation<ChatView> => {
  const turns = exchanges.map((exchange) => new ChatView(exchange))
  return Object.assign(turns.at(-1)!, { turns })
}

/** By whose word each outcome is a deviation; `inconclusive` for one that decides nothing. */
function judged(id: string, asked: Record<string, Exchange | Exchange[]>, checks = openai): string[] {
  const talks = Object.entries(asked).map(([name, one]) => [name, talk(...[one].flat())])
  const outcomes = [...checks.get(id)!.judge(Object.fromEntries(talks))]
  return outcomes.flatMap((outcome) =>
    'inconclusive' in outcome ? ['inconclusive'] : 'by' in outcome ? [outcome.by] : [],
  )
}

const of = (index: number, delta: JsonObject, finish: string | null = null): JsonObject =>
  chunk({}, null, { choices: [{ index, delta, finish_reason: finish, logprobs: null }] })
const two = (a: number, b: number, second = 'OK'): Exchange =>
  stream([
    of(a, { role: 'assistant', content: '' }),
    of(b, { role: 'assistant', content: '' }),
    of(a, { content: 'OK' }),
    of(b, { content: second }),
    of(a, {}, 'stop'),
    of(b, {}, 'stop'),
    DONE,
  ])

describe('several choices in a stream', () => {
  test.each<[string, Exchange, string[]]>([
    ['two, each with its text', two(0, 1), []],
    ['two in another order', two(1, 0), []],
    ['both under index 0', two(0, 0), ['documented']],
    ['numbered from 1', two(1, 2), ['documented']],
    ['the second without text', two(0, 1, ''), ['documented']],
  ])('%s', (_, exchange, outcome) => {
    expect(judged('choices/stream', { reply: exchange })).toEqual(outcome)
  })

  test('is asked only where n is promised', () => {
    const where = ground('openai')
    const told = (n: FieldPromise): Ground => {
      const fields = { ...where.promise.fields, n }
      return { ...where, promise: { ...where.promise, fields } }
    }
    const promise = where.promise.fields.n!
    expect(checksOf(told(promise)).has('choices/stream')).toBe(true)
    expect(checksOf(told({ ...promise, fate: 'ignored' })).has('choices/stream')).toBe(false)
    expect(checksOf(told({ ...promise, capability: 'audio-output' })).has('choices/stream')).toBe(false)
    expect(checksOf(ground('pingtoken')).has('choices/stream')).toBe(false)
  })
})

describe('log probabilities', () => {
  const entry = (token: string, bytes: number[] | null = [...Buffer.from(token)]): JsonObject => ({
    token,
    logprob: -0.1,
    bytes,
    top_logprobs: [],
  })
  const whole = (content: string, entries: Json): Exchange =>
    reply({
      body: completion({
        message: { role: 'assistant', content, refusal: null },
        logprobs: { content: entries, refusal: null },
      }),
    })
  const [wave, tail] = [
    [0xf0, 0x9f],
    [0x91, 0x8b],
  ]

  test.each<[string, Exchange, string[]]>([
    ['tokens that are the text', whole('OK 世', [entry('OK'), entry(' 世')]), []],
    ['tokens without bytes', whole('OK 世', [entry('OK', null), entry(' 世', null)]), []],
    ['a character in two tokens', whole('👋', [entry('\\xf0\\x9f', wave), entry('\uFFFD', tail)]), []],
    ['the first token twice', whole('OK so', [entry('OK'), entry('OK')]), ['official']],
    ['a token lost', whole('OK so', [entry('OK')]), ['official']],
    ['bytes of another token', whole('OK', [entry('OK', [63, 63])]), ['official']],
    ['a mark of the end beyond the text', whole('OK', [entry('OK'), entry('<|end|>')]), ['should']],
    ['none', whole('OK', null), ['documented']],
    ['no text to compare with', whole('', [entry('OK')]), ['inconclusive']],
  ])('of a reply: %s', (_, exchange, outcome) => {
    expect(judged('logprobs/aligned', { reply: exchange })).toEqual(outcome)
  })

  test('of a stream: with the chunks, and missing', () => {
    const said = (text: string): JsonObject => {
      const logprobs = { content: [entry(text)], refusal: null }
      return chunk({}, null, {
        choices: [{ index: 0, delta: { content: text }, logprobs, finish_reason: null }],
      })
    }
    const start = chunk({ role: 'assistant', content: '' })
    const right = stream([start, said('O'), said('K'), chunk({}, 'stop'), DONE])
    expect(judged('logprobs/stream', { reply: right })).toEqual([])
    expect(judged('logprobs/stream', { reply: stream() })).toEqual(['documented'])
  })
})

test.each<[string, string, string[]]>([
  ['stop', 'stop', []],
  ['tool_calls', 'tool_calls', ['documented']],
  ['the limit', 'length', ['inconclusive']],
])('an answer in JSON that ends with %s', (_, finish, outcome) => {
  const message = { role: 'assistant', content: '{"city":"Paris"}', refusal: null }
  const exchange = reply({ body: completion({ message, finish_reason: finish }) })
  expect(judged('completion/format-finish', { object: exchange })).toEqual(outcome)
})

test.each<[string, JsonObject, string[]]>([
  ['a text', { message: { role: 'assistant', content: 'Sunny.', refusal: null } }, []],
  ['nothing', { message: { role: 'assistant', content: '', refusal: null } }, ['documented']],
  ['content null', { message: { role: 'assistant', content: null, refusal: null } }, ['documented']],
  ['a refusal', { message: { role: 'assistant', content: null, refusal: 'No.' } }, []],
  [
    'the limit',
    { message: { role: 'assistant', content: '', refusal: null }, finish_reason: 'length' },
    ['inconclusive'],
  ],
])('tool_choice none, and %s comes', (_, choice, outcome) => {
  expect(judged('tools/none', { reply: reply({ body: completion(choice) }) })).toEqual(outcome)
})

describe('a picture', () => {
  test('is a PNG of 32 by 32 pixels in two colours', () => {
    const png = Buffer.from(PICTURE.replace('data:image/png;base64,', ''), 'base64')
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    const header = png.subarray(16, 29)
    expect([header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9]]).toEqual([32, 32, 8, 2])
    const at = png.indexOf('IDAT')
    const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
    expect(pixels.length).toBe(32 * (1 + 3 * 32))
    const row = pixels.subarray(1, 97)
    const colours = Array.from({ length: 32 }, (_, x) => row.subarray(3 * x, 3 * x + 3).join())
    expect([new Set(colours), colours.indexOf('20,60,220')]).toEqual([
      new Set(['220,20,20', '20,60,220']),
      16,
    ])
  })

  test.each<[string, string, Exchange, string[]]>([
    ['answered', 'openai', reply(), []],
    ['refused where the model can see', 'openai', refusal(400), ['documented']],
    ['without a text', 'openai', reply({ body: completion({ message: { content: '' } }) }), ['documented']],
    ['refused by a model that cannot see', 'tokenhub-intl', refusal(400), ['observe']],
    ['a 500 of a model that cannot see', 'tokenhub-intl', refusal(500), ['documented']],
  ])('%s, on %s', (_, profile, exchange, outcome) => {
    expect(judged('messages/image-part', { reply: exchange }, checksOf(ground(profile)))).toEqual(outcome)
  })
})

test.each<[string, Exchange, Exchange, string[]]>([
  ['both refused', refusal(400, { param: 'model' }), refusal(404, { message: 'No such model.' }), []],
  ['a 500', refusal(500), refusal(400, { param: 'model' }), ['documented']],
  ['an empty name served', refusal(400, { param: 'model' }), reply(), ['should']],
])('a model that is null or empty: %s', (_, none, empty, outcome) => {
  expect(judged('errors/empty-model', { none, empty })).toEqual(outcome)
})

test('a 429 without the limits that other answers tell', () => {
  const told: [string, string][] = [['x-ratelimit-limit-requests', '5']]
  const after: [string, string] = ['retry-after', '3']
  const served = reply({ headers: told })
  const limited = (headers: [string, string][]) => refusal(429, {}, { headers })
  const reached = (...all: Exchange[]) => judged('access/retry-after', { reply: all })
  expect(reached(served, limited([after, ...told]))).toEqual([])
  expect(reached(served, limited([after]))).toEqual(['should'])
  expect(reached(reply(), limited([after]))).toEqual([])
  expect(reached(served, limited([]))).toEqual(['should'])
})

describe('an error in a stream', () => {
  const error = { error: { message: 'busy', type: 'server_error', param: null, code: null } }

  test('in place of an answer is no success, and the plain stream says so once', () => {
    const failed = stream([RIGHT_STREAM[0]!, RIGHT_STREAM[1]!, error, DONE])
    expect(new ChatView(failed).succeeded).toBe(false)
    expect(judged('plain/stream', { stream: failed })).toEqual(['documented'])
  })

  test('after the end of the answer leaves it an answer', () => {
    expect(new ChatView(stream([...RIGHT_STREAM.slice(0, -1), error, DONE])).succeeded).toBe(true)
  })
})
