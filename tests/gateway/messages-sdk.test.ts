/** The official clients, the newest and the last 0.x, speak to the gateway as they do to Anthropic. */
import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import Anthropic0 from 'anthropic-sdk-0'
import { betaTool as betaTool0 } from 'anthropic-sdk-0/helpers/beta/json-schema'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { NEW, OLD, ONE_CITY, TWO_CITIES } from './ask-messages.ts'
import { messagesProfile } from './profile.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ profile: messagesProfile, tokenGapMs: 0, limitedPerMinute: 1 })
})
afterAll(() => gateway.close())
afterEach(() => {
  gateway.setTwist(undefined)
  gateway.journal.clear()
})

const ask = (content: string) => ({
  model: 'small-1',
  max_tokens: 2000,
  messages: [{ role: 'user' as const, content }],
})
const ECHO = 'Reply with exactly this text and nothing else: ALPHA BRAVO'
const city = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const, description: 'Name of the city' } },
  required: ['city'],
}
const weather = { name: 'get_weather', description: 'Get the current weather in a city.', input_schema: city }
const described = { name: weather.name, description: weather.description, inputSchema: city }
const told = { run: (input: Record<string, unknown>) => `Fog in ${String(input.city)}.` }

const newest = {
  name: '@anthropic-ai/sdk',
  version: NEW,
  sdk: Anthropic as unknown as typeof Anthropic0,
  tool: betaTool({ ...described, ...told }) as unknown as ReturnType<typeof betaTool0>,
}
const last0 = {
  name: 'anthropic-sdk-0',
  version: OLD,
  sdk: Anthropic0,
  tool: betaTool0({ ...described, ...told }) as ReturnType<typeof betaTool0>,
}

