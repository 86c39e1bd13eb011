import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shownResponse } from '../../reports/record/body.ts'
import { EXCHANGES, exchange, STREAM_BODY } from './sample.ts'

const bytes = (s: string) => new Uint8Array(Buffer.from(s, 'latin1'))
const string = (b: Uint8Array) => Buffer.from(b).toString()

function raw(wire: string, headers: [string, string][] = [], over = {}) {
  return shownResponse(exchange('x', { headers, reads: [{ at: 1, bytes: bytes(wire) }], ...over }))
}

const CHUNKED: [string, string][] = [['transfer-encoding', 'chunked']]
const HEAD = 'HTTP/1.1 200 OK\r\n\r\n'

test('a chunked stream loses its framing and nothing else', () => {
  const shown = shownResponse(EXCHANGES[0]!)
  expect(string(shown.body)).toBe(STREAM_BODY)
  expect(string(shown.head)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/)
})

test.each<[string, string, [string, string][], string]>([
  ['chunk extensions', `${HEAD}3;a=b\r\nabc\r\n0\r\n\r\n`, CHUNKED, 'abc'],
  ['a cut chunk', `${HEAD}10\r\nabc`, CHUNKED, 'abc'],
  ['broken framing: the rest as it came', `${HEAD}3\r\nabc\r\nzz\r\nrest`, CHUNKED, 'abczz\r\nrest'],
  ['a content-length that leaves excess out', `${HEAD}abcdef`, [['Content-Length', '3']], 'abc'],
  ['an absurd content-length', `${HEAD}abc`, [['Content-Length', '-1']], 'abc'],
  [
    'interim responses before the final one',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\n${HEAD}abc`,
    [],
    'abc',
  ],
  ['a head of bare line feeds', 'HTTP/1.1 200 OK\nA: b\n\nabc', [], 'abc'],
  ['no end of the head', 'HTTP/1.1 200 OK\r\nA: b', [], ''],
])('%s', (_, wire, headers, body) => {
  expect(string(raw(wire, headers).body)).toBe(body)
})

test('a transcript without transfer coding or without a head is taken as it is', () => {
  expect(string(raw(`${HEAD}3\r\nabc`, CHUNKED, { wire: 'decoded' }).body)).toBe('3\r\nabc')
  expect(string(raw('data: x\n\ndata: y', [], { wire: 'body' }).body)).toBe('data: x\n\ndata: y')
})

test('a content coding is named, identity is none', () => {
  expect(raw(HEAD, [['Content-Encoding', 'gzip, br']]).coding).toBe('gzip, br')
  expect(raw(HEAD, [['Content-Encoding', 'identity']]).coding).toBeUndefined()
})

test('any body in any chunks comes back; any bytes at all do no harm', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 })), (parts) => {
      const chunks = parts.flatMap((p) => [bytes(`${p.length.toString(16)}\r\n`), p, bytes('\r\n')])
      const reads = [bytes(HEAD), ...chunks, bytes('0\r\n\r\n')].map((b) => ({ at: 0, bytes: b }))
      expect(Buffer.from(shownResponse(exchange('x', { headers: CHUNKED, reads })).body)).toEqual(
        Buffer.concat(parts),
      )
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('http1', 'decoded', 'body'), (b, wire) => {
      const shown = shownResponse(exchange('x', { headers: CHUNKED, reads: [{ at: 0, bytes: b }], wire }))
      expect(shown.head.length + shown.body.length).toBeLessThanOrEqual(b.length)
    }),
  )
})
