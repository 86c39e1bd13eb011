import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Chunks } from '../../suites/core/wire/chunks.ts'
import { Framing } from '../../suites/core/wire/framing.ts'
import { ReadLog } from '../../suites/core/wire/read-log.ts'

const responses: Record<string, string> = {
  length: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b \r\n\r\nhello',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nt: v\r\n\r\n',
  interim: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: a\r\n\r\nHTTP/1.1 204 None\r\n\r\n',
  bareLineFeeds: 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok',
  emptyLinesFirst: '\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  excess: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n',
  excessAfterChunks: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nmore',
  untilClose: 'HTTP/1.0 200 OK\r\nx: y\r\n\r\nall there is',
  otherCoding: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n5\r\nhello',
  noReason: 'HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n',
  notHttp: '<html>no</html>\r\n\r\n',
  badChunk: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n',
  negative: 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
}

function follow(text: string, cuts: number[], method = 'POST') {
  const bytes = Buffer.from(text, 'latin1')
  const framing = new Framing(method)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let n = 1; n < places.length; n++) framing.feed(bytes.subarray(places[n - 1], places[n]))
  const { status, headers, bodyStart, bodyBytes, complete, broken, interim, untilClose } = framing
  return { status, headers, bodyStart, bodyBytes, complete, broken, interim, untilClose }
}

test.each<[keyof typeof responses, object]>([
  [
    'length',
    {
      status: 200,
      headers: [
        ['Content-Length', '5'],
        ['X-A', 'b'],
      ],
      bodyStart: 47,
      bodyBytes: 5,
      complete: true,
    },
  ],
  ['chunked', { bodyBytes: 40, complete: true, headers: [['Transfer-Encoding', 'Chunked']] }],
  [
    'interim',
    {
      status: 204,
      interim: [
        { status: 100, start: 0, end: 25 },
        { status: 103, start: 25, end: 56 },
      ],
      complete: true,
    },
  ],
  ['bareLineFeeds', { status: 200, bodyBytes: 2, complete: true }],
  ['emptyLinesFirst', { status: 200, bodyBytes: 2, complete: true, broken: undefined }],
  ['excess', { bodyBytes: 2, complete: true }],
  ['excessAfterChunks', { bodyBytes: 5, complete: true }],
  ['untilClose', { bodyBytes: 12, complete: false, untilClose: true }],
  ['otherCoding', { complete: false, untilClose: true }],
  ['noReason', { status: 404, complete: true }],
  ['notHttp', { status: 0, broken: 'it does not begin with HTTP/1.x' }],
  ['badChunk', { complete: false, broken: 'a chunk is longer than its size says' }],
  ['negative', { broken: 'Content-Length is not a number' }],
])('%s', (name, expected) => {
  expect(follow(responses[name] ?? '', [])).toMatchObject(expected)
})

test.each(Object.entries(responses))('%s is followed alike however it is cut', (_, text) => {
  const whole = follow(text, [])
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: text.length }), (cuts) => {
      const { broken, ...rest } = follow(text, cuts)
      if (whole.broken === undefined) expect({ broken, ...rest }).toEqual(whole)
      else expect(broken).toBe(whole.broken)
    }),
    { numRuns: 50 },
  )
})

test('bytes that are no HTTP never make it throw, and it never counts more than came', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'HTTP/1.1 '),
      fc.uint8Array(),
      (start, bytes) => {
        const text = start + Buffer.from(bytes).toString('latin1')
        expect(follow(text, [3]).bodyBytes).toBeLessThanOrEqual(text.length)
      },
    ),
  )
})

test('chunks tell where their data stands', () => {
  const text = '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
  fc.assert(
    fc.property(fc.nat({ max: text.length }), (cut) => {
      let data = ''
      const chunks = new Chunks((offset, length) => {
        data += text.slice(offset, offset + length)
      })
      chunks.feed(Buffer.from(text.slice(0, cut)))
      chunks.feed(Buffer.from(text.slice(cut)))
      expect({ data, complete: chunks.complete, taken: chunks.taken }).toEqual({
        data: 'abcde',
        complete: true,
        taken: text.length,
      })
    }),
  )
})

describe('the log of reads', () => {
  test('keeps no more than its capacity', () => {
    const log = new ReadLog()
    for (let n = 0; n < 10; n++) log.push(n, Buffer.from('abc'), 8)
    expect(log.take().map((read) => Buffer.from(read.bytes).toString())).toEqual(['abc', 'abc', 'ab'])
    expect(log.bytes).toBe(8)
  })

  test('a peer that drips single bytes costs little more than it sends', () => {
    const log = new ReadLog()
    const drip = Buffer.from('.')
    for (let n = 0; n < 300_000; n++) log.push(n, drip, 1e9)
    const reads = log.take()
    expect(log.grouped).toBe(true)
    expect(reads.length).toBeLessThan(66_000)
    expect(reads.reduce((sum, read) => sum + read.bytes.length, 0)).toBe(300_000)
    expect(reads.at(-1)?.at).toBe(299_999)
  })
})
