import { gzipSync } from 'node:zlib'
import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import {
  closing,
  completion,
  data,
  gateway,
  opening,
  response,
  streamed,
} from '../../fixtures/hostile/chat.ts'
import { judged } from './table.ts'

const DEEP = 100_000
const nested = (open: string, close: string) => open.repeat(DEEP) + close.repeat(DEEP)
const good = JSON.stringify(completion)
/** The ordinary reply with one more key in front. */
const withKey = (json: string) => `{${json},${good.slice(1)}`
const raw = (text: string) => gateway({ replies: Buffer.from(text, 'latin1') })
const html = '<!doctype html><title>Sign in</title><p>Please sign in.</p>'
/** 64 MB of zeros in 64 kB. */
const bomb = gzipSync(Buffer.alloc(64_000_000))

judged([
  {
    name: 'a status line of garbage',
    own: true,
    server: raw('SSH-2.0-OpenSSH_9.9\r\n'),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: it does not begin with HTTP/] },
  },
  {
    name: 'HTTP/0.9: a body and nothing else',
    server: gateway({ replies: (socket) => socket.end(html) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: it does not begin with HTTP/] },
  },
  {
    name: 'a status line without a status',
    server: raw('HTTP/1.1 OK\r\n\r\n'),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: the status line cannot be read/] },
  },
  {
    name: 'status 999',
    server: gateway({ replies: response('{}', { status: '999 Beyond' }) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 999/] },
  },
  {
    name: 'status 99999',
    server: gateway({ replies: response('{}', { status: '99999 Beyond' }) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: the status line cannot be read/] },
  },
  {
    name: 'a Content-Length that is too long',
    server: gateway({ replies: (socket) => socket.end(response(good, { lines: ['content-length: 9000'] })) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /truncated: .*of 9000 bytes/], 'http/framing': ['fail', /9000/] },
  },
  {
    name: 'a Content-Length that is too short',
    server: gateway({ replies: response(good, { lines: ['content-length: 20'] }) }),
    exit: 1,
    says: { 'http/framing': ['fail', /bytes follow the end of the response/] },
  },
  {
    name: 'two lengths',
    server: gateway({ replies: behaviours.twoLengths }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: Content-Length has several values/] },
  },
  {
    name: 'a length and chunks',
    server: gateway({ replies: behaviours.lengthAndChunked }),
    exit: 1,
    says: { 'http/framing': ['fail', /./] },
  },
  {
    name: 'chunks of garbage',
    server: gateway({ replies: behaviours.badChunkSize }),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled: a chunk size cannot be read/] },
  },
  {
    name: 'a chunk of 2^60 bytes',
    server: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000000000000000\r\nx'),
    exit: 1,
    says: { 'plain/reply': ['fail', /garbled|timeout/] },
    config: { deadlines: { between_bytes: 150 } },
  },
  {
    name: 'a body of 64 MB in 64 kB of gzip',
    own: true,
    server: gateway({ replies: response(bomb, { lines: ['content-encoding: gzip'] }) }),
    exit: 1,
    says: {
      'plain/reply': ['fail', /of the kind that was asked for/],
      'http/content-coding': ['fail', /longer than 33554432 bytes/],
    },
  },
  {
    name: 'a stream of 64 MB in 64 kB of gzip',
    server: gateway({
      streams: response(bomb, { type: 'text/event-stream', lines: ['content-encoding: gzip'] }),
    }),
    exit: 1,
    says: { 'http/content-coding': ['fail', /longer than 33554432 bytes/] },
  },
  {
    name: 'gzip that is none',
    server: gateway({ replies: response(good, { lines: ['content-encoding: gzip'] }) }),
    exit: 1,
    says: { 'http/content-coding': ['fail', /is not "gzip"/] },
  },
  {
    name: 'lists nested 100,000 deep as a reply',
    own: true,
    server: gateway({ replies: response(nested('[', ']')) }),
    exit: 1,
    says: { 'json/syntax': ['fail', /100000 levels/] },
  },
  {
    name: 'a good reply with a value nested 100,000 deep',
    server: gateway({ replies: response(withKey(`"x":${nested('{"a":[', ']}').replace('[]', '[0]')}`)) }),
    config: { limits: { body_bytes: 2_000_000 } },
    exit: 1,
    says: { 'json/syntax': ['fail', /200001 levels/] },
  },
  {
    name: 'a chunk nested 100,000 deep',
    own: true,
    server: gateway({ streams: streamed(opening + data(nested('[', ']')) + closing) }),
    exit: 1,
    says: { 'grammar/data-not-json': ['fail', /./] },
  },
  {
    name: 'an error nested 100,000 deep',
    server: gateway({
      replies: response(`{"error":{"message":${nested('[', ']')}}}`, { status: '400 Bad Request' }),
    }),
    exit: 1,
    says: { 'plain/reply': ['fail', /status 400/], 'json/syntax': ['fail', /100002 levels/] },
  },
  {
    name: 'keys that stand twice',
    server: gateway({ replies: response(withKey('"id":"one","id":"two"')) }),
    exit: 0,
    says: { 'plain/reply': ['pass', /$/], 'json/unique-names': ['warn', /\/id twice/] },
  },
  {
    name: 'a key called __proto__',
    server: gateway({ replies: response(withKey('"__proto__":{"object":1},"constructor":null')) }),
    exit: 0,
    says: { 'plain/reply': ['pass', /$/] },
  },
  {
    name: 'numbers that no double holds',
    server: gateway({
      replies: response(
        good.replace('1790000000', '9'.repeat(400)).replace('"total_tokens":15', '"total_tokens":1e999'),
      ),
    }),
    exit: 1,
    says: { 'json/values': ['warn', /2\^53/] },
  },
  ...(
    [
      ['a list', '[1,2,3]'],
      ['a string', '"OK"'],
      ['null', 'null'],
      ['a number', '7'],
      ['empty', ''],
      ['white space', ' \n'],
      ['half a JSON text', good.slice(0, 100)],
      ['two JSON texts', good + good],
      ['choices that are null', good.replace(/"choices":\[.*\],"usage"/, '"choices":null,"usage"')],
      [
        'choices full of nonsense',
        good.replace(/"choices":\[.*\],"usage"/, '"choices":[null,1,[],{},{"message":7}],"usage"'),
      ],
    ] as const
  ).map(([what, body]) => ({
    name: `a 200 whose body is ${what}`,
    server: gateway({ replies: response(body) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /./] as ['fail', RegExp] },
  })),
  {
    name: 'a 200 with a page of HTML',
    server: gateway({ replies: response(html, { type: 'text/html' }) }),
    exit: 1,
    says: { 'plain/reply': ['fail', /text\/html: <!doctype html>/] },
  },
  {
    name: 'a stream that is a page of HTML',
    server: gateway({ streams: response(html, { type: 'text/html' }) }),
    exit: 1,
    says: { 'plain/stream': ['fail', /text\/html: <!doctype html>/] },
  },
  {
    name: 'bytes that are no UTF-8 in a reply',
    server: gateway({ replies: response(Buffer.from(good.replace('OK', 'O\xffK'), 'latin1')) }),
    exit: 1,
    says: { 'plain/reply': ['pass', /$/], 'json/utf8': ['fail', /not UTF-8/] },
  },
  {
    name: 'bytes that are no UTF-8 in a stream',
    server: gateway({
      streams: streamed(Buffer.from(opening + closing.replace('OK', '\xf0\x9f\x98'), 'latin1')),
    }),
    exit: 1,
    says: { 'sse/utf8': ['fail', /UTF-8/] },
  },
  ...(
    [
      ['nonsense in every place', [null, 1, 'x', [], {}, { choices: 1 }, { choices: [null, 1, {}] }]],
      ['deltas of every wrong type', [null, 1, 'x', []].map((delta) => ({ choices: [{ index: 0, delta }] }))],
      [
        'tool calls of every wrong type',
        [null, 1, [null, 1, {}, { index: -1 }, { index: 1e300, function: 3 }]].map((tool_calls) => ({
          choices: [{ index: 0, delta: { tool_calls } }],
        })),
      ],
    ] as const
  ).map(([what, chunks]) => ({
    name: `chunks with ${what}`,
    server: gateway({
      streams: streamed(opening + chunks.map((one) => data(JSON.stringify(one))).join('') + closing),
    }),
    exit: 1,
    says: { 'shape/chunk-types': ['fail', /./] as ['fail', RegExp] },
  })),
])
