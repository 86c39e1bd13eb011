import { describe, expect, it } from 'vitest'
import type { MessageKind } from '../../schemas/documents.ts'
import { requestFields, schemaFindings } from '../../suites/core/schema.ts'

describe('requestFields of Messages', () => {
  const fields = new Map(requestFields('anthropic-messages').map((f) => [f.path, f]))
  const branches = (path: string) =>
    (fields.get(path)?.occurrences ?? []).map((o) => o.when.map((w) => w.value).join(' '))

  it('lays the blocks of the turns together, each under its role and its type', () => {
    expect(branches('messages[].content[].tool_use_id')[0]).toBe('user tool_result')
    expect(branches('messages[].content[].thinking')).toEqual(['assistant thinking'])
    expect(fields.get('messages[].role')?.enum).toEqual(['user', 'assistant', 'system'])
    expect(fields.get('messages[].content[].source.type')?.enum).toEqual([
      'base64',
      'url',
      'file',
      'text',
      'content',
    ])
    expect(fields.get('messages[].content')).toMatchObject({ types: ['string', 'array'], required: true })
    expect(fields.get('system')?.types).toEqual(['string', 'array'])
  })

  it('has tools without a type, and families of server tools by all their versions', () => {
    const name = fields.get('tools[].name')?.occurrences ?? []
    expect(name[0]?.when).toEqual([])
    expect(name.flatMap((o) => o.when.flatMap((w) => w.values ?? [w.value]))).toEqual(
      expect.arrayContaining(['bash_20250124', 'web_search_20250305', 'web_search_20260318']),
    )
    expect(fields.get('tool_choice')).toMatchObject({
      types: ['string', 'object'],
      enum: ['none', 'auto', 'any'],
    })
    expect(fields.get('tool_choice.type')?.enum).toEqual(['auto', 'any', 'tool', 'none'])
  })

  it('says what API version 2026-10-21 took away', () => {
    const gone = [...fields.values()].flatMap((f) =>
      f.occurrences.flatMap((o) =>
        o.schema.until === '2026-10-21' ? [[f.path, ...o.when.map((w) => String(w.value))].join(' ')] : [],
      ),
    )
    const outside = gone.filter((one) => !one.includes(' assistant document'))
    expect(outside).toEqual(['messages[].content[].citations user text', 'temperature', 'top_p', 'top_k'])
    expect(gone).toContain('messages[].content[].type assistant document')
  })
})

