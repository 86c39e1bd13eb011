import { describe, expect, test } from 'vitest'
import { requestFields, schemaFindings } from '../../suites/core/schema.ts'
import { groundOf } from '../../suites/core/select.ts'
import { casesFor } from '../../suites/fields/cases.ts'
import { bodyOf } from '../../suites/fields/compose.ts'
import { caseName } from '../../suites/fields/covering.ts'
import { coverRows } from '../../suites/fields/fields.ts'
import { replaced } from '../../suites/fields/place.ts'
import { wrongProbes } from '../../suites/fields/refused.ts'
import { wrongValues } from '../../suites/fields/wrong.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { SAMPLES } from '../../suites/openai-chat/fields/samples.ts'
import { specs } from './stand.ts'

const fields = requestFields('openai-chat')
const found = (body: unknown) => schemaFindings('openai-chat', 'request', body as never)

/** No value of these can be known: ids of what was uploaded or spoken before. */
const WITHOUT_VALUE = ['messages[].content[].file.file_id', 'messages[].audio.id', 'audio.voice.id']

describe.each(['openai', 'tokenhub-intl', 'pingtoken'])('%s', (id) => {
  const profile = specs.profiles.get(id)!
  const ground = groundOf('openai-chat', profile, specs)!
  const cases = casesFor(ground, CHAT_FIELDS)

  test('every valid value is valid under the request schema, alone and in its row', () => {
    for (const one of [...cases.values()].flat()) {
      expect(found(bodyOf([one], CHAT_FIELDS)), `${one.path} ${caseName(one)}`).toEqual([])
    }
    for (const row of new Set(coverRows(cases, ground, CHAT_FIELDS).values()))
      expect(found(bodyOf(row, CHAT_FIELDS))).toEqual([])
  })

  test('the request of a case holds the field, but where its value is the plain request itself', () => {
    for (const one of [...cases.values()].flat()) {
      const body = bodyOf([one], CHAT_FIELDS)
      expect(replaced(body, one.path, 'x'), `${one.path} ${caseName(one)}`).toBeDefined()
      if (!one.path.includes('.') && one.path !== 'messages' && one.path !== 'model') {
        expect(body[one.path], one.path).toEqual(one.value)
      }
    }
  })

  test('values of one field have different names', () => {
    for (const [path, list] of cases) {
      expect(new Set(list.map(caseName)).size, path).toBe(list.length)
    }
  })

  test('every wrong request has a fault that the schema sees, or that lies in what goes with the field', () => {
    for (const field of fields) {
      const promise = ground.promise.fields[field.path]
      const [carrier] = cases.get(field.path)!
      if (promise === undefined || carrier === undefined) continue
      const wrong = wrongValues(field, promise, CHAT_FIELDS.dependencies[field.path])
      const probes = wrongProbes(field, carrier, ground, CHAT_FIELDS)
      expect([...probes.keys()], field.path).toEqual(wrong.map((one) => one.fault))
      for (const { fault, dependency } of wrong) {
        const { body } = probes.get(fault)!
        if (dependency) expect(found(body), `${field.path}: ${fault}`).toEqual([])
        else {
          const places = found(body).map((one) => one.pointer)
          expect(places, `${field.path}: ${fault}`).not.toEqual([])
          expect(new Set(places).size, `${field.path}: ${fault}`).toBe(1)
        }
      }
    }
  })
})

test('every field of the schema has a valid value, but those that need an id of something earlier', () => {
  const ground = groundOf('openai-chat', specs.profiles.get('openai')!, specs)!
  const cases = casesFor(ground, CHAT_FIELDS)
  // Fields that the profile does not document are kept only where this model can take them.
  const empty = fields.map((field) => field.path).filter((path) => cases.get(path)!.length === 0)
  expect(empty).toEqual(WITHOUT_VALUE)
})

test('every sample belongs to a field of the schema', () => {
  const paths = new Set(fields.map((field) => field.path))
  expect(Object.keys(SAMPLES).filter((path) => !paths.has(path))).toEqual([])
})

test('the values of a closed list are all asked, but those that the profile leaves out', () => {
  const ground = groundOf('openai-chat', specs.profiles.get('openai')!, specs)!
  const cases = casesFor(ground, CHAT_FIELDS)
  const missing = fields.flatMap((field) => {
    const promise = ground.promise.fields[field.path]
    const wanted = (field.enum ?? []).filter((value) => promise?.values?.includes(value as never) ?? true)
    const asked = cases.get(field.path)!.map((one) => one.value)
    return wanted.filter((value) => !asked.includes(value as never)).map((value) => `${field.path} ${value}`)
  })
  // Forms that this model cannot take, or of which the minimum is a whole other object.
  expect(missing).toEqual([
    'messages[].content[].type input_audio',
    'messages[].content[].type file',
    'messages[].content[].input_audio.format mp3',
    'messages[].tool_calls[].type custom',
    'tools[].type custom',
    'tool_choice.type custom',
  ])
})
