import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../reports/record/types.ts'
import { OBSERVERS } from '../../suites/anthropic-messages/fields/effects/observers.ts'
import { samplesFor } from '../../suites/anthropic-messages/fields/samples.ts'
import { requestFields, schemaFindings } from '../../suites/core/schema.ts'
import { samplesOf } from '../../suites/fields/cases.ts'
import { bodyOf } from '../../suites/fields/compose.ts'
import { caseName, named } from '../../suites/fields/covering.ts'
import { coverRows } from '../../suites/fields/fields.ts'
import { replaced } from '../../suites/fields/place.ts'
import { fieldsOf, ID } from './fields-stand.ts'

const fields = requestFields(ID)
const PROFILES = [
  'anthropic',
  'anthropic-2023-06-01',
  'tokenhub-intl',
  'tokenhub-intl-old',
  'token-plan-enterprise',
]

test('every effect that the request schema names has an observer, and no observer is left over', () => {
  const effects = new Set(fields.map(({ effect }) => effect))
  expect([...effects].filter((effect) => OBSERVERS[effect!] === undefined)).toEqual([])
  expect(Object.keys(OBSERVERS).filter((effect) => !effects.has(effect as never))).toEqual([])
})

test('every sample belongs to a field, and every field has samples, values of its schema, or a decision for none', () => {
  const { kit } = fieldsOf('anthropic-2023-06-01')
  const paths = new Set(fields.map(({ path }) => path))
  expect(Object.keys(kit.samples).filter((path) => !paths.has(path))).toEqual([])
  const undecided = fields.filter(
    (field) => kit.samples[field.path] === undefined && samplesOf(field, undefined, kit).length === 0,
  )
  expect(undecided.map(({ path }) => path)).toEqual([])
})

describe.each(PROFILES)('%s', (id) => {
  const { ground, kit, cases } = fieldsOf(id)
  const all = [...cases.values()].flat()

  /** The session adds the limit. A profile may promise more than the schema's range. */
  const found = (body: JsonObject) =>
    schemaFindings(ID, 'request', { max_tokens: 16, ...body }).filter(({ pointer }) => {
      const most = ground.promise.fields[pointer.slice(1)]?.maximum
      return most === undefined || Number(body[pointer.slice(1)]) > most
    })

  // What the profile's document does not take, the union of all documents does.
  test('every valid value is valid under the request schema, alone and in its row', () => {
    expect(all.length).toBeGreaterThan(100)
    for (const one of all) expect(found(bodyOf([one], kit)), `${one.path} ${caseName(one)}`).toEqual([])
    for (const row of new Set(coverRows(cases, ground, kit).values()))
      expect(found(bodyOf(row, kit)), row.map(({ path }) => path).join(' ')).toEqual([])
  })

  test('the request of a case holds the field', () => {
    for (const one of all)
      expect(replaced(bodyOf([one], kit), one.path, 'x'), `${one.path} ${caseName(one)}`).toBeDefined()
  })

  test('every value of a field has a conversation of its own', () => {
    for (const list of cases.values()) expect([...named(list).values()]).toEqual(list)
  })

  test('a choice of tools in one word is asked where the document names the words, and nowhere else', () => {
    const words = samplesFor(ground).tool_choice!.map(({ value }) => value)
    const said = ground.promise.fields.tool_choice?.values ?? []
    expect(words.filter((value) => typeof value === 'string')).toEqual(said)
    expect(said).toEqual(id.startsWith('tokenhub') ? ['none', 'auto', 'any'] : [])
  })

  test('what is not supported is asked about once, alone, and never with null', () => {
    for (const [path, list] of cases) {
      const promise = ground.promise.fields[path]
      if (promise?.fate !== 'unsupported') continue
      expect(list.length, path).toBeLessThanOrEqual(promise.refusal === 'stated' ? 4 : 1)
      for (const one of list) {
        expect(one.value, path).not.toBeNull()
        expect(coverRows(cases, ground, kit).get(one)).toEqual([one])
      }
    }
  })
})
