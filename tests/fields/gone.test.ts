import { expect, test } from 'vitest'
import { fieldsOf } from '../../schemas/fields.ts'
import type { FieldPromise } from '../../specs/types.ts'
import { requestFields } from '../../suites/core/schema.ts'
import { groundOf } from '../../suites/core/select.ts'
import { casesFor } from '../../suites/fields/cases.ts'
import { coverRows, fieldChecks } from '../../suites/fields/fields.ts'
import { goneFields } from '../../suites/fields/gone.ts'
import type { FieldKit } from '../../suites/fields/kit.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'
import { specs } from './stand.ts'

const [OLD, NEW] = ['2023-06-01', '2026-10-21']
const TEMPERATURE: FieldPromise = {
  fate: 'unsupported',
  refusal: 'stated',
  requirements: ['ANT-MSG-endpoint'],
}

/** The other dialect's request schema, with nothing but what the schema says. */
const kit: FieldKit<ChatView> = {
  ...CHAT_FIELDS,
  dialect: 'anthropic-messages',
  vendor: 'anthropic',
  samples: { top_k: [{ value: 5, needs: ['top_p'] }], top_p: [{ value: 0.5, needs: ['temperature'] }] },
  observers: new Proxy({}, { get: () => () => undefined }),
}

function ground(version: string, fields: Record<string, FieldPromise> = {}) {
  const profile = structuredClone(specs.profiles.get('anthropic')!)
  Object.assign(profile.dialects['anthropic-messages']!, { version, fields })
  return groundOf('anthropic-messages', profile, specs)!
}

test('a field is gone when its last occurrence is', () => {
  const branch = (value: string, until?: string) => ({
    type: 'object',
    properties: { type: { const: value }, x: { type: 'string', ...(until === undefined ? {} : { until }) } },
  })
  const of = (...ends: (string | undefined)[]) =>
    fieldsOf({
      type: 'object',
      properties: {
        a: {
          oneOf: ends.map((end, at) => branch(`b${at}`, end)),
          discriminator: { propertyName: 'type' },
        },
      },
    }).find(({ path }) => path === 'a.x')!.until
  expect(of(NEW, OLD)).toBe(NEW)
  expect(of(NEW, undefined)).toBeUndefined()
})

test('the version under test decides, and what a field holds goes with it', () => {
  const paths = ['temperature', 'top_k', 'top_p']
  const gone = goneFields('anthropic-messages', { version: NEW! })
  expect([...gone]).toEqual(expect.arrayContaining(paths))
  expect(gone.has('max_tokens')).toBe(false)
  expect(goneFields('anthropic-messages', { version: OLD! }).size).toBe(0)
  expect(goneFields('anthropic-messages', {}).size).toBe(0)
  for (const { path, until } of requestFields('anthropic-messages')) {
    if (until !== undefined) expect(gone.has(path), path).toBe(true)
  }
})

test('nothing is asked about a field that is gone, and nothing rests on one', () => {
  const cases = (version: string) => {
    const all = casesFor(ground(version), kit)
    return ['temperature', 'top_p', 'top_k', 'max_tokens'].map((path) => all.get(path)!.length > 0)
  }
  expect(cases(OLD!)).toEqual([true, true, true, true])
  expect(cases(NEW!)).toEqual([false, false, false, true])
})

test('where a document says that it is refused, each value is asked alone, and nothing else', () => {
  const here = ground(NEW!, { temperature: TEMPERATURE })
  const cases = casesFor(here, kit)
  const rowOf = coverRows(cases, here, kit)
  const own = cases.get('temperature')!
  expect(own.length).toBeGreaterThan(0)
  for (const one of own) expect(rowOf.get(one)).toEqual([one])
  const made = fieldChecks(here, kit).filter(({ field }) => field === 'temperature')
  expect(made.map(({ id, title }) => [id, title])).toEqual([
    ['anthropic-messages/field/temperature/accepted', 'temperature is refused'],
  ])
})
