import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { client, KEY, request, server, wire } from './sender.ts'

const gzip = (body: Buffer) => gzipSync(body)
const CODED: [name: string, headers: string[], code: (body: Buffer) => Buffer][] = [
  ['gzip', ['gzip'], gzip],
  ['deflate', ['deflate'], (body) => deflateSync(body)],
  ['deflate without the zlib head', ['deflate'], (body) => deflateRawSync(body)],
  ['br', ['br'], (body) => brotliCompressSync(body)],
  ['zstd', ['zstd'], (body) => zstdCompressSync(body)],
  ['one after the other, in one line', ['deflate, gzip'], (body) => gzip(deflateSync(body))],
  ['one after the other, in two lines', ['br', 'x-gzip'], (body) => gzip(brotliCompressSync(body))],
  ['gzip beside identity', ['identity, gzip'], gzip],
]

describe.each(CODED)('%s', (_, headers, code) => {
  const send = async (text: string) => {
    const body = code(Buffer.from(text))
    const lines = headers.map((value) => `content-encoding: ${value}\r\n`).join('')
    const head = `HTTP/1.1 200 OK\r\n${lines}content-length: ${body.length}\r\n\r\n`
    const peer = await server((socket) => socket.write(Buffer.concat([Buffer.from(head), body])))
    const exchange = await client(peer.origin).send(request(peer.origin))
    return { exchange, came: wire(exchange).slice(head.length), body: body.toString('latin1') }
  }

  test('a body with a key in it is masked whole', async () => {
    const { exchange, came, body } = await send(`{"echo":"${KEY}","more":"${'x'.repeat(500)}"}`)
    expect(came).toBe('*'.repeat(body.length))
    expect(exchange.leaks).toMatchObject([{ role: 'default', part: 'read', length: body.length }])
  })

  test('another is kept as it came', async () => {
    const { exchange, came, body } = await send('{"echo":"nothing"}')
    expect(came).toBe(body)
    expect(exchange.leaks).toEqual([])
  })
})

test('an empty body, and one that is not what it says', async () => {
  for (const body of ['', 'x', 'no gzip at all']) {
    const peer = await server((socket) =>
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      ),
    )
    const exchange = await client(peer.origin).send(request(peer.origin))
    expect([exchange.end.kind, wire(exchange).endsWith(body)]).toEqual(['complete', true])
  }
})
