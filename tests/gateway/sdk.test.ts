/** The newest `openai` package speaks to the gateway as it does to OpenAI. */
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { profile } from './profile.ts'

let gateway: Gateway
let client: OpenAI
const as = (apiKey: string) => new OpenAI({ baseURL: gateway.url, apiKey, maxRetries: 0 })
const ask = (content: string) => ({ model: 'small-1', messages: [{ role: 'user' as const, content }] })

beforeAll(async () => {
  gateway = await startGateway({ profile, tokenGapMs: 0, limitedPerMinute: 1 })
  client = as(KEYS.default)
})
afterAll(() => gateway.close())

const weather = {
  name: 'get_weather',
  description: 'Get the current weather for a city',
  parameters: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const } },
    required: ['city'],
  },
}

describe('the openai package', () => {
  it('creates a completion', async () => {
    const reply = await client.chat.completions.create(ask('Reply with exactly this text: ALPHA BRAVO'))
    expect(reply.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', logprobs: null })
    expect(reply.choices[0]!.message).toEqual({
      role: 'assistant',
      content: 'ALPHA BRAVO',
      refusal: null,
      annotations: [],
    })
    expect(reply.usage!.total_tokens).toBe(reply.usage!.prompt_tokens + reply.usage!.completion_tokens)
    expect(reply._request_id).toMatch(/^req_/)
  })

  it('iterates over a stream', async () => {
    const stream = await client.chat.completions.create({
      ...ask('Count from 1 to 30.'),
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    const usages: unknown[] = []
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usages.push(chunk.usage)
    }
    expect(text).toBe(Array.from({ length: 30 }, (_, i) => i + 1).join(' '))
    expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true)
    expect(usages.at(-1)).toMatchObject({ completion_tokens: 30 })
  })

  it('assembles a stream with its helper: text, and parallel tool calls', async () => {
    const text = await client.chat.completions
      .stream({ ...ask('Say "good morning"'), n: 2 })
      .finalChatCompletion()
    expect(text.choices.map(({ message }) => message.content)).toEqual(['good morning', 'good morning'])
    const called = await client.chat.completions
      .stream({
        ...ask('What is the weather in Paris and in Tokyo?'),
        tools: [{ type: 'function', function: weather }],
      })
      .finalChatCompletion()
    expect(called.choices[0]!.finish_reason).toBe('tool_calls')
    const calls = called.choices[0]!.message.tool_calls!.map(
      (call) => call.type === 'function' && call.function.arguments,
    )
    expect(calls).toEqual(['{"city":"Paris"}', '{"city":"Tokyo"}'])
  })

  it('runs a real tool over two turns, streamed or not', async () => {
    for (const stream of [true, false]) {
      const seen: string[] = []
      const tool = {
        type: 'function' as const,
        function: {
          ...weather,
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: ({ city }: { city: string }) => {
            seen.push(city)
            return `${city}: 31 degrees`
          },
        },
      }
      const body = { ...ask('What is the weather in Lisbon?'), tools: [tool] }
      const final = stream
        ? await client.chat.completions.runTools({ ...body, stream: true }).finalContent()
        : await client.chat.completions.runTools(body).finalContent()
      expect(seen).toEqual(['Lisbon'])
      expect(final).toContain('Lisbon: 31 degrees')
    }
  })

  it('throws typed errors', async () => {
    const create = (one: OpenAI, more = {}) => one.chat.completions.create({ ...ask('Say OK'), ...more })
    await expect(create(as('sk-fake-nobody'))).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    await expect(create(client, { temperature: 3 })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      status: 400,
      param: 'temperature',
      code: 'decimal_above_max_value',
      type: 'invalid_request_error',
    })
    await expect(create(client, { model: 'no-such-model' })).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: 'model_not_found',
    })
    await create(as(KEYS.limited))
    await expect(create(as(KEYS.limited))).rejects.toMatchObject({
      constructor: OpenAI.RateLimitError,
      status: 429,
    })
    await expect(create(as(KEYS.restricted))).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError)
    await expect(create(as(KEYS.exhausted))).rejects.toMatchObject({ status: 402 })
    await expect(create(as(KEYS.expired))).rejects.toMatchObject({ status: 401, code: 'expired_api_key' })
  })

  it('gets n choices, logprobs and a schema', async () => {
    const many = await client.chat.completions.create({
      ...ask('Write a story.'),
      n: 2,
      max_tokens: 5,
      logprobs: true,
      top_logprobs: 2,
    })
    expect(many.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'length'],
      [1, 'length'],
    ])
    const [entry] = many.choices[0]!.logprobs!.content!
    expect(many.choices[0]!.logprobs!.content!.map(({ token }) => token).join('')).toBe(
      many.choices[0]!.message.content,
    )
    expect(entry!.top_logprobs).toHaveLength(2)
    expect(entry!.top_logprobs[0]!.token).toBe(entry!.token)
    expect(entry!.top_logprobs[1]!.logprob).toBeLessThan(entry!.logprob)
    expect(Buffer.from(entry!.bytes!).toString()).toBe(entry!.token)

    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, size: { type: 'integer', minimum: 3 } },
      required: ['city', 'size'],
      additionalProperties: false,
    }
    const parsed = await client.chat.completions.parse({
      ...ask('Describe a town.'),
      response_format: { type: 'json_schema', json_schema: { name: 'town', strict: true, schema } },
    })
    expect(parsed.choices[0]!.message.parsed).toEqual({ city: expect.any(String), size: expect.any(Number) })
  })

  it('lists models', async () => {
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    expect(ids).toEqual(['small-1', 'deep-1'])
    expect(await client.models.retrieve('deep-1')).toMatchObject({ id: 'deep-1', object: 'model' })
    await expect(client.models.retrieve('none')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})
