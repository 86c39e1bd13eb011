import { gzipSync } from 'node:zlib'
import { beforeAll, expect } from 'vitest'
import { behaviours, chunk } from '../../fixtures/hostile/behaviours.ts'
import { chunkOf, closing, data, gateway, opening, response, streamed } from '../../fixtures/hostile/chat.ts'
import { pour } from '../../fixtures/hostile/server.ts'
import { BUILD_MS, engine } from '../load-cli/engine.ts'
import { CANARY } from './run.ts'
import { judged } from './table.ts'

beforeAll(async () => void (await engine()), BUILD_MS)

/** For servers that are too late in any case. */
const soon = { load: { deadlines: { headers: 300, first_token: 300, between: 300, total: 900 } } }
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const large = (bytes: number) => streamed(opening + data(chunkOf({ content: 'x'.repeat(bytes) })) + closing)
const fails = (how: RegExp): ['fail', RegExp] => ['fail', how]

judged([
  {
    name: 'no answer at all',
    server: behaviours.neverAnswers,
    how: soon,
    exit: 1,
    says: { 'invariants/finished': fails(/100 %.* error \(headers-timeout\)/) },
    complains: /headers-timeout \d+ times\. It is there, but not within the deadlines/,
  },
  {
    name: 'a head that comes letter by letter',
    server: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('a'), 20)
      socket.on('close', () => clearInterval(timer))
    },
    how: soon,
    exit: 1,
    says: { 'invariants/finished': fails(/error \(headers-timeout\)/) },
  },
  {
    name: 'a stream that never ends',
    server: gateway({
      streams: (socket) => {
        socket.write(HEAD + chunk(opening))
        const timer = setInterval(() => socket.write(chunk(data(chunkOf({ content: 'x' })))), 10)
        socket.on('close', () => clearInterval(timer))
      },
    }),
    how: { load: { deadlines: { total: 900 } } },
    exit: 1,
    says: {
      'invariants/finished': fails(/cut-off \(total-timeout\)/),
      'invariants/grammar': ['inconclusive', /none of \d+ streams came to its end/],
    },
    rows: /^cut-off \(total-timeout\)$/,
  },
  {
    name: 'a flood that never ends',
    server: gateway({
      streams: (socket) => {
        socket.write(HEAD + chunk(opening))
        pour(socket, Buffer.from(chunk(data(chunkOf({ content: 'x' })).repeat(500))))
      },
    }),
    how: { load: { deadlines: { total: 900 } } },
    exit: 1,
    says: { 'invariants/finished': fails(/cut-off \((?:total-timeout|too-large)\)/) },
  },
  {
    name: 'an event of 1 MiB',
    server: gateway({ streams: large(2 ** 20) }),
    exit: 4,
    says: {
      'invariants/finished': ['pass', /all 12 answers came/],
      'invariants/grammar': ['pass', /12 streams kept/],
    },
    rows: /^finished$/,
  },
  {
    name: 'an event of 20 MiB',
    server: gateway({ streams: large(20 * 2 ** 20) }),
    how: { load: { caps: { requests: 4 } } },
    exit: 1,
    says: { 'invariants/finished': fails(/4 of 4 answers.* cut-off \(too-large\)/) },
    complains: /none of 4 requests .*too-large 4 times/,
  },
  {
    name: 'a flood of 1xx',
    server: behaviours.interimWithoutEnd,
    exit: 1,
    says: { 'invariants/finished': fails(/error \(too-large\) \(the first: .*interim/) },
  },
  {
    name: 'two lengths that contradict each other',
    server: behaviours.twoLengths,
    exit: 1,
    says: { 'invariants/finished': fails(/error \(garbled\) \(the first: .*Content-Length/) },
    rows: /^error \(garbled\)$/,
  },
  {
    name: 'two content types',
    server: gateway({
      streams: response(opening + closing, {
        type: 'text/event-stream',
        lines: ['content-type: application/json'],
      }),
    }),
    exit: 4,
    says: { 'invariants/finished': ['pass', /all 12 answers/] },
  },
  {
    name: 'garbage instead of HTTP, with the key in it',
    server: (socket) => socket.end(`HTTP/1.1 ${CANARY} is what you said\r\n\r\n`),
    exit: 1,
    says: { 'invariants/finished': fails(/error \(garbled\) \(the first: .*\*\*\*/) },
  },
  {
    name: 'a status line and nothing else',
    server: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
    exit: 1,
    says: {
      'invariants/finished': fails(/12 of 12 answers.* 12 unfinished/),
      'invariants/grammar': fails(/no-chunks in 12/),
    },
    complains: /none of 12 requests .*: unfinished 12 times\. `assay run`/,
  },
  {
    name: 'a page of HTML with status 200',
    server: gateway({ streams: response('<!doctype html><title>Sign in</title>', { type: 'text/html' }) }),
    exit: 1,
    says: { 'invariants/finished': fails(/12 unfinished \(the first: the answer is text\/html\)/) },
  },
  {
    name: 'gzip that nobody asked for',
    server: gateway({
      streams: response(gzipSync(opening + closing), {
        type: 'text/event-stream',
        lines: ['content-encoding: gzip'],
      }),
    }),
    exit: 1,
    says: {
      'invariants/finished': fails(
        /12 cut-off \(garbled\) \(the first: a content coding that nobody asked for\)/,
      ),
      'invariants/grammar': ['inconclusive', /none of 12 streams/],
    },
  },
  {
    name: 'a reset in the middle',
    server: gateway({
      streams: (socket) =>
        socket.write(HEAD + chunk(opening), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    }),
    exit: 1,
    says: { 'invariants/finished': fails(/12 of 12 answers.* (?:cut-off|error) \(reset\)/) },
    complains: /none of 12 requests .*reset 12 times\. It is there, but breaks connections off/,
  },
  {
    name: 'the key in every place of a stream',
    server: gateway({
      streams: streamed(
        data(chunkOf({ role: 'assistant', content: CANARY }, { id: CANARY, model: CANARY })) +
          data(chunkOf({}, { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: CANARY }] })) +
          data({ error: { message: CANARY, type: CANARY } }) +
          data('[DONE]'),
      ),
    }),
    exit: 1,
    also: ({ rows }) => expect(rows.length).toBeGreaterThan(0),
  },
])
