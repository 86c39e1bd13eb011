import { describe, expect, test } from 'vitest'
import { keysFrom } from '../../cli/credentials.ts'
import { headersFrom } from '../../cli/user-headers.ts'

const KEY = 'sk-fake-0123456789'

describe('keys', () => {
  test('come from the usual variables', () => {
    const env = { ASSAY_KEY: KEY, ASSAY_KEY_LIMITED: `${KEY}-l`, OTHER: 'x' }
    expect(keysFrom({}, env)).toEqual({ keys: { default: KEY, limited: `${KEY}-l` }, chosen: [] })
  })

  test('come from the variables that are named, before the usual ones', () => {
    const env = { ASSAY_KEY: 'sk-fake-not-this-one', MINE: KEY }
    expect(keysFrom({ default: 'MINE' }, env).keys.default).toBe(KEY)
  })

  test('none is a choice, and its variable is not read', () => {
    const env = { ASSAY_KEY: KEY, ASSAY_KEY_REVOKED: KEY }
    expect(keysFrom({ revoked: 'none' }, env)).toEqual({ keys: { default: KEY }, chosen: ['revoked'] })
  })

  test.each([
    ['a named variable that is not there', { default: 'MINE' }, { ASSAY_KEY: KEY }, 'no MINE'],
    ['a named variable that is empty', { limited: 'MINE' }, { ASSAY_KEY: KEY, MINE: '' }, 'no MINE'],
    ['no key at all', {}, {}, 'set ASSAY_KEY'],
    ['a key too short to be masked', {}, { ASSAY_KEY: 'sk-f' }, 'too short'],
    ['a key with a line end', {}, { ASSAY_KEY: `${KEY}\n` }, 'cannot stand in a header'],
  ])('%s is wrong use, and the value is not told', (_, names, env, told) => {
    let message = ''
    try {
      keysFrom(names, env)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(told)
    for (const value of Object.values(env)) if (value !== '') expect(message).not.toContain(value.trim())
  })
})

describe('headers', () => {
  test('plain ones are no secrets', () => {
    expect(headersFrom({ 'x-portkey-provider': 'openai' }, {}, { keyHeaders: [] })).toEqual({
      headers: [['x-portkey-provider', 'openai']],
      secrets: [],
    })
  })

  test.each([
    ['x-api-key', KEY, [KEY]],
    ['X-Auth-Token', KEY, [KEY]],
    ['proxy-authorization', `Bearer ${KEY}`, [`Bearer ${KEY}`, KEY]],
    ['cookie', `theme=dark; session_identifier=${KEY}`, [`theme=dark; session_identifier=${KEY}`, KEY]],
  ])('%s is a secret: the whole value, and the credential in it', (name, value, secrets) => {
    expect(
      headersFrom({ [name]: value }, {}, { keyHeaders: [] }).secrets.map((secret) => secret.value),
    ).toEqual(secrets)
  })

  test.each([
    'Ocp-Apim-Subscription-Key',
    'x-functions-key',
    'Helicone-Auth',
    'x-access-key-id',
    'x-goog-iap-jwt-assertion',
    'x-hub-signature-256',
  ])('%s is the name of a credential', (name) => {
    expect(headersFrom({ [name]: KEY }, {}, { keyHeaders: [] }).secrets).toEqual([
      { role: 'default', value: KEY },
    ])
  })

  test.each(['idempotency-key', 'x-author', 'x-monkey', 'x-cache-key'])('%s is none', (name) => {
    expect(headersFrom({ [name]: KEY }, {}, { keyHeaders: [] }).secrets).toEqual([])
  })

  test('what was a secret when the record was begun stays one', () => {
    const { secrets } = headersFrom(
      { 'x-team': KEY },
      {},
      { keyHeaders: [], wasSecret: (name) => name === 'x-team' },
    )
    expect(secrets).toEqual([{ role: 'default', value: KEY }])
  })

  test('a value from the environment is a secret whatever the header is called', () => {
    const { headers, secrets } = headersFrom({ 'x-team': '$TEAM' }, { TEAM: KEY }, { keyHeaders: [] })
    expect(headers).toEqual([['x-team', KEY]])
    expect(secrets).toEqual([{ role: 'default', value: KEY }])
  })

  test.each([
    ['a name that is none', { 'x team': '1' }, 'not a header name'],
    ['one that assay sets', { 'Content-Length': '1' }, 'assay sets it itself'],
    ['the key itself', { authorization: KEY }, '--key-env'],
    ['a missing variable', { 'x-team': '$TEAM' }, 'no TEAM'],
    ['a line end in it', { 'x-team': 'a\r\nb: c' }, 'cannot stand in a header'],
    ['a credential too short to be masked', { 'x-api-key': 'abc' }, 'too short'],
  ])('%s is wrong use', (_, given, told) => {
    expect(() => headersFrom(given, {}, { keyHeaders: ['Authorization'] })).toThrow(told)
  })
})
