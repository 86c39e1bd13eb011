import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../reports/record/types.ts'
import { loadSpecs } from '../../specs/load.ts'
import { type MessageKind, requiredFindings, schemaFindings, tierFindings } from '../../suites/core/schema.ts'

interface Sample {
  source: string
  gateway: string
  kind: 'response' | 'chunk'
  value: Json
}

const samples = globSync(join(import.meta.dirname, 'samples', '*.json')).sort()
const read = (file: string): Sample => JSON.parse(readFileSync(file, 'utf8')) as Sample
const sample = (name: string): Sample => read(join(import.meta.dirname, 'samples', `${name}.json`))

/** The messages of a sample: one response, or every chunk. */
function messages({ kind, value }: Sample): { kind: MessageKind; value: Json }[] {
  return (kind === 'chunk' && Array.isArray(value) ? value : [value]).map((v) => ({ kind, value: v }))
}

function officialReasons(name: string): string[] {
  const all = messages(sample(name)).flatMap(({ kind, value }) =>
    tierFindings('openai-chat', 'official', kind, value),
  )
  return [...new Set(all.map((f) => `${f.pointer} ${f.expected}`))].sort()
}

describe("the documents' own samples", () => {
  it.each(samples.map((f) => [basename(f), f]))(
    '%s passes the base schema and breaks no client',
    (_, file) => {
      for (const { kind, value } of messages(read(file))) {
        expect(schemaFindings('openai-chat', kind, value)).toEqual([])
        expect(tierFindings('openai-chat', 'client', kind, value)).toEqual([])
      }
    },
  )

  const LOGPROBS = '/choices/0 the key "logprobs"'
  const REFUSAL = '/choices/0/message the key "refusal"'
  it.each([
    ['token-plan-enterprise-basic', [REFUSAL, LOGPROBS]],
    ['tokenhub-intl-basic', [' the key "created"', REFUSAL, LOGPROBS]],
    ['tokenhub-intl-system-prompt', [' the key "created"', REFUSAL, LOGPROBS]],
    ['pingtoken-basic', [' the key "created"', ' the key "object"', REFUSAL, LOGPROBS]],
    ['tokenhub-intl-stream', [' the key "created"', ' the key "model"', ' the key "object"']],
  ])('%s fails the official tier for exactly the known reasons', (name, reasons) => {
    expect(officialReasons(name)).toEqual([...reasons].sort())
  })

  const { profiles } = loadSpecs()
  it.each([
    ['tokenhub-intl', 'tokenhub-intl-basic', [['created', 'C-12']]],
    ['tokenhub-intl', 'tokenhub-intl-system-prompt', [['created', 'C-12']]],
    [
      'pingtoken',
      'pingtoken-basic',
      [
        ['object', 'C-12'],
        ['created', 'C-12'],
      ],
    ],
    [
      'tokenhub-intl',
      'tokenhub-intl-stream',
      [
        ['object', 'C-13'],
        ['created', 'C-13'],
        ['model', 'C-13'],
      ],
    ],
    // An excerpt: the page shows only the choices of this answer.
    [
      'tokenhub-intl',
      'tokenhub-intl-tool-call',
      [
        ['id', undefined],
        ['object', undefined],
        ['created', 'C-12'],
        ['model', undefined],
        ['usage', undefined],
        ['choices[].index', undefined],
      ],
    ],
  ] as const)('%s promises what %s has, but for known contradictions', (profile, name, expected) => {
    const promise = profiles.get(profile)?.dialects['openai-chat']
    const one = sample(name)
    const paths = promise?.[one.kind] ?? {}
    expect(Object.keys(paths).length).toBeGreaterThan(0)
    const missing = messages(one).flatMap(({ value }) => requiredFindings(paths, value))
    const distinct = new Map(missing.map((f) => [f.path, f.contradiction]))
    expect([...distinct]).toEqual(expected.map(([path, contradiction]) => [path, contradiction]))
  })
})

describe('requiredFindings', () => {
  const rule = { requirements: ['R'] }
  it('speaks of the missing key at its holder, for each element, and not below a missing one', () => {
    const paths = {
      choices: rule,
      'choices[].message': rule,
      'choices[].message.content': { ...rule, contradiction: 'C' },
    }
    expect(requiredFindings(paths, {})).toMatchObject([{ pointer: '', path: 'choices' }])
    expect(requiredFindings(paths, { choices: [] })).toEqual([])
    const value = { choices: [{ message: { content: null } }, { message: {} }, {}] }
    expect(requiredFindings(paths, value)).toEqual([
      {
        pointer: '/choices/2',
        path: 'choices[].message',
        expected: 'the key "message"',
        got: 'no such key',
        requirements: ['R'],
      },
      {
        pointer: '/choices/1/message',
        path: 'choices[].message.content',
        expected: 'the key "content"',
        got: 'no such key',
        requirements: ['R'],
        contradiction: 'C',
      },
    ])
  })

  it('leaves wrong types to the schema', () => {
    expect(requiredFindings({ 'choices[].index': rule }, { choices: 'x' })).toEqual([])
    expect(requiredFindings({ id: rule }, null)).toEqual([])
  })

  it('takes no inherited key for one that is there', () => {
    expect(requiredFindings({ constructor: rule }, {})).toHaveLength(1)
  })
})

describe('tierFindings', () => {
  it('holds a row with `when` to its branch', () => {
    const value = {
      choices: [{ message: { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'f' } }] } }],
    }
    const got = tierFindings('openai-chat', 'official', 'response', value).map(
      (f) => `${f.pointer} ${f.expected}`,
    )
    expect(got).toContain('/choices/0/message/tool_calls/0/custom the key "input"')
    expect(got).not.toContain('/choices/0/message/tool_calls/0 the key "function"')
  })

  it('is strict about null where the base is not', () => {
    const chunk = { choices: [{ index: 0, delta: { role: null, tool_calls: null }, finish_reason: null }] }
    expect(schemaFindings('openai-chat', 'chunk', chunk)).toEqual([])
    const got = tierFindings('openai-chat', 'official', 'chunk', chunk)
    expect(got.filter((f) => f.got === 'null')).toMatchObject([
      { pointer: '/choices/0/delta/role', expected: 'a string', by: 'official' },
      { pointer: '/choices/0/delta/tool_calls', expected: 'an array', by: 'official' },
    ])
  })
})
