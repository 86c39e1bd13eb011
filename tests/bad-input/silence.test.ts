import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import { gateway, response, streamed } from '../../fixtures/hostile/chat.ts'
import { pour } from '../../fixtures/hostile/server.ts'
import { judged } from './table.ts'

const SOON = { headers: 150, first_byte: 150, between_bytes: 150, total: 1_000 }

/**
 * MiB that a body of many megabytes may cost, read, judged and recorded. Twice what was measured: when memory is given
 * back is the engine's choice and depends on the machine; without the bound on all answers it would be many times more.
 */
const LARGE = 1200

judged([
  {
    name: 'a server that never answers',
    own: true,
    server: behaviours.neverAnswers,
    config: { deadlines: SOON },
    exit: 1,
    says: {
      'plain/reply': ['fail', /timeout: nothing for 150 ms \(headers\)/],
      'plain/stream': ['skip', /blocked/],
    },
  },
  {
    name: 'a head, then nothing',
    server: behaviours.headThenNothing,
    config: { deadlines: SOON },
    exit: 1,
    says: {
      'plain/reply': ['fail', /timeout: nothing for 150 ms \(first-byte\)/],
      'http/complete': ['fail', /first-byte/],
    },
  },
  {
    name: 'half a body, then nothing',
    server: behaviours.stopsInTheBody,
    config: { deadlines: SOON },
    exit: 1,
    says: { 'plain/reply': ['fail', /timeout: nothing for 150 ms \(between-bytes\)/] },
  },
  {
    name: 'a body that drips without end',
    own: true,
    server: behaviours.drips,
    config: { deadlines: { total: 1_000 } },
    exit: 1,
    says: {
      'plain/reply': ['fail', /timeout: no end within 1000 ms \(total\)/],
      'http/complete': ['fail', /1000 ms/],
    },
  },
  {
    name: 'a head that drips without end',
    server: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ')
      const timer = setInterval(() => socket.write('.'), 5)
      socket.on('close', () => clearInterval(timer))
    },
    config: { deadlines: { total: 1_000 } },
    exit: 1,
    says: { 'plain/reply': ['fail', /timeout/] },
  },
  {
    name: 'a stream of heartbeats that never says anything',
    server: gateway({
      streams: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')
        const timer = setInterval(() => socket.write(': ping\n\n'), 5)
        socket.on('close', () => clearInterval(timer))
      },
    }),
    config: { deadlines: { total: 1_000 } },
    exit: 1,
    says: {
      'plain/reply': ['pass', /$/],
      'plain/stream': ['fail', /timeout: no end within 1000 ms \(total\)/],
    },
  },
  {
    name: 'a gigabyte',
    own: true,
    server: behaviours.gigabyte,
    exit: 1,
    says: {
      'plain/reply': ['fail', /more than 262144 bytes of body/],
      'http/complete': ['fail', /262144 bytes of body/],
    },
  },
  {
    name: 'a gigabyte, with the limits that hold where nobody sets any',
    server: behaviours.gigabyte,
    config: { limits: {} },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/reply': ['fail', /more than 16777216 bytes of body/] },
  },
  {
    name: 'a head without end',
    own: true,
    server: behaviours.headerBomb,
    exit: 1,
    says: { 'plain/reply': ['fail', /limit.*16384 bytes of head/] },
  },
  {
    name: 'one header line without end',
    server: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ')
      pour(socket, Buffer.alloc(65_536, 'y'))
    },
    exit: 1,
    says: { 'plain/reply': ['fail', /limit.*16384 bytes of head/] },
  },
  {
    name: 'interim answers without end',
    server: behaviours.interimWithoutEnd,
    exit: 1,
    says: { 'plain/reply': ['fail', /limit.*16384 bytes of head/] },
  },
  {
    name: 'a stream without end',
    own: true,
    server: gateway({ streams: behaviours.endlessStream }),
    exit: 1,
    says: { 'plain/stream': ['fail', /limit: more than 262144 bytes of body/] },
  },
  {
    name: 'comments without end',
    server: gateway({
      streams: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')
        pour(socket, Buffer.from(':\n'.repeat(10_000)))
      },
    }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /limit: more than 6000000 bytes of body/] },
  },
  {
    name: 'one line of 64 MB without a line end, of which 6 MB are taken',
    server: gateway({
      streams: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ')
        pour(socket, Buffer.alloc(65_536, 'x'), 64_000_000)
      },
    }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /limit: more than 6000000 bytes of body/] },
  },
  {
    name: 'tiny events without end',
    server: gateway({ streams: streamed('data:1\n\n'.repeat(700_000)) }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /more than 100000 events/] },
  },
  {
    name: 'empty chunks without end',
    server: gateway({ streams: streamed('data:{}\n\n'.repeat(600_000)) }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /more than 100000 events/] },
  },
  {
    name: 'a choice of its own for each of 120,000 chunks',
    server: gateway({
      streams: (socket) => {
        const lines: string[] = []
        for (let i = 0; i < 120_000; i++) lines.push(`data: {"choices":[{"index":${i},"delta":{}}]}\n\n`)
        socket.write(streamed(lines.join('')))
      },
    }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /more than 100000 events/] },
  },
  {
    name: 'a record of 2,500,000 lines that no blank line ends',
    server: gateway({ streams: streamed(`data:1\n${'x\n'.repeat(2_500_000)}`) }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/stream': ['fail', /of the kind that was asked for/] },
  },
  {
    name: 'a reply of 1,800,000 empty lists',
    server: gateway({ replies: response(`[${'[],'.repeat(1_800_000)}0]`) }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/reply': ['fail', /of the kind that was asked for/] },
  },
  {
    name: 'a reply with 19,000 wrong choices',
    server: gateway({
      replies: response(JSON.stringify({ choices: Array.from({ length: 19_000 }, () => 1) })),
    }),
    config: { limits: { body_bytes: 6_000_000 } },
    own: true,
    memory: LARGE,
    exit: 1,
    says: { 'plain/reply': ['fail', /a text answer/] },
  },
])
