import { describe, expect, it } from 'vitest'
import { baseSchema, type MessageKind, type SchemaNode } from '../../schemas/documents.ts'
import {
  COMPARED,
  compareAll,
  type Difference,
  reviewOf,
  sdkDeclarations,
  sdkName,
  unreviewed,
} from '../../scripts/compare-sdk.ts'
import { lookup, readDts } from '../../scripts/dts.ts'

const declared = new Map(COMPARED.map((dialect) => [dialect, sdkDeclarations(dialect)]))
const of = (dialect: string) => declared.get(dialect) ?? new Map()

/** Differences that come up when one schema is changed in a copy. */
function planted(dialect: string, kind: MessageKind, change: (schema: SchemaNode) => void): Difference[] {
  const copy = structuredClone(baseSchema(dialect, kind))
  change(copy)
  const before = new Set(compareAll(dialect, of(dialect)).map((d) => JSON.stringify(d)))
  const after = compareAll(dialect, of(dialect), (k) => (k === kind ? copy : baseSchema(dialect, k)))
  return after.filter((d) => !before.has(JSON.stringify(d)))
}

describe.each(COMPARED)('schemas/%s against the types of its SDK', (dialect) => {
  it('differs only where differences.yaml says so, and nothing there is stale', () => {
    const found = compareAll(dialect, of(dialect))
    expect(unreviewed(found, reviewOf(dialect))).toEqual({ unlisted: [], stale: [] })
  })

  it('gives a reason for every reviewed difference', () => {
    const { differences, opaque } = reviewOf(dialect)
    expect([...differences, ...(opaque ?? [])].filter((d) => !d.reason)).toEqual([])
  })
})

describe('the comparison', () => {
  it('reads the versions that the sources name', () => {
    expect(COMPARED.map(sdkName)).toEqual(['openai@7.57.0', '@anthropic-ai/sdk@1.12.0'])
  })

  it('reports what is not reviewed, and what is stale', () => {
    const one: Difference = {
      message: 'request',
      path: 'n',
      aspect: 'types',
      sdk: 'number',
      schema: 'string',
    }
    expect(unreviewed([one], { differences: [] }).unlisted).toHaveLength(1)
    expect(unreviewed([], { differences: [{ ...one, reason: 'gone' }] }).stale).toHaveLength(1)
    expect(unreviewed([one], { differences: [{ ...one, sdk: 'boolean', reason: 'other' }] })).toMatchObject({
      unlisted: [expect.stringContaining('the SDK has number')],
      stale: [expect.stringContaining('the SDK has boolean')],
    })
  })

  it('passes over what is below an opaque path, and nothing else', () => {
    const hidden: Difference = {
      message: 'chunk',
      path: 'a.b',
      aspect: 'field',
      sdk: 'present',
      schema: 'absent',
    }
    const opaque = [{ message: 'chunk', path: 'a', reason: 'r' }]
    expect(unreviewed([hidden], { differences: [], opaque })).toEqual({ unlisted: [], stale: [] })
    for (const change of [{ path: 'a' }, { path: 'ab' }, { message: 'response' }, { schema: 'present' }]) {
      const { unlisted, stale } = unreviewed([{ ...hidden, ...change }], { differences: [], opaque })
      expect([unlisted.length, stale.length]).toEqual([1, 1])
    }
  })

  const cases: [string, MessageKind, (s: SchemaNode) => void, Partial<Difference>][] = [
    [
      'a field that is gone',
      'request',
      (s) => delete s.properties?.seed,
      { path: 'seed', aspect: 'field', schema: 'absent' },
    ],
    [
      'a field that is ours',
      'chunk',
      (s) => Object.assign(s.properties ?? {}, { extra: { type: 'string' } }),
      { path: 'extra', sdk: 'absent' },
    ],
    [
      'null no longer allowed',
      'request',
      (s) => Object.assign(s.properties?.stop ?? {}, { type: ['string', 'array'] }),
      { path: 'stop', aspect: 'types' },
    ],
    [
      'a word too few',
      'chunk',
      (s) => s.$defs?.Choice?.properties?.finish_reason?.enum?.shift(),
      { path: 'choices[].finish_reason', aspect: 'words' },
    ],
    [
      'required in one branch only',
      'request',
      (s) => s.$defs?.ToolMessage?.required?.pop(),
      { path: 'messages[].tool_call_id', aspect: 'required', sdk: 'role=tool', schema: 'never' },
    ],
    [
      'not deprecated',
      'request',
      (s) => delete s.properties?.max_tokens?.deprecated,
      { path: 'max_tokens', aspect: 'deprecated', sdk: 'true' },
    ],
    [
      'a nested word',
      'response',
      (s) => s.$defs?.ToolCall?.properties?.type?.enum?.push('magic'),
      { path: 'choices[].message.tool_calls[].type', aspect: 'words' },
    ],
    [
      'a key of the error',
      'error',
      (s) => delete s.properties?.error?.properties?.param,
      { path: 'param', aspect: 'field' },
    ],
  ]
  it.each(cases)('can fail: %s', (_, kind, change, expected) => {
    expect(planted('openai-chat', kind, change)).toMatchObject([{ message: kind, ...expected }])
  })

  const blocks: [string, MessageKind, (s: SchemaNode) => void, Partial<Difference>[]][] = [
    [
      'a field that is gone',
      'request',
      (s) => delete s.properties?.speed,
      [{ path: 'speed', aspect: 'field', schema: 'absent' }],
    ],
    [
      'a branch that is gone',
      'request',
      (s) => delete s.$defs?.ToolChoiceTool?.properties?.name,
      [{ path: 'tool_choice.name', aspect: 'field', schema: 'absent' }],
    ],
    [
      'a key of a block no longer required',
      'request',
      (s) => s.$defs?.ToolResultBlock?.required?.pop(),
      [{ path: 'messages[].content[].tool_use_id', aspect: 'required' }],
    ],
    [
      'a version of a server tool too few',
      'request',
      (s) => s.$defs?.WebSearchTool?.properties?.type?.enum?.pop(),
      [
        { path: 'tools[].name', aspect: 'required' },
        { path: 'tools[].type', aspect: 'required' },
        { path: 'tools[].type', aspect: 'words' },
      ],
    ],
    [
      'null no longer allowed',
      'response',
      (s) => Object.assign(s.properties?.stop_sequence ?? {}, { type: 'string' }),
      [{ path: 'stop_sequence', aspect: 'types' }],
    ],
    [
      'a word too many',
      'response',
      (s) => s.properties?.stop_reason?.enum?.push('eos'),
      [{ path: 'stop_reason', aspect: 'words' }],
    ],
    [
      'an event that is gone',
      'chunk',
      (s) => {
        const { then } = s
        if (then?.oneOf !== undefined)
          then.oneOf = then.oneOf.filter((b) => !b.$ref?.endsWith('/MessageStop'))
      },
      [{ path: 'type', aspect: 'words' }],
    ],
    [
      'a delta with a key of another name',
      'chunk',
      (s) => delete s.$defs?.SignatureDelta?.properties?.signature,
      [{ path: 'delta.signature', aspect: 'field' }],
    ],
    [
      'a count that is text',
      'count',
      (s) => Object.assign(s.properties?.input_tokens ?? {}, { type: 'string' }),
      [{ path: 'input_tokens', aspect: 'types' }],
    ],
  ]
  it.each(blocks)('can fail for Messages: %s', (_, kind, change, expected) => {
    expect(planted('anthropic-messages', kind, change)).toMatchObject(
      expected.map((one) => ({ message: kind, ...one })),
    )
  })

  it('can fail on the other side: a key that the package makes optional', () => {
    const all = of('openai-chat')
    const changed = new Map(all)
    const type = lookup(all, 'ChatCompletion.Choice', '')?.type
    if (type?.kind !== 'object') throw new Error('no such type')
    const keys = new Map(type.keys)
    const logprobs = keys.get('logprobs')
    if (logprobs === undefined) throw new Error('no such key')
    keys.set('logprobs', { ...logprobs, optional: true })
    changed.set('ChatCompletion.Choice', { kind: 'object', keys })
    expect(unreviewed(compareAll('openai-chat', changed), reviewOf('openai-chat')).unlisted).toEqual([
      'response choices[].logprobs required: the SDK has never, the schema always',
    ])
  })
})

