import { describe, expect, test } from 'vitest'
import { keyForms, keyFormText, keyHeaders } from '../../specs/key-forms.ts'
import type { DialectPromise } from '../../specs/types.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { resolve } from '../../suites/core/resolve.ts'
import { type Composer, compose } from '../../suites/core/wire/compose.ts'

const KEY = 'fake-key-$&-$1'
const WRONG = 'fake-wrong-key'

const promise: DialectPromise = {
  base_urls: [],
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  auth: { header: 'x-api-key', also: [{ header: 'Authorization', scheme: 'Bearer' }] },
  limit_field: 'max_tokens',
  fields: {},
  undocumented: 'observed',
  response: {},
  chunk: {},
  errors: {},
  clients: [],
}
const chat: DialectPromise = {
  ...promise,
  path: '/chat/completions',
  headers: {},
  auth: { header: 'authorization', scheme: 'Bearer' },
}
const promises = { 'openai-chat': chat, 'anthropic-messages': promise }

function composed(probe: Partial<Probe>, over: Partial<Composer> = {}) {
  const whole: Probe = { dialect: 'anthropic-messages', body: { model: '$model' }, ...probe }
  const target = { model: 'm', promise: whole.dialect === 'openai-chat' ? chat : promise }
  const prepared = compose(resolve(whole, target), {
    bases: {
      'openai-chat': 'https://gateway.example.test/plan/v3',
      'anthropic-messages': 'https://gateway.example.test/plan/anthropic',
    },
    promises,
    keys: { default: KEY, limited: 'fake-limited-key' },
    headers: [],
    userAgent: 'assay/test',
    wrongKey: WRONG,
    ...over,
  })
  const headers = prepared.headers.map(([name, value]): [string, string] => [name.toLowerCase(), value])
  const credentials = headers.filter(([name]) => ['x-api-key', 'authorization'].includes(name))
  return { prepared, headers, credentials }
}

test('each dialect is asked at its own address', () => {
  expect(composed({}).prepared.url.href).toBe('https://gateway.example.test/plan/anthropic/v1/messages')
  expect(composed({ path: '/v1/models', method: 'GET' }).prepared.url.pathname).toBe(
    '/plan/anthropic/v1/models',
  )
  expect(composed({ dialect: 'openai-chat' }).prepared.url.pathname).toBe('/plan/v3/chat/completions')
})

test('a dialect without an address or a promise is an error of the caller', () => {
  expect(() => composed({}, { bases: {} })).toThrow('no address')
  expect(() => composed({}, { promises: {} })).toThrow('no promise')
})

test("the dialect's own headers go with every probe, unless it takes them away", () => {
  expect(composed({}).headers).toContainEqual(['anthropic-version', '2023-06-01'])
  const without = composed({ headers: { 'anthropic-version': null } })
  expect(without.headers.map(([name]) => name)).not.toContain('anthropic-version')
  expect(composed({ dialect: 'openai-chat' }).headers.map(([name]) => name)).not.toContain(
    'anthropic-version',
  )
})

describe('where the key goes', () => {
  test.each<[string, Partial<Probe>, [string, string][]]>([
    ['as the profile says first', {}, [['x-api-key', KEY]]],
    ['the key of a role', { keyRole: 'limited' }, [['x-api-key', 'fake-limited-key']]],
    ['nowhere', { keyRole: 'none' }, []],
    ['a key that was never issued', { keyRole: 'wrong' }, [['x-api-key', WRONG]]],
    [
      'the other form alone',
      { headers: { authorization: 'Bearer $key', 'x-api-key': null } },
      [['authorization', `Bearer ${KEY}`]],
    ],
    [
      'both at once',
      { headers: { authorization: 'Bearer $key' } },
      [
        ['x-api-key', KEY],
        ['authorization', `Bearer ${KEY}`],
      ],
    ],
    [
      'a wrong one in both forms',
      { keyRole: 'wrong', headers: { Authorization: 'Bearer $key' } },
      [
        ['x-api-key', WRONG],
        ['authorization', `Bearer ${WRONG}`],
      ],
    ],
    [
      'no key in no form, though the probe names one',
      { keyRole: 'none', headers: { authorization: 'Bearer $key', 'x-api-key': '$key' } },
      [],
    ],
    [
      'what the probe writes by itself stays',
      { keyRole: 'none', headers: { authorization: 'Bearer ' } },
      [['authorization', 'Bearer ']],
    ],
  ])('%s', (_, probe, credentials) => {
    expect(composed(probe).credentials).toEqual(credentials)
  })

  test.each(['none', 'wrong', 'default'] as const)(
    "a user's header never stands in for it: %s",
    (keyRole) => {
      const own: [string, string][] = [
        ['Authorization', 'Bearer fake-of-the-user'],
        ['X-Api-Key', 'fake-of-the-user'],
        ['x-team', 'blue'],
      ]
      const { headers, credentials } = composed({ keyRole }, { headers: own })
      expect(headers).toContainEqual(['x-team', 'blue'])
      expect(credentials.map(([, value]) => value)).not.toContain('fake-of-the-user')
      expect(credentials).toHaveLength(keyRole === 'none' ? 0 : 1)
      // A dialect that has no such form lets it through.
      const other = composed({ dialect: 'openai-chat', keyRole }, { headers: own })
      expect(other.credentials).toContainEqual(['x-api-key', 'fake-of-the-user'])
    },
  )

  test('every key is to be masked, whichever was sent', () => {
    const values = composed({ keyRole: 'none' }).prepared.secrets.map(({ value }) => value)
    expect(values).toEqual([KEY, 'fake-limited-key', WRONG])
  })
})

test('the forms in words', () => {
  expect(keyForms(promise.auth).map((form) => keyFormText(form, 'KEY'))).toEqual([
    'x-api-key: KEY',
    'Authorization: Bearer KEY',
  ])
  expect(keyHeaders({ ...promise.auth, also: [{ header: 'X-Api-Key' }, { header: 'b' }] })).toEqual([
    'x-api-key',
    'b',
  ])
})
