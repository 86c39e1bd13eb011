import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import type { Assembled } from '../../suites/anthropic-messages/message.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import { eventsOf, message, named, refusal, reply, stream } from './exchange.ts'

const view = (exchange: Exchange) => new MessagesView(exchange)

/** What must be the same whether a message came whole or in events. */
function told(assembled: Assembled | undefined) {
  const { blocks = [], usage, id, role, model, stopReason, stopSequence } = assembled ?? {}
  return {
    ...{ id, role, model, stopReason, stopSequence },
    usage: usage?.raw,
    blocks: blocks.map(({ type, text, signature, id: tool, name, input, replay }) => {
      return { type, text, signature, tool, name, input, replay }
    }),
  }
}

const text = fc.string({ unit: 'binary', minLength: 1 })
const block: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('thinking'), thinking: text, signature: fc.base64String() }),
  fc.record({ type: fc.constant('redacted_thinking'), data: fc.base64String() }),
  fc.record({
    type: fc.constant('tool_use'),
    id: fc.string(),
    name: fc.string(),
    input: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  }),
)
const whole = fc
  .record({
    content: fc.array(block, { maxLength: 5 }),
    stop_reason: fc.constantFrom('end_turn', 'max_tokens', 'tool_use', 'stop_sequence'),
    stop_sequence: fc.option(fc.string()),
    usage: fc.record({ input_tokens: fc.nat(), output_tokens: fc.nat() }),
  })
  .map((over) => message(JSON.parse(JSON.stringify(over)) as JsonObject))

describe('a message, assembled', () => {
  test('from its events is the message that came whole', () => {
    fc.assert(
      fc.property(whole, (one) => {
        const streamed = view(stream(eventsOf(one)))
        expect(streamed.succeeded).toBe(true)
        expect(told(streamed.message)).toEqual(told(view(reply(one)).message))
      }),
    )
  })

  test('has its text, its calls and its thinking', () => {
    const one = view(
      stream(
        eventsOf(
          message({
            content: [
              { type: 'thinking', thinking: 'Paris first.', signature: 'c2ln' },
              { type: 'text', text: 'Let me see. ' },
              { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
              { type: 'text', text: 'Done.' },
            ],
            stop_reason: 'tool_use',
          }),
        ),
      ),
    )
    expect(one.content).toBe('Let me see. Done.')
    expect(one.toolUses).toMatchObject([{ id: 'toolu_1', input: { city: 'Paris' }, stopped: true, index: 2 }])
    expect(one.thinking).toMatchObject([{ text: 'Paris first.', signature: 'c2ln', deltas: 5 }])
    expect(one.stopReason).toBe('tool_use')
    expect(one.usage).toMatchObject({ input: 12, output: 1 })
  })

  test('takes later totals for earlier ones, and null for nothing', () => {
    const [start, ...rest] = eventsOf(message())
    const one = view(
      stream([
        start!,
        { type: 'message_delta', delta: {}, usage: { output_tokens: 3, cache_read_input_tokens: 7 } },
        {
          type: 'message_delta',
          delta: {},
          usage: { output_tokens: 9, input_tokens: null, cache_read_input_tokens: null },
        },
        ...rest.slice(0, 3),
      ]),
    )
    expect(one.usage).toMatchObject({ input: 12, output: 9, cacheRead: 7, cacheCreation: undefined })
  })

  test('may have a tool without arguments: no partial JSON, or an empty one', () => {
    const call = (...deltas: JsonObject[]) =>
      view(
        stream([
          {
            type: 'content_block_start',
            index: 0,
            content_block: { type: 'tool_use', id: 't', name: 'n', input: {} },
          },
          ...deltas,
          { type: 'content_block_stop', index: 0 },
        ]),
      ).toolUses[0]
    const delta = (partial_json: string) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    })
    expect(call()).toMatchObject({ input: {}, inputText: '' })
    expect(call(delta(''))).toMatchObject({ input: {}, inputText: '' })
    expect(call(delta('{"a"'), delta(':1}'))).toMatchObject({ input: { a: 1 }, inputText: '{"a":1}' })
    expect(call(delta('{"a"'))).toMatchObject({ input: undefined, inputText: '{"a"' })
  })

  test('keeps what a block was started with for the replay', () => {
    const citation = { type: 'char_location', cited_text: 'OK' }
    const one = view(
      stream([
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'A', x: 1 } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'B' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation } },
      ]),
    )
    expect(one.message?.blocks[0]?.replay).toEqual({ type: 'text', text: 'AB', x: 1, citations: [citation] })
  })
})

