import { afterAll, beforeAll, expect } from 'vitest'
import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import { gateway, reply, response, stream } from '../../fixtures/hostile/chat.ts'
import { type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { judged } from './table.ts'

let elsewhere: Hostile
beforeAll(async () => {
  elsewhere = await hostile(gateway({}))
})
afterAll(async () => {
  expect(elsewhere.connections).toBe(0)
  await elsewhere.close()
})

const envelope = (message: string) =>
  JSON.stringify({ error: { message, type: 'x', param: null, code: null } })
const SOON = { connect: 150, headers: 150, first_byte: 150, between_bytes: 150, total: 500 }
const unreached: Record<string, ['inconclusive' | 'skip', RegExp]> = {
  'plain/reply': ['inconclusive', /could not be reached/],
  'plain/stream': ['skip', /blocked/],
}

judged([
  {
    name: 'a port where nobody listens',
    own: true,
    server: 'http://127.0.0.1:9/v1',
    exit: 3,
    says: unreached,
    complains: /cannot reach 127\.0\.0\.1 port 9: ECONNREFUSED/,
  },
  {
    name: 'a name that nobody knows',
    server: 'http://nonexistent.invalid/v1',
    exit: 3,
    says: unreached,
    complains: /cannot reach nonexistent\.invalid port 80: E(?:NOTFOUND|AI_AGAIN)/,
  },
  {
    name: 'a certificate that nobody vouches for',
    server: gateway({}),
    how: { tls: true },
    exit: 3,
    says: unreached,
    complains: /DEPTH_ZERO_SELF_SIGNED_CERT.*name its authority in the config/,
    also: (_, server) => expect(server?.requests).toEqual([]),
  },
  {
    name: 'the same certificate, not checked by choice',
    server: gateway({}),
    how: { tls: true },
    config: { tls: { insecure: true } },
    exit: 0,
    says: { 'plain/stream': ['pass', /$/] },
  },
  {
    name: 'TLS to a port that speaks something else',
    server: behaviours.garbage,
    how: { greet: true, scheme: 'https' },
    exit: 3,
    says: unreached,
    complains: /does not speak TLS/,
    also: (_, server) => expect(server?.requests).toEqual([]),
  },
  {
    name: 'a handshake that never ends',
    own: true,
    server: behaviours.neverAnswers,
    how: { scheme: 'https' },
    config: { deadlines: SOON },
    exit: 3,
    complains: /ETIMEDOUT \(no connection within 150 ms\)/,
  },
  {
    name: 'HTTP to a port that speaks TLS',
    server: gateway({}),
    how: { tls: true, scheme: 'http' },
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled|truncated|reset/] },
  },
  {
    name: 'a redirect to another host',
    own: true,
    server: (socket) =>
      socket.write(
        response('', {
          status: '307 Temporary Redirect',
          lines: [`location: ${elsewhere.origin}/v1/chat/completions`],
        }),
      ),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 307/] },
  },
  {
    name: 'a redirect to itself',
    server: (socket) =>
      socket.write(
        response('', { status: '308 Permanent Redirect', lines: ['location: /v1/chat/completions'] }),
      ),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 308/] },
    also: (_, server) => expect(server?.requests).toHaveLength(1),
  },
  {
    name: '429, come again in an hour',
    own: true,
    server: (socket) =>
      socket.write(
        response(envelope('slow down'), { status: '429 Too Many Requests', lines: ['retry-after: 3600'] }),
      ),
    exit: 4,
    says: {
      'plain/reply': ['inconclusive', /answered 429 once and asks to wait 3600 s; assay waits 60 s at most/],
    },
    also: (_, server) => expect(server?.requests).toHaveLength(1),
  },
  {
    name: '429 for ever',
    server: (socket) =>
      socket.write(
        response(envelope('slow down'), { status: '429 Too Many Requests', lines: ['retry-after-ms: 5'] }),
      ),
    exit: 4,
    says: { 'plain/reply': ['inconclusive', /answered 429 to each of 4 tries/] },
    also: (_, server) => expect(server?.requests).toHaveLength(4),
  },
  {
    name: '503 for ever',
    server: (socket) => socket.write(response(envelope('later'), { status: '503 Service Unavailable' })),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 503/] },
    also: (_, server) => expect(server?.requests).toHaveLength(1),
  },
  {
    name: 'a server that closes after each reply without saying so',
    server: gateway({ replies: (socket) => socket.end(reply), streams: (socket) => socket.end(stream) }),
    // Many requests, one after another: each may meet a connection that is about to be closed.
    config: {
      checks: ['openai-chat/plain/*', 'openai-chat/completion/*', 'openai-chat/http/*'],
      concurrency: 4,
    },
    // It says OK to everything, which fails the questions that ask for more; none of them for want of an answer.
    exit: 1,
    says: {
      'plain/reply': ['pass', /$/],
      'plain/stream': ['pass', /$/],
      'http/complete': ['pass', /$/],
    },
    also: (ran) => {
      expect(ran.exchanges.length).toBeGreaterThan(5)
      expect(ran.exchanges.filter(({ end }) => end.kind !== 'complete')).toEqual([])
    },
  },
  {
    name: 'a server that drops every second request on a kept connection',
    server: (socket, nth, request) => {
      if (nth % 2 === 1) socket.destroy()
      else gateway({})(socket, nth, request)
    },
    exit: 0,
    says: { 'plain/reply': ['pass', /$/], 'plain/stream': ['pass', /$/], 'http/complete': ['pass', /$/] },
  },
  ...(
    [
      ['when it has read the request', '', /reset|truncated: .*before the first byte/],
      ['in the head', 'HTTP/1.1 200 OK\r\ncontent-ty', /(?:reset|truncated): .*inside the head/],
      [
        'in a body of known length',
        'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"i',
        /reset: .*3 of 9 bytes/,
      ],
      [
        'between chunks',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"i\r\n',
        /reset: .*before the last chunk/,
      ],
      ['in a body that the close should end', 'HTTP/1.1 200 OK\r\n\r\n{"i', /reset: .*after 3 bytes of body/],
    ] as const
  ).map(([when, sent, got]) => ({
    name: `a reset ${when}`,
    server: (socket: import('node:net').Socket) => {
      if (sent === '') socket.resetAndDestroy()
      else socket.write(sent, () => setTimeout(() => socket.resetAndDestroy(), 30))
    },
    exit: 1,
    says: { 'plain/reply': ['fail', got] as ['fail', RegExp] },
  })),
])
