import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import { idOf } from '../fields/ids.ts'
import { ask, LONG } from './ask.ts'
import { cut, isUnanswered, unanswered } from './cut.ts'
import { CLEAN } from './observed.ts'
import { wrongStop } from './stop-words.ts'
import type { MessagesView } from './view.ts'

/** Tokens at which an answer is cut that has many more. */
export const CUT_AT = 8

const SAID = 'alpha beta gamma delta epsilon'
export const ECHO = `Reply with exactly this text and nothing else: ${SAID}`
/** The last occurs in the answer. */
const STOP = 'gamma'
const STOPS = ['zebra', 'yak', 'yeti', 'yawl', STOP]
/** A short answer, with a sequence that it does not meet. */
export const UNMET = ask(
  { stop_sequences: ['[[never]]'] },
  {
    prompt: `${'The quick brown fox jumps over the lazy dog. '.repeat(6)}Reply with the single word OK.`,
  },
)

/** The text that Anthropic publishes for testing refusals: official models refuse it. */
const MAGIC =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'

const streamed = { stream: true }

/** How an answer ends, and what it says of that. */
export const stops: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/stops/end-turn',
    title: 'A short answer ends with stop_reason end_turn and stop_sequence null',
    requirements: ['ANT-STOP-end_turn', 'ANT-RES-stop_reason', 'TH-ANT-SSE-stop_reason-end_turn'],
    fix: 'Report end_turn where the model ended of itself.',
    ask: { reply: [ask()], stream: [ask(streamed)] },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        if (isUnanswered(view)) yield* unanswered(view)
        else if (view.stopReason !== 'end_turn') yield* wrongStop(view, 'end_turn')
        else yield* sequence(view, null)
      }
    },
  },
  {
    id: 'anthropic-messages/stops/max-tokens',
    title: 'An answer that the limit cuts ends with stop_reason max_tokens, whole and streamed',
    requirements: ['ANT-STOP-max_tokens', 'TH-ANT-REQ-max_tokens'],
    fix: 'Report max_tokens where max_tokens ended the answer.',
    ask: {
      reply: [ask({}, { prompt: LONG, limit: CUT_AT })],
      stream: [ask(streamed, { prompt: LONG, limit: CUT_AT })],
    },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        if (view.stopReason === 'max_tokens') continue
        // A token has a byte at least: what is shorter cannot have met the limit.
        const most = view.usage?.output ?? Buffer.byteLength(view.content)
        if (view.stopReason === 'end_turn' && most < CUT_AT) {
          yield { inconclusive: 'the model ended before the limit' }
        } else if (view.stopReason === 'refusal') yield* unanswered(view)
        else yield* wrongStop(view, 'max_tokens')
      }
    },
  },
  {
    id: 'anthropic-messages/stops/sequence',
    title: 'An answer ended by a stop sequence says so, names the sequence, and ends before it',
    requirements: [
      'ANT-STOP-stop_sequence',
      'ANT-RES-stop_sequence',
      'ANT-REQ-stop_sequences',
      'TH-ANT-REQ-stop_sequences',
    ],
    fix: 'Report stop_reason stop_sequence and, in stop_sequence, the one that was met; keep it out of the text.',
    // Where the field has no effect, that question tells it.
    needs: [
      'anthropic-messages/plain/reply',
      'anthropic-messages/plain/stream',
      idOf('anthropic-messages', 'stop_sequences', 'effect'),
    ],
    ask: {
      reply: [ask({ stop_sequences: STOPS }, { prompt: ECHO })],
      stream: [ask({ ...streamed, stop_sequences: STOPS }, { prompt: ECHO })],
    },
    *judge({ reply, stream }) {
      yield* stopped(reply!)
      yield* stopped(stream!)
    },
  },
  {
    id: 'anthropic-messages/stops/sequence-not-met',
    title: 'Stop sequences that the answer does not meet leave stop_reason end_turn and stop_sequence null',
    requirements: ['ANT-STOP-end_turn', 'ANT-RES-stop_sequence', 'TH-ANT-REQ-stop_sequences'],
    fix: 'Set stop_sequence only where a sequence ended the answer.',
    ask: { reply: [UNMET] },
    *judge({ reply }) {
      if (isUnanswered(reply!)) yield* unanswered(reply!)
      else if (reply!.stopReason !== 'end_turn') yield* wrongStop(reply!, 'end_turn')
      else yield* sequence(reply!, null)
    },
  },
  {
    id: 'anthropic-messages/stops/sequence-at-start',
    title: 'A stop sequence at the very start leaves the same blocks, whole and streamed',
    // Of the full run only: a must has its own weight.
    requirements: ['ANT-MSG-nonempty-text'],
    fix: 'Build both from the same answer: either no block, or one empty text block, in both.',
    ask: {
      reply: [ask({ stop_sequences: ['alpha'] }, { prompt: ECHO })],
      stream: [ask({ ...streamed, stop_sequences: ['alpha'] }, { prompt: ECHO })],
    },
    *judge({ reply, stream }) {
      const both = [reply!, stream!]
      if (both.some((view) => view.content !== '' || view.stopReason !== 'stop_sequence')) {
        yield note(stream!, 'an answer did not begin with the sequence')
        return
      }
      const [whole, joined] = both.map((view) => view.message!.blocks.map(({ type }) => type).join(', '))
      if (whole !== joined) {
        const requirement = 'ANT-SSE-equals-reply'
        const expected = `the blocks of the reply: ${whole || 'none'}`
        yield finding(stream!.message!.where, expected, joined || 'none', { requirement })
      }
    },
  },
  {
    id: 'anthropic-messages/stops/refusal',
    title: 'A refusal is a 200 with stop_reason refusal, never an empty answer that says end_turn',
    requirements: ['ANT-STOP-refusal'],
    fix: 'Report stop_reason refusal where the model would not answer, whatever the upstream calls it.',
    expects: 'any',
    ask: {
      reply: [ask({}, { prompt: MAGIC })],
      stream: [ask(streamed, { prompt: MAGIC })],
    },
    *judge({ reply, stream }) {
      yield* refused(reply!)
      yield* refused(stream!)
    },
  },
]

