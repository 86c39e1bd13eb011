import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSse, SseReader, type SseStream } from '../../suites/core/sse.ts'
import { disagreement, witness } from '../../suites/core/witness.ts'
import { BROKEN_UTF8, FRAGMENTS, LINE_ENDS } from './pieces.ts'

interface GeneratedText {
  text: string
  repeat?: number
}

interface Vector {
  id: string
  input_b64?: string
  input_gen?: GeneratedText[]
  chunk_cuts?: number[]
  expect: {
    events?: { type: string; data: string; lastEventId: string }[]
    events_gen?: { type: string; data: GeneratedText; lastEventId: string }[]
    lastEventId: string
    reconnectionTimeMs: number | null
  }
}

const { vectors, count } = JSON.parse(
  readFileSync(new URL('../vectors/sse-vectors.json', import.meta.url), 'utf8'),
) as { vectors: Vector[]; count: number }

const generated = ({ text, repeat = 1 }: GeneratedText) => text.repeat(repeat)

function bytesOf(vector: Vector): Buffer {
  if (vector.input_b64 !== undefined) return Buffer.from(vector.input_b64, 'base64')
  return Buffer.from((vector.input_gen ?? []).map(generated).join(''))
}

/** The stream as read in pieces that end at `cuts`. */
function readCut(bytes: Uint8Array, cuts: number[]): SseStream {
  const ends = [...cuts, bytes.length]
  return readSse(
    ends.map((end, i) => {
      const start = i === 0 ? 0 : (ends[i - 1] as number)
      return { at: i, wire: start, bytes: bytes.subarray(start, end) }
    }),
  )
}

/** All that must not depend on the cuts. */
function plain(stream: SseStream) {
  return {
    ...stream,
    events: stream.events.map(({ type, data, lastEventId, start, end, lines }) => ({
      type,
      data,
      lastEventId,
      start,
      end,
      lines,
    })),
    eols: [...stream.eols].sort(),
  }
}

const read = (text: string | Uint8Array) => readCut(typeof text === 'string' ? Buffer.from(text) : text, [])
const rules = (stream: SseStream) => stream.problems.map((p) => p.rule)

describe('the vectors', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(117)
    expect(count).toBe(117)
  })

  it.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const bytes = bytesOf(vector)
    const expected = {
      events:
        vector.expect.events ?? vector.expect.events_gen?.map((e) => ({ ...e, data: generated(e.data) })),
      lastEventId: vector.expect.lastEventId,
      reconnectionTime: vector.expect.reconnectionTimeMs,
    }
    const eachByte = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1)
    const ways: number[][] = [[], eachByte]
    if (bytes.length < 400) ways.push(...eachByte.map((cut) => [cut]))
    if (vector.chunk_cuts) ways.push(vector.chunk_cuts)
    const whole = plain(read(bytes))
    for (const cuts of ways) {
      const stream = readCut(bytes, cuts)
      const events = stream.events.map(({ type, data, lastEventId }) => ({ type, data, lastEventId }))
      const { lastEventId, reconnectionTime } = stream
      expect({ events, lastEventId, reconnectionTime }, `cut at ${cuts}`).toEqual(expected)
      expect(plain(stream), `cut at ${cuts}`).toEqual(whole)
    }
    expect(disagreement(read(bytes).events, witness(bytes))).toBeUndefined()
  })
})

