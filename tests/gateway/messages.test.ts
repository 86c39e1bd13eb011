/** The Messages endpoint: replies, streams, stop reasons, counts, models, errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type JsonObject, listOf, objectOf } from '../../fixtures/gateway/json.ts'
import { json, raw } from './ask.ts'
import {
  assembled,
  content,
  events,
  message,
  NEW,
  OLD,
  ONE_CITY,
  send,
  TWO_CITIES,
  WEATHER,
} from './ask-messages.ts'
import { bothProfile, messagesProfile } from './profile.ts'

const REFUSAL =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'
const REDACTED =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'
const THINKING = { thinking: { type: 'enabled', budget_tokens: 1024 } }
const SEARCH = { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }
const ECHO = 'Reply with exactly this text and nothing else: alpha beta gamma'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ profile: messagesProfile, tokenGapMs: 0, limitedPerMinute: 1 })
})
afterAll(() => gateway.close())

const types = (body: JsonObject) => listOf(body.content).map((block) => objectOf(block).type)

describe('a message', () => {
  it('has what the official types list', async () => {
    const got = await send(gateway, message('Reply with the single word OK.'))
    expect(got.status).toBe(200)
    expect(got.headers.get('request-id')).toMatch(/^req_/)
    expect(got.headers.get('x-request-id')).toBeNull()
    expect(json(got)).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'small-1',
      content: [{ type: 'text', text: 'OK', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: expect.objectContaining({ input_tokens: 16, output_tokens: 1 }),
    })
  })

  it.each<[string, JsonObject, string, string | null, string[]]>([
    ['an end', message(ECHO), 'end_turn', null, ['text']],
    ['a limit', message('Count from 1 to 99.', { max_tokens: 3 }), 'max_tokens', null, ['text']],
    ['a stop sequence', message(ECHO, { stop_sequences: ['zz', 'gam'] }), 'stop_sequence', 'gam', ['text']],
    ['a stop at once', message(ECHO, { stop_sequences: ['alpha'] }), 'stop_sequence', 'alpha', []],
    ['a call', message(ONE_CITY, { tools: [WEATHER] }), 'tool_use', null, ['tool_use']],
    ['two calls', message(TWO_CITIES, { tools: [WEATHER] }), 'tool_use', null, ['tool_use', 'tool_use']],
    ['a cut call', message(ONE_CITY, { tools: [WEATHER], max_tokens: 6 }), 'max_tokens', null, ['tool_use']],
    ['a refusal', message(REFUSAL), 'refusal', null, []],
    ['a plain refusal', message('Refuse to answer this question.'), 'refusal', null, []],
    ['thinking', message(ECHO, THINKING), 'end_turn', null, ['thinking', 'text']],
    ['hidden thinking', message(REDACTED, THINKING), 'end_turn', null, ['redacted_thinking', 'text']],
    [
      'a search',
      message('Search the web for the capital of France.', SEARCH),
      'end_turn',
      null,
      ['server_tool_use', 'web_search_tool_result', 'text'],
    ],
    [
      'a paused search',
      message('Do a long research on the web about owls.', SEARCH),
      'pause_turn',
      null,
      ['server_tool_use', 'web_search_tool_result'],
    ],
    ['nothing to say', message(ECHO, { max_tokens: 0 }), 'max_tokens', null, []],
  ])('%s: the same whole and as a stream', async (_, body, reason, sequence, blocks) => {
    const whole = json(await send(gateway, body))
    expect([whole.stop_reason, whole.stop_sequence, types(whole)]).toEqual([reason, sequence, blocks])
    const streamed = assembled((await send(gateway, { ...body, stream: true })).text)
    const made = /"(?:id|signature|data|tool_use_id|encrypted_content|req\w*)":"[^"]*"/g
    const plain = (value: JsonObject) =>
      JSON.parse(JSON.stringify(value).replace(made, '"_":0')) as JsonObject
    const { service_tier, inference_geo, speed, cache_creation, ...usage } = objectOf(whole.usage)
    expect(plain({ ...streamed, usage: {} })).toEqual(plain({ ...whole, usage: {} }))
    expect(streamed.usage).toMatchObject(usage)
    expect(Number(usage.output_tokens)).toBeLessThanOrEqual(Number(body.max_tokens))
  })

  it('gives of a cut call what stands for itself', async () => {
    const note = {
      name: 'save_note',
      description: 'Save a note.',
      input_schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    }
    const asked = message('Save a note with exactly this text: one two three four five', { tools: [note] })
    const [cut] = content(await send(gateway, { ...asked, max_tokens: 8 }))
    expect(cut).toMatchObject({ type: 'tool_use', name: 'save_note', input: {} })
  })

  it('goes on from what was begun', async () => {
    const turns = [
      { role: 'user', content: 'Count from 1 to 6 in digits.' },
      { role: 'assistant', content: '1 2 3' },
    ]
    expect(content(await send(gateway, message('', { messages: turns })))).toMatchObject([{ text: ' 4 5 6' }])
  })

  it('goes on with a paused turn', async () => {
    const asked = message('Do a long research on the web about owls.', SEARCH)
    const first = json(await send(gateway, asked))
    const turns = [...listOf(asked.messages), { role: 'assistant', content: first.content! }]
    expect(json(await send(gateway, { ...asked, messages: turns }))).toMatchObject({
      stop_reason: 'end_turn',
    })
  })

  it('says a sentence ahead of a call where it is asked to', async () => {
    const prompt = 'Write the sentence "Let me look." and then call the tool to get the weather in Paris.'
    const blocks = content(await send(gateway, message(prompt, { tools: [WEATHER] })))
    expect(blocks).toMatchObject([
      { text: 'Let me look.' },
      { name: 'get_weather', input: { city: 'Paris' } },
    ])
  })

  it('reads documents, cites them, and sees colours', async () => {
    const source = { type: 'text', media_type: 'text/plain', data: 'The code word is MANGO77.' }
    const question = { type: 'text', text: 'Which code word stands in the document? Reply with it only.' }
    const cited = { type: 'document', source, title: 'Words', citations: { enabled: true } }
    const asked = message([cited, question])
    const [block] = content(await send(gateway, asked))
    expect(block).toMatchObject({
      text: 'MANGO77',
      citations: [{ type: 'char_location', document_index: 0 }],
    })
    const stream = events((await send(gateway, { ...asked, stream: true })).text)
    const kinds = stream.map(({ data }) => objectOf(data.delta).type)
    expect(kinds.filter((kind) => kind === 'citations_delta')).toHaveLength(1)
    const page = Buffer.from('BT (The code word is KIWI5.) Tj ET').toString('base64')
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: page } }
    expect(content(await send(gateway, message([pdf, question])))).toMatchObject([{ text: 'KIWI5' }])
  })
})

describe('a stream', () => {
  it('is a start, a ping, blocks in order, and an end', async () => {
    const got = await send(gateway, message(TWO_CITIES, { tools: [WEATHER], stream: true }))
    expect(got.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const all = events(got.text)
    expect(all.every(({ name, data }) => name === data.type)).toBe(true)
    const outline = all.map(({ name, data }) => `${name} ${data.index ?? ''}`.trim())
    expect(outline.slice(0, 3)).toEqual(['message_start', 'ping', 'content_block_start 0'])
    expect(outline.filter((line) => !line.startsWith('content_block_delta')).slice(2)).toEqual([
      'content_block_start 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_stop 1',
      'message_delta',
      'message_stop',
    ])
    expect(got.text).not.toContain('[DONE]')
    expect(objectOf(all[3]!.data.delta)).toEqual({ type: 'input_json_delta', partial_json: '' })
    expect(objectOf(all[2]!.data.content_block).input).toEqual({})
  })

  it('gives the signature last in its block', async () => {
    const all = events((await send(gateway, message(ECHO, { ...THINKING, stream: true }))).text)
    const first = all.filter(({ data }) => data.index === 0).map(({ data }) => objectOf(data.delta).type)
    expect(first.at(-2)).toBe('signature_delta')
    expect(first.slice(1, -2).every((kind) => kind === 'thinking_delta')).toBe(true)
  })

  it('leaves a call without arguments empty', async () => {
    const tool = {
      name: 'get_status',
      description: 'Status.',
      input_schema: { type: 'object', properties: {} },
    }
    const asked = message('Get the status with the tool.', { tools: [tool], stream: true })
    expect(content({ ...(await send(gateway, { ...asked, stream: false })) })).toMatchObject([{ input: {} }])
    expect(listOf(assembled((await send(gateway, asked)).text).content)).toMatchObject([{ input: {} }])
  })
})

describe('beside messages', () => {
  it('counts what a message is charged', async () => {
    const { max_tokens: _, ...asked } = message(ONE_CITY, { tools: [WEATHER], system: 'Be brief.' })
    const counted = json(await send(gateway, asked, {}, '/v1/messages/count_tokens'))
    const { usage } = json(await send(gateway, { ...asked, max_tokens: 99 }))
    expect(counted).toEqual({ input_tokens: objectOf(usage).input_tokens })
    expect((await send(gateway, { model: 'small-1' }, {}, '/v1/messages/count_tokens')).status).toBe(400)
  })

  it('lists models', async () => {
    const entry = { type: 'model', display_name: expect.any(String), created_at: expect.stringMatching(/Z$/) }
    expect(json(await send(gateway, undefined, {}, '/v1/models'))).toEqual({
      data: [
        { ...entry, id: 'small-1' },
        { ...entry, id: 'plain-1' },
      ],
      has_more: false,
      first_id: 'small-1',
      last_id: 'plain-1',
    })
    expect(json(await send(gateway, undefined, {}, '/v1/models/plain-1'))).toMatchObject({ id: 'plain-1' })
    const none = await send(gateway, undefined, {}, '/v1/models/none')
    expect([none.status, json(none).error]).toMatchObject([404, { type: 'not_found_error' }])
  })

  it('serves ?beta=true, and refuses HEAD / harmlessly', async () => {
    expect((await send(gateway, message(ECHO), {}, '/v1/messages?beta=true')).status).toBe(200)
    expect((await send(gateway, undefined, {}, '/', 'HEAD')).status).toBe(404)
  })
})

describe('errors', () => {
  it.each<[string, number, string, JsonObject | string, Record<string, string | null>, string?]>([
    ['no JSON', 400, 'invalid_request_error', '{', {}],
    ['no key', 401, 'authentication_error', message('x'), { 'x-api-key': null }],
    ['wrong key', 401, 'authentication_error', message('x'), { 'x-api-key': 'sk-fake-nobody' }],
    ['no balance', 402, 'billing_error', message('x'), { 'x-api-key': KEYS.exhausted }],
    ['no permission', 403, 'permission_error', message('x'), { 'x-api-key': KEYS.restricted }],
    ['unknown model', 404, 'not_found_error', message('x', { model: 'none' }), {}],
    ['unknown path', 404, 'not_found_error', message('x'), {}, '/v1/nothing'],
    ['a field', 400, 'invalid_request_error', message('x', { max_tokens: 'many' }), {}],
    ['no version', 400, 'invalid_request_error', message('x'), { 'anthropic-version': null }],
    ['unknown version', 400, 'invalid_request_error', message('x'), { 'anthropic-version': '2020-01-01' }],
    ['broken beta', 400, 'invalid_request_error', message('x'), { 'anthropic-beta': 'a b;c' }],
  ])('%s', async (_, status, type, body, headers, path = '/v1/messages') => {
    const got = await send(gateway, body, headers, path)
    expect(got.status).toBe(status)
    expect(json(got)).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: got.headers.get('request-id'),
    })
  })

  it('says how much is left, and when to come again', async () => {
    const limited = { 'x-api-key': KEYS.limited }
    const first = await send(gateway, message('x'), limited)
    expect(first.headers.get('anthropic-ratelimit-requests-limit')).toBe('1')
    expect(first.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0')
    expect(Date.parse(first.headers.get('anthropic-ratelimit-requests-reset')!)).toBeGreaterThan(0)
    const second = await send(gateway, message('x'), limited)
    expect([second.status, json(second).error]).toMatchObject([429, { type: 'rate_limit_error' }])
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('names the prompt and the room where it is too long', async () => {
    const small = await startGateway({ profile: messagesProfile, tokenGapMs: 0, contextTokens: 50 })
    const got = await send(small, message('word '.repeat(99)))
    await small.close()
    expect(json(got).error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/prompt is too long/),
    })
  })

  it('answers what is not HTTP in its envelope', async () => {
    const { text } = await raw(gateway, 'NONSENSE\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toMatchObject({ type: 'error' })
    const both = await startGateway({ profile: bothProfile, tokenGapMs: 0 })
    const envelope = async (path: string) => {
      const got = await raw(both, `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: twelve\r\n\r\n`)
      return JSON.parse(got.text.split('\r\n\r\n')[1]!) as JsonObject
    }
    expect(await envelope('/v1/messages')).toMatchObject({ type: 'error' })
    expect(await envelope('/v1/chat/completions')).toMatchObject({ error: { param: null } })
    await both.close()
  })
})

describe('keys and versions', () => {
  it.each([
    ['x-api-key', { 'x-api-key': KEYS.default }],
    ['Bearer', { 'x-api-key': null, authorization: `Bearer ${KEYS.default}` }],
    ['both', { 'x-api-key': KEYS.default, authorization: `Bearer ${KEYS.default}` }],
  ])('takes the key by %s', async (_, headers: Record<string, string | null>) => {
    expect((await send(gateway, message(ECHO), headers)).status).toBe(200)
  })

  const paper = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }
  const citation = {
    type: 'char_location',
    cited_text: 'x',
    document_index: 0,
    document_title: null,
    start_char_index: 0,
    end_char_index: 1,
  }
  const cites = (citations: JsonObject[]) => message([{ type: 'text', text: 'Hello.', citations }])
  const before = (block: JsonObject) => [
    { role: 'user', content: 'Hello.' },
    { role: 'assistant', content: [block] },
    { role: 'user', content: 'Go on.' },
  ]
  it.each<[string, JsonObject]>([
    ['temperature', message('x', { temperature: 1 })],
    ['temperature: null', message('x', { temperature: null })],
    ['top_p', message('x', { top_p: 0.5 })],
    ['top_k', message('x', { top_k: 3 })],
    ['a document in an assistant turn', message('', { messages: before(paper) })],
    ['citations in a user turn', cites([citation])],
  ])('refuses %s in the newer version', async (what, body) => {
    expect((await send(gateway, body, { 'anthropic-version': NEW })).status).toBe(400)
    const old = await send(gateway, body, { 'anthropic-version': OLD })
    expect(old.status).toBe(what.endsWith('null') ? 400 : 200)
  })

  it('takes empty citations and documents elsewhere in the newer version', async () => {
    const headers = { 'anthropic-version': NEW, 'anthropic-beta': 'one-2025-01-01, two' }
    expect((await send(gateway, cites([]), headers)).status).toBe(200)
    expect((await send(gateway, message([paper, { type: 'text', text: 'x' }]), headers)).status).toBe(200)
    expect(
      (await send(gateway, message('', { messages: before({ type: 'text', text: 'x' }) }), headers)).status,
    ).toBe(200)
  })
})

describe('two dialects on one gateway', () => {
  it('answers each at its own base, and models in the shape of the asker', async () => {
    const both = await startGateway({ profile: bothProfile, tokenGapMs: 0 })
    expect(both.urls['anthropic-messages']).toBe(`http://127.0.0.1:${both.port}`)
    expect(both.urls['openai-chat']).toBe(`${both.urls['anthropic-messages']}/v1`)
    expect(both.url).toBe(both.urls['openai-chat'])
    const bearer = { 'x-api-key': null, 'anthropic-version': null, authorization: `Bearer ${KEYS.default}` }
    const chat = await send(both, message('Say OK'), bearer, '/v1/chat/completions')
    expect(json(chat)).toMatchObject({ object: 'chat.completion' })
    expect(json(await send(both, message('Say OK'), bearer))).toMatchObject({ type: 'message' })
    expect(json(await send(both, undefined, bearer, '/v1/models'))).toMatchObject({ object: 'list' })
    expect(json(await send(both, undefined, {}, '/v1/models'))).toMatchObject({ has_more: false })
    const lost = await send(both, message('x'), bearer, '/v1/messages/lost')
    expect([lost.status, json(lost)]).toMatchObject([404, { type: 'error' }])
    const nowhere = await send(both, message('x'), bearer, '/v1/nothing')
    expect([nowhere.status, json(nowhere)]).toMatchObject([404, { error: { code: 'unknown_url' } }])
    await both.close()
  })

  it('needs no version where the documents ask for none, and hears any', async () => {
    const both = await startGateway({ profile: bothProfile, tokenGapMs: 0 })
    for (const version of [null, 'garbage', NEW])
      expect(
        (await send(both, message('x', { temperature: 0.5 }), { 'anthropic-version': version })).status,
      ).toBe(200)
    await both.close()
  })
})
