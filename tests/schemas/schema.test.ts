import { describe, expect, it } from 'vitest'
import {
  baseSchema,
  effects,
  type MessageKind,
  metaSchema,
  type TierName,
  tierDocument,
} from '../../schemas/documents.ts'
import { fieldsOf } from '../../schemas/fields.ts'
import { requestFields, schemaFindings } from '../../suites/core/schema.ts'
import { newAjv } from '../../suites/core/validate.ts'
import { badSources } from './sources.ts'

const KINDS: Record<string, MessageKind[]> = {
  'openai-chat': ['request', 'response', 'chunk', 'error'],
  'anthropic-messages': ['request', 'response', 'chunk', 'error', 'count'],
}
const DIALECTS = Object.keys(KINDS)
const SCHEMAS = Object.entries(KINDS).flatMap(([dialect, kinds]) =>
  kinds.map((kind): [string, MessageKind] => [dialect, kind]),
)

describe('base schemas', () => {
  it.each(SCHEMAS)('%s %s compiles in strict mode', (dialect, kind) => {
    expect(() => newAjv().compile(baseSchema(dialect, kind))).not.toThrow()
  })

  it.each(SCHEMAS)('%s %s: every field has sources, and they exist', (dialect, kind) => {
    const fields = fieldsOf(baseSchema(dialect, kind))
    expect(fields.filter((f) => f.occurrences.some((o) => !o.schema.sources)).map((f) => f.path)).toEqual([])
    expect(badSources(fields.flatMap((f) => f.sources))).toEqual([])
  })

  it('sees a source that does not exist', () => {
    const bad = [
      'openai@7.57.0 ChatCompletion.nonsense',
      'openai@7.0.0 ChatCompletion.id',
      'pingtoken:9999',
      '@anthropic-ai/sdk@1.12.0 MessageCreateParamsBase.temperature',
      '@anthropic-ai/sdk@1.0.0 Message.id',
      'anthropic-gossip what one hears',
    ]
    const good = [
      'openai@7.57.0 ChatCompletion.id',
      'pingtoken:1',
      '@anthropic-ai/sdk@0.137.0 MessageCreateParamsBase.temperature',
      '@anthropic-ai/sdk@1.12.0 BetaRequestMCPServerURLDefinition.url',
      'anthropic-streaming ping events',
    ]
    expect(badSources([...bad, ...good])).toEqual(bad)
  })

  it('request: every field has an effect; the unobservable ones say why, and no others', () => {
    const used = DIALECTS.flatMap((dialect) => {
      const all = requestFields(dialect).flatMap((f) =>
        f.occurrences.map((o) => ({ path: f.path, ...o.schema })),
      )
      expect(all.filter((f) => f.effect === undefined).map((f) => f.path)).toEqual([])
      expect(all.filter((f) => (f.effect === 'unobservable') !== (f.because !== undefined))).toEqual([])
      return all.map((f) => f.effect)
    })
    expect(new Set(used)).toEqual(new Set(Object.keys(effects())))
  })

  it.each([
    ['an effect that is not in the list', { effect: 'cuts-at-limits' }],
    ['a misspelt annotation', { efect: 'streams' }],
    ['a malformed source', { sources: ['somewhere'] }],
    ['no sources', { sources: [] }],
    ['a version that is no date', { until: 'next' }],
  ])('%s fails when the schema is compiled', (_, annotation) => {
    const broken = { type: 'object', properties: { stream: { type: 'boolean', ...annotation } } }
    expect(() => newAjv().compile(broken)).toThrow()
  })
})

describe('requestFields', () => {
  const fields = new Map(requestFields('openai-chat').map((f) => [f.path, f]))

  it('gives one row a path, unions laid together', () => {
    expect(fields.get('tool_choice')).toMatchObject({
      types: ['string', 'object'],
      enum: ['none', 'auto', 'required'],
    })
    expect(fields.get('response_format.type')?.enum).toEqual(['text', 'json_object', 'json_schema'])
    expect(fields.get('messages[].content')).toMatchObject({
      required: false,
      types: ['string', 'array', 'null'],
    })
    expect(fields.get('temperature')).toMatchObject({ minimum: 0, maximum: 2, default: 1, required: false })
    expect(fields.get('max_tokens')).toMatchObject({ deprecated: true, effect: 'cuts-at-limit' })
    expect(fields.get('reasoning_effort')?.enum).toContain(null)
  })

  it('says in which branch a field stands, and requires it only where every branch has it', () => {
    const id = fields.get('messages[].tool_call_id')
    expect(id?.required).toBe(false)
    expect(id?.occurrences).toMatchObject([
      { required: true, when: [{ path: 'messages[].role', value: 'tool' }] },
    ])
    expect(fields.get('messages[].role')?.required).toBe(true)
    expect(fields.get('tools[].function.name')?.occurrences[0]?.when).toEqual([
      { path: 'tools[].type', value: 'function' },
    ])
  })
})

