import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect } from 'vitest'
import { chunk } from '../../fixtures/hostile/behaviours.ts'
import {
  chunkOf,
  closing,
  completion,
  data,
  gateway,
  opening,
  response,
  streamed,
} from '../../fixtures/hostile/chat.ts'
import { type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { CANARY } from './run.ts'
import { type Case, judged } from './table.ts'

let elsewhere: Hostile
beforeAll(async () => {
  elsewhere = await hostile(gateway({}))
})
afterAll(async () => {
  expect(elsewhere.connections).toBe(0)
  expect(elsewhere.requests).toEqual([])
  await elsewhere.close()
})

/** Clears the screen, sets the title, hides, colours; a C1 control, a right-to-left override, an isolate, the end of CDATA. */
const ODD =
  '\u001b[2J\u001b]0;owned\u0007\u001b[8m\u009b31m\u202egnirts\u2066\u200b\ufeff\u0000\u0008]]></failure><x a="1">&amp;'
const wire = (text: string) => Buffer.from(text, 'latin1')
const good = JSON.stringify(completion)
const refusal = (message: string) => JSON.stringify({ error: { message, type: ODD, param: ODD, code: ODD } })
const leak: Case['says'] = { 'security/key-echo': ['fail', /no credential in an answer/] }

/** What the gateway was told, told back. */
const keyOf = (request: string) => /authorization: bearer (\S+)/i.exec(request)?.[1] ?? 'no key'

judged([
  {
    name: 'control characters in an error',
    own: true,
    server: gateway({ replies: response(refusal(ODD), { status: '400 Bad Request' }) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 400/] },
  },
  {
    name: 'the same without escapes, as raw bytes that no JSON may hold',
    server: gateway({ replies: response(`{"error":{"message":"${ODD}"}}`, { status: '400 Bad Request' }) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 400/], 'json/syntax': ['fail', /U\+001B/] },
  },
  {
    name: 'control characters in the model, the role and the reason to finish',
    server: gateway({
      replies: response(
        JSON.stringify({
          ...completion,
          model: ODD,
          choices: [{ index: 0, message: { role: ODD, content: ODD }, finish_reason: ODD }],
        }),
      ),
      streams: streamed(
        opening + data(chunkOf({ role: ODD, [ODD]: ODD }, { object: ODD, model: ODD })) + closing,
      ),
    }),
    exit: 1,
    says: { 'shape/reply-types': ['fail', /./] },
  },
  {
    name: 'control characters in headers and in the reason phrase',
    server: gateway({
      replies: wire(
        `HTTP/1.1 200 O\u001b[31mK\r\ncontent-type: application/json\u001b[2J\u009b\r\nserver: \u001b]0;x\u0007nginx/1.2.3\r\n` +
          `x\u001b[1m: y\r\nretry-after: \u001b[5m\r\ndate: \u001b[5m\r\ncontent-encoding: \u001b[5m\r\ncontent-length: 2\r\n\r\n{}`,
      ),
    }),
    exit: 1,
    says: { 'plain/reply': ['fail', /./] },
  },
  {
    name: 'control characters where a status line should be',
    server: gateway({ replies: wire(`${ODD.replace(/[^\0-\u00ff]/g, '')}\r\n\r\n`) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled/] },
  },
  {
    name: 'control characters in the fields of a stream',
    server: gateway({
      streams: streamed(
        `${opening}${ODD}: 1\nevent: ${ODD}\ndata: ${ODD}\n\nid: ${ODD}\nretry: ${ODD}\n\n${closing}`,
      ),
    }),
    exit: 1,
    says: { 'grammar/data-not-json': ['fail', /./] },
  },
  {
    name: 'a redirect that would take the key elsewhere',
    server: (socket) =>
      socket.write(
        response('', { status: '302 Found', lines: [`location: ${elsewhere.origin}/v1/chat/completions`] }),
      ),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 302/] },
  },
  {
    name: 'the key in an error',
    own: true,
    server: gateway({
      replies: (socket, request) =>
        socket.write(response(refusal(`bad key ${keyOf(request)}`), { status: '401 Unauthorized' })),
    }),
    exit: 1,
    says: { 'plain/reply': ['inconclusive', /refused with 401/], ...leak },
  },
  {
    name: 'the key in a header, in its name too, and in the reason phrase',
    server: gateway({
      replies: (socket, request) => {
        const key = keyOf(request)
        socket.write(response(good, { status: `200 ${key}`, lines: [`x-echo: ${key}`, `x-${key}: 1`] }))
      },
    }),
    exit: 1,
    says: leak,
  },
  {
    name: 'the key where a status line should be',
    server: gateway({
      replies: (socket, request) => socket.end(`${keyOf(request)} ${keyOf(request)}\r\n\r\n`),
    }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled/] },
  },
  {
    name: 'the key as the name of a field of a stream, an event type, an id and a content coding',
    server: gateway({
      streams: (socket, request) => {
        const key = keyOf(request)
        const body = `${opening}${key}: 1\nevent: ${key}\ndata: ${key}\n\nid: ${key}\nretry: ${key}\n\n${closing}`
        socket.write(response(body, { type: 'text/event-stream', lines: [`x-coding: ${key}`] }))
      },
    }),
    exit: 1,
    says: leak,
  },
  {
    name: 'the key as a content coding, a content type and a chunk size',
    server: gateway({
      replies: (socket, request) => {
        const key = keyOf(request)
        socket.end(
          `HTTP/1.1 200 OK\r\ncontent-type: ${key}\r\ncontent-encoding: ${key}\r\ntransfer-encoding: chunked\r\n\r\n${key}\r\n`,
        )
      },
    }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled/], ...leak },
  },
  {
    name: 'the key in a stream, in deltas of one character in chunks of one byte',
    server: gateway({
      streams: (socket, request) => {
        const words = data(chunkOf({ content: `the key is ${keyOf(request)}` }))
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
        )
        for (const byte of opening + words + closing) socket.write(chunk(byte))
        socket.write('0\r\n\r\n')
      },
    }),
    exit: 1,
    says: leak,
  },
  {
    name: 'the key in base64, in percent signs and in escapes',
    own: true,
    server: gateway({
      replies: (socket, request) => {
        const key = keyOf(request)
        const escaped = [...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
        const percent = [...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')
        const base64 = Buffer.from(`Bearer ${key}`).toString('base64')
        socket.write(
          response(`{"error":{"message":"${escaped} ${percent} ${base64}"}}`, { status: '400 Bad Request' }),
        )
      },
    }),
    exit: 1,
    says: leak,
    also(ran) {
      const text = Buffer.concat(ran.exchanges[0]!.reads.map((read) => read.bytes)).toString('latin1')
      expect(text).toMatch(/\{"error":\{"message":"\*{20,} \*{20,} [^ ]*\*{20,}/)
    },
  },
  {
    name: 'the key in a compressed reply',
    server: gateway({
      replies: (socket, request) =>
        socket.write(
          response(gzipSync(good.replace('OK', keyOf(request))), { lines: ['content-encoding: gzip'] }),
        ),
    }),
    exit: 1,
    says: leak,
  },
])

// The test itself must hold the key that it looks for.
expect(CANARY).toMatch(/^sk-canary/)