describe('any bytes', () => {
  const pieces = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...LINE_ENDS) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...FRAGMENTS, 'ï»¿', '你好'.repeat(30), '😀é'.repeat(15)),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  )
  const texts = fc.array(pieces, { maxLength: 40 }).map((p) => p.join(''))
  const rawPieces = fc.oneof(
    pieces.map((p) => Buffer.from(p)),
    fc.constantFrom(...BROKEN_UTF8).map((h) => Buffer.from(h, 'hex')),
  )
  const bytes = fc.array(rawPieces, { maxLength: 40 }).map((p) => Buffer.concat(p))
  const cutBytes = bytes.chain((b) =>
    fc.tuple(fc.constant(b), fc.array(fc.nat({ max: b.length }), { maxLength: 12 })),
  )

  it('read the same however they are cut', () => {
    fc.assert(
      fc.property(cutBytes, ([b, cuts]) => {
        expect(
          plain(
            readCut(
              b,
              cuts.sort((x, y) => x - y),
            ),
          ),
        ).toEqual(plain(read(b)))
      }),
      { numRuns: 1500 },
    )
  })

  it('read as eventsource-parser reads them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts.map((t) => Buffer.from(t)),
          bytes,
        ),
        (b) => {
          expect(disagreement(read(b).events, witness(b))).toBeUndefined()
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('decode as TextDecoder decodes them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (b) => {
        const value = b.filter((byte) => byte !== 10 && byte !== 13)
        const body = Buffer.concat([Buffer.from('data: '), value, Buffer.from('\n\n')])
        const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)
        const stream = read(body)
        expect(stream.events[0]?.data).toBe(decoded)
        let valid = true
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(value)
        } catch {
          valid = false
        }
        expect(rules(stream)).toEqual(valid ? [] : rules(stream).map(() => 'sse/invalid-utf8'))
        expect(stream.problems.length > 0).toBe(!valid)
      }),
      { numRuns: 1000 },
    )
  })

  it('tile: events, and the lines in them, stand in order and do not overlap', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        let last = 0
        for (const event of read(b).events) {
          expect(event.start).toBeGreaterThanOrEqual(last)
          for (const line of event.lines) {
            expect(line.start).toBeGreaterThanOrEqual(last)
            last = line.end + line.eol.length
            expect(b.toString('latin1', line.end, last)).toBe(line.eol)
          }
          expect(event.end).toBeGreaterThan(last)
          last = event.end
        }
      }),
    )
  })
})

describe('positions', () => {
  it.each(['你', 'é', '😀', 'a你', '\u2028x'])('are right in lines of many %j', (text) => {
    for (const count of [1, 8, 16, 31, 32, 33, 100, 1000]) {
      const line = text.repeat(count)
      const record = (eol: string) => `id: ${line}${eol}data: ${line}${eol}: ${line}${eol}${eol}`
      for (const eol of ['\n', '\r', '\r\n']) {
        const size = Buffer.byteLength(record(eol))
        const { events, comments } = read(record(eol).repeat(2))
        expect(events.map(({ data, start, end }) => ({ data, start, end }))).toEqual([
          { data: line, start: 0, end: size },
          { data: line, start: size, end: 2 * size },
        ])
        const comment = size - 2 * eol.length - Buffer.byteLength(`: ${line}`)
        expect(comments.map((c) => c.start)).toEqual([comment, size + comment])
        expect(comments.map((c) => c.end)).toEqual([size - 2 * eol.length, 2 * (size - eol.length)])
      }
    }
  })

  it('count bytes, and events know the read that completed them', () => {
    const reader = new SseReader()
    reader.push(Buffer.from('data: 你'), 1.5, 0)
    reader.push(Buffer.from('好\n\n: c\ndata: b\n'), 2.5, 1)
    reader.push(Buffer.from('\ndata: c\n\n'), 3.5, 2)
    const { events, comments } = reader.end()
    expect(JSON.parse(JSON.stringify(events))).toEqual([
      { type: 'message', data: '你好', lastEventId: '', start: 0, end: 14, at: 2.5, part: 1 },
      { type: 'message', data: 'b', lastEventId: '', start: 14, end: 27, at: 3.5, part: 2 },
      { type: 'message', data: 'c', lastEventId: '', start: 27, end: 36, at: 3.5, part: 2 },
    ])
    expect(events[1]?.lines).toEqual([
      { start: 14, end: 17, name: '', value: 'c', space: true, eol: '\n' },
      { start: 18, end: 25, name: 'data', value: 'b', space: true, eol: '\n' },
    ])
    expect(comments).toEqual([events[1]?.lines[0]])
  })

  it('a CR at the end of a read completes the event then, not when the next read comes', () => {
    const reader = new SseReader()
    reader.push(Buffer.from('data: a\r\r'), 1, 0)
    reader.push(Buffer.from('\ndata: b\r\n\r'), 2, 1)
    reader.push(Buffer.from('\n'), 3, 2)
    const { events, eols } = reader.end()
    expect(events.map(({ data, start, end, at, part }) => ({ data, start, end, at, part }))).toEqual([
      { data: 'a', start: 0, end: 10, at: 1, part: 0 },
      { data: 'b', start: 10, end: 21, at: 2, part: 1 },
    ])
    expect([...eols].sort()).toEqual(['\r', '\r\n'])
  })

  it('tells the space after the colon', () => {
    const [event] = read('data:a\ndata: b\ndata:  c\ndata\n\n').events
    expect(event?.lines.map(({ value, space }) => [value, space])).toEqual([
      ['a', false],
      ['b', true],
      [' c', true],
      ['', false],
    ])
  })
})

