import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { End, Read } from '../../reports/record/types.ts'
import { BodyParts } from '../../suites/core/wire/http1/parts.ts'
import { type HttpResponse, parseResponse } from '../../suites/core/wire/http1.ts'

const closed: End = { kind: 'closed' }
const complete: End = { kind: 'complete' }
const truncated: End = { kind: 'truncated', detail: 'FIN' }

/** Reads of a text (ISO 8859-1), cut at `cuts`; each arrives at its own index. */
function reads(text: string, cuts: number[] = []): Read[] {
  const ends = [...cuts, text.length]
  return ends.map((end, at) => ({ at, bytes: Buffer.from(text.slice(ends[at - 1] ?? 0, end), 'latin1') }))
}

const parse = (text: string, end: End = complete, method = 'POST') =>
  parseResponse(reads(text), 'http1', end, method)
const body = (response: HttpResponse) =>
  Buffer.concat(response.parts.map((part) => part.bytes)).toString('latin1')
const rules = (response: HttpResponse) => response.problems.map((p) => p.rule)
const joined = (response: HttpResponse) => ({ ...response, parts: body(response) })

const chunkedText =
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' +
  'HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n' +
  '5\r\nhello\r\n1;ext="a;b"\r\n,\r\n00A\r\n0123456789\r\n0\r\nX-T: t\r\n\r\n'

describe('a chunked response', () => {
  it('is read whole', () => {
    const response = parse(chunkedText)
    expect(response).toMatchObject({
      version: '1.1',
      status: 200,
      reason: 'OK',
      interim: [100, 103],
      framing: 'chunked',
      headers: [
        ['X-A', '1'],
        ['x-a', '2'],
        ['Transfer-Encoding', 'chunked'],
        ['Trailer', 'x-t'],
      ],
      trailers: [['X-T', 't']],
      complete: true,
      excess: 0,
      problems: [],
    })
    expect(body(response)).toBe('hello,0123456789')
    expect(response.bodyStart).toBe(chunkedText.indexOf('5\r\nhello'))
    for (const { wire, bytes } of response.parts) {
      expect(chunkedText.slice(wire, wire + bytes.length)).toBe(Buffer.from(bytes).toString('latin1'))
    }
  })

  it('is read the same however it is cut, and each byte has the time of its read', () => {
    const whole = joined(parse(chunkedText))
    fc.assert(
      fc.property(fc.array(fc.nat({ max: chunkedText.length }), { maxLength: 20 }), (cuts) => {
        cuts.sort((a, b) => a - b)
        const response = parseResponse(reads(chunkedText, cuts), 'http1', complete, 'POST')
        expect(joined(response)).toEqual(whole)
        for (const { at, wire, bytes } of response.parts) {
          expect(bytes.length).toBeGreaterThan(0)
          expect(wire).toBeGreaterThanOrEqual(cuts[at - 1] ?? 0)
          expect(wire + bytes.length).toBeLessThanOrEqual(cuts[at] ?? chunkedText.length)
        }
      }),
    )
    const eachByte = Array.from({ length: chunkedText.length - 1 }, (_, i) => i + 1)
    expect(joined(parseResponse(reads(chunkedText, eachByte), 'http1', complete, 'POST'))).toEqual(whole)
  })

  it('cut anywhere is truncated, except at the very end', () => {
    for (let i = 1; i < chunkedText.length; i++) {
      const response = parse(chunkedText.slice(0, i), truncated)
      expect(response.complete, `cut at ${i}`).toBe(false)
      expect(rules(response), `cut at ${i}`).toEqual(['http/truncated'])
    }
  })

  it('that we cut ourselves has no problem', () => {
    const ends: End[] = [
      { kind: 'timeout', phase: 'total', ms: 1 },
      { kind: 'limit', limit: 'body-bytes', max: 1 },
      { kind: 'hung-up' },
    ]
    for (const end of ends) {
      expect(parse(chunkedText.slice(0, -9), end)).toMatchObject({ complete: false, problems: [] })
      expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab', end)).toMatchObject({
        complete: false,
        problems: [],
      })
    }
  })

  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  it.each([
    ['x\r\nabc\r\n0\r\n\r\n', ['http/bad-chunk-size'], '', false],
    ['-1\r\nabc\r\n0\r\n\r\n', ['http/bad-chunk-size'], '', false],
    ['\r\n0\r\n\r\n', ['http/bad-chunk-size'], '', false],
    ['ffffffffffffffff\r\nabc', ['http/bad-chunk-size'], '', false],
    ['3 \r\nabc\r\n0\r\n\r\n', ['http/bad-chunk-size'], 'abc', true],
    ['3 ;x\r\nabc\r\n0\r\n\r\n', [], 'abc', true],
    ['2\r\nabc\r\n0\r\n\r\n', ['http/bad-chunk-end'], 'ab', false],
    ['3\nabc\n0\n\n', ['http/bare-lf', 'http/bare-lf', 'http/bare-lf', 'http/bare-lf'], 'abc', true],
    ['0\r\n\r\nrest', ['http/excess-bytes'], '', true],
    ['0\r\nbad trailer\r\n\r\n', ['http/bad-header'], '', true],
  ])('%j', (text, problems, expected, whole) => {
    const response = parse(head + text, closed)
    expect(rules(response)).toEqual(problems)
    expect(body(response)).toBe(expected)
    expect(response.complete).toBe(whole)
  })
})

