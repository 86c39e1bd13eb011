import { describe, expect, it } from 'vitest'
import { acceptChat } from '../../fixtures/gateway/accept/chat.ts'
import { heeded, withinPromises } from '../../fixtures/gateway/accept/promises.ts'
import type { Json, JsonObject } from '../../fixtures/gateway/json.ts'
import { promise } from './profile.ts'

const base = { model: 'm', messages: [{ role: 'user', content: 'as json please' }] }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }
const custom = {
  type: 'custom',
  custom: { name: 'c', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } } },
}
const user = { role: 'user', content: 'x' }
const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })
const calling = { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] }
const result = (id: string): Json => ({ role: 'tool', tool_call_id: id, content: 'r' })
const strict = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}
const format = (json_schema: Json): JsonObject => ({ response_format: { type: 'json_schema', json_schema } })
const messages = (...list: Json[]): JsonObject => ({ messages: list })

describe('accepted', () => {
  const table: JsonObject[] = [
    {},
    { stream: true, stream_options: { include_usage: true, include_obfuscation: false } },
    { temperature: 0, top_p: 0, n: 1, presence_penalty: -2, frequency_penalty: -2, seed: -1 },
    { temperature: 2, top_p: 1, n: 128, presence_penalty: 2, frequency_penalty: 2, seed: 2 ** 40 },
    {
      temperature: null,
      top_p: null,
      n: null,
      stop: null,
      logprobs: null,
      seed: null,
      max_tokens: null,
      stream: null,
    },
    { max_tokens: 1, max_completion_tokens: 1 },
    { stop: 'a' },
    { stop: ['a', 'b', 'c', 'd'] },
    { logprobs: true, top_logprobs: 20 },
    { logprobs: true, top_logprobs: 0 },
    { logit_bias: { '50256': -100, '1': 100 } },
    { tools: [tool, custom], tool_choice: 'required', parallel_tool_calls: false },
    { tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } },
    {
      tools: [tool],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    },
    { tool_choice: 'none' },
    { functions: [{ name: 'g' }], function_call: { name: 'g' } },
    { response_format: { type: 'text' } },
    { response_format: { type: 'json_object' } },
    format({ name: 'x', schema: strict, strict: true }),
    format({ name: 'x', schema: { type: 'object' } }),
    {
      metadata: { a: 'b' },
      store: true,
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      service_tier: 'flex',
    },
    { modalities: ['text'], verbosity: 'low', reasoning_effort: 'high', thinking: { type: 'enabled' } },
    { prediction: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
    {
      web_search_options: {
        search_context_size: 'low',
        user_location: { type: 'approximate', approximate: { city: 'Oslo' } },
      },
    },
    {
      prompt_cache_options: { mode: 'implicit', ttl: '30m' },
      prompt_cache_retention: '24h',
      moderation: { model: 'x' },
    },
    { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
    { made_up: 1 },
    messages(user, calling, result('b'), result('a')),
    messages(user, calling, result('a'), result('b'), { role: 'assistant', content: 'done' }, user),
    messages(
      { role: 'system', content: [{ type: 'text', text: 's' }] },
      { role: 'developer', content: 'd', name: 'n' },
      user,
      user,
    ),
    messages({
      role: 'user',
      content: [
        { type: 'text', text: 'see' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
      ],
    }),
    messages(
      user,
      {
        role: 'assistant',
        content: 'x',
        refusal: null,
        annotations: [],
        reasoning_content: 'r',
        audio: null,
        function_call: null,
        tool_calls: null,
      },
      user,
    ),
    messages(
      user,
      { role: 'assistant', function_call: { name: 'g', arguments: '{}' } },
      { role: 'function', name: 'g', content: 'r' },
    ),
  ]
  it.each(table.map((more) => [JSON.stringify(more), more] as const))('%s', (_, more) =>
    expect(acceptChat({ ...base, ...more }, 'ignore')).toBeNull(),
  )
})

describe('refused, naming the field', () => {
  const table: [string, string | null, JsonObject][] = [
    ['model', 'invalid_type', { model: 7 }],
    ['messages', 'invalid_type', { messages: 'x' }],
    ['messages', 'empty_array', { messages: [] }],
    ['messages[0]', 'invalid_type', messages('x')],
    ['messages[0].role', 'missing_required_parameter', messages({ content: 'x' })],
    ['messages[1].role', 'invalid_value', messages(user, { role: 'wizard', content: 'x' })],
    ['messages[0].content', 'missing_required_parameter', messages({ role: 'user' })],
    ['messages[0].content', 'invalid_type', messages({ role: 'user', content: null })],
    ['messages[0].content', 'invalid_type', messages({ role: 'user', content: 5 })],
    ['messages[0].content', 'empty_array', messages({ role: 'user', content: [] })],
    [
      'messages[0].content[0].type',
      'invalid_value',
      messages({ role: 'user', content: [{ type: 'smell' }] }),
    ],
    [
      'messages[0].content[0].text',
      'missing_required_parameter',
      messages({ role: 'user', content: [{ type: 'text' }] }),
    ],
    [
      'messages[0].content[0].image_url.url',
      'invalid_image_url',
      messages({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc' } }] }),
    ],
    [
      'messages[0].content[0].image_url.detail',
      'invalid_value',
      messages({
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: 'https://a.b/c', detail: 'best' } }],
      }),
    ],
    [
      'messages[0].content[0].type',
      'invalid_value',
      messages({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a.b/c' } }] }),
    ],
    ['messages[0].content', 'missing_required_parameter', messages({ role: 'assistant' })],
    [
      'messages[0].tool_calls[0].function.arguments',
      'invalid_type',
      messages({
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }],
      }),
    ],
    [
      'messages[0].tool_calls[0].id',
      'missing_required_parameter',
      messages({
        role: 'assistant',
        tool_calls: [{ type: 'function', function: { name: 'f', arguments: '' } }],
      }),
    ],
    ['messages[0].tool_call_id', 'missing_required_parameter', messages({ role: 'tool', content: 'x' })],
    ['messages[1].role', null, messages(user, result('a'))],
    ['messages[3].tool_call_id', null, messages(user, calling, result('a'), result('zzz'))],
    ['messages[1].tool_calls', null, messages(user, calling, result('a'))],
    ['messages[1].tool_calls', null, messages(user, calling, result('a'), user)],
    ['temperature', 'invalid_type', { temperature: '1' }],
    ['temperature', 'decimal_above_max_value', { temperature: 2.1 }],
    ['temperature', 'decimal_below_min_value', { temperature: -0.1 }],
    ['top_p', 'decimal_above_max_value', { top_p: 1.1 }],
    ['n', 'integer_below_min_value', { n: 0 }],
    ['n', 'integer_above_max_value', { n: 129 }],
    ['n', 'invalid_type', { n: 1.5 }],
    ['max_tokens', 'integer_below_min_value', { max_tokens: 0 }],
    ['max_completion_tokens', 'invalid_type', { max_completion_tokens: 'x' }],
    ['frequency_penalty', 'decimal_above_max_value', { frequency_penalty: 3 }],
    ['presence_penalty', 'decimal_below_min_value', { presence_penalty: -3 }],
    ['stop', 'array_above_max_length', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['stop[1]', 'invalid_type', { stop: ['a', 1] }],
    ['stop', 'invalid_type', { stop: 1 }],
    ['seed', 'invalid_type', { seed: 1.5 }],
    ['stream', 'invalid_type', { stream: 'true' }],
    ['stream_options', null, { stream_options: { include_usage: true } }],
    ['stream_options.include_usage', 'invalid_type', { stream: true, stream_options: { include_usage: 1 } }],
    ['logprobs', 'invalid_type', { logprobs: 1 }],
    ['top_logprobs', null, { top_logprobs: 2 }],
    ['top_logprobs', 'integer_above_max_value', { logprobs: true, top_logprobs: 21 }],
    ['logit_bias.1', 'integer_above_max_value', { logit_bias: { '1': 101 } }],
    ['tools', 'empty_array', { tools: [] }],
    ['tools[0].type', 'missing_required_parameter', { tools: [{ function: { name: 'f' } }] }],
    ['tools[0].function.name', 'invalid_value', { tools: [{ type: 'function', function: { name: 'a b' } }] }],
    [
      'tools[0].function.name',
      'string_above_max_length',
      { tools: [{ type: 'function', function: { name: 'a'.repeat(65) } }] },
    ],
    [
      'tools[0].function.parameters',
      'invalid_type',
      { tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] },
    ],
    [
      'tools[0].function.parameters',
      'invalid_function_parameters',
      {
        tools: [
          {
            type: 'function',
            function: { name: 'f', strict: true, parameters: { type: 'object', properties: {} } },
          },
        ],
      },
    ],
    ['tools', 'array_above_max_length', { tools: Array.from({ length: 129 }, () => tool) }],
    ['tool_choice', null, { tool_choice: 'auto' }],
    ['tool_choice', 'invalid_value', { tools: [tool], tool_choice: 'maybe' }],
    ['tool_choice', null, { tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } }],
    [
      'tool_choice.function',
      'missing_required_parameter',
      { tools: [tool], tool_choice: { type: 'function' } },
    ],
    ['parallel_tool_calls', null, { parallel_tool_calls: true }],
    ['parallel_tool_calls', 'invalid_type', { tools: [tool], parallel_tool_calls: 'no' }],
    ['function_call', null, { function_call: 'auto' }],
    ['messages', null, { ...messages(user), response_format: { type: 'json_object' } }],
    ['response_format.type', 'invalid_value', { response_format: { type: 'yaml' } }],
    ['response_format', 'invalid_type', { response_format: 'json' }],
    [
      'response_format.json_schema',
      'missing_required_parameter',
      { response_format: { type: 'json_schema' } },
    ],
    ['response_format.json_schema.name', 'missing_required_parameter', format({ schema: strict })],
    [
      'response_format.json_schema.schema',
      'invalid_json_schema',
      format({ name: 'x', strict: true, schema: { ...strict, required: [] } }),
    ],
    [
      'response_format.json_schema.schema.properties.a',
      'invalid_json_schema',
      format({ name: 'x', strict: true, schema: { ...strict, properties: { a: { type: 'object' } } } }),
    ],
    ['metadata.a', 'string_above_max_length', { metadata: { a: 'x'.repeat(513) } }],
    [
      'metadata',
      'object_above_max_properties',
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
    ],
    ['service_tier', 'invalid_value', { service_tier: 'first' }],
    ['reasoning_effort', 'invalid_value', { reasoning_effort: 'huge' }],
    ['verbosity', 'invalid_value', { verbosity: 'chatty' }],
    ['modalities[0]', 'invalid_value', { modalities: ['smell'] }],
    ['audio', 'missing_required_parameter', { modalities: ['text', 'audio'] }],
    ['user', 'invalid_type', { user: 1 }],
    ['thinking.type', 'invalid_value', { thinking: { type: 'deep' } }],
  ]
  it.each(
    table.map(([param, code, more]) => [param, code, JSON.stringify(more).slice(0, 80), more] as const),
  )('%s %s %s', (param, code, _, more) =>
    expect(acceptChat({ ...base, ...more }, 'ignore')).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
      code,
    }),
  )

  it('has a place in the error table for what the table knows', () => {
    expect(acceptChat({ messages: [user] }, 'ignore')).toMatchObject({
      param: 'model',
      situation: 'missing-model',
    })
    expect(acceptChat({ model: 'm' }, 'ignore')).toMatchObject({
      param: 'messages',
      situation: 'missing-messages',
    })
    expect(acceptChat([], 'ignore')).toMatchObject({ param: null, situation: 'wrong-type' })
    expect(acceptChat(null, 'ignore')).toMatchObject({ status: 400 })
    expect(acceptChat({ ...base, made_up: 1 }, 'refuse')).toMatchObject({
      param: 'made_up',
      code: 'unknown_parameter',
    })
    expect(
      acceptChat(JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":2}') as Json, 'ignore'),
    ).toMatchObject({ param: 'model' })
  })
})

