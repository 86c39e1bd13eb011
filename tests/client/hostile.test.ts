import { describe, expect, test } from 'vitest'
import { type behaviours, bomb, chunk, reply } from '../../fixtures/hostile/behaviours.ts'
import { certificate } from '../../fixtures/hostile/server.ts'
import type { End } from '../../reports/record/types.ts'
import type { PhaseLimits } from '../../suites/core/wire/deadlines.ts'
import { BOUNDS, client, request, server, wire } from './sender.ts'

const SOON = 120

describe.each([{ raw: false }, { raw: true }])('raw: $raw', ({ raw }) => {
  const send = async (name: keyof typeof behaviours, deadlines: Partial<PhaseLimits> = {}) => {
    const peer = await server(name)
    const exchange = await client(peer.origin, { deadlines }).send(request(peer.origin, { raw }))
    return { peer, exchange }
  }

  test.each<[keyof typeof behaviours, Partial<PhaseLimits>, End]>([
    ['neverAnswers', { headers: SOON }, { kind: 'timeout', phase: 'headers', ms: SOON }],
    ['neverAnswers', { total: SOON }, { kind: 'timeout', phase: 'total', ms: SOON }],
    ['headThenNothing', { firstByte: SOON }, { kind: 'timeout', phase: 'first-byte', ms: SOON }],
    ['stopsInTheBody', { betweenBytes: SOON }, { kind: 'timeout', phase: 'between-bytes', ms: SOON }],
    ['drips', { total: SOON }, { kind: 'timeout', phase: 'total', ms: SOON }],
    ['gigabyte', {}, { kind: 'limit', limit: 'body-bytes', max: BOUNDS.bodyBytes }],
    ['endlessStream', {}, { kind: 'limit', limit: 'body-bytes', max: BOUNDS.bodyBytes }],
    ['headerBomb', {}, { kind: 'limit', limit: 'head-bytes', max: BOUNDS.headBytes }],
    ['interimWithoutEnd', {}, { kind: 'limit', limit: 'head-bytes', max: BOUNDS.headBytes }],
  ])('%s with %o is cut, and the server sees it', async (name, deadlines, end) => {
    const { peer, exchange } = await send(name, deadlines)
    expect(exchange.end).toEqual(end)
    await peer.gone
    const bytes = wire(exchange).length
    expect(bytes).toBeLessThanOrEqual(BOUNDS.headBytes + BOUNDS.bodyBytes)
    if (end.kind === 'limit' && end.limit === 'body-bytes') {
      expect(bytes - wire(exchange).indexOf('\r\n\r\n') - 4).toBe(BOUNDS.bodyBytes)
    }
  })

  test.each<[keyof typeof behaviours, End]>([
    [
      'closesBeforeLength',
      { kind: 'truncated', detail: 'the peer closed the connection after 4 of 100 bytes of body' },
    ],
    [
      'closesInChunks',
      {
        kind: 'truncated',
        detail: 'the peer closed the connection before the last chunk, after 14 bytes of chunked body',
      },
    ],
    [
      'closesInHead',
      { kind: 'truncated', detail: 'the peer closed the connection inside the head, after 27 bytes' },
    ],
    ['closesAtOnce', { kind: 'truncated', detail: 'the peer closed the connection before the first byte' }],
    ['resetsInTheMiddle', { kind: 'reset', detail: 'ECONNRESET after 4 of 100 bytes of body' }],
    ['garbage', { kind: 'garbled', detail: 'it does not begin with HTTP/1.x' }],
    ['badStatusLine', { kind: 'garbled', detail: 'the status line cannot be read' }],
    ['badChunkSize', { kind: 'garbled', detail: 'a chunk size cannot be read' }],
    ['twoLengths', { kind: 'garbled', detail: 'Content-Length has several values' }],
    ['http10', { kind: 'closed' }],
    ['invalidUtf8', { kind: 'complete' }],
    ['gzipBomb', { kind: 'complete' }],
    ['interim', { kind: 'complete' }],
    ['redirect', { kind: 'complete' }],
    ['repliesTwice', { kind: 'complete' }],
    ['stream', { kind: 'complete' }],
  ])('%s ends as %o', async (name, end) => {
    expect((await send(name)).exchange.end).toEqual(end)
  })

  test('what came is kept byte by byte', async () => {
    expect(wire((await send('gzipBomb')).exchange).endsWith(bomb.toString('latin1'))).toBe(true)
    expect(wire((await send('invalidUtf8')).exchange).endsWith('\xff\xfe\x80A')).toBe(true)
    expect(wire((await send('garbage')).exchange)).toBe('SSH-2.0-OpenSSH_9.9\r\n')
    expect(wire((await send('repliesTwice')).exchange)).toBe(reply('{"n":1}') + reply('{"n":2}'))
    expect(wire((await send('stream')).exchange)).toContain(`\r\n\r\n${chunk('data: 1\n\n')}`)
    expect(wire((await send('interim')).exchange)).toMatch(/^HTTP\/1.1 100 .*HTTP\/1.1 103 .*HTTP\/1.1 200 /s)
  })

  test('the final response is told from interim ones', async () => {
    const { exchange } = await send('interim')
    expect(exchange.status).toBe(200)
    expect(exchange.headers).toEqual([['content-length', '2']])
  })

  test('a redirect is an answer like any other', async () => {
    const { peer, exchange } = await send('redirect')
    expect(exchange.status).toBe(307)
    expect(exchange.headers[0]).toEqual(['location', 'http://nonexistent.invalid/'])
    expect(peer.requests).toHaveLength(1)
  })

  test('a port where nobody listens', async () => {
    const peer = await server('ordinary')
    await peer.close().catch(() => {})
    const { end, timing } = await client(peer.origin).send(request(peer.origin, { raw }))
    expect(end).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' })
    expect(timing).toMatchObject({ connected: 0 })
  })

  test('a host that does not exist', async () => {
    const origin = 'http://nonexistent.invalid'
    const { end, status, reads } = await client(origin).send(request(origin, { raw }))
    expect(end).toMatchObject({ kind: 'unreachable', code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) })
    expect({ status, reads }).toEqual({ status: 0, reads: [] })
  })

  test('a certificate that nobody vouches for, and one that we trust', async () => {
    const peer = await server('ordinary', { tls: true })
    const refused = await client(peer.origin).send(request(peer.origin, { raw }))
    expect(refused.end).toMatchObject({ kind: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(peer.requests).toEqual([])
    const trusted = await client(peer.origin, { tls: { ca: certificate } }).send(
      request(peer.origin, { raw }),
    )
    expect(trusted.end).toEqual({ kind: 'complete' })
    expect(wire(trusted)).toBe(reply('{}'))
  })

  test('TLS spoken to a server that has none', async () => {
    const peer = await server('ordinary', { greet: true })
    const origin = peer.origin.replace('http:', 'https:')
    const { end } = await client(origin).send(request(origin, { raw }))
    expect(end).toMatchObject({ kind: 'unreachable', code: expect.stringMatching(/^(ERR_SSL_|EPROTO)/) })
  })

  test('a handshake that never ends', async () => {
    const peer = await server('neverAnswers')
    const origin = peer.origin.replace('http:', 'https:')
    const { end, status } = await client(origin, { deadlines: { connect: SOON } }).send(
      request(origin, { raw }),
    )
    expect(end).toEqual({ kind: 'timeout', phase: 'connect', ms: SOON })
    expect(status).toBe(0)
    await peer.gone
  })

  test('a server of another protocol, which speaks first', async () => {
    const peer = await server('garbage', { greet: true })
    const exchange = await client(peer.origin).send(request(peer.origin, { raw }))
    expect(exchange.end).toMatchObject({ kind: 'garbled' })
    expect(wire(exchange)).toBe('SSH-2.0-OpenSSH_9.9\r\n')
  })

  test('an answer that does not wait for the end of the request', async () => {
    const peer = await server(
      (socket) => {
        socket.pause()
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\n{}')
      },
      { greet: true },
    )
    const body = Buffer.alloc(24 * 1024 * 1024, 'a')
    const sender = client(peer.origin)
    for (let n = 0; n < 2; n++) {
      const exchange = await sender.send(request(peer.origin, { raw, body }))
      expect(exchange).toMatchObject({ status: 413, reused: false, end: { kind: 'complete' } })
      expect(exchange.notes).toEqual(['the request was not sent whole'])
    }
  })

  test('we hang up on purpose', async () => {
    const peer = await server('endlessStream')
    const exchange = await client(peer.origin).send(request(peer.origin, { raw, hangUpAfter: 100 }))
    expect(exchange.end).toEqual({ kind: 'hung-up' })
    await peer.gone
  })

  test('a deadline of the request holds before that of the client', async () => {
    const peer = await server('neverAnswers')
    const exchange = await client(peer.origin).send(request(peer.origin, { raw, deadline: SOON }))
    expect(exchange.end).toEqual({ kind: 'timeout', phase: 'total', ms: SOON })
  })
})

test('length and chunked coding together: undici will not read it, the hand-written reader goes by the chunks', async () => {
  const peer = await server('lengthAndChunked')
  const sender = client(peer.origin)
  const ordinary = await sender.send(request(peer.origin))
  expect(ordinary.end).toMatchObject({ kind: 'garbled', detail: expect.stringContaining('content-length') })
  expect(wire(ordinary)).toContain('2\r\n{}\r\n0\r\n\r\n')
  expect((await sender.send(request(peer.origin, { raw: true }))).end).toEqual({ kind: 'complete' })
})
