/** What of a Messages request is accepted and what is refused, field by field. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptMessages, type Terms } from '../../fixtures/gateway/accept/messages-api/request.ts'
import { servedBlocks } from '../../fixtures/gateway/accept/messages-api/served.ts'
import { heeded } from '../../fixtures/gateway/accept/promises.ts'
import type { Json, JsonObject } from '../../fixtures/gateway/json.ts'
import { isSealed, isSigned, sealed, signed } from '../../fixtures/gateway/messages-api/signature.ts'
import type { DialectPromise, FieldPromise } from '../../specs/types.ts'
import { WEATHER } from './ask-messages.ts'
import { messagesPromise } from './profile.ts'

const TERMS: Terms = { promise: messagesPromise, strict: false, unknownFields: 'ignore', counting: false }
const user = (content: Json): JsonObject => ({ role: 'user', content })
const assistant = (content: Json): JsonObject => ({ role: 'assistant', content })
const base: JsonObject = { model: 'm', max_tokens: 2000, messages: [user('Hello.')] }
const text = (said: string): JsonObject => ({ type: 'text', text: said })
const call = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'get_weather', input: {} })
const result = (id: string, content: Json = 'x'): JsonObject => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
})
const turns = (...messages: JsonObject[]): JsonObject => ({ messages })
const block = (one: JsonObject): JsonObject => turns(user([one, text('x')]))
const image = (source: JsonObject): JsonObject => block({ type: 'image', source })
const document = (source: JsonObject, more: JsonObject = {}): JsonObject =>
  block({ type: 'document', source, ...more })
const tools = { tools: [WEATHER] }
const ephemeral = { type: 'ephemeral' }
const THOUGHT = { type: 'thinking', thinking: 'Hm.', signature: signed('Hm.', 'a') }
const said = (...blocks: JsonObject[]) => turns(user('Hello.'), assistant(blocks), user('Go on.'))

const accepted: [string, JsonObject][] = [
  ['the least', {}],
  ['a limit of 0', { max_tokens: 0 }],
  ['temperature', { temperature: 1 }],
  ['top_p', { top_p: 0 }],
  ['top_k', { top_k: 0 }],
  ['stop sequences', { stop_sequences: ['a', 'b'] }],
  ['metadata', { metadata: { user_id: null } }],
  ['a tier', { service_tier: 'standard_only' }],
  ['a container', { container: 'c' }],
  ['a container with skills', { container: { id: null, skills: [{ type: 'anthropic', skill_id: 'x' }] } }],
  ['servers', { mcp_servers: [{ type: 'url', name: 'a', url: 'https://example.com' }] }],
  ['system', { system: 'Be brief.' }],
  ['system blocks', { system: [{ ...text('x'), cache_control: { ...ephemeral, ttl: '1h' } }] }],
  ['thinking', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
  ['adaptive thinking', { thinking: { type: 'adaptive', display: 'omitted' } }],
  ['no thinking', { thinking: { type: 'disabled' } }],
  ['a format', { output_config: { effort: 'low', format: { type: 'json_schema', schema: {} } } }],
  ['unknown fields', { made_up: 1 }],
  ['tools', tools],
  ['a tool with all', { tools: [{ ...WEATHER, type: 'custom', strict: true, cache_control: null }] }],
  ['a server tool', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] }],
  ['auto', { ...tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
  ['any', { ...tools, tool_choice: { type: 'any' } }],
  ['a tool', { ...tools, tool_choice: { type: 'tool', name: 'get_weather' } }],
  ['none', { ...tools, tool_choice: { type: 'none' } }],
  ['turns of one role', turns(user('a'), user('b'), assistant('c'), assistant('d'), user('e'))],
  ['a system turn', turns(user('a'), { role: 'system', content: 'b' })],
  ['a prefill', turns(user('a'), assistant('b'))],
  ['an empty prefill', turns(user('a'), assistant(''))],
  ['a picture', image({ type: 'base64', media_type: 'image/png', data: 'AAAA' })],
  ['a picture by URL', image({ type: 'url', url: 'https://example.com/a.png' })],
  ['a text', document({ type: 'text', media_type: 'text/plain', data: 'x' }, { title: 't', context: null })],
  [
    'a PDF',
    document(
      { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
      { citations: { enabled: true } },
    ),
  ],
  ['blocks', document({ type: 'content', content: [text('x')] })],
  ['a search result', block({ type: 'search_result', source: 's', title: 't', content: [text('x')] })],
  ['a call and its result', turns(user('a'), assistant([call('a')]), user([result('a')]))],
  [
    'results in two messages',
    turns(user('a'), assistant([call('a'), call('b')]), user([result('a')]), user([result('b')])),
  ],
  ['a result of blocks', turns(user('a'), assistant([call('a')]), user([result('a', [text('x')])]))],
  [
    'text behind results',
    turns(user('a'), assistant([text('b'), call('a')]), user([result('a'), text('c')])),
  ],
  ['signed thinking', said(THOUGHT, text('b'))],
  ['sealed thinking', said({ type: 'redacted_thinking', data: sealed('a') }, text('b'))],
  ['four cache points', { system: [1, 2, 3, 4].map(() => ({ ...text('x'), cache_control: ephemeral })) }],
]

const refused: [string, JsonObject, string][] = [
  ['no limit', { max_tokens: null }, 'max_tokens'],
  ['a limit below 0', { max_tokens: -1 }, 'max_tokens'],
  ['half a token', { max_tokens: 1.5 }, 'max_tokens'],
  ['an empty model', { model: '' }, 'model'],
  ['no turns', turns(), 'messages'],
  ['a text for turns', { messages: 'x' }, 'messages'],
  ['another role', turns({ role: 'tool', content: 'x' }), 'messages[0].role'],
  ['no role', turns({ content: 'x' }), 'messages[0].role'],
  ['no content', turns({ role: 'user' }), 'messages[0].content'],
  ['empty content', turns(user('')), 'messages[0].content'],
  ['no blocks', turns(user([])), 'messages[0].content'],
  ['an empty text', turns(user([text('')])), 'messages[0].content[0].text'],
  ['an unknown block', turns(user([{ type: 'song' }])), 'messages[0].content[0].type'],
  ['a call of the user', turns(user([call('a')])), 'messages[0].content[0].type'],
  ['a blank behind a prefill', turns(user('a'), assistant('b ')), 'messages[1].content'],
  ['temperature above 1', { temperature: 1.1 }, 'temperature'],
  ['a text for temperature', { temperature: '1' }, 'temperature'],
  ['top_p below 0', { top_p: -0.1 }, 'top_p'],
  ['half a top_k', { top_k: 1.5 }, 'top_k'],
  ['a text for stops', { stop_sequences: 'a' }, 'stop_sequences'],
  ['an empty stop', { stop_sequences: [''] }, 'stop_sequences[0]'],
  ['a text for stream', { stream: 'true' }, 'stream'],
  ['another tier', { service_tier: 'flex' }, 'service_tier'],
  ['a number for user_id', { metadata: { user_id: 1 } }, 'metadata.user_id'],
  ['a number for system', { system: 1 }, 'system'],
  ['a small budget', { thinking: { type: 'enabled', budget_tokens: 1023 } }, 'thinking.budget_tokens'],
  [
    'a budget as large as the limit',
    { thinking: { type: 'enabled', budget_tokens: 2000 } },
    'thinking.budget_tokens',
  ],
  ['no budget', { thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
  [
    'forced thinking',
    { ...tools, tool_choice: { type: 'any' }, thinking: { type: 'enabled', budget_tokens: 1024 } },
    'tool_choice',
  ],
  ['a tool without schema', { tools: [{ name: 'a' }] }, 'tools[0].input_schema'],
  [
    'a schema of no object',
    { tools: [{ name: 'a', input_schema: { type: 'string' } }] },
    'tools[0].input_schema.type',
  ],
  ['a bad name', { tools: [{ ...WEATHER, name: 'a b' }] }, 'tools[0].name'],
  ['two of one name', { tools: [WEATHER, WEATHER] }, 'tools'],
  ['an unknown kind of tool', { tools: [{ type: 'telephone', name: 'a' }] }, 'tools[0].type'],
  ['a word for a choice', { ...tools, tool_choice: 'auto' }, 'tool_choice'],
  ['Chat’s choice', { ...tools, tool_choice: { type: 'function' } }, 'tool_choice.type'],
  ['a choice without a name', { ...tools, tool_choice: { type: 'tool' } }, 'tool_choice.name'],
  ['a choice of nobody', { ...tools, tool_choice: { type: 'tool', name: 'x' } }, 'tool_choice.name'],
  ['a choice without tools', { tool_choice: { type: 'any' } }, 'tool_choice'],
  [
    'another picture',
    image({ type: 'base64', media_type: 'image/bmp', data: 'AAAA' }),
    'messages[0].content[0].source.media_type',
  ],
  [
    'no base64',
    image({ type: 'base64', media_type: 'image/png', data: '???' }),
    'messages[0].content[0].source.data',
  ],
  ['no address', image({ type: 'url', url: 'picture' }), 'messages[0].content[0].source.url'],
  [
    'another document',
    document({ type: 'base64', media_type: 'text/html', data: 'AAAA' }),
    'messages[0].content[0].source.media_type',
  ],
  [
    'another cache',
    block({ ...text('x'), cache_control: { type: 'eternal' } }),
    'messages[0].content[0].cache_control.type',
  ],
  [
    'five cache points',
    { system: [1, 2, 3, 4, 5].map(() => ({ ...text('x'), cache_control: ephemeral })) },
    'cache_control',
  ],
  ['no result', turns(user('a'), assistant([call('a')]), user('b')), 'messages[1].content[0]'],
  [
    'one result of two',
    turns(user('a'), assistant([call('a'), call('b')]), user([result('a')])),
    'messages[1].content[1]',
  ],
  ['a call at the end', turns(user('a'), assistant([call('a')])), 'messages[1].content[0]'],
  [
    'two results',
    turns(user('a'), assistant([call('a')]), user([result('a'), result('a')])),
    'messages[2].content[1].tool_use_id',
  ],
  ['a result of nothing', turns(user([result('a')])), 'messages[0].content[0].tool_use_id'],
  [
    'an unknown result',
    turns(user('a'), assistant([call('a')]), user([result('a'), result('b')])),
    'messages[2].content[1].tool_use_id',
  ],
  [
    'a text first',
    turns(user('a'), assistant([call('a')]), user([text('b'), result('a')])),
    'messages[2].content[1]',
  ],
  [
    'one id twice',
    turns(user('a'), assistant([call('a'), call('a')]), user([result('a')])),
    'messages[1].content[1].id',
  ],
  ['a changed thought', said({ ...THOUGHT, thinking: 'Hm!' }), 'messages[1].content[0].signature'],
  [
    'a changed signature',
    said({ ...THOUGHT, signature: signed('Hm?', 'a') }),
    'messages[1].content[0].signature',
  ],
  ['no signature', said({ type: 'thinking', thinking: 'Hm.' }), 'messages[1].content[0].signature'],
  ['a made-up seal', said({ type: 'redacted_thinking', data: 'x' }), 'messages[1].content[0].data'],
  ['a server without address', { mcp_servers: [{ type: 'url', name: 'a' }] }, 'mcp_servers[0].url'],
]

describe('a Messages request', () => {
  it.each(accepted)('is accepted with %s', (_, more) => {
    expect(acceptMessages({ ...base, ...more }, TERMS)).toBeNull()
  })

  it.each(refused)('is refused with %s', (_, more, param) => {
    expect(acceptMessages({ ...base, ...more }, TERMS)).toMatchObject({ status: 400, param })
  })

  it.each(['model', 'messages', 'max_tokens'])('needs %s', (key) => {
    const { [key]: _, ...rest } = base
    expect(acceptMessages(rest, TERMS)).toMatchObject({ status: 400, param: key })
  })

  it('needs no limit to be counted, and refuses strange fields where it is told to', () => {
    const { max_tokens: _, ...rest } = base
    expect(acceptMessages(rest, { ...TERMS, counting: true })).toBeNull()
    expect(acceptMessages({ ...base, made_up: 1 }, { ...TERMS, unknownFields: 'refuse' })).toMatchObject({
      param: 'made_up',
    })
  })

  it.each([null, [], 'x', 1])('is an object: %j', (body) => {
    expect(acceptMessages(body, TERMS)).toMatchObject({ status: 400, situation: 'wrong-type' })
  })
})

const promised = (fields: Record<string, Partial<FieldPromise>>): DialectPromise => ({
  ...messagesPromise,
  fields: Object.fromEntries(
    Object.entries(fields).map(([path, field]) => [path, { fate: 'honoured', requirements: [], ...field }]),
  ),
})

describe('what a profile says', () => {
  it('takes plain words for a choice where they are documented', () => {
    const promise = promised({ tool_choice: { requirements: ['TH-ANT-TOOLCHOICE-string'] } })
    const asked = (tool_choice: Json) =>
      acceptMessages({ ...base, ...tools, tool_choice }, { ...TERMS, promise })
    for (const word of ['auto', 'any', 'none']) expect(asked(word)).toBeNull()
    expect(asked('tool')).toMatchObject({ status: 400 })
  })

  it('takes a wider range where one is documented', () => {
    const promise = promised({ temperature: { maximum: 2 } })
    expect(acceptMessages({ ...base, temperature: 2 }, { ...TERMS, promise })).toBeNull()
    expect(acceptMessages({ ...base, temperature: 2.1 }, { ...TERMS, promise })).not.toBeNull()
  })

  it('serves the blocks that it names', () => {
    const promise = promised({
      'messages[].content[].type': { fate: 'partial', values: ['text'] },
      'messages[].content[].thinking': { fate: 'ignored' },
    })
    const terms = { ...TERMS, promise }
    const made = { type: 'thinking', thinking: 5, signature: 'x' }
    expect(acceptMessages(heeded({ ...base, ...said(made, text('x')) }, promise), terms)).toBeNull()
    const paper = document({ type: 'text', media_type: 'text/plain', data: 'x' })
    const served = (more: JsonObject, by = promise) => servedBlocks({ ...base, ...more }, by)
    expect(served(paper)).toMatchObject({ status: 400, param: 'messages[0].content[0].type' })
    const picture = image({ type: 'url', url: 'https://example.com/a.png' })
    expect(served(picture)).toMatchObject({ status: 400 })
    expect(served(said(made, text('x')))).toBeNull()
    const seeing = promised({ ...promise.fields, 'messages[].content[].source': {} })
    expect(served(picture, seeing)).toBeNull()
    expect(served(paper, seeing)).not.toBeNull()
    expect(served(paper, messagesPromise)).toBeNull()
  })

  it('ignores any value of what it ignores', () => {
    const ignored: Partial<FieldPromise> = { fate: 'ignored' }
    const promise = promised({
      top_k: ignored,
      metadata: ignored,
      'messages[].content[].cache_control': ignored,
    })
    fc.assert(
      fc.property(fc.jsonValue(), (odd) => {
        const value = odd as Json
        const body = {
          ...base,
          top_k: value,
          metadata: value,
          ...block({ ...text('x'), cache_control: value }),
        }
        expect(acceptMessages(heeded(body, promise), { ...TERMS, promise })).toBeNull()
      }),
      { numRuns: 50 },
    )
  })
})

describe('signatures', () => {
  it('hold for one text only, byte by byte', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (thought, salt, at) => {
        const signature = signed(thought, salt)
        expect(isSigned(thought, signature)).toBe(true)
        const i = at % signature.length
        const other = signature[i] === 'A' ? 'B' : 'A'
        expect(isSigned(thought, `${signature.slice(0, i)}${other}${signature.slice(i + 1)}`)).toBe(false)
        expect(isSigned(`${thought}.`, signature)).toBe(false)
        expect(isSealed(sealed(salt))).toBe(true)
      }),
    )
  })
})
