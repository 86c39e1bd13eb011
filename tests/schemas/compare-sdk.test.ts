import { describe, expect, it } from 'vitest'
import { baseSchema, type MessageKind, type SchemaNode } from '../../schemas/documents.ts'
import {
  compareAll,
  type Difference,
  reviewedDifferences,
  sdkDeclarations,
  sdkVersion,
  unreviewed,
} from '../../scripts/compare-sdk.ts'
import { lookup, readDts } from '../../scripts/dts.ts'

const all = sdkDeclarations()

/** Differences that come up when one schema is changed in a copy. */
function planted(kind: MessageKind, change: (schema: SchemaNode) => void): Difference[] {
  const copy = structuredClone(baseSchema('openai-chat', kind))
  change(copy)
  const before = new Set(compareAll(all).map((d) => JSON.stringify(d)))
  const after = compareAll(all, (k) => (k === kind ? copy : baseSchema('openai-chat', k)))
  return after.filter((d) => !before.has(JSON.stringify(d)))
}

describe('schemas/openai-chat against the types of the openai package', () => {
  it('differs only where differences.yaml says so, and nothing there is stale', () => {
    expect(unreviewed(compareAll(all), reviewedDifferences())).toEqual({ unlisted: [], stale: [] })
  })

  it('gives a reason for every reviewed difference', () => {
    expect(reviewedDifferences().filter((d) => !d.reason)).toEqual([])
  })

  it('reads the version that the sources name', () => {
    expect(sdkVersion()).toBe('7.57.0')
  })

  it('reports what is not reviewed, and what is stale', () => {
    const one: Difference = {
      message: 'request',
      path: 'n',
      aspect: 'types',
      sdk: 'number',
      schema: 'string',
    }
    expect(unreviewed([one], []).unlisted).toHaveLength(1)
    expect(unreviewed([], [{ ...one, reason: 'gone' }]).stale).toHaveLength(1)
    expect(unreviewed([one], [{ ...one, sdk: 'boolean', reason: 'other' }])).toMatchObject({
      unlisted: [expect.stringContaining('openai has number')],
      stale: [expect.stringContaining('openai has boolean')],
    })
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
    expect(planted(kind, change)).toMatchObject([{ message: kind, ...expected }])
  })

  it('can fail on the other side: a key that the package makes optional', () => {
    const changed = new Map(all)
    const type = lookup(all, 'ChatCompletion.Choice', '')?.type
    if (type?.kind !== 'object') throw new Error('no such type')
    const keys = new Map(type.keys)
    const logprobs = keys.get('logprobs')
    if (logprobs === undefined) throw new Error('no such key')
    keys.set('logprobs', { ...logprobs, optional: true })
    changed.set('ChatCompletion.Choice', { kind: 'object', keys })
    expect(unreviewed(compareAll(changed), reviewedDifferences()).unlisted).toEqual([
      'response choices[].logprobs required: openai has never, the schema always',
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

  it.each(['export interface A { f(): void; }', 'export type T = { a: string } & { b: string };'])(
    'does not pass over what it cannot read: %s',
    (source) => {
      expect(() => readDts(source)).toThrow()
    },
  )
})
