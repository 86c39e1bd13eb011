import type { Json, JsonObject } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { asInteger } from '../core/dig.ts'
import { honours } from '../core/honoured.ts'
import { ask, LONG } from './ask.ts'
import { typeOf } from './assemble.ts'
import type { Usage } from './message.ts'
import { CUT_AT, UNMET } from './stops.ts'
import type { MessagesView } from './view.ts'

const COUNTS = ['input_tokens', 'output_tokens'] as const
const CACHE_COUNTS = ['cache_creation_input_tokens', 'cache_read_input_tokens'] as const

/** All tokens of the request: those that a cache wrote or gave stand apart from `input_tokens`. */
function wholeInput({ input, cacheCreation, cacheRead }: Usage): number | undefined {
  return input === undefined ? undefined : input + (cacheCreation ?? 0) + (cacheRead ?? 0)
}

export const usage: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/usage/counts',
    title: 'Every message has a usage; its counts are integers, those of the cache may be null',
    requirements: ['ANT-RES-usage', 'ANT-RES-usage-input', 'ANT-RES-usage-output', 'ANT-RES-usage-cache'],
    fix: 'Send input_tokens and output_tokens as integers with every message, whole and streamed.',
    ask: { reply: [ask()], stream: [ask({ stream: true })] },
    *judge({ reply, stream }) {
      yield* counts(reply!)
      yield* counts(stream!)
    },
  },
  {
    id: 'anthropic-messages/usage/plausible',
    title: 'A longer prompt has more input tokens, none has 0, and text has output tokens',
    requirements: ['ANT-RES-usage-input', 'ANT-RES-usage-output'],
    fix: 'Count the tokens of the request that was made.',
    ask: {
      short: [ask()],
      // Longer than the plain one; it is asked for its end, too.
      long: [UNMET],
    },
    *judge({ short, long }) {
      const [few, many] = [short!.usage, long!.usage]
      if (few === undefined || many === undefined) return
      const [less, more] = [wholeInput(few), wholeInput(many)]
      if (less !== undefined && less < 1) yield finding(few.where, 'input tokens above 0', less)
      else if (less !== undefined && more !== undefined && more <= less) {
        yield finding(many.where, `more than ${less} input tokens for a longer prompt`, more)
      }
      if (short!.content !== '' && few.output === 0) {
        yield finding(few.where, 'output_tokens above 0 for a text', few.output)
      }
    },
  },
  {
    id: 'anthropic-messages/usage/within-limit',
    title: 'output_tokens is never above max_tokens, and in a stream its last count is the total',
    requirements: ['ANT-RES-usage-output', 'ANT-SSE-usage-cumulative', 'TH-ANT-REQ-max_tokens'],
    fix: 'Report the tokens of the answer; take the last count of a stream for its total, never a sum.',
    ask: {
      reply: [ask({}, { prompt: LONG, limit: CUT_AT })],
      stream: [ask({ stream: true }, { prompt: LONG, limit: CUT_AT })],
    },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        const { usage: told } = view
        if (told?.output === undefined || told.output <= CUT_AT) continue
        yield finding(told.where, `at most ${CUT_AT} output_tokens`, told.output)
      }
    },
  },
  {
    id: 'anthropic-messages/usage/stream-equals-reply',
    title: 'A stream counts the same input as the whole reply to the same request, and counts its text',
    requirements: ['ANT-SSE-usage-cumulative', 'ANT-SSE-equals-reply', 'TH-ANT-SSE-message_delta'],
    fix: 'Take the usage of a stream from the same source as that of a whole reply; counts of message_delta are totals.',
    ask: { reply: [ask()], stream: [ask({ stream: true })] },
    *judge({ reply, stream }) {
      const [whole, streamed] = [reply!.usage, stream!.usage]
      if (whole === undefined || streamed === undefined) return
      const [asked, told] = [wholeInput(whole), wholeInput(streamed)]
      if (asked !== undefined && told !== undefined && asked !== told) {
        yield finding(streamed.where, `${asked} input tokens`, told)
      }
      if (stream!.content !== '' && streamed.output === 0) {
        yield finding(streamed.where, 'output_tokens above 0', streamed.output)
      }
    },
  },
  {
    id: 'anthropic-messages/usage/at-start',
    title: 'message_start tells the input tokens, which are known before the first token',
    requirements: ['ANT-SSE-message_start', 'TH-ANT-SSE-message_start'],
    fix: 'Send the real input_tokens in the usage of message_start; clients show the context by it.',
    ask: { stream: [ask({ stream: true })] },
    *judge({ stream }) {
      const start = stream!.chunks.find((chunk) => typeOf(chunk) === 'message_start')
      const told = start?.value.message
      // Without a start there is nothing to read here: the grammar tells of that.
      if (start === undefined || typeof told !== 'object' || told === null || Array.isArray(told)) return
      const raw: Json | undefined = told.usage
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return
      const counted = [raw.input_tokens, ...CACHE_COUNTS.map((key) => raw[key])].map((count) =>
        asInteger(count),
      )
      if (counted[0] === undefined || counted.some((count) => count !== undefined && count > 0)) return
      yield finding(start.pointed('/message/usage/input_tokens'), 'input_tokens above 0', counted[0], {
        by: 'should',
        why: 'Clients that manage their context read it here: at 0 they never compact.',
      })
    },
  },
]

