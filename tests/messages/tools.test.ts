import { describe, expect, test } from 'vitest'
import type { JsonObject, VerdictWord } from '../../reports/record/types.ts'
import { call, called, first, refuses, right, said, second, sent, thought, whole } from './answers.ts'
import { type Answer, lineOf } from './by-hand.ts'
import { eventsOf, message, stream } from './exchange.ts'

const TH = 'tokenhub-intl'
const ANT = 'anthropic'
type Row = [what: string, id: string, profile: string, answer: Answer, expected: VerdictWord]

const check = async ([, id, profile, answer, expected]: Row) => {
  const line = await lineOf(id, profile, answer)
  expect(`${line.verdict} ${line.verdict === expected ? '' : line.message}`.trim()).toBe(expected)
}

/** A stream of one call, whose events `change` alters. */
const streamed =
  (change: (events: JsonObject[]) => JsonObject[], content = [call()]): Answer =>
  (body) =>
    body.stream === true ? stream(change(eventsOf(called(content)))) : right(body, { dialect: '' })

const RIGHT = [
  'choice-any',
  'choice-tool',
  'choice-auto',
  'default-is-auto',
  'choice-none',
  'choice-without-tools',
  'stop-reason',
  'no-markup',
  'block',
  'stream',
  'zero-arguments',
  'unicode-input',
  'truncated',
  'no-empty-text',
  'text-before',
  'unique-ids',
  'parallel',
  'parallel-stream',
  'disable-parallel',
  'second-turn',
  'second-turn-stream',
  'result-used',
  'result-blocks',
  'result-error',
  'result-without-content',
  'parallel-results',
]

describe('a right gateway passes', () => {
  test.each(RIGHT.map((id): Row => ['right', `tools/${id}`, ANT, right, 'pass']))('%s: %s on %s', (...row) =>
    check(row),
  )
  test.each([
    ...['any', 'auto', 'none', 'tool'].map((form) => `choice-string-${form}`),
    'disable-parallel-ignored',
    'unknown-result',
  ])('%s on tokenhub-intl', (id) => check(['right', `tools/${id}`, TH, right, 'pass']))
  test.each(['missing-result', 'duplicate-result', 'unknown-result', 'text-before-results', 'split-results'])(
    '%s refused',
    (id) => check(['refused', `tools/${id}`, ANT, second(refuses(400)), 'pass']),
  )
})