describe('the promises of a profile', () => {
  const fields = {
    temperature: { fate: 'honoured' as const, requirements: [], maximum: 1, refusal: 'stated' as const },
    reasoning_effort: {
      fate: 'honoured' as const,
      requirements: [],
      values: ['low', 'high'],
      refusal: 'official' as const,
    },
    n: { fate: 'unsupported' as const, requirements: [] },
    user: { fate: 'ignored' as const, requirements: [] },
    'messages[].name': { fate: 'ignored' as const, requirements: [] },
  }
  const mine = { ...promise, fields }

  it('narrow what is accepted', () => {
    expect(withinPromises({ temperature: 1 }, mine)).toBeNull()
    expect(withinPromises({ temperature: 1.5 }, mine)).toMatchObject({ param: 'temperature' })
    expect(withinPromises({ reasoning_effort: 'medium' }, mine)).toMatchObject({ param: 'reasoning_effort' })
    expect(withinPromises({ n: 2 }, mine)).toMatchObject({ param: 'n' })
    expect(withinPromises({ n: null }, mine)).toBeNull()
  })

  it('take out what is ignored, in a copy', () => {
    const body = { user: 'u', seed: 1, messages: [{ role: 'user', name: 'x' }] }
    expect(heeded(body, mine)).toEqual({ seed: 1, messages: [{ role: 'user' }] })
    expect(heeded(body, promise)).toBe(body)
    expect(body.user).toBe('u')
  })
})
