import type { Json, JsonObject } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, type Outcome } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import { honours } from '../core/honoured.ts'
import type { Probe } from '../core/probe.ts'
import { ask, ONE_CITY, PLAIN, WEATHER_TOOL } from './ask.ts'
import { OFFICIAL, onlyObserved, refusedWith400 } from './observed.ts'
import { assistant, RESULT, user } from './tools/replay.ts'
import { answered } from './turns.ts'
import type { MessagesView } from './view.ts'

const cache_control: JsonObject = { type: 'ephemeral' }
const mark = (text: string): Json => ({ type: 'text', text, cache_control })

/** As many marks as a request may have. */
const FOUR = ask(
  { system: [mark('You are terse.'), mark('Be brief.')] },
  { messages: [user([mark('I will ask you for one word.'), mark(PLAIN)])] },
)
const FIVE = ask(
  { system: [mark('You are terse.'), mark('Be brief.')] },
  { messages: [user([mark('I will ask you for one word.'), mark('It is short.'), mark(PLAIN)])] },
)

/** Marks where no table has a row for them: on the request, on system, on a call and inside its result. */
const ELSEWHERE: Probe = ask(
  { cache_control, system: [mark('Be brief.')], tools: [WEATHER_TOOL] },
  {
    messages: [
      user(ONE_CITY),
      assistant([
        {
          type: 'tool_use',
          id: 'toolu_assay_1',
          name: 'get_weather',
          input: { city: 'Paris' },
          cache_control,
        },
      ]),
      user([{ type: 'tool_result', tool_use_id: 'toolu_assay_1', content: [mark(RESULT)] }]),
    ],
  },
)

const COUNTS = ['cache_creation_input_tokens', 'cache_read_input_tokens']

/** Counts of the cache are integers from 0, or null; a prompt this short may be cached or not. */
function* counted(view: MessagesView): Iterable<Outcome> {
  const { usage } = view
  if (usage === undefined) return
  for (const key of COUNTS) {
    const count = usage.raw[key]
    if (count === undefined || count === null) continue
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
      yield finding(usage.where, `${key}: an integer, 0 or more, or null`, count)
    }
  }
  const detail = usage.raw.cache_creation
  if (detail !== undefined && detail !== null && !isObject(detail)) {
    yield finding(usage.where, 'cache_creation: an object or null', detail)
  }
}

const marks: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/caching/four-marks',
    title: 'Four blocks with cache_control, on system and text, are accepted and counted in usage',
    requirements: [
      'ANT-REQ-messages-content-cache_control',
      'ANT-REQ-system-cache_control',
      'ANT-RES-usage-cache',
    ],
    fix: 'Pass cache_control on; add no mark of your own where a request has four.',
    ask: { reply: [FOUR] },
    *judge({ reply }) {
      yield* answered(reply!)
      yield* counted(reply!)
    },
  },
  {
    id: 'anthropic-messages/caching/five-marks',
    title: 'More than four blocks with cache_control are refused with 400',
    requirements: ['ANT-REQ-cache-marks'],
    fix: 'Answer 400 invalid_request_error; say that four is the most.',
    needs: ['anthropic-messages/caching/four-marks'],
    expects: 'any',
    ask: { reply: [FIVE] },
    judge: ({ reply }) => refusedWith400(reply!, 'five blocks with cache_control', OFFICIAL),
  },
]

export function caching(ground: Ground): Check<MessagesView>[] {
  const { level } = ground
  const ignored = level(['TH-ANT-NOTE-cache']) !== undefined
  // Where the profile promises no marks, how many there may be is no question.
  const marked = honours(ground, 'system[].cache_control', 'messages[].content[].cache_control')
  return [
    ...(marked ? marks : []),
    {
      id: 'anthropic-messages/caching/ignored',
      title: ignored
        ? 'cache_control is accepted wherever it stands, and ignored'
        : 'cache_control where no row speaks of it is answered or refused, never with a 5xx',
      requirements: ['TH-ANT-NOTE-cache', 'TH-ANT-NOTE-cache-old'],
      fix: 'Ignore cache_control on the request, on system, and on blocks inside results; do not refuse it.',
      needs: ['anthropic-messages/plain/reply'],
      expects: ignored ? 'success' : 'any',
      ask: { reply: [ELSEWHERE] },
      judge: ({ reply }) => (ignored ? counted(reply!) : onlyObserved(reply!, 'cache_control elsewhere')),
    },
  ]
}