describe('schemaFindings', () => {
  const request = (more: object) => ({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...more })
  const cases: [string, object, [pointer: string, expected: string][]][] = [
    ['right', request({}), []],
    ['unknown keys are allowed', request({ x_probe: 1 }), []],
    ['a required key', { model: 'm' }, [['', 'the key "messages"']]],
    ['a wrong type, once', request({ n: 'x' }), [['/n', 'a whole number or null']]],
    ['a range', request({ temperature: 2.1 }), [['/temperature', 'at most 2']]],
    [
      'two causes',
      request({ n: 0, top_p: 2 }),
      [
        ['/top_p', 'at most 1'],
        ['/n', 'at least 1'],
      ],
    ],
    ['a word', request({ tool_choice: 'maybe' }), [['/tool_choice', 'one of "none", "auto", "required"']]],
    [
      'an unknown role, without the noise of six branches',
      { model: 'm', messages: [{ role: 'robot', content: 1 }] },
      [['/messages/0/role', 'one of the 6 documented values of "role"']],
    ],
    [
      'a branch',
      { model: 'm', messages: [{ role: 'tool', content: 'x' }] },
      [['/messages/0', 'the key "tool_call_id"']],
    ],
    [
      'a part',
      { model: 'm', messages: [{ role: 'system', content: [{ type: 'image_url' }] }] },
      [
        ['/messages/0/content/0', 'the key "text"'],
        ['/messages/0/content/0/type', '"text"'],
      ],
    ],
    [
      'null content with tool calls',
      { model: 'm', messages: [{ role: 'assistant', content: null, tool_calls: [] }] },
      [],
    ],
    [
      'null for a nullable',
      request({ temperature: null, stop: null, tool_choice: { type: 'function', function: { name: 'f' } } }),
      [],
    ],
    ['five stops', request({ stop: ['a', 'b', 'c', 'd', 'e'] }), [['/stop', 'at most 4 elements']]],
  ]
  it.each(cases)('request: %s', (_, value, expected) => {
    const got = schemaFindings('openai-chat', 'request', JSON.parse(JSON.stringify(value)))
    expect(got.map((f) => [f.pointer, f.expected])).toEqual(expected)
    expect(got.every((f) => f.sources.length > 0)).toBe(true)
  })

  it('takes null where a chunk may have it, and the words of the documents only', () => {
    const chunk = (choice: object, more = {}) => ({ choices: [{ index: 0, delta: {}, ...choice }], ...more })
    const got = (value: unknown) => schemaFindings('openai-chat', 'chunk', JSON.parse(JSON.stringify(value)))
    expect(got(chunk({ finish_reason: null, logprobs: null }, { usage: null }))).toEqual([])
    expect(got({ choices: [], usage: { prompt_tokens: 1 } })).toEqual([])
    expect(got(chunk({ finish_reason: 'eos_token' }))).toMatchObject([
      { pointer: '/choices/0/finish_reason', got: '"eos_token"' },
    ])
    expect(got(chunk({ delta: null }))).toMatchObject([
      { pointer: '/choices/0/delta', expected: 'an object' },
    ])
    expect(got(chunk({ delta: { tool_calls: [{ index: 0, function: { arguments: {} } }] } }))).toMatchObject([
      { pointer: '/choices/0/delta/tool_calls/0/function/arguments', expected: 'a string or null' },
    ])
  })

  it('response: no null finish_reason, no float for created, arguments as text', () => {
    const value = {
      created: 1.5,
      choices: [{ finish_reason: null, message: { tool_calls: [{ function: { arguments: { a: 1 } } }] } }],
    }
    expect(schemaFindings('openai-chat', 'response', value).map((f) => f.pointer)).toEqual([
      '/created',
      '/choices/0/message/tool_calls/0/function/arguments',
      '/choices/0/finish_reason',
    ])
  })

  it('error: the envelope', () => {
    const error = (value: object) => schemaFindings('openai-chat', 'error', JSON.parse(JSON.stringify(value)))
    expect(error({ error: { message: 'm', type: 't', param: null, code: null } })).toEqual([])
    expect(error({ error: 'text' })).toMatchObject([{ pointer: '/error', expected: 'an object' }])
    expect(error({ object: 'error', message: 'm' })).toMatchObject([
      { pointer: '', expected: 'the key "error"' },
    ])
  })

  it('stays bounded: a million wrong elements give one finding', () => {
    const choices = new Array<number>(1_000_000).fill(7)
    expect(schemaFindings('openai-chat', 'response', { choices })).toMatchObject([{ pointer: '/choices/0' }])
  })

  it('is not led astray by keys of Object.prototype', () => {
    const value = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":1,"constructor":2}',
    )
    expect(schemaFindings('openai-chat', 'request', value)).toEqual([])
  })
})

describe('tiers', () => {
  const tiers = DIALECTS.flatMap((dialect) =>
    (['client', 'official'] as TierName[]).map((tier): [string, TierName] => [dialect, tier]),
  )
  it.each(tiers)('%s %s has the form of a tier, and its paths stand in the base', (dialect, tier) => {
    const document = tierDocument(dialect, tier)
    const ajv = newAjv({ allErrors: true })
    const validate = ajv.compile(metaSchema('tier'))
    expect(validate(document) ? [] : validate.errors).toEqual([])
    for (const kind of KINDS[dialect] ?? []) {
      if (kind === 'request') continue
      const paths = new Set(fieldsOf(baseSchema(dialect, kind)).map((f) => f.path))
      const rows = document[kind] ?? []
      expect(rows.filter((r) => !paths.has(r.path)).map((r) => r.path)).toEqual([])
      expect(rows.filter((r) => r.required === undefined && r.schema === undefined)).toEqual([])
      if (tier === 'official') expect(badSources(rows.map((r) => r.source))).toEqual([])
      for (const { schema } of rows) if (schema !== undefined) expect(() => ajv.compile(schema)).not.toThrow()
    }
  })
})