describe('the reader of declarations', () => {
  it('reads interfaces, namespaces, unions, arrays, maps and @deprecated, and passes over the rest', () => {
    const found = readDts(`
      import { X } from "./x.js";
      export declare class C extends D { m(a: { b: string }): void; }
      export { Y } from "./y.js";
      /** One. */
      export interface A extends Base {
        /** @deprecated no longer */
        old?: 'a' | "b" | null;
        'list': Array<A.Inner>;
        map: { [key: string]: number } | null;
        open?: (string & {}) | 'x';
      }
      export declare namespace A { interface Inner { n: number[]; } export { type Z as Z, }; }
      export type T = A | A.Inner;
    `)
    expect([...found.keys()]).toEqual(['A', 'A.Inner', 'T'])
    const a = found.get('A')
    if (a?.kind !== 'object') throw new Error('A is an object')
    expect([...a.keys].map(([k, v]) => [k, v.optional, v.deprecated])).toEqual([
      ['old', true, true],
      ['list', false, false],
      ['map', false, false],
      ['open', true, false],
    ])
    expect(a.keys.get('old')?.type).toEqual({
      kind: 'union',
      of: ['a', 'b', null].map((value) => ({ kind: 'literal', value })),
    })
    expect(lookup(found, 'Inner', 'A')?.full).toBe('A.Inner')
    expect(lookup(found, 'Shared.T', 'A')?.full).toBe('T')
  })

  it('keeps the named keys of an object that is open to others', () => {
    const [a] = readDts('export interface A { type: string; [k: string]: unknown; }').values()
    expect(a?.kind === 'object' && [...a.keys.keys()]).toEqual(['type'])
  })

  it.each(['export interface A { f(): void; }', 'export type T = { a: string } & { b: string };'])(
    'does not pass over what it cannot read: %s',
    (source) => {
      expect(() => readDts(source)).toThrow()
    },
  )
})
