import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject, VerdictWord } from '../../reports/record/types.ts'
import { asArray, dig } from '../../suites/core/dig.ts'
import { answersCalls, call, called, refuses, right, said, second, sent, thought, whole } from './answers.ts'
import { type Answer, lineOf } from './by-hand.ts'
import { eventsOf, message, refusal, stream } from './exchange.ts'

type Row = [what: string, id: string, profile: string, answer: Answer, expected: VerdictWord]

const ANT = 'anthropic'
const check = async ([, id, profile, answer, expected]: Row) => {
  const line = await lineOf(`thinking/${id}`, profile, answer)
  expect(`${line.verdict} ${line.verdict === expected ? '' : line.message}`.trim()).toBe(expected)
}

const over = (content: JsonObject[]): Answer => whole(message({ content }))
const HIDDEN: JsonObject = { type: 'redacted_thinking', data: 'aGlkZGVu' }

/** A gateway that holds the signature to be its own, and refuses any other. */
const strict: Answer = (body, probe) => {
  if (!answersCalls(body)) return right(body, probe)
  const blocks = asArray(dig(body.messages, 1, 'content'))
  const signed = blocks.every(
    (block) => dig(block, 'type') !== 'thinking' || dig(block, 'signature') === thought().signature,
  )
  return signed ? right(body, probe) : refusal(400)
}

/** The plain thought, streamed, its events changed. */
const events =
  (change: (events: JsonObject[]) => JsonObject[]): Answer =>
  (): Exchange =>
    stream(change(eventsOf(message({ content: [thought(), said('42')] }))))
const signature = (event: JsonObject) => dig(event, 'delta', 'type') === 'signature_delta'

describe('thinking in answers', () => {
  test.each<Row>([
    ['a signed block', 'reply', ANT, over([thought(), said('42')]), 'pass'],
    ['the text withheld', 'reply', ANT, over([{ ...thought(), thinking: '' }, said('42')]), 'pass'],
    ['redacted', 'reply', ANT, over([HIDDEN, said('42')]), 'pass'],
    ['no signature', 'reply', ANT, over([thought(''), said('42')]), 'fail'],
    ['behind the text', 'reply', ANT, over([said('42'), thought()]), 'fail'],
    ['none at all', 'reply', ANT, over([said('42')]), 'inconclusive'],
    ['refused', 'reply', ANT, () => refusal(400), 'fail'],
    ['streamed', 'stream', ANT, events((all) => all), 'pass'],
    [
      'signature never sent',
      'stream',
      ANT,
      events((all) => all.filter((event) => !signature(event))),
      'fail',
    ],
    [
      'a delta behind the signature',
      'stream',
      ANT,
      events((all) =>
        all.flatMap((event) =>
          signature(event)
            ? [event, { ...event, delta: { type: 'thinking_delta', thinking: '.' } }]
            : [event],
        ),
      ),
      'fail',
    ],
    ['disabled, none', 'disabled', ANT, over([said('42')]), 'pass'],
    ['disabled, shown', 'disabled', ANT, over([thought(), said('42')]), 'fail'],
    ['counted', 'budget', ANT, over([thought(), said('42')]), 'pass'],
    [
      'counted beyond the output',
      'budget',
      ANT,
      whole(
        message({
          usage: { input_tokens: 1, output_tokens: 5, output_tokens_details: { thinking_tokens: 9 } },
        }),
      ),
      'warn',
    ],
    ['a budget beyond the limit: refused', 'budget-beyond-limit', ANT, () => refusal(400), 'pass'],
    ['a budget beyond the limit: served', 'budget-beyond-limit', ANT, over([said('42')]), 'warn'],
    ['before a call', 'with-tools', ANT, right, 'pass'],
    ['behind a call', 'with-tools', ANT, whole(called([call(), thought()])), 'fail'],
    ['end_turn', 'with-tools', ANT, whole(called([thought(), call()], { stop_reason: 'end_turn' })), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})

describe('thinking in history', () => {
  test.each<Row>([
    ['accepted back', 'replay', ANT, strict, 'pass'],
    ['refused back', 'replay', ANT, second(refuses(400)), 'fail'],
    ['no thinking to send back', 'replay', ANT, whole(called()), 'inconclusive'],
    ['altered: refused', 'altered-signature', ANT, strict, 'pass'],
    ['altered: served', 'altered-signature', ANT, right, 'warn'],
    ['altered: 500', 'altered-signature', ANT, second(refuses(500)), 'fail'],
    ['dropped: served', 'dropped-signature', ANT, right, 'pass'],
    ['dropped: refused', 'dropped-signature', ANT, strict, 'pass'],
    ['dropped: 500', 'dropped-signature', ANT, second(refuses(500)), 'fail'],
    ['none redacted', 'redacted', ANT, over([thought(), said('Hello.')]), 'pass'],
    ['redacted, accepted back', 'redacted', ANT, over([HIDDEN, said('Hello.')]), 'pass'],
    ['redacted without data', 'redacted', ANT, over([{ type: 'redacted_thinking' }, said('Hello.')]), 'fail'],
    [
      'redacted, refused back',
      'redacted',
      ANT,
      (body) =>
        asArray(body.messages).length > 1 ? refusal(400) : sent(body, message({ content: [HIDDEN] })),
      'fail',
    ],
    ['made up: served', 'history-ignored', 'tokenhub-intl', whole(message()), 'pass'],
    ['made up: refused', 'history-ignored', 'tokenhub-intl', () => refusal(400), 'fail'],
    ['made up: refused', 'history-ignored', 'tokenhub-intl-old', () => refusal(400), 'warn'],
    ['made up: 500', 'history-ignored', 'tokenhub-intl-old', () => refusal(500), 'fail'],
    ['redacted, unsupported: refused', 'history-redacted', 'tokenhub-intl', () => refusal(422), 'pass'],
    ['redacted, unsupported: served', 'history-redacted', 'tokenhub-intl', whole(message()), 'warn'],
    ['redacted, unsupported: 500', 'history-redacted', 'tokenhub-intl', () => refusal(500), 'fail'],
  ])('%s: %s on %s', (...row) => check(row))
})

test('an altered signature differs in one place, and everything else goes back byte for byte', async () => {
  const seen: JsonObject[] = []
  const watch: Answer = (body, probe) => {
    seen.push(body)
    return strict(body, probe)
  }
  for (const id of ['replay', 'altered-signature']) await lineOf(`thinking/${id}`, ANT, watch)
  const turns = seen.filter(answersCalls).map((body) => dig(body.messages, 1, 'content'))
  const [same, changed] = turns.map((turn) => dig(turn, 0, 'signature'))
  expect(dig(turns[0], 0)).toEqual(thought())
  expect(same).toBe(thought().signature)
  const pairs = [...String(same)].map((letter, at) => [letter, String(changed)[at]])
  expect(pairs.filter(([one, other]) => one !== other)).toHaveLength(1)
})