function* sequence(view: MessagesView, wanted: string | null): Iterable<Outcome> {
  const { message } = view
  const got = message!.stopSequence
  // A missing key is told by the rules of shapes.
  if (got === undefined || got === wanted) return
  yield finding(message!.stopWhere, `stop_sequence ${wanted}`, got)
}

function* stopped(view: MessagesView): Iterable<Outcome> {
  const text = view.content.toLowerCase()
  if (view.stopReason === 'refusal' || cut(view)) yield* unanswered(view)
  else if (text.includes(STOP)) {
    yield finding(view.message!.blocks[0]?.where ?? view, `a text that ends before ${STOP}`, view.content)
  } else if (!text.includes('alpha')) {
    yield { inconclusive: `the model did not repeat the text: ${view.content.slice(0, 60)}` }
  } else if (view.stopReason === 'end_turn' && !text.includes('beta')) {
    yield { inconclusive: `the model did not repeat the text: ${view.content.slice(0, 60)}` }
  } else if (view.stopReason !== 'stop_sequence') yield* wrongStop(view, 'stop_sequence')
  else yield* sequence(view, STOP)
}

function* refused(view: MessagesView): Iterable<Outcome> {
  if (view.status === 0 || view.status >= 500) {
    yield finding(view.statusPlace, 'status 200', `status ${view.status}`, { requirement: CLEAN })
  } else if (view.status !== 200) {
    yield finding(view.statusPlace, 'status 200 with stop_reason refusal', `status ${view.status}`)
  } else if (!view.succeeded) yield note(view, 'no message')
  else if (view.stopReason === 'refusal') yield* details(view)
  else if (view.content === '' && view.toolUses.length === 0 && !cut(view)) {
    yield finding(view.message!.stopWhere, 'stop_reason refusal', `${view.stopReason} and no content`)
  } else yield { inconclusive: 'the model did not refuse' }
}

/** What a refusal says of itself is for people to read: that it is there is recorded. */
function* details(view: MessagesView): Iterable<Outcome> {
  const told: Json | undefined = view.isStream ? undefined : view.reply?.stop_details
  yield note(
    view.message!.stopWhere,
    isObject(told) ? 'stop_details are there' : 'refused without stop_details',
  )
}
