import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { plan } from '../../suites/core/plan.ts'
import { type SessionOptions, select } from '../../suites/core/select.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { reply as chatReply, completion } from '../core/exchange.ts'
import { able, specs } from './by-hand.ts'
import { message, reply } from './exchange.ts'
import { judged } from './judged.ts'

const SAID = 'Zürich, 東京 – "alpha" 7310 🚀 café'
const chat = (content: string | null, over: JsonObject = {}, more: JsonObject = {}): Exchange =>
  chatReply({ body: completion({ message: { role: 'assistant', content, refusal: null, ...over } }, more) })
const finished = (finish_reason: string): Exchange => chatReply({ body: completion({ finish_reason }) })
const messages = (text: string, over: JsonObject = {}): Exchange =>
  reply(message({ content: [{ type: 'text', text }], ...over }))
const called = (args: string): Exchange =>
  chat(null, {
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'get_weather', arguments: args } }],
  })
const use = (name: string, input: JsonObject): Exchange =>
  reply(message({ content: [{ type: 'tool_use', id: 't', name, input }], stop_reason: 'tool_use' }))
const usage = (input_tokens: number, cache_read_input_tokens = 0): JsonObject => ({
  usage: { input_tokens, output_tokens: 1, cache_read_input_tokens },
})
const prompt = (prompt_tokens: number): JsonObject => ({
  usage: { prompt_tokens, completion_tokens: 1, total_tokens: prompt_tokens + 1 },
})

describe('the same conversation in both dialects', () => {
  test.each<[string, string, Exchange, Exchange, string[]]>([
    ['text', 'alike', chat(SAID), messages(SAID), []],
    ['text', 'alike, and not what was asked for', chat('Hello'), messages('Hello'), []],
    ['text', 'lost', chat(SAID), messages(''), ['documented']],
    ['text', 'cut', chat(SAID.slice(0, 9)), messages(SAID), ['documented']],
    ['text', 'twice', chat(SAID), messages(SAID + SAID), ['documented']],
    ['text', 'in other words', chat(SAID), messages('Sure!'), ['inconclusive']],
    ['tools', 'alike', called('{"city":"Paris"}'), use('get_weather', { city: 'Paris' }), []],
    ['tools', 'another tool', called('{"city":"Paris"}'), use('get_time', { city: 'Paris' }), ['documented']],
    ['tools', 'no input', called('{"city":"Paris"}'), use('get_weather', {}), ['documented']],
    ['tools', 'not called', chat('It rains.'), use('get_weather', {}), ['inconclusive']],
    ['usage', 'alike', chat('OK', {}, prompt(100)), messages('OK', usage(102)), []],
    ['usage', 'cached', chat('OK', {}, prompt(100)), messages('OK', usage(10, 90)), []],
    [
      'usage',
      'cached tokens twice',
      chat('OK', {}, prompt(100)),
      messages('OK', usage(100, 90)),
      ['documented'],
    ],
    ['usage', 'none', chat('OK', {}, prompt(100)), messages('OK', usage(0)), ['documented']],
    ['stop-plain', 'alike', finished('stop'), messages('OK'), []],
    ['stop-plain', 'cut in one', finished('length'), messages('OK'), ['inconclusive']],
    ['stop-cut', 'alike', finished('length'), messages('1 2', { stop_reason: 'max_tokens' }), []],
    ['stop-cut', 'done in one', finished('length'), messages('1 2'), ['documented']],
    ['stop-call', 'alike', finished('tool_calls'), use('get_weather', {}), []],
    ['stop-call', 'done in one', finished('tool_calls'), messages('OK'), ['documented']],
  ])('%s: %s', (id, _, one, other, words) => {
    expect(judged(`equivalence/${id}`, { chat: one, messages: other }, 'tokenhub-intl')).toEqual(words)
  })
})

describe('a check that asks in two dialects', () => {
  const options: SessionOptions = {
    dialects: ['openai-chat', 'anthropic-messages'],
    model: able('tokenhub-intl').default_model,
    level: 'may',
    checks: ['anthropic-messages/equivalence/*', 'openai-chat/plain/reply'],
    suites: [],
    roles: { chosen: [], given: ['default'] },
  }
  const parts = (dialects: string[], checks = options.checks) =>
    select([openaiChat, anthropicMessages] as Dialect[], able('tokenhub-intl'), specs, {
      ...options,
      dialects,
      checks,
    })
  const ids = (dialects: string[]) => parts(dialects).flatMap(({ selected }) => [...selected])

  test('applies where both are selected, and only there', () => {
    expect(ids(options.dialects)).toContain('anthropic-messages/equivalence/text')
    expect(ids(['anthropic-messages']).filter((id) => id.includes('equivalence'))).toEqual([])
  })

  test('shares its requests with the other dialect’s own', () => {
    const alone = plan(parts(options.dialects, ['anthropic-messages/equivalence/usage']), options.model)
    const beside = plan(
      parts(options.dialects, ['anthropic-messages/equivalence/usage', 'openai-chat/plain/reply']),
      options.model,
    )
    // Chat's plain question is one of the pair: asked once.
    expect(alone.requests).toBe(2)
    expect(beside.requests).toBe(2)
  })
})