describe.each([newest, last0])('$name', ({ sdk, version, tool }) => {
  const as = (apiKey: string) =>
    new sdk({ baseURL: gateway.urls['anthropic-messages']!, apiKey, maxRetries: 0 })
  const client = () => as(KEYS.default)

  it('creates a message', async () => {
    const message = await client().messages.create(ask(ECHO))
    expect(message.content).toMatchObject([{ type: 'text', text: 'ALPHA BRAVO' }])
    expect([message.stop_reason, message.stop_sequence]).toEqual(['end_turn', null])
    expect(message._request_id).toMatch(/^req_/)
    expect(gateway.journal.entries[0]!.headers['anthropic-version']).toBe(version)
  })

  it('assembles a stream with its helper', async () => {
    const stream = client().messages.stream(ask('Count from 1 to 30.'))
    let heard = ''
    const seen = new Set<string>()
    stream.on('text', (delta) => {
      heard += delta
    })
    stream.on('streamEvent', ({ type }) => seen.add(type))
    const message = await stream.finalMessage()
    expect(heard).toBe(Array.from({ length: 30 }, (_, i) => i + 1).join(' '))
    expect(message.content).toMatchObject([{ type: 'text', text: heard }])
    expect(message.usage.output_tokens).toBe(30)
    expect([...seen].slice(-2)).toEqual(['message_delta', 'message_stop'])
  })

  it('iterates over the events of a stream', async () => {
    const seen: string[] = []
    const asked = { ...ask(TWO_CITIES), tools: [weather], stream: true as const }
    for await (const event of await client().messages.create(asked)) seen.push(event.type)
    expect([seen[0], seen.at(-1)]).toEqual(['message_start', 'message_stop'])
    expect(seen.filter((type) => type === 'content_block_start')).toHaveLength(2)
  })

  it.each([false, true])('loops over a tool by hand, stream: %s', async (streamed) => {
    const asked = { ...ask(TWO_CITIES), tools: [weather] }
    const first = await (streamed
      ? client().messages.stream(asked).finalMessage()
      : client().messages.create(asked))
    const calls = first.content.filter((block) => block.type === 'tool_use')
    expect(first.stop_reason).toBe('tool_use')
    expect(calls.map(({ input }) => input)).toEqual([{ city: 'Paris' }, { city: 'Tokyo' }])
    const results = calls.map(({ id }, i) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: i === 0 ? 'Fog.' : [{ type: 'text' as const, text: 'Sun.' }],
    }))
    const messages = [
      ...asked.messages,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: results },
    ]
    const second = await client().messages.create({ ...asked, messages })
    expect(second.stop_reason).toBe('end_turn')
    expect(second.content).toMatchObject([{ text: expect.stringMatching(/Fog[\s\S]*Sun/) }])
  })

  it('runs a tool with its runner', async () => {
    const runner = client().beta.messages.toolRunner({ ...ask(ONE_CITY), tools: [tool] })
    const message = await runner
    expect(message.content).toMatchObject([{ type: 'text', text: expect.stringContaining('Fog in Paris.') }])
    // The newest one asks first whether the gateway keeps conversations between requests.
    const statuses = gateway.journal.entries.map(({ status }) => status)
    expect(statuses).toEqual(version === NEW ? [400, 200, 200] : [200, 200])
    const last = gateway.journal.entries.at(-1)!
    expect(JSON.parse(last.body)).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }, {}] })
    expect(last.url).toBe(version === NEW ? '/v1/messages' : '/v1/messages?beta=true')
  })

  it('thinks, and takes its thinking back byte by byte', async () => {
    const asked = {
      ...ask(ONE_CITY),
      tools: [weather],
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    }
    const first = await client().messages.stream(asked).finalMessage()
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use'])
    const call = first.content[1] as Anthropic0.ToolUseBlock
    const answered = (content: Anthropic0.ContentBlock[]) => ({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant' as const, content },
        {
          role: 'user' as const,
          content: [{ type: 'tool_result' as const, tool_use_id: call.id, content: 'Fog.' }],
        },
      ],
    })
    expect((await client().messages.create(answered(first.content))).stop_reason).toBe('end_turn')
    const forged = { ...(first.content[0] as Anthropic0.ThinkingBlock), thinking: 'Something else.' }
    await expect(client().messages.create(answered([forged, call]))).rejects.toBeInstanceOf(
      sdk.BadRequestError,
    )
  })

  it('counts tokens and lists models', async () => {
    const { max_tokens: _, ...counted } = { ...ask(ONE_CITY), tools: [weather] }
    const { input_tokens } = await client().messages.countTokens(counted)
    const { usage } = await client().messages.create({ ...counted, max_tokens: 99 })
    expect(usage.input_tokens).toBe(input_tokens)
    const ids: string[] = []
    for await (const model of client().models.list()) ids.push(model.id)
    expect(ids).toEqual(['small-1', 'plain-1'])
    expect(await client().models.retrieve('plain-1')).toMatchObject({ type: 'model', id: 'plain-1' })
  })

  it('throws typed errors', async () => {
    const error = (status: number, type: string) => ({ status, error: { type: 'error', error: { type } } })
    await expect(client().messages.create({ ...ask('x'), max_tokens: -1 })).rejects.toMatchObject({
      constructor: sdk.BadRequestError,
      ...error(400, 'invalid_request_error'),
    })
    await expect(as('sk-fake-nobody').messages.create(ask('x'))).rejects.toMatchObject({
      constructor: sdk.AuthenticationError,
      ...error(401, 'authentication_error'),
      requestID: expect.stringMatching(/^req_/),
    })
    await expect(client().messages.create({ ...ask('x'), model: 'none' })).rejects.toMatchObject({
      constructor: sdk.NotFoundError,
      ...error(404, 'not_found_error'),
    })
    await as(KEYS.limited).messages.create(ask('x'))
    await expect(as(KEYS.limited).messages.create(ask('x'))).rejects.toMatchObject({
      constructor: sdk.RateLimitError,
      ...error(429, 'rate_limit_error'),
    })
  })

  it('throws what an overloaded platform answers, before a stream and inside it', async () => {
    const overloaded = { message: 'Overloaded', type: 'overloaded_error', param: null, code: null }
    gateway.setTwist({ admit: () => ({ status: 529, ...overloaded }) })
    const before = await client()
      .messages.create(ask('x'))
      .catch((error: unknown) => error)
    expect(before).toBeInstanceOf(sdk.InternalServerError)
    expect(before).toMatchObject({ status: 529 })
    const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    gateway.setTwist({ chunks: (all) => [...all.slice(0, 4), event] })
    await expect(client().messages.stream(ask('Count to 9.')).finalMessage()).rejects.toBeInstanceOf(
      sdk.APIError,
    )
  })
})
