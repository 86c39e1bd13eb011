/** What is refused before anybody reads a body speaks the dialect that the request carries, by its path or its headers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type Json, objectOf } from '../../fixtures/gateway/json.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import { raw } from './ask.ts'

const BEARER = `Authorization: Bearer ${KEYS.default}`
const OF_MESSAGES = [`x-api-key: ${KEYS.default}`, 'anthropic-version: 2023-06-01']

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ profile: profileById(loadSpecs(), 'tokenhub-intl'), tokenGapMs: 0 })
})
afterAll(() => gateway.close())

interface Answer {
  status: number
  headers: Headers
  body: string
}

async function ask(method: string, path: string, lines: string[]): Promise<Answer> {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', '']
  const { text } = await raw(gateway, head.join('\r\n'))
  const [top = '', body = ''] = text.split('\r\n\r\n')
  const [first = '', ...fields] = top.split('\r\n')
  const pairs = fields.map((field): [string, string] => {
    const at = field.indexOf(':')
    return [field.slice(0, at), field.slice(at + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: new Headers(pairs), body }
}

function dialectOf({ body, headers }: Answer): string {
  const { type, error, request_id } = objectOf(JSON.parse(body) as Json)
  const keys = Object.keys(objectOf(error)).toSorted().join()
  if (type === 'error' && keys === 'message,type' && request_id === headers.get('request-id'))
    return 'messages'
  return type === undefined && keys === 'code,message,param,type' && headers.has('x-request-id')
    ? 'chat'
    : body
}

const METHODS = ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE']

describe.each<[string, string[], string, number, string | null]>([
  ['/v1/chat/completions', [BEARER], 'chat', 405, 'POST'],
  ['/v1/chat/completions', OF_MESSAGES, 'chat', 405, 'POST'],
  ['/v1/messages', OF_MESSAGES, 'messages', 405, 'POST'],
  ['/v1/messages', [BEARER], 'messages', 405, 'POST'],
  ['/v1/messages/count_tokens', [BEARER], 'messages', 405, 'POST'],
  ['/v1/models', [BEARER], 'chat', 405, 'GET'],
  ['/v1/models', OF_MESSAGES, 'messages', 405, 'GET'],
  ['/v1/models/deepseek-v3.2', OF_MESSAGES, 'messages', 405, 'GET'],
  ['/v1/nothing', [BEARER], 'chat', 404, null],
  ['/v1/nothing', OF_MESSAGES, 'messages', 404, null],
  ['/v1/chat/completions/more', [BEARER], 'chat', 404, null],
  ['/v1/messages/more', [BEARER], 'messages', 404, null],
  ['/nothing', OF_MESSAGES, 'messages', 404, null],
  ['*', [BEARER], 'chat', 404, null],
  ['*', OF_MESSAGES, 'messages', 404, null],
])('%s with %j', (path, headers, dialect, status, allow) => {
  it.each(METHODS)(`%s: ${status}, in the envelope of ${dialect}`, async (method) => {
    const got = await ask(method, path, headers)
    expect([got.status, got.headers.get('allow'), dialectOf(got)]).toEqual([status, allow, dialect])
  })

  it('HEAD: the same without a body', async () => {
    const got = await ask('HEAD', path, headers)
    expect([got.status, got.headers.get('allow'), got.body]).toEqual([status, allow, ''])
    expect(got.headers.has(dialect === 'chat' ? 'x-request-id' : 'request-id')).toBe(true)
    expect(Number(got.headers.get('content-length'))).toBeGreaterThan(0)
  })

  it('a method that nobody knows: 400', async () => {
    const { status: refused, body } = await ask('FOO', path, headers)
    expect([refused, objectOf(JSON.parse(body) as Json).type]).toEqual([
      400,
      dialect === 'chat' ? undefined : 'error',
    ])
  })
})

it('what is not HTTP at all is answered in Chat', async () => {
  const { text } = await raw(gateway, 'NONSENSE\r\n\r\n')
  expect(objectOf(JSON.parse(text.split('\r\n\r\n')[1]!) as Json).type).toBeUndefined()
})
