import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { JsonObject } from '../../fixtures/gateway/json.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import { serve } from '../../fixtures/gateway/serve.ts'
import type { ErrorPromise, ErrorSituation } from '../../specs/types.ts'
import { chat, chunks, json, post, raw, rawChat, records } from './ask.ts'
import { profile, promise } from './profile.ts'

const open: Gateway[] = []
async function start(more: Partial<GatewayOptions> = {}) {
  const gateway = await startGateway({ profile, tokenGapMs: 0, now: () => 1_700_000_000_123, ...more })
  open.push(gateway)
  return gateway
}
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

describe('refusals', () => {
  it('all have the envelope, a request id and no secrets', async () => {
    const gateway = await start({ bodyLimit: 5000 })
    const key = 'sk-fake-secret-nobody-knows'
    const cases: [number, string | null, Promise<{ status: number; headers: Headers; text: string }>][] = [
      [401, null, post(gateway, chat('x'), { authorization: '' })],
      [401, null, post(gateway, chat('x'), { authorization: `Basic ${key}` })],
      [401, 'invalid_api_key', post(gateway, chat('x'), { authorization: `Bearer ${key}` })],
      [401, 'invalid_api_key', post(gateway, chat('x'), { authorization: `Bearer ${KEYS.revoked}` })],
      [401, 'expired_api_key', post(gateway, chat('x'), { authorization: `Bearer ${KEYS.expired}` })],
      [402, 'insufficient_balance', post(gateway, chat('x'), { authorization: `Bearer ${KEYS.exhausted}` })],
      [403, 'model_not_allowed', post(gateway, chat('x'), { authorization: `Bearer ${KEYS.restricted}` })],
      [404, 'model_not_found', post(gateway, chat('x', { model: 'nope' }))],
      [404, 'unknown_url', post(gateway, chat('x'), {}, '/completions')],
      [404, 'unknown_url', post(gateway, chat('x'), {}, '/chat/completions/')],
      [404, 'unknown_url', post(gateway, '', {}, '/%zz', 'GET')],
      [405, 'method_not_supported', post(gateway, '', {}, '/chat/completions', 'GET')],
      [405, 'method_not_supported', post(gateway, '', {}, '/models', 'DELETE')],
      [413, 'request_too_large', post(gateway, chat('x'.repeat(6000)))],
      [415, 'unsupported_content_type', post(gateway, chat('x'), { 'content-type': 'text/plain' })],
      [415, 'unsupported_content_type', post(gateway, chat('x'), { 'content-type': 'nonsense' })],
      [400, null, post(gateway, '{"model":')],
      [400, null, post(gateway, '')],
      [400, null, post(gateway, `${'['.repeat(2000)}${']'.repeat(2000)}`)],
      [400, null, post(gateway, new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
      [400, 'invalid_type', post(gateway, '[]')],
      [400, 'invalid_type', post(gateway, chat('x', { stream: 'yes' }))],
    ]
    for (const [status, code, asked] of cases) {
      const got = await asked
      expect([got.status, json(got)], got.text).toEqual([
        status,
        {
          error: {
            message: expect.any(String),
            type: expect.any(String),
            param: status === 400 || code?.startsWith('model') ? expect.toSatisfy(() => true) : null,
            code,
          },
        },
      ])
      expect(got.headers.get('x-request-id')).toMatch(/^req_[a-z0-9]{32}$/)
      expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(got.text).not.toMatch(/sk-fake|\.ts\b|node_modules|\/home\/|at \w+ \(/)
    }
  })

  it('says which methods are allowed, and asks for a key', async () => {
    const gateway = await start()
    expect((await post(gateway, '', {}, '/chat/completions', 'GET')).headers.get('allow')).toBe('POST')
    expect((await post(gateway, '', {}, '/models/small-1', 'PATCH')).headers.get('allow')).toBe('GET')
    expect((await post(gateway, chat('x'), { authorization: '' })).headers.get('www-authenticate')).toMatch(
      /^Bearer/,
    )
  })

  it('follow the error table of the profile', async () => {
    const row = (status: number, more: Partial<ErrorPromise> = {}): ErrorPromise => ({
      status: [status],
      otherwise: 'warn',
      refusal: 'stated',
      requirements: [],
      ...more,
    })
    const errors: Partial<Record<ErrorSituation, ErrorPromise>> = {
      'unknown-model': row(403, { type: ['permission_error'], code: ['model_not_available'] }),
      'wrong-content-type': row(400),
    }
    const gateway = await start({
      profile: { ...profile, dialects: { 'openai-chat': { ...promise, errors } } },
    })
    const unknown = await post(gateway, chat('x', { model: 'nope' }))
    expect(unknown.status).toBe(403)
    expect(json(unknown).error).toMatchObject({ type: 'permission_error', code: 'model_not_available' })
    expect((await post(gateway, chat('x'), { 'content-type': 'text/plain' })).status).toBe(400)
  })

  it('answers what is not HTTP', async () => {
    const { text } = await raw(await start(), 'NONSENSE\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(
      json({ status: 400, headers: new Headers(), text: text.split('\r\n\r\n')[1]! }).error,
    ).toMatchObject({ code: null })
  })
})

describe('what is let through', () => {
  it('a scheme in any case, a charset, duplicate keys, lone surrogates, a BOM', async () => {
    const gateway = await start()
    expect((await post(gateway, chat('Say OK'), { authorization: `bearer ${KEYS.default}` })).status).toBe(
      200,
    )
    expect(
      (await post(gateway, chat('Say OK'), { 'content-type': 'application/json; charset=UTF-8' })).status,
    ).toBe(200)
    const twice = '{"model":"x","model":"small-1","messages":[{"role":"user","content":"Say OK"}]}'
    expect((await post(gateway, twice)).status).toBe(200)
    expect((await post(gateway, `\ufeff${twice}`)).status).toBe(200)
    const lone = await post(
      gateway,
      '{"model":"small-1","messages":[{"role":"user","content":"Say exactly: a\\ud83d"}]}',
    )
    expect([lone.status, json(lone).choices]).toEqual([
      200,
      [expect.objectContaining({ message: expect.objectContaining({ content: 'a\ud83d' }) })],
    ])
  })
})

describe('limits', () => {
  it('are counted by key and minute, and told in headers', async () => {
    let now = 1_000_000
    const gateway = await start({ now: () => now, limitedPerMinute: 2 })
    const ask = () => post(gateway, chat('Say OK'), { authorization: `Bearer ${KEYS.limited}` })
    expect((await ask()).headers.get('x-ratelimit-remaining-requests')).toBe('1')
    now += 15_000
    expect((await ask()).status).toBe(200)
    const refused = await ask()
    expect([refused.status, refused.headers.get('retry-after'), json(refused).error]).toEqual([
      429,
      '45',
      { message: expect.any(String), type: 'requests', param: null, code: 'rate_limit_exceeded' },
    ])
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect(refused.headers.get('x-ratelimit-reset-requests')).toBe('45s')
    expect((await post(gateway, chat('Say OK'))).status).toBe(200)
    now += 45_000
    expect((await ask()).status).toBe(200)
  })

  it('refuses a prompt that is too long', async () => {
    const got = await post(await start({ contextTokens: 50 }), chat('word '.repeat(60)))
    expect([got.status, json(got).error]).toMatchObject([
      400,
      { code: 'context_length_exceeded', param: 'messages' },
    ])
  })
})

describe('streams', () => {
  it('have the official order, with usage where it is asked for', async () => {
    const gateway = await start()
    const got = await post(
      gateway,
      chat('Say good morning', { stream: true, n: 2, stream_options: { include_usage: true } }),
    )
    expect(got.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(got.headers.get('cache-control')).toBe('no-cache')
    expect(records(got.text).at(-1)).toBe('[DONE]')
    const all = chunks(got.text)
    expect(new Set(all.map(({ id, created, model }) => JSON.stringify([id, created, model]))).size).toBe(1)
    expect(all.map(({ choices }) => choices)).toMatchObject([
      [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      [{ index: 1, delta: { role: 'assistant', content: '' } }],
      [{ index: 0, delta: { content: 'good' } }],
      [{ index: 1, delta: { content: 'good' } }],
      ...Array.from({ length: all.length - 7 }, () => expect.anything()),
      [{ index: 0, delta: {}, finish_reason: 'stop' }],
      [{ index: 1, delta: {}, finish_reason: 'stop' }],
      [],
    ])
    expect(all.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    expect(all.at(-1)!.usage).toMatchObject({ completion_tokens: 6 })
    expect(all.every(({ obfuscation }) => typeof obfuscation === 'string')).toBe(true)
    const plain = await post(
      gateway,
      chat('Say OK', { stream: true, stream_options: { include_obfuscation: false } }),
    )
    expect(chunks(plain.text).some((chunk) => 'obfuscation' in chunk || 'usage' in chunk)).toBe(false)
  })

  it('carry tool calls in fragments', async () => {
    const tools = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ]
    const got = await post(
      await start(),
      chat('What is the weather in Paris and in Tokyo?', { stream: true, tools }),
    )
    const deltas = chunks(got.text).map(
      ({ choices }) => (choices as { delta: { tool_calls?: unknown[] } }[])[0]!.delta,
    )
    expect(deltas[0]).toEqual({ role: 'assistant', content: null, refusal: null })
    const fragments = deltas.flatMap(({ tool_calls }) => tool_calls ?? []) as {
      index: number
      id?: string
      type?: string
      function: { name?: string; arguments: string }
    }[]
    for (const index of [0, 1]) {
      const [head, ...rest] = fragments.filter((fragment) => fragment.index === index)
      expect(head).toEqual({
        index,
        id: expect.stringMatching(/^call_/),
        type: 'function',
        function: { name: 'get_weather', arguments: '' },
      })
      expect(
        rest.every(
          (fragment) =>
            Object.keys(fragment).join() === 'index,function' &&
            Object.keys(fragment.function).join() === 'arguments',
        ),
      ).toBe(true)
      expect(rest.map((fragment) => fragment.function.arguments).join('')).toBe(
        JSON.stringify({ city: ['Paris', 'Tokyo'][index] }),
      )
    }
  })

  it('carry reasoning, and logprobs a token', async () => {
    const gateway = await start({ profile: { ...profile, id: 'other' } })
    const thinking = {
      model: 'deep-1',
      reasoning_effort: 'low',
      stream: true,
      logprobs: true,
      top_logprobs: 1,
    }
    const got = await post(gateway, chat('Say OK', thinking))
    const choices = chunks(got.text).map((chunk) => (chunk.choices as { delta: JsonObject }[])[0]!)
    expect(choices.filter(({ delta }) => delta.reasoning_content !== undefined)).toHaveLength(8)
    const spoken = choices.filter(({ delta }) => delta.content)
    const entry = { token: 'OK', bytes: [79, 75], top_logprobs: [{ token: 'OK' }] }
    expect(spoken).toMatchObject([
      { delta: { content: 'OK' }, logprobs: { content: [entry], refusal: null } },
    ])
  })
})

describe('what the service adds', () => {
  it('OpenAI counts reasoning and does not show it, and says stop after a named tool', async () => {
    const gateway = await start()
    const thought = json(await post(gateway, chat('Say OK', { model: 'deep-1', reasoning_effort: 'low' })))
    expect(JSON.stringify(thought)).not.toContain('reasoning_content')
    expect(thought.usage).toMatchObject({
      completion_tokens: 9,
      completion_tokens_details: { reasoning_tokens: 8 },
    })
    const named = {
      tools: [{ type: 'function', function: { name: 'ping' } }],
      tool_choice: { type: 'function', function: { name: 'ping' } },
    }
    const called = {
      message: { content: null, tool_calls: [{ function: { name: 'ping', arguments: '{}' } }] },
    }
    expect(json(await post(gateway, chat('x', named))).choices).toMatchObject([
      { ...called, finish_reason: 'stop' },
    ])
    const other = await start({ profile: { ...profile, id: 'other' } })
    expect(json(await post(other, chat('x', named))).choices).toMatchObject([
      { ...called, finish_reason: 'tool_calls' },
    ])
  })

  it('metadata, tier, moderation and a spoken answer', async () => {
    const gateway = await start()
    const more = { metadata: { a: 'b' }, service_tier: 'flex', moderation: { model: 'm' } }
    expect(json(await post(gateway, chat('Say OK', more)))).toMatchObject({
      metadata: { a: 'b' },
      service_tier: 'flex',
      moderation: { input: { results: [{ flagged: false }] }, output: { type: 'moderation_results' } },
    })
    const spoken = { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }
    const [choice] = json(await post(gateway, chat('Say OK', spoken))).choices as { message: JsonObject }[]
    expect(choice!.message).toMatchObject({
      content: null,
      audio: { transcript: 'OK', expires_at: 1_700_003_600 },
    })
    const { data } = choice!.message.audio as { data: string }
    expect(Buffer.from(data, 'base64').toString('latin1')).toMatch(/^RIFF/)
    const streamed = chunks((await post(gateway, chat('Say OK', { ...spoken, stream: true }))).text)
    expect(JSON.stringify(streamed)).toContain(data)
  })

  it('spells cached tokens as the profile does', async () => {
    const response = { 'usage.prompt_tokens_details.cached_token': { requirements: [] } }
    const odd = { ...profile, dialects: { 'openai-chat': { ...promise, response } } }
    const { usage } = json(await post(await start({ profile: odd }), chat('Say OK')))
    expect(usage).toMatchObject({ prompt_tokens_details: { cached_token: 0 } })
  })
})

describe('the journal and determinism', () => {
  it('gives the same bytes for the same seed', async () => {
    const bytes = async (seed: number) => {
      const gateway = await start({ seed })
      const plain = await post(gateway, chat('Write a story', { n: 2, logprobs: true }))
      const stream = await post(gateway, chat('Write a story', { stream: true }))
      return plain.text + stream.text + plain.headers.get('x-request-id')
    }
    const first = await bytes(7)
    expect(await bytes(7)).toBe(first)
    expect(await bytes(8)).not.toBe(first)
  })

  it('remembers what came and what went, without credentials', async () => {
    const gateway = await start()
    await post(gateway, chat('Say OK', { stream: true }), { 'x-api-key': 'sk-fake-other' })
    const [entry] = gateway.journal.entries
    expect(entry).toMatchObject({
      id: 1,
      method: 'POST',
      url: '/v1/chat/completions',
      role: 'default',
      status: 200,
      end: 'finished',
      hungUp: false,
    })
    expect(JSON.parse(entry!.body)).toEqual(chat('Say OK', { stream: true }))
    expect(entry!.headers).toMatchObject({
      authorization: '[removed]',
      'x-api-key': '[removed]',
      'content-type': 'application/json',
    })
    expect(JSON.stringify(entry)).not.toContain('sk-fake')
    expect(entry!.sent).toHaveLength(4)
    gateway.journal.clear()
    expect(gateway.journal.entries).toEqual([])
  })

  it('notices that the client hangs up, and stops', async () => {
    const gateway = await start({ tokenGapMs: 1 })
    const stop = new AbortController()
    const response = await fetch(`${gateway.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS.default}` },
      body: JSON.stringify(chat('Count from 1 to 3000.', { stream: true })),
      signal: stop.signal,
    })
    await response.body!.getReader().read()
    stop.abort()
    const [entry] = gateway.journal.entries
    await expect.poll(() => entry!.hungUp).toBe(true)
    expect(entry!.sent.length).toBeLessThan(3000)
    expect(entry!.end).toBe('open')
  })

  it('serves for the command line', async () => {
    const gateway = await serve({ profile, twist: { options: { tokenGapMs: 0 } } })
    open.push(gateway)
    expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/)
    expect((await raw(gateway, rawChat(chat('Say OK')))).text).toContain('"content":"OK"')
  })
})