function* counts(view: MessagesView): Iterable<Outcome> {
  const { usage: told, message } = view
  if (told === undefined) {
    yield finding(message!.where, 'usage: an object', 'none')
    return
  }
  for (const key of COUNTS) {
    const count = asInteger(told.raw[key])
    if (count !== undefined && count >= 0) continue
    yield finding(told.where, `${key}: an integer, 0 or more`, told.raw[key])
  }
  for (const key of CACHE_COUNTS) {
    const raw = told.raw[key]
    const count = asInteger(raw)
    if (raw === undefined || raw === null || (count !== undefined && count >= 0)) continue
    yield finding(told.where, `${key}: an integer, 0 or more, or null`, raw)
  }
}

/** Enough for official models, none of which needs more than 4,096 tokens to put a prompt into a cache. */
const LINES = 350
const MANUAL = Array.from(
  { length: LINES },
  (_, at) => `Rule ${at + 1}: keep every answer short, plain and friendly.`,
).join('\n')

/** Where the profile says that cache_control is heeded: what the cache counts is not counted twice. */
export function cachedUsage(ground: Ground): Check<MessagesView>[] {
  if (!honours(ground, 'system[].cache_control')) return []
  const system = (more: JsonObject): JsonObject => ({ system: [{ type: 'text', text: MANUAL, ...more }] })
  return [
    {
      id: 'anthropic-messages/usage/cache-apart',
      title: 'Tokens that the cache wrote or gave are not in input_tokens',
      // Of the full run only, for it costs thousands of tokens: a must has its own weight.
      requirements: ['ANT-RES-usage-optional'],
      fix: 'Report as input_tokens only what no cache count holds; Chat’s prompt_tokens is the sum of all three.',
      ask: {
        marked: [ask(system({ cache_control: { type: 'ephemeral' } }))],
        unmarked: [ask(system({}))],
      },
      *judge({ marked, unmarked }) {
        const [marks, without] = [marked!.usage, unmarked!.usage]
        if (marks === undefined || without === undefined) return
        const [told, plain] = [wholeInput(marks), wholeInput(without)]
        if (told === undefined || plain === undefined) return
        const requirement = 'ANT-RES-usage-input'
        if (told !== plain) {
          const expected = `${plain} tokens of input, cached or not, as without cache_control`
          yield finding(marks.where, expected, told, { requirement })
        } else if ((marks.cacheCreation ?? 0) + (marks.cacheRead ?? 0) === 0) {
          yield note(marks.where, 'the cache was not used')
        }
      },
    },
  ]
}