describe('other framings', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'content-length', 'abc', true, []],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab',
      'content-length',
      'ab',
      false,
      ['http/content-length-mismatch'],
    ],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd',
      'content-length',
      'abc',
      true,
      ['http/excess-bytes'],
    ],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'content-length', '', true, []],
    ['HTTP/1.1 200 OK\r\n\r\nabc', 'close', 'abc', true, []],
    ['HTTP/1.0 200 OK\r\n\r\nabc', 'close', 'abc', true, []],
    ['HTTP/1.1 204 No Content\r\n\r\n', 'none', '', true, []],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 'none', '', true, ['http/framing-on-204']],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'none', '', true, []],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
      'content-length',
      'abc',
      true,
      ['http/duplicate-content-length'],
    ],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc', 'close', 'abc', true, ['http/bad-content-length']],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      'chunked',
      'a',
      true,
      ['http/conflicting-framing'],
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      'chunked',
      'a',
      true,
      ['http/bad-transfer-encoding'],
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc',
      'close',
      'abc',
      true,
      ['http/bad-transfer-encoding'],
    ],
  ])('%j', (text, framing, expected, whole, problems) => {
    const response = parse(text, closed)
    expect([response.framing, body(response), response.complete, rules(response)]).toEqual([
      framing,
      expected,
      whole,
      problems,
    ])
  })

  it('HEAD has no body whatever the headers say', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
    expect(parse(text, complete, 'HEAD')).toMatchObject({ framing: 'none', complete: true, problems: [] })
    expect(parse(`${text}abc`, complete, 'HEAD')).toMatchObject({ excess: 3, parts: [] })
  })

  it('a body up to the close is complete only when the peer closed in order', () => {
    expect(parse('HTTP/1.1 200 OK\r\n\r\nabc', { kind: 'reset', detail: 'RST' }).complete).toBe(false)
  })
})

describe('the head', () => {
  it.each([
    ['HTTP/1.1 200\r\nA: b\r\n\r\n', ['http/no-space-after-status'], [['A', 'b']]],
    ['HTTP/1.1 200 \r\nA: b\r\n\r\n', [], [['A', 'b']]],
    ['HTTP/1.1 200 OK\nA: b\n\n', ['http/bare-lf', 'http/bare-lf', 'http/bare-lf'], [['A', 'b']]],
    ['HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', ['http/obs-fold'], [['A', 'b c']]],
    ['HTTP/1.1 200 OK\r\nA : b\r\n\r\n', ['http/bad-header'], [['A', 'b']]],
    ['HTTP/1.1 200 OK\r\nnonsense\r\n: x\r\n\r\n', ['http/bad-header', 'http/bad-header'], []],
    ['HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n', ['http/control-in-header'], [['A', 'b\0c']]],
    ['HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n', ['http/control-in-header'], [['A', 'b\rc']]],
    [
      'HTTP/1.1 200 OK\r\nA: \tb\t\r\nB:\r\n\r\n',
      [],
      [
        ['A', 'b'],
        ['B', ''],
      ],
    ],
    ['HTTP/1.1 200 OK\r\nA: \xe9\xa0\r\n\r\n', [], [['A', '\xe9\xa0']]],
    ['HTTP/1.1 700 Odd\r\n\r\n', ['http/bad-status-line'], []],
    ['HTTP/2 200 OK\r\n\r\n', ['http/bad-status-line'], []],
    ['<html>\r\n\r\n', ['http/bad-status-line'], []],
  ])('%j', (text, problems, headers) => {
    const response = parse(text, closed)
    expect(rules(response)).toEqual(problems)
    expect(response.headers).toEqual(headers)
  })

  it('problems have the offset of their line', () => {
    const text = 'HTTP/1.1 200 OK\r\nA: b\r\nbad\r\n\r\n'
    expect(parse(text).problems.map((p) => p.offset)).toEqual([text.indexOf('bad')])
  })

  it('nothing at all is no problem of framing: the end tells', () => {
    const response = parseResponse(
      [],
      'http1',
      { kind: 'unreachable', code: 'ECONNREFUSED', detail: '' },
      'POST',
    )
    expect(response).toMatchObject({ status: 0, complete: false, problems: [], parts: [] })
  })
})

