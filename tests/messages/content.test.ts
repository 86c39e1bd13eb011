import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { JsonObject, VerdictWord } from '../../reports/record/types.ts'
import { PAPER } from '../../suites/anthropic-messages/paper.ts'
import { picture } from '../../suites/anthropic-messages/picture.ts'
import { dig } from '../../suites/core/dig.ts'
import { answersCalls, call, called, right, said, sent, whole } from './answers.ts'
import { type Answer, lineOf } from './by-hand.ts'
import { eventsOf, message, refusal, reply, stream } from './exchange.ts'

type Row = [what: string, id: string, profile: string, answer: Answer, expected: VerdictWord]

const ANT = 'anthropic'
const TH = 'tokenhub-intl'
const OLD = 'tokenhub-intl-old'
const check = async ([, id, profile, answer, expected]: Row) => {
  const line = await lineOf(id, profile, answer)
  expect(`${line.verdict} ${line.verdict === expected ? '' : line.message}`.trim()).toBe(expected)
}
const text = (words: string, over: JsonObject = {}): Answer =>
  whole(message({ content: [said(words)], ...over }))
const status =
  (code: number): Answer =>
  () =>
    refusal(code)

describe('images', () => {
  test.each<Row>([
    ['seen', 'images/base64', ANT, text('Red.'), 'pass'],
    ['not seen', 'images/base64', ANT, text('I see no picture.'), 'inconclusive'],
    ['refused', 'images/base64', ANT, status(400), 'fail'],
    ['refused by a model that sees', 'images/base64', TH, status(400), 'fail'],
    ['not fetched', 'images/url', ANT, status(400), 'pass'],
    ['crashed', 'images/url', ANT, status(502), 'fail'],
    ['bmp refused', 'images/media-type', ANT, status(400), 'pass'],
    ['bmp served', 'images/media-type', ANT, text('Red.'), 'pass'],
    ['bmp: 500', 'images/media-type', ANT, status(500), 'fail'],
    ['mislabelled', 'images/mislabelled', ANT, status(400), 'pass'],
    ['mislabelled: 500', 'images/mislabelled', ANT, status(500), 'fail'],
    [
      'in a result',
      'images/in-result',
      ANT,
      (body, probe) => (answersCalls(body) ? text('It is red.')(body, probe) : right(body, probe)),
      'pass',
    ],
    ['dropped from a result', 'images/in-result', ANT, right, 'inconclusive'],
    [
      'a list of images as a result refused',
      'images/in-result',
      ANT,
      (body, probe) => (answersCalls(body) ? refusal(400) : right(body, probe)),
      'fail',
    ],
    ['unsupported: refused', 'images/unsupported', OLD, status(400), 'pass'],
    ['unsupported: served', 'images/unsupported', OLD, text('I cannot see.'), 'warn'],
    ['unsupported: 500', 'images/unsupported', OLD, status(500), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))

  test('the picture is a PNG of one red', () => {
    const bytes = Buffer.from(String(dig(picture(), 'source', 'data')), 'base64')
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    const at = bytes.indexOf('IDAT')
    const pixels = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)))
    const rows = Array.from({ length: 32 }, (_, row) => pixels.subarray(row * 97 + 1, (row + 1) * 97))
    const colours = new Set(rows.flatMap((row) => row.toString('hex').match(/.{6}/g) ?? []))
    expect([...colours]).toEqual(['dc1414'])
  })
})

describe('documents', () => {
  test.each<Row>([
    ['read', 'documents/text', ANT, text('MANGO77'), 'pass'],
    ['dropped', 'documents/text', ANT, text('There is none.'), 'inconclusive'],
    ['refused', 'documents/pdf', ANT, status(400), 'fail'],
    ['read', 'documents/pdf', ANT, text('PAPAYA77'), 'pass'],
    ['read', 'documents/search-result', ANT, text('GUAVA77'), 'pass'],
    ['not fetched', 'documents/url', ANT, status(400), 'pass'],
    ['crashed', 'documents/url', ANT, status(500), 'fail'],
    ['gone: refused', 'documents/in-assistant-turn', ANT, status(400), 'pass'],
    ['gone: served', 'documents/in-assistant-turn', ANT, text('OK'), 'fail'],
    ['gone: 422', 'documents/in-assistant-turn', ANT, status(422), 'warn'],
    ['unsupported: refused', 'documents/unsupported', TH, status(400), 'pass'],
    ['unsupported: dropped', 'documents/unsupported', TH, text('OK'), 'warn'],
    ['unsupported: 500', 'documents/search-result-unsupported', TH, status(500), 'fail'],
    ['unsupported: refused', 'documents/search-result-unsupported', OLD, status(400), 'pass'],
  ])('%s: %s on %s', (...row) => check(row))

  test('the PDF has its cross-reference table where it says, and the line in it', () => {
    const bytes = Buffer.from(PAPER, 'base64').toString('latin1')
    const start = Number(/startxref\n(\d+)/.exec(bytes)?.[1])
    expect(bytes.slice(start, start + 4)).toBe('xref')
    const offsets = [...bytes.matchAll(/^(\d{10}) 00000 n /gm)].map((match) => Number(match[1]))
    expect(offsets.map((at) => bytes.slice(at, at + 7))).toEqual(
      [1, 2, 3, 4, 5].map((number) => `${number} 0 obj`),
    )
    expect(bytes).toContain('(The code word is PAPAYA77.) Tj')
  })
})