describe('problems', () => {
  it.each([
    ['\ufeffdata: a\n\n', [['sse/bom', 0, 3]]],
    [
      '\ufeffdata: a\n',
      [
        ['sse/bom', 0, 3],
        ['sse/unterminated', 3, 8],
      ],
    ],
    ['data: a\n\ndata: b\n', [['sse/unterminated', 9, 8]]],
    ['data: a\n\nid: 1\ndata: [DONE]', [['sse/unterminated', 9, 18]]],
    ['data: a\n\n: by', [['sse/unterminated-line', 9, 4]]],
    ['data: a\n\nretry: 5\n', []],
    ['foo: 1\ndata: a\n\n', [['sse/unknown-field', 0, 6]]],
    ['id: 1\0\ndata: a\n\n', [['sse/nul-in-id', 0, 6]]],
    ['retry: 5s\ndata: a\n\n', [['sse/bad-retry', 0, 9]]],
    ['event: ping\n\n', [['sse/event-without-data', 0, 12]]],
    [': ping\n\n', []],
  ])('%j', (text, expected) => {
    expect(read(text).problems.map((p) => [p.rule, p.offset, p.length])).toEqual(expected)
  })

  it('invalid UTF-8 is placed, also when reads cut it', () => {
    const bytes = Buffer.concat([Buffer.from('data: 你'), Buffer.from('eda080', 'hex'), Buffer.from('x\n\n')])
    for (const cuts of [[], [7], [10], [7, 8, 9, 10, 11]]) {
      const problems = readCut(bytes, cuts).problems.map((p) => [p.rule, p.offset, p.length])
      expect(problems).toEqual([['sse/invalid-utf8', 9, 3]])
    }
  })

  it('a run of invalid bytes is one however reads cut it, and 100 are kept', () => {
    const bytes = Buffer.concat(Array(150).fill(Buffer.from('ffe4bdc0803a0a', 'hex')))
    const runs = read(bytes).problems.filter((p) => p.rule === 'sse/invalid-utf8')
    expect(runs.slice(0, 2).map((p) => [p.offset, p.length])).toEqual([
      [0, 5],
      [7, 5],
    ])
    expect(runs).toHaveLength(100)
    for (const size of [1, 2, 3, 4, 5, 8, 100]) {
      const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => (i + 1) * size)
      expect(plain(readCut(bytes, cuts))).toEqual(plain(read(bytes)))
    }
  })

  it('a cut code point parts the CR before it from the LF after it', () => {
    const bytes = Buffer.from('data: a\r\xe4\n\n', 'latin1')
    const { events, eols } = readCut(bytes, [9])
    expect(events.map(({ data, start, end }) => ({ data, start, end }))).toEqual([
      { data: 'a', start: 0, end: 11 },
    ])
    expect([...eols].sort()).toEqual(['\n', '\r'])
  })

  it('a code point cut by the end of input is not called invalid', () => {
    expect(rules(read(Buffer.from('data: 你').subarray(0, 8)))).toEqual(['sse/unterminated'])
    const { comments, problems } = read(Buffer.from('data: a\n\n: 你').subarray(0, 13))
    expect(comments).toEqual([{ start: 9, end: 13, name: '', value: '\ufffd', space: true, eol: '' }])
    expect(problems.map((p) => [p.rule, p.offset, p.length])).toEqual([['sse/unterminated-line', 9, 4]])
    const first = read(Buffer.from('data: a\n\n你').subarray(0, 10)).problems
    expect(first.map((p) => [p.rule, p.offset, p.length])).toEqual([['sse/unterminated-line', 9, 1]])
  })

  it.each(['e080', 'eda0', 'f08f', 'f490', 'f5', 'c0', '80', 'e4bd80bd'])(
    'bytes that no code point starts with are invalid at the end of input, too: %s',
    (hex) => {
      expect(rules(read(Buffer.concat([Buffer.from(': '), Buffer.from(hex, 'hex')])))).toEqual([
        'sse/unterminated-line',
        'sse/invalid-utf8',
      ])
    },
  )

  it('pending holds the lines of the record that was cut off', () => {
    expect(read('data: a\n\nevent: x\ndata: [DO').pending.map((l) => [l.name, l.value, l.eol])).toEqual([
      ['event', 'x', '\n'],
      ['data', '[DO', ''],
    ])
    expect(read('data: a\n\nevent: x\n').pending).toEqual([])
  })
})