describe('a broken stream', () => {
  const delta = (index: unknown, textOf = 'x') =>
    ({
      type: 'content_block_delta',
      index,
      delta: { type: 'text_delta', text: textOf },
    }) as JsonObject
  const start = (index: unknown) =>
    ({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }) as JsonObject

  test.each<[string, (string | JsonObject)[], string]>([
    ['without starts', [delta(0, 'O'), delta(0, 'K')], 'OK'],
    ['with all blocks under one index', [start(0), delta(0, 'O'), start(0), delta(0, 'K')], 'OK'],
    ['with a huge index', [start(1e300), delta(1e300, 'OK')], 'OK'],
    ['with a negative index', [start(-1), delta(-1, 'OK')], 'OK'],
    ['with a text as index', [start('0'), delta('0', 'OK')], 'OK'],
    ['without indexes', [start(undefined), delta(undefined, 'OK')], 'OK'],
    ['with a second message', [...eventsOf(message()), ...eventsOf(message())], 'OK'],
    ['with deltas after its end', [...eventsOf(message()), delta(0)], 'OK'],
    [
      'with foreign events and data',
      [named({}, 'vertex_event'), 'data: 7\n\n', start(0), ': x\n\n', delta(0, 'OK')],
      'OK',
    ],
    [
      'with names of the language as types',
      [start(0), { type: 'content_block_delta', index: 0, delta: { type: 'constructor' } }, delta(0, 'OK')],
      'OK',
    ],
  ])('%s is read as far as it can be', (_, events, content) => {
    expect(view(stream(events)).content).toBe(content)
  })

  test('that has nothing of a message is none', () => {
    const one = view(stream([{ type: 'ping' }, { type: 'message_stop' }]))
    expect(one.message).toBeUndefined()
    expect(one.succeeded).toBe(false)
    expect(one.answered).toBe(false)
  })

  test('never throws, whatever its events hold', () => {
    const type = fc.constantFrom(
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      '__proto__',
    )
    const event = fc.dictionary(
      fc.constantFrom('type', 'index', 'delta', 'content_block', 'message', 'usage', 'error', '__proto__'),
      fc.oneof(
        type,
        fc.jsonValue(),
        fc.integer({ min: -1, max: 2 }),
        fc.dictionary(fc.constantFrom('type', 'text', 'usage', 'content'), fc.jsonValue()),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(type, event)), (events) => {
        const one = view(
          stream(events.map(([name, value]) => named(JSON.parse(JSON.stringify(value)) as JsonObject, name))),
        )
        expect(typeof one.content).toBe('string')
        expect(typeof one.succeeded).toBe('boolean')
        expect(one.thinking.length + one.toolUses.length).toBeLessThanOrEqual(events.length * 20)
      }),
    )
  })

  test('of 90,000 events is read in one pass', () => {
    const blocks = Array.from({ length: 45_000 }, (_, at) => [
      named(start(at % 2 === 0 ? 0 : at)),
      named(delta(at % 2 === 0 ? 0 : at)),
    ])
    const one = view(stream([blocks.flat().join('')]))
    expect(one.message?.blocks).toHaveLength(45_000)
    expect(one.content).toHaveLength(45_000)
  })
})

describe('an answer', () => {
  test('is a success where it is of the kind that was asked for', () => {
    expect(view(reply()).succeeded).toBe(true)
    expect(view(stream()).succeeded).toBe(true)
    expect(view(stream(undefined, { request: { stream: false } })).succeeded).toBe(false)
    expect(view(stream(undefined, { request: { stream: false } })).answered).toBe(true)
    expect(view(reply(message(), { request: { stream: true } })).succeeded).toBe(false)
    expect(view(reply(message({ content: 'OK' }))).succeeded).toBe(false)
    expect(view(reply({ choices: [] })).succeeded).toBe(false)
    expect(view(refusal(400)).succeeded).toBe(false)
  })

  test('is none where an error stands in place of the end', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const begun = eventsOf(message()).slice(0, 3)
    const named1 = view(stream([...begun, error]))
    expect(named1.succeeded).toBe(false)
    expect(named1.errorType).toBe('overloaded_error')
    expect(named1.streamError?.place.event).toBe(3)
    const unnamed = view(stream([...begun, 'data: {"error":{"type":"api_error"}}\n\n']))
    expect(unnamed.succeeded).toBe(false)
    expect(unnamed.errorType).toBe('api_error')
    expect(view(stream([...eventsOf(message()), error])).succeeded).toBe(true)
  })

  test('tells its error', () => {
    const one = view(refusal(404, { type: 'not_found_error' }))
    expect(one.error).toMatchObject({ message: 'No.' })
    expect(one.errorType).toBe('not_found_error')
    expect(one.reply).toBeUndefined()
    expect(view(reply('[1]')).errorType).toBeUndefined()
  })
})
