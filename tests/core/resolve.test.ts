import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DialectPromise } from '../../specs/types.ts'
import { canonical, digest } from '../../suites/core/digest.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { bodyBytes, DEFAULT_LIMIT, resolve } from '../../suites/core/resolve.ts'

const promise: DialectPromise = {
  base_urls: [],
  path: '/chat',
  auth: { header: 'authorization', scheme: 'Bearer' },
  limit_field: 'max_completion_tokens',
  fields: {},
  undocumented: 'observed',
  response: {},
  chunk: {},
  errors: {},
  clients: [],
}
const target = { model: 'm"1$&', promise }
const probe = (more: Partial<Probe> = {}): Probe => ({ dialect: 'd', body: { model: '$model' }, ...more })

describe('resolve', () => {
  test('fills in the model wherever it stands as a value, and the limit', () => {
    const { probe: filled } = resolve(
      probe({ body: { model: '$model', a: [{ b: '$model' }], c: 'x $model' } }),
      target,
    )
    expect(filled.body).toEqual({
      model: target.model,
      a: [{ b: target.model }],
      c: 'x $model',
      max_completion_tokens: DEFAULT_LIMIT,
    })
    expect(filled).toMatchObject({ method: 'POST', path: '/chat', keyRole: 'default' })
    expect('limit' in filled).toBe(false)
  })
  test.each([
    [{ limit: 8 }, { max_completion_tokens: 8 }],
    [{ limit: null }, {}],
  ])('limit %j', (more, fields) => {
    expect(resolve(probe(more), target).probe.body).toEqual({ model: target.model, ...fields })
  })
  test.each(['max_tokens', 'max_completion_tokens', 'max_output_tokens'])(
    'a body that has %s keeps it',
    (field) => {
      expect(resolve(probe({ body: { [field]: 'bad' } }), target).probe.body).toEqual({ [field]: 'bad' })
    },
  )
  test('in a body that is written out, names stand as JSON', () => {
    const repeat = { head: '{"model":"$model","$limit":8}', unit: '', times: 0, tail: '' }
    const { probe: filled } = resolve({ dialect: 'd', repeat }, target)
    expect(JSON.parse(Buffer.from(bodyBytes(filled)!).toString())).toEqual({
      model: target.model,
      max_completion_tokens: 8,
    })
  })
  test('changes nothing in what it was given', () => {
    const given = probe({ limit: 3 })
    const before = structuredClone(given)
    resolve(given, target)
    expect(given).toEqual(before)
  })
  test('equal requests have one digest however they are declared, others have others', () => {
    const plain = resolve(probe(), target).digest
    expect(resolve(probe({ limit: DEFAULT_LIMIT, method: 'POST', keyRole: 'default' }), target).digest).toBe(
      plain,
    )
    expect(
      resolve(probe({ body: { max_completion_tokens: DEFAULT_LIMIT, model: '$model' } }), target).digest,
    ).toBe(plain)
    const others: Partial<Probe>[] = [
      { fresh: 'again' },
      { keyRole: 'none' },
      { headers: { a: 'b' } },
      { limit: 1 },
      { wire: 'raw' },
      { path: '/other' },
      { hangUpAfter: 0 },
    ]
    const digests = others.map((more) => resolve(probe(more), target).digest)
    expect(new Set([plain, ...digests]).size).toBe(others.length + 1)
    expect(plain).toMatch(/^[0-9a-f]{16}$/)
  })
})

test('bodyBytes of a large body is head, units, tail', () => {
  const repeat = { head: 'ä{', unit: 'ß', times: 3, tail: '}' }
  expect(Buffer.from(bodyBytes({ dialect: 'd', repeat })!).toString()).toBe('ä{ßßß}')
  expect(bodyBytes({ dialect: 'd' })).toBeUndefined()
  expect(Buffer.from(bodyBytes({ dialect: 'd', text: '{' })!).toString()).toBe('{')
})

test('canonical JSON is JSON of the same value, and does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(canonical(turned)).toBe(canonical(value))
      expect(digest(turned)).toBe(digest(value))
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  expect(canonical({ a: undefined, b: [undefined] })).toBe('{"b":[null]}')
})