describe('schemaFindings of Messages', () => {
  const body = (more: object) => ({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'x' }],
    ...more,
  })
  const turn = (role: string, ...content: object[]) => body({ messages: [{ role, content }] })
  const requests: [string, object, [pointer: string, expected: string][]][] = [
    ['right', body({}), []],
    [
      'system as blocks, a tool without a type, a choice as text',
      body({
        system: [{ type: 'text', text: 's' }],
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        tool_choice: 'any',
      }),
      [],
    ],
    [
      'a server tool',
      body({ tools: [{ type: 'web_search_20260318', name: 'web_search', max_uses: 1 }] }),
      [],
    ],
    ['a toolset has no name', body({ tools: [{ type: 'browser_toolset_20260801' }] }), []],
    ['container as text and as an object', body({ container: 'c', mcp_servers: [] }), []],
    ['no limit', { model: 'm', messages: [{ role: 'user', content: 'x' }] }, [['', 'the key "max_tokens"']]],
    [
      'a range',
      body({ temperature: 1.5, top_k: -1 }),
      [
        ['/temperature', 'at most 1'],
        ['/top_k', 'at least 0'],
      ],
    ],
    [
      'a budget',
      body({ thinking: { type: 'enabled', budget_tokens: 1023 } }),
      [['/thinking/budget_tokens', 'at least 1024']],
    ],
    [
      'a choice',
      body({ tool_choice: { type: 'required' } }),
      [['/tool_choice/type', 'one of the 4 documented values of "type"']],
    ],
    ['a word of a choice', body({ tool_choice: 'tool' }), [['/tool_choice', 'one of "none", "auto", "any"']]],
    ['a tool without a schema', body({ tools: [{ name: 'f' }] }), [['/tools/0', 'the key "input_schema"']]],
    [
      'a tool of a type that nobody knows',
      body({ tools: [{ type: 'magic', name: 'f' }] }),
      [['/tools/0/type', 'one of the 9 documented values of "type"']],
    ],
    [
      'an input as text',
      turn('assistant', { type: 'tool_use', id: 't', name: 'f', input: '{}' }),
      [['/messages/0/content/0/input', 'an object']],
    ],
    [
      'a result without its call',
      turn('user', { type: 'tool_result', content: 'x' }),
      [['/messages/0/content/0', 'the key "tool_use_id"']],
    ],
    [
      'a result with an image',
      turn('user', {
        type: 'tool_result',
        tool_use_id: 't',
        content: [{ type: 'image', source: { type: 'url', url: 'http://x' } }],
      }),
      [],
    ],
    [
      'an image of another type',
      turn('user', { type: 'image', source: { type: 'base64', media_type: 'image/jpg', data: '' } }),
      [
        [
          '/messages/0/content/0/source/media_type',
          'one of "image/jpeg", "image/png", "image/gif", "image/webp"',
        ],
      ],
    ],
    [
      'an unknown block',
      turn('user', { type: 'image_url' }),
      [['/messages/0/content/0/type', 'one of the 6 documented values of "type"']],
    ],
  ]
  it.each(requests)('request: %s', (_, value, expected) => {
    const got = schemaFindings('anthropic-messages', 'request', JSON.parse(JSON.stringify(value)))
    expect(got.map((f) => [f.pointer, f.expected])).toEqual(expected)
    expect(got.every((f) => f.sources.length > 0)).toBe(true)
  })

  const found = (kind: MessageKind, value: unknown) =>
    schemaFindings('anthropic-messages', kind, JSON.parse(JSON.stringify(value))).map((f) => f.pointer)

  it.each([
    { type: 'brand_new', index: 'x' },
    {},
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'hologram', text: 1 } },
    { type: 'content_block_delta', index: 0, delta: { type: 'sparkle_delta', text: 1 } },
    { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 1, input_tokens: null } },
    { type: 'error', error: { type: 'overloaded_error', message: 'm' }, request_id: null },
  ])('chunk: nothing is said of %j', (value) => {
    expect(found('chunk', value)).toEqual([])
  })

  it.each([
    [
      { type: 'content_block_start', index: -1, content_block: { type: 'text', text: null } },
      ['/index', '/content_block/text'],
    ],
    [
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: {} } },
      ['/delta/partial_json'],
    ],
    [
      { type: 'message_delta', delta: { stop_reason: 'stop' }, usage: { output_tokens: '5' } },
      ['/delta/stop_reason', '/usage/output_tokens'],
    ],
    [
      { type: 'message_start', message: { role: 'user', content: {}, usage: { input_tokens: null } } },
      ['/message/content', '/message/role', '/message/usage/input_tokens'],
    ],
    [{ type: 'error', error: 'text' }, ['/error']],
  ])('chunk: %j', (value, pointers) => {
    expect(found('chunk', value).sort()).toEqual([...pointers].sort())
  })

  it('response: a stop reason that is null or of another dialect, an input as text, counts below 0', () => {
    const content = [{ type: 'tool_use', id: 't', name: 'f', input: '{}' }, { type: 'hologram' }]
    expect(found('response', { content, stop_reason: null, usage: { output_tokens: -1 } })).toEqual(
      expect.arrayContaining(['/content/0/input', '/stop_reason', '/usage/output_tokens']),
    )
    expect(found('response', { stop_reason: 'tool_calls' })).toEqual(['/stop_reason'])
  })

  it('error and count', () => {
    expect(found('error', { type: 'error', error: { type: 'x', message: 'm' } })).toEqual([])
    expect(found('error', { object: 'error', message: 'm' })).toEqual([''])
    expect(found('error', { type: 'api_error', error: { message: 'm' } })).toEqual(['/type'])
    expect(found('count', { input_tokens: 3 })).toEqual([])
    expect(found('count', { input_tokens: 3.5 })).toEqual(['/input_tokens'])
  })
})
