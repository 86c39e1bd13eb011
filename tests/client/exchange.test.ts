import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { behaviours, chunk, reply } from '../../fixtures/hostile/behaviours.ts'
import type { Exchange } from '../../reports/record/types.ts'
import { client, KEY, request, server, wire } from './sender.ts'

const MASKED = '*'.repeat(KEY.length)

/** Nothing of the key, in any of the forms that a gateway might write it in. */
function expectNoKey(exchange: Exchange): void {
  const record = `${JSON.stringify({ ...exchange, reads: [] })}${wire(exchange)}`
  for (const form of [
    KEY,
    encodeURIComponent(KEY),
    Buffer.from(KEY).toString('base64'),
    KEY.replaceAll('/', '\\/'),
  ]) {
    expect(record).not.toContain(form)
  }
}

describe('the request as it was sent', () => {
  test('every header line in its order, the key masked', async () => {
    const peer = await server('ordinary')
    const sender = client(peer.origin)
    const ordinary = await sender.send(request(peer.origin))
    const host = new URL(peer.origin).host
    expect(ordinary.request).toEqual({
      method: 'POST',
      url: `${peer.origin}/v1/chat/completions?a=1`,
      headers: [
        ['host', host],
        ['connection', 'keep-alive'],
        ['content-type', 'application/json'],
        ['authorization', `Bearer ${MASKED}`],
        ['content-length', '13'],
      ],
      body: '{"model":"m"}',
    })
    const raw = await sender.send(request(peer.origin, { raw: true }))
    expect(raw.request.headers).toEqual([
      ['host', host],
      ['connection', 'close'],
      ['content-length', '13'],
      ['content-type', 'application/json'],
      ['authorization', `Bearer ${MASKED}`],
    ])
    for (const sent of peer.requests) expect(sent).toContain(`authorization: Bearer ${KEY}\r\n`)
    expectNoKey(ordinary)
    expectNoKey(raw)
  })

  test('a key in the URL and in the body is masked; a body that is not UTF-8 is kept as base64', async () => {
    const peer = await server('ordinary')
    const url = new URL(`/v1?key=${encodeURIComponent(KEY)}`, peer.origin)
    const sent = await client(peer.origin).send(
      request(peer.origin, { url, body: Buffer.from(`{"k":"${KEY}"}`) }),
    )
    expect(sent.request.url).toBe(`${peer.origin}/v1?key=${'*'.repeat(encodeURIComponent(KEY).length)}`)
    expect(sent.request.body).toBe(`{"k":"${MASKED}"}`)
    const binary = await client(peer.origin).send(request(peer.origin, { body: Buffer.from([0xff, 0x00]) }))
    expect(binary.request).toMatchObject({ bodyBase64: '/wA=' })
    expect(binary.request.body).toBeUndefined()
  })

  test('by hand goes what no library sends', async () => {
    const peer = await server('ordinary')
    const sent = await client(peer.origin).send({
      ...request(peer.origin, { raw: true }),
      method: 'BR EW',
      headers: [
        ['Expect', '100-continue'],
        ['X-Twice', '1'],
        ['x-twice', '2'],
        ['content-length', '5'],
      ],
      body: Buffer.from('12345'),
      omit: ['host', 'connection'],
    })
    expect(sent.end).toEqual({ kind: 'complete' })
    expect(peer.requests).toEqual([
      'BR EW /v1/chat/completions?a=1 HTTP/1.1\r\nExpect: 100-continue\r\nX-Twice: 1\r\nx-twice: 2\r\ncontent-length: 5\r\n\r\n12345',
    ])
  })

  test('what undici will not send is an error of ours, and the client goes on', async () => {
    const peer = await server('ordinary')
    const sender = client(peer.origin)
    const expecting = request(peer.origin, { headers: [['expect', '100-continue']] })
    await expect(sender.send(expecting)).rejects.toThrow(/expect/)
    expect((await sender.send(request(peer.origin))).end).toEqual({ kind: 'complete' })
    expect(peer.requests).toHaveLength(1)
  })
})