describe('other wires', () => {
  it('decoded: the body is as it stands, whatever the headers say', () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\ntransfer-encoding: chunked\r\n\r\ndata: a\n\n'
    const response = parseResponse(reads(text, [70]), 'decoded', closed, 'POST')
    expect(response).toMatchObject({
      version: '2',
      status: 200,
      interim: [100],
      complete: true,
      problems: [],
    })
    expect(body(response)).toBe('data: a\n\n')
  })

  it('decoded: line ends of a transcript that an editor changed are no problem', () => {
    const response = parseResponse(reads('HTTP/1.1 200 OK\nA: b\n\nx'), 'decoded', closed, 'POST')
    expect(response).toMatchObject({ headers: [['A', 'b']], problems: [] })
  })

  it('body: all is body', () => {
    const response = parseResponse(reads('data: a\n\n', [4]), 'body', closed, 'POST')
    expect(response).toMatchObject({ status: 200, headers: [], version: '', complete: true })
    expect(response.parts.map(({ at, wire }) => [at, wire])).toEqual([
      [0, 0],
      [1, 4],
    ])
  })
})

describe('hostile input', () => {
  it('any bytes give an answer', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        '\r\n',
        '\n',
        'Content-Length: 5\r\n',
        'Transfer-Encoding: chunked\r\n',
        '5\r\n',
        '0\r\n',
        ' x',
        'a: b',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    )
    const text = fc.array(piece, { maxLength: 15 }).map((p) => p.join(''))
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('http1', 'decoded', 'body'),
        fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
        (t, wire, cuts) => {
          const inside = cuts.filter((c) => c <= t.length).sort((a, b) => a - b)
          const whole = parseResponse(reads(t), wire, closed, 'POST')
          expect(joined(parseResponse(reads(t, inside), wire, closed, 'POST'))).toEqual(joined(whole))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('parts beyond the bound are merged within their read, and nothing is lost', () => {
    const bytes = Buffer.from('a-b-c-d-e-f-')
    const two = [
      { at: 1, bytes: bytes.subarray(0, 7) },
      { at: 2, bytes: bytes.subarray(7) },
    ]
    const parts = new BodyParts(bytes, two, 2)
    for (let i = 0; i < bytes.length; i += 2) parts.add(i, i + 1)
    expect(parts.list.map((p) => [p.at, p.wire, Buffer.from(p.bytes).toString()])).toEqual([
      [1, 0, 'a'],
      [1, 2, 'b'],
      [1, 4, 'cd'],
      [2, 8, 'ef'],
    ])
  })

  it('half a million chunks of one byte and a hundred thousand headers', () => {
    const chunks = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(500_000)}0\r\n\r\n`
    const response = parse(chunks)
    expect(response.complete).toBe(true)
    expect(response.parts.length).toBeLessThanOrEqual(100_001)
    expect(body(response)).toBe('x'.repeat(500_000))
    const many = parse(`HTTP/1.1 200 OK\r\n${'a\r\n'.repeat(100_000)}\r\n`)
    expect(many.problems).toHaveLength(100)
  })
})