describe('choice', () => {
  test.each<Row>([
    ['no call', 'tools/choice-any', ANT, whole(message()), 'fail'],
    ['no call, string form', 'tools/choice-string-any', TH, whole(message()), 'fail'],
    ['a string refused', 'tools/choice-string-auto', TH, first(refuses(400)), 'fail'],
    [
      'end_turn beside a call',
      'tools/choice-any',
      ANT,
      first((body) => sent(body, called([call()], { stop_reason: 'end_turn' }))),
      'fail',
    ],
    [
      'a word of nobody',
      'tools/choice-any',
      TH,
      first((body) => sent(body, called([call()], { stop_reason: 'tools' }))),
      'warn',
    ],
    ['another tool', 'tools/choice-tool', ANT, whole(called([call('get_weather')])), 'fail'],
    ['a call in spite of none', 'tools/choice-none', ANT, whole(called()), 'fail'],
    ['neither text nor call', 'tools/choice-none', ANT, whole(message({ content: [] })), 'fail'],
    ['never called', 'tools/choice-auto', ANT, whole(message()), 'inconclusive'],
    [
      'cut',
      'tools/choice-any',
      ANT,
      whole(
        message({ content: [], stop_reason: 'max_tokens', usage: { input_tokens: 1, output_tokens: 48 } }),
      ),
      'inconclusive',
    ],
    [
      'refused by the model',
      'tools/choice-any',
      ANT,
      whole(message({ content: [], stop_reason: 'refusal' })),
      'inconclusive',
    ],
    [
      'the call was lost',
      'tools/stop-reason',
      ANT,
      whole(message({ content: [], stop_reason: 'tool_use' })),
      'fail',
    ],
    [
      'markup',
      'tools/no-markup',
      ANT,
      whole(message({ content: [said('<tool_call>{"name":"get_weather"}</tool_call>')] })),
      'fail',
    ],
    ['refused without tools', 'tools/choice-without-tools', ANT, () => refuses(400)({}), 'pass'],
    ['crashed without tools', 'tools/choice-without-tools', ANT, () => refuses(500)({}), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})

describe('calls', () => {
  const START = (change: JsonObject) => (events: JsonObject[]) =>
    events.map((event) =>
      event.type === 'content_block_start'
        ? { ...event, content_block: { ...(event.content_block as JsonObject), ...change } }
        : event,
    )
  const without = (type: string) => (events: JsonObject[]) => events.filter((event) => event.type !== type)
  const pieces = (partial: string[]) => (events: JsonObject[]) => [
    ...events.slice(0, 2),
    ...partial.map((partial_json) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    })),
    ...events.slice(-3),
  ]
  test.each<Row>([
    [
      'input as a string',
      'tools/block',
      ANT,
      whole(called([call('get_weather', '{"city":"Paris"}')])),
      'fail',
    ],
    [
      'no id',
      'tools/block',
      ANT,
      whole(called([call('get_weather', { city: 'Paris' }, { id: '' })])),
      'fail',
    ],
    ['a name of nobody', 'tools/block', ANT, whole(called([call('weather')])), 'fail'],
    [
      'made-up parameters',
      'tools/block',
      ANT,
      whole(called([call('get_weather', { town: 'Paris' })])),
      'warn',
    ],
    [
      'start without input',
      'tools/stream',
      ANT,
      streamed((events) =>
        events.map((event) =>
          event.type === 'content_block_start'
            ? { ...event, content_block: { type: 'tool_use', id: 'toolu_x', name: 'get_weather' } }
            : event,
        ),
      ),
      'fail',
    ],
    [
      'start without input',
      'tools/stream',
      TH,
      streamed((events) =>
        events.map((event) =>
          event.type === 'content_block_start'
            ? { ...event, content_block: { type: 'tool_use', id: 'toolu_x', name: 'get_weather' } }
            : event,
        ),
      ),
      'warn',
    ],
    ['the input in the start too', 'tools/stream', TH, streamed(START({ input: { city: 'Paris' } })), 'warn'],
    ['start without id', 'tools/stream', ANT, streamed(START({ id: null })), 'fail'],
    ['broken partial JSON', 'tools/stream', ANT, streamed(pieces(['{"city":', 'Paris}'])), 'fail'],
    ['no call in the stream', 'tools/stream', ANT, streamed(() => eventsOf(message())), 'fail'],
    [
      'end_turn in the stream',
      'tools/stream',
      ANT,
      streamed(() => eventsOf(called([call()], { stop_reason: 'end_turn' }))),
      'fail',
    ],
    [
      'zero arguments, no piece',
      'tools/zero-arguments',
      ANT,
      streamed(without('content_block_delta'), [call('get_status', {})]),
      'pass',
    ],
    [
      'zero arguments, one empty piece',
      'tools/zero-arguments',
      ANT,
      streamed(pieces(['']), [call('get_status', {})]),
      'pass',
    ],
    ['zero arguments, null', 'tools/zero-arguments', ANT, whole(called([call('get_status', null)])), 'fail'],
    ['zero arguments, ""', 'tools/zero-arguments', ANT, whole(called([call('get_status', '')])), 'fail'],
    [
      'torn characters',
      'tools/unicode-input',
      ANT,
      whole(called([call('save_note', { text: 'Gr\uFFFD\uFFFDe' })])),
      'fail',
    ],
    ['cut, said tool_use', 'tools/truncated', ANT, whole(called([call('save_note', {})])), 'fail'],
    [
      'complete before the limit',
      'tools/truncated',
      ANT,
      whole(called([call('save_note', { text: 'one' })])),
      'inconclusive',
    ],
    ['an empty text block', 'tools/no-empty-text', ANT, whole(called([said(''), call()])), 'fail'],
    ['an empty text block', 'tools/no-empty-text', TH, whole(called([said(''), call()])), 'warn'],
    [
      'text behind the call',
      'tools/text-before',
      ANT,
      whole(called([call(), said('Let me look it up.')])),
      'warn',
    ],
    ['no text', 'tools/text-before', ANT, whole(called()), 'inconclusive'],
    [
      'one id for all',
      'tools/unique-ids',
      ANT,
      whole(called([call('get_weather', { city: 'Paris' }, { id: 'call_0' })])),
      'fail',
    ],
    [
      'one id for two',
      'tools/parallel',
      ANT,
      whole(called([call(), call()].map((one) => ({ ...one, id: 'call_0' })))),
      'fail',
    ],
    [
      'two inputs in one',
      'tools/parallel-stream',
      ANT,
      whole(called([call('get_weather', '{}{}'), call()])),
      'fail',
    ],
    ['never two', 'tools/parallel', ANT, whole(called()), 'inconclusive'],
    ['two in spite of the switch', 'tools/disable-parallel', ANT, whole(called([call(), call()])), 'fail'],
    [
      'two where it is ignored',
      'tools/disable-parallel-ignored',
      TH,
      whole(called([call(), call()])),
      'pass',
    ],
    ['refused where it is ignored', 'tools/disable-parallel-ignored', TH, () => refuses(400)({}), 'fail'],
    ['thinking before it', 'tools/block', ANT, whole(called([thought(), call()])), 'pass'],
  ])('%s: %s on %s', (...row) => check(row))
})

describe('results', () => {
  test.each<Row>([
    ['its own message refused', 'tools/second-turn', ANT, second(refuses(400)), 'fail'],
    ['its own stream refused', 'tools/second-turn-stream', ANT, second(refuses(400)), 'fail'],
    ['no text', 'tools/second-turn', ANT, second((body) => sent(body, message({ content: [] }))), 'fail'],
    [
      'end_turn as stop',
      'tools/second-turn',
      ANT,
      second((body) => sent(body, message({ stop_reason: 'stop' }))),
      'fail',
    ],
    ['another call', 'tools/second-turn', ANT, second((body) => sent(body, called())), 'inconclusive'],
    ['no first call', 'tools/second-turn', ANT, whole(message()), 'inconclusive'],
    [
      'the result was lost',
      'tools/result-used',
      ANT,
      second((body) => sent(body, message({ content: [said('It is fine.')] }))),
      'inconclusive',
    ],
    [
      'one block was lost',
      'tools/result-blocks',
      ANT,
      second((body) => sent(body, message({ content: [said('Sleet.')] }))),
      'inconclusive',
    ],
    ['is_error refused', 'tools/result-error', TH, second(refuses(400)), 'fail'],
    ['is_error, tried again', 'tools/result-error', ANT, second((body) => sent(body, called())), 'pass'],
    ['results refused', 'tools/parallel-results', ANT, second(refuses(400)), 'fail'],
    ['missing: served', 'tools/missing-result', ANT, right, 'warn'],
    ['duplicate: served', 'tools/duplicate-result', ANT, right, 'pass'],
    ['duplicate: 422', 'tools/duplicate-result', ANT, second(refuses(422)), 'pass'],
    ['duplicate: 500', 'tools/duplicate-result', ANT, second(refuses(500)), 'fail'],
    ['unknown: served', 'tools/unknown-result', ANT, right, 'warn'],
    ['unknown: 500', 'tools/unknown-result', TH, second(refuses(500)), 'fail'],
    ['text first: served', 'tools/text-before-results', ANT, right, 'warn'],
    ['text first: 500', 'tools/text-before-results', ANT, second(refuses(500)), 'fail'],
    ['split: served', 'tools/split-results', ANT, right, 'pass'],
    ['split: 502', 'tools/split-results', ANT, second(refuses(502)), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})