describe('connections', () => {
  test('reuse is known, and costs no connecting', async () => {
    const peer = await server('ordinary')
    const sender = client(peer.origin)
    const exchanges = [await sender.send(request(peer.origin)), await sender.send(request(peer.origin))]
    expect(exchanges.map((exchange) => exchange.reused)).toEqual([false, true])
    expect(peer.connections).toBe(1)
    expect(exchanges[0]?.timing.connected).toBeGreaterThan(0)
    expect(exchanges[1]?.timing.connected).toBe(0)
    expect((await sender.send(request(peer.origin, { raw: true }))).reused).toBe(false)
    expect(peer.connections).toBe(2)
  })

  test('at most maxConnections at once, and nobody is forgotten', async () => {
    let open = 0
    let most = 0
    const peer = await server((socket) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        socket.write(reply('{}'))
      })
    })
    const sender = client(peer.origin, { maxConnections: 3 })
    const all = Array.from({ length: 12 }, (_, n) => sender.send(request(peer.origin, { raw: n % 4 === 0 })))
    const ends = (await Promise.all(all)).map((exchange) => exchange.end.kind)
    expect(ends).toEqual(Array(12).fill('complete'))
    expect(most).toBeLessThanOrEqual(3)
  })

  test('a connection that the server closes after its reply is not used again', async () => {
    const peer = await server('onceThenCloses')
    const sender = client(peer.origin)
    for (let n = 0; n < 5; n++)
      expect((await sender.send(request(peer.origin))).end).toEqual({ kind: 'complete' })
    expect(peer.requests).toHaveLength(5)
  })

  test('a kept connection that dies under a request: told, and not sent again behind our back', async () => {
    const peer = await server((socket, nth) => (nth === 0 ? socket.write(reply('{}')) : socket.destroy()))
    const sender = client(peer.origin)
    await sender.send(request(peer.origin))
    const second = await sender.send(request(peer.origin))
    expect(second).toMatchObject({
      reused: true,
      status: 0,
      reads: [],
      end: { kind: expect.stringMatching(/truncated|reset/) },
    })
    expect(second.notes).toEqual([expect.stringContaining('kept alive')])
    expect(peer.requests).toHaveLength(2)
  })

  test('two replies to one request: the second is kept with the first, the next exchange has its own', async () => {
    const peer = await server('repliesTwice')
    const sender = client(peer.origin)
    for (let n = 0; n < 2; n++) {
      expect(wire(await sender.send(request(peer.origin)))).toBe(reply('{"n":1}') + reply('{"n":2}'))
    }
  })

  test('closing cuts what is under way and what waits', async () => {
    const peer = await server('neverAnswers')
    const sender = client(peer.origin, { maxConnections: 2 })
    const sends = [{ raw: true }, {}, {}].map((more) => sender.send(request(peer.origin, more)))
    const settled = Promise.allSettled(sends)
    while (peer.requests.length < 2) await turn()
    await sender.close()
    expect((await settled).map((result) => result.status)).toEqual(Array(3).fill('rejected'))
    await peer.gone
    await expect(sender.send(request(peer.origin))).rejects.toThrow('closed')
  })
})