describe('citations', () => {
  const cited = (citation: JsonObject): JsonObject => ({
    ...said('The sky over Avonlea is blue.'),
    citations: [
      { type: 'char_location', cited_text: 'The sky over Avonlea is blue.', document_index: 0, ...citation },
    ],
  })
  const block = (citation: JsonObject) => whole(message({ content: [cited(citation)] }))
  const streamed =
    (...deltas: JsonObject[]): Answer =>
    () => {
      const [start, open, ...rest] = eventsOf(message({ content: [said('It is blue.')] }))
      const cites = deltas.map((citation) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'citations_delta', citation },
      }))
      return stream([start!, open!, ...cites, ...rest])
    }
  const RIGHT = { type: 'char_location', cited_text: 'The sky over Avonlea is blue.', document_index: 0 }
  test.each<Row>([
    ['cited', 'citations/reply', ANT, block({}), 'pass'],
    ['another kind of place', 'citations/reply', ANT, block({ type: 'page_location' }), 'pass'],
    [
      'words that do not stand there',
      'citations/reply',
      ANT,
      block({ cited_text: 'The sky is green.' }),
      'fail',
    ],
    ['no type', 'citations/reply', ANT, block({ type: null }), 'fail'],
    ['no words', 'citations/reply', ANT, block({ cited_text: null }), 'fail'],
    ['another document', 'citations/reply', ANT, block({ document_index: 1 }), 'fail'],
    ['none', 'citations/reply', ANT, text('Blue.'), 'inconclusive'],
    ['streamed', 'citations/stream', ANT, streamed(RIGHT), 'pass'],
    ['never streamed', 'citations/stream', ANT, streamed(), 'inconclusive'],
    ['streamed wrongly', 'citations/stream', ANT, streamed({ ...RIGHT, cited_text: 7 }), 'fail'],
    ['gone: refused', 'citations/in-user-turn', ANT, status(400), 'pass'],
    ['gone: served', 'citations/in-user-turn', ANT, text('OK'), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})

describe('caching', () => {
  const counts = (usage: JsonObject): Answer =>
    text('OK', { usage: { input_tokens: 5, output_tokens: 1, ...usage } })
  test.each<Row>([
    ['accepted', 'caching/four-marks', ANT, counts({ cache_read_input_tokens: 0 }), 'pass'],
    ['not counted', 'caching/four-marks', ANT, counts({ cache_read_input_tokens: null }), 'pass'],
    ['counted below 0', 'caching/four-marks', ANT, counts({ cache_creation_input_tokens: -1 }), 'fail'],
    ['counted in words', 'caching/four-marks', ANT, counts({ cache_read_input_tokens: '0' }), 'fail'],
    ['a mark of its own added', 'caching/four-marks', ANT, status(400), 'fail'],
    ['detail as a number', 'caching/four-marks', ANT, counts({ cache_creation: 3 }), 'fail'],
    ['five: refused', 'caching/five-marks', ANT, status(400), 'pass'],
    ['five: served', 'caching/five-marks', ANT, text('OK'), 'warn'],
    ['ignored', 'caching/ignored', TH, text('OK'), 'pass'],
    ['not ignored', 'caching/ignored', TH, status(400), 'fail'],
    ['not said to be ignored', 'caching/ignored', OLD, status(400), 'pass'],
    ['not said to be ignored: 500', 'caching/ignored', OLD, status(500), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})

describe('server tools and Claude Code', () => {
  const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'France' } }
  const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }
  const paused = message({ content: [search], stop_reason: 'pause_turn' })
  const complete: Answer = (body) => sent(body, message())
  test.each<Row>([
    [
      'searched',
      'server-tools/web-search',
      ANT,
      whole(message({ content: [search, found, said('Paris')] })),
      'pass',
    ],
    ['not searched', 'server-tools/web-search', ANT, text('Paris'), 'pass'],
    ['paused', 'server-tools/web-search', ANT, whole(paused), 'pass'],
    [
      'the result was lost',
      'server-tools/web-search',
      ANT,
      whole(message({ content: [search, said('Paris')] })),
      'fail',
    ],
    ['refused', 'server-tools/web-search', ANT, status(400), 'fail'],
    [
      'goes on',
      'server-tools/replay',
      ANT,
      (body) => (dig(body.messages, 1) === undefined ? reply(paused) : reply(message())),
      'pass',
    ],
    [
      'refused back',
      'server-tools/replay',
      ANT,
      (body) => (dig(body.messages, 1) === undefined ? reply(paused) : refusal(400)),
      'fail',
    ],
    ['a complete stream', 'claude-code/turn', TH, complete, 'pass'],
    [
      'a call',
      'claude-code/turn',
      TH,
      (body) => sent(body, called([call('Read', { file_path: '/a' })])),
      'pass',
    ],
    ['the query refused', 'claude-code/turn', TH, status(404), 'fail'],
    ['no end', 'claude-code/turn', TH, () => stream(eventsOf(message()).slice(0, -1)), 'fail'],
    ['a whole reply', 'claude-code/turn', ANT, () => reply(), 'fail'],
    ['nothing said', 'claude-code/turn', ANT, (body) => sent(body, message({ content: [] })), 'fail'],
    ['refused where nobody promised', 'claude-code/turn', OLD, status(404), 'pass'],
    ['crashed', 'claude-code/turn', OLD, status(500), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))

  test('the turn goes to the query address', async () => {
    const paths: (string | undefined)[] = []
    await lineOf('claude-code/turn', ANT, (body, probe) => {
      paths.push(probe.path)
      return complete(body, probe)
    })
    expect(paths).toEqual(['/v1/messages?beta=true'])
  })
})