describe('hostile input', () => {
  it('keeps at most 100 problems of a rule', () => {
    expect(read('x\n'.repeat(50_000)).problems).toHaveLength(100)
    expect(read(Buffer.alloc(1_000_000, 0xff)).problems.length).toBeLessThanOrEqual(2)
  })

  it('stops at the bound of events, wherever it is cut', () => {
    const text = 'data: a\r\n\r\n'.repeat(20)
    const results = [1, 5, 11, text.length].map((size) => {
      const reader = new SseReader({ most: 10 })
      for (let i = 0; i < text.length; i += size) reader.push(Buffer.from(text.slice(i, i + size)), i, i)
      return plain(reader.end())
    })
    expect(results[0]?.events).toHaveLength(10)
    expect(results[0]?.problems.map((p) => p.rule)).toEqual(['sse/too-many'])
    for (const result of results) expect(result).toEqual(results[0])
  })

  it('reads nothing after the bound, not even in the read that reached it', () => {
    const bytes = Buffer.from(': c\ndata: a\r\ndata: b\r\n\r\nx\n\xff\n', 'latin1')
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new SseReader({ most: 1 })
      reader.push(bytes.subarray(0, cut), 0, 0)
      reader.push(bytes.subarray(cut), 1, 1)
      const { events, comments, problems, eols } = reader.end()
      expect([events.length, comments.length, problems.map((p) => p.rule), [...eols]]).toEqual([
        0,
        1,
        ['sse/too-many'],
        ['\n'],
      ])
    }
  })

  it('a line of 4 MB in reads of 7 bytes is joined once', () => {
    const reader = new SseReader()
    const seven = Buffer.from('xxxxxxx')
    reader.push(Buffer.from('data: '), 0, 0)
    for (let part = 1; part <= 600_000; part++) reader.push(seven, part, part)
    reader.push(Buffer.from('\n\n'), 600_001, 600_001)
    const [event] = reader.end().events
    expect([event?.data.length, event?.start, event?.end]).toEqual([4_200_000, 0, 4_200_008])
  })
})

describe('disagreement', () => {
  it('names what differs', () => {
    const a = { type: 'message', data: 'a', lastEventId: '' }
    expect(disagreement([a], [{ type: 'message', data: 'b', id: '' }])).toContain('data is "a"')
    expect(disagreement([a], [{ type: 'message', data: 'a', id: '1' }])).toContain('lastEventId')
    expect(disagreement([a], [])).toContain('1 events, eventsource-parser 0')
    expect(disagreement([a], [{ type: 'message', data: 'a', id: '' }])).toBeUndefined()
  })
})