describe('keys', () => {
  test('a key never goes to a foreign origin', async () => {
    const own = await server('ordinary')
    const foreign = await server('ordinary')
    const sender = client(own.origin)
    const to = { ...request(foreign.origin), headers: [] }
    await expect(sender.send(request(foreign.origin))).rejects.toThrow('refused')
    await expect(sender.send({ ...to, headers: [['x-any', KEY]] })).rejects.toThrow('refused')
    await expect(sender.send({ ...to, headers: [['Authorization', 'Bearer other']] })).rejects.toThrow(
      'refused',
    )
    await expect(sender.send({ ...to, body: Buffer.from(KEY) })).rejects.toThrow('refused')
    expect(foreign.connections).toBe(0)
    expect((await sender.send(to)).end).toEqual({ kind: 'complete' })
  })

  test('a key too short to be masked is refused before anything is sent', async () => {
    const peer = await server('ordinary')
    const short = request(peer.origin, { secrets: [{ role: 'default', value: 'abc' }] })
    await expect(client(peer.origin).send(short)).rejects.toThrow(RangeError)
    expect(peer.connections).toBe(0)
  })

  test('a key that the gateway gives back is masked in head and body, and its places are told', async () => {
    const peer = await server((socket) =>
      socket.write(reply(`{"error":"bad key ${KEY}"}`, `x-echo: key=${KEY}`)),
    )
    const exchange = await client(peer.origin).send(request(peer.origin))
    const text = wire(exchange)
    expect(text).toBe(reply(`{"error":"bad key ${MASKED}"}`, `x-echo: key=${MASKED}`))
    const at = (before: string) => text.indexOf(before) + before.length
    expect(exchange.leaks).toEqual([
      { role: 'default', part: 'read', offset: at('key='), length: KEY.length },
      { role: 'default', part: 'read', offset: at('bad key '), length: KEY.length },
      { role: 'default', part: 'header', index: 1, offset: 4, length: KEY.length },
    ])
    expectNoKey(exchange)
  })

  test('a key cut by the framing between two chunks is masked piece by piece', async () => {
    const peer = await server((socket) =>
      socket.write(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk(`a ${KEY.slice(0, 9)}`)}${chunk(`${KEY.slice(9)} b`)}0\r\n\r\n`,
      ),
    )
    const exchange = await client(peer.origin).send(request(peer.origin))
    expect(wire(exchange)).toContain(
      `${chunk(`a ${'*'.repeat(9)}`)}${chunk(`${MASKED.slice(9)} b`)}0\r\n\r\n`,
    )
    expect(exchange.leaks.map((leak) => leak.length)).toEqual([9, KEY.length - 9])
  })
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['zstd', zstdCompressSync],
])(
  'a key inside a %s body: the body is masked whole; one without a key is kept',
  async (coding, compress) => {
    const answer = (text: string) => (socket: Socket) => {
      const body = compress(text)
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`)
      for (const half of [body.subarray(0, 9), body.subarray(9)]) {
        socket.write(`${half.length.toString(16)}\r\n`)
        socket.write(half)
        socket.write('\r\n')
      }
      socket.write('0\r\n\r\n')
    }
    // Behind the key more than is looked at: what is too much as a whole must not hide the beginning.
    // The halves before make the key a repetition, so that it does not stand in the compressed bytes as it is.
    const leaky = `${KEY.slice(0, 16)} ${KEY.slice(16)} ${KEY}${'{"pad":"0123456789"}'.repeat(40_000)}`
    const peer = await server(answer(leaky))
    const exchange = await client(peer.origin, { bounds: { bodyBytes: 700_000 } }).send(request(peer.origin))
    expect(exchange.end).toEqual({ kind: 'complete' })
    const length = compress(leaky).length
    const bodyAt = wire(exchange).indexOf('\r\n\r\n') + 4
    expect(wire(exchange).slice(bodyAt)).toBe(
      `9\r\n*********\r\n${(length - 9).toString(16)}\r\n${'*'.repeat(length - 9)}\r\n0\r\n\r\n`,
    )
    expect(exchange.leaks).toMatchObject([{ role: 'default', part: 'read', offset: bodyAt + 3 }])
    const clean = await server(answer('{"error":"no"}'))
    const kept = await client(clean.origin).send(request(clean.origin))
    expect(kept.leaks).toEqual([])
    expect(wire(kept)).toContain(compress('{"error":"no"}').subarray(9).toString('latin1'))
  },
)

test('times run from the first byte handed over, in order', async () => {
  const peer = await server('stream')
  for (const raw of [false, true]) {
    const { reads, timing, startedAt } = await client(peer.origin).send(request(peer.origin, { raw }))
    const times = [0, ...reads.map((read) => read.at), timing.ended]
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(timing.ended).toBe(reads.at(-1)?.at)
    expect(timing.sent).toBeGreaterThanOrEqual(0)
    expect(new Date(startedAt).toISOString()).toBe(startedAt)
  }
})

test('a reply to HEAD has no body, whatever its length says', async () => {
  const peer = await server((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'))
  for (const raw of [false, true]) {
    const { body: _, ...head } = request(peer.origin, { raw, method: 'HEAD' })
    expect((await client(peer.origin).send(head)).end).toEqual({ kind: 'complete' })
  }
})

test('every behaviour ends without a rejection, side by side on one client', async () => {
  const names = Object.keys(behaviours) as (keyof typeof behaviours)[]
  const peers = await Promise.all(names.map((name) => server(name)))
  const sender = client('http://127.0.0.1:1', { deadlines: { total: 150 }, maxConnections: 64 })
  const plain = { headers: [], secrets: [] }
  const exchanges = await Promise.all(peers.map((peer) => sender.send(request(peer.origin, plain))))
  expect(exchanges.map((exchange) => exchange.end.kind)).not.toContain('unreachable')
})
