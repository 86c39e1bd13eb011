import { describe, expect, test } from 'vitest'
import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { conversation } from '../../suites/anthropic-messages/conversation.ts'
import { made } from '../core/exchange.ts'
import { call, right } from './answers.ts'
import { groundFor, ID, lineOf } from './by-hand.ts'
import { eventsOf, message, refusal, reply, stream } from './exchange.ts'

/** No answer, however strange, may make a judge throw: that would be an error of assay's own. */

const BLOCKS: Json[] = [
  null,
  7,
  'text',
  [],
  {},
  { type: 7 },
  { type: 'text', text: null, citations: 'none' },
  { type: 'text', text: 'x', citations: [null, 7, {}] },
  { type: 'tool_use' },
  { type: 'tool_use', id: 7, name: null, input: [] },
  { type: 'thinking', thinking: {}, signature: [] },
  { type: 'redacted_thinking', data: null },
  { type: 'server_tool_use', id: null },
]
const odd = (over: JsonObject): JsonObject => message({ content: [...BLOCKS, call()], ...over })

const STREAM = eventsOf(message({ content: [call()] })).flatMap((event): JsonObject[] => [
  { ...event, index: 'one' },
  { ...event, delta: null, content_block: null },
  { ...event, message: 7, usage: [] },
  event,
])

const ANSWERS: [string, (body: JsonObject) => Exchange][] = [
  ['odd blocks', () => reply(odd({}))],
  ['odd blocks, usage null', () => reply(odd({ usage: null, stop_reason: 7, stop_sequence: {} }))],
  [
    'odd blocks, odd usage',
    () => reply(odd({ usage: { input_tokens: 'x', cache_creation: 1 }, stop_reason: 'tool_use' })),
  ],
  ['no content', () => reply({ type: 'message' })],
  ['content null', () => reply({ type: 'message', content: null })],
  ['a list', () => reply([1, 2])],
  ['an error in 200', () => reply({ type: 'error', error: 7 })],
  ['no JSON', () => reply('<html>')],
  ['an odd stream', () => stream(STREAM)],
  [
    'an odd stream for whoever asked for one',
    (body) => (body.stream === true ? stream(STREAM) : reply(odd({}))),
  ],
  ['events that are no objects', () => stream(['event: message_start\ndata: 7\n\n', 'data: [DONE]\n\n'])],
  ['a refusal without envelope', () => refusal(400, { type: 7 })],
  ['silence', () => made({ status: 0, end: { kind: 'timeout', phase: 'headers', ms: 5 } })],
]

describe.each(['anthropic', 'anthropic-2023-06-01', 'tokenhub-intl', 'tokenhub-intl-old'])(
  '%s',
  (profile) => {
    const ids = conversation(groundFor(profile))
      .filter((check) => groundFor(profile).level(check.requirements) !== undefined)
      .map(({ id }) => id.slice(ID.length + 1))

    test('there are checks, with an id each', () => {
      expect(ids.length).toBeGreaterThan(15)
      expect(new Set(ids).size).toBe(ids.length)
    })

    test.each(ids)('%s', async (id) => {
      for (const [what, answer] of ANSWERS) {
        for (const late of [false, true]) {
          const line = await lineOf(id, profile, (body, probe) =>
            late && (body.messages as Json[]).length === 1 ? right(body, probe) : answer(body),
          )
          expect(line.verdict, `${what}: ${line.message}`).not.toBe('error')
        }
      }
    })
  },
)
