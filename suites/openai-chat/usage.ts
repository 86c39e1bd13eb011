import { type Check, finding, note, type Outcome, type Rule } from '../core/check.ts'
import { asInteger, dig, isObject } from '../core/dig.ts'
import { chat } from './ask.ts'
import { choicesOf, isForeign, usageOf } from './chunk.ts'
import type { ChatView } from './view.ts'

const USAGE_STREAM = chat({ stream: true, stream_options: { include_usage: true } })

/** Counts that details give, and the total that each must stay within. */
const DETAILS = [
  ['prompt_tokens_details', 'cached_tokens', 'prompt_tokens'],
  ['prompt_tokens_details', 'audio_tokens', 'prompt_tokens'],
  ['completion_tokens_details', 'reasoning_tokens', 'completion_tokens'],
  ['completion_tokens_details', 'accepted_prediction_tokens', 'completion_tokens'],
] as const

function* counts(view: ChatView): Iterable<Outcome> {
  const { usage } = view
  if (usage === undefined) return
  for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) {
    const count = asInteger(usage.raw[key])
    if (count === undefined || count < 0) {
      yield finding(usage.where, `${key}: an integer, 0 or more`, usage.raw[key])
    }
  }
}

export const usage: Check<ChatView>[] = [
  {
    id: 'openai-chat/usage/present',
    title: 'A whole reply carries usage',
    requirements: ['OAI-CHAT-res-usage', 'TH-OAI-RES-usage', 'PT-RES-usage'],
    fix: 'Send usage on every success that is not streamed.',
    ask: { reply: [chat()] },
    *judge({ reply }) {
      if (reply!.usage === undefined) yield finding(reply!, 'usage: an object', reply!.reply?.usage)
    },
  },
  {
    id: 'openai-chat/usage/counts',
    title: 'The counts of a usage are integers',
    requirements: [
      'OAI-CHAT-res-usage-counts',
      'TH-OAI-RES-usage-prompt_tokens',
      'TH-OAI-RES-usage-completion_tokens',
      'PT-RES-usage',
    ],
    fix: 'Send prompt_tokens, completion_tokens and total_tokens as integers.',
    ask: { reply: [chat()], stream: [chat({ stream: true })] },
    *judge({ reply, stream }) {
      yield* counts(reply!)
      yield* counts(stream!)
    },
  },
  {
    id: 'openai-chat/usage/plausible',
    title: 'A longer prompt has more prompt_tokens, and text has completion_tokens',
    requirements: ['OAI-CHAT-res-usage-counts', 'TH-OAI-RES-usage-prompt_tokens', 'PT-RES-usage'],
    fix: 'Count the tokens of the request that was made.',
    ask: {
      short: [chat()],
      long: [
        chat(
          {},
          {
            prompt: `${'The quick brown fox jumps over the lazy dog. '.repeat(6)}Reply with the single word OK.`,
          },
        ),
      ],
    },
    *judge({ short, long }) {
      const [few, many] = [short!.usage, long!.usage]
      if (few?.prompt === undefined || many?.prompt === undefined) return
      if (many.prompt <= few.prompt) {
        yield finding(many.where, `more than ${few.prompt} prompt_tokens for a longer prompt`, many.prompt)
      }
      if (short!.content !== '' && few.completion === 0) {
        yield finding(few.where, 'completion_tokens above 0 for a text', few.completion)
      }
    },
  },
  {
    id: 'openai-chat/usage/details',
    title: 'Details of a usage stay within the total that they detail, under their official names',
    requirements: ['OAI-CHAT-res-usage-details', 'TH-OAI-RES-usage-cached', 'TH-OAI-RES-usage-reasoning'],
    fix: 'Send prompt_tokens_details.cached_tokens and completion_tokens_details.reasoning_tokens as integers.',
    ask: { reply: [chat()] },
    *judge({ reply }) {
      const { usage } = reply!
      if (usage === undefined) return
      for (const [group, key, total] of DETAILS) {
        const raw = dig(usage.raw, group, key)
        const count = asInteger(raw)
        const most = asInteger(usage.raw[total])
        if (raw === undefined || raw === null) continue
        if (count === undefined || count < 0 || (most !== undefined && count > most)) {
          yield finding(
            reply!.pointed(`/usage/${group}/${key}`),
            `an integer from 0 to ${most ?? total}`,
            raw,
          )
        }
      }
      yield* spelling(reply!)
    },
  },
  {
    id: 'openai-chat/usage/stream-equals-reply',
    title: 'The usage of a stream is that of the whole reply to the same request',
    requirements: ['OAI-CHAT-stream-equals-reply', 'TH-OAI-REQ-stream_options'],
    fix: 'Take the usage of a stream from the same source as that of a whole reply.',
    ask: { reply: [chat()], stream: [USAGE_STREAM] },
    *judge({ reply, stream }) {
      const [whole, streamed] = [reply!.usage?.prompt, stream!.usage?.prompt]
      if (whole === undefined || streamed === undefined) return
      if (whole !== streamed) yield finding(stream!.usage!.where, `prompt_tokens ${whole}`, streamed)
      const [said, count] = [stream!.content, stream!.usage!.completion]
      if (said !== '' && count === 0) yield finding(stream!.usage!.where, 'completion_tokens above 0', count)
    },
  },
  {
    id: 'openai-chat/usage/stream-chunk',
    title: 'stream_options.include_usage adds one last chunk with usage and empty choices',
    requirements: ['OAI-CHAT-stream-usage', 'TH-OAI-REQ-stream_options'],
    fix: 'Send one extra chunk with choices: [] and usage, just before data: [DONE].',
    ask: { reply: [USAGE_STREAM] },
    *judge({ reply }) {
      const carriers = reply!.chunks.filter(usageOf)
      const [first] = carriers
      if (first === undefined) yield finding(reply!, '1 chunk with usage', '0')
      else if (carriers.length > 1) yield finding(carriers[1]!, '1 chunk with usage', carriers.length)
      else if (reply!.chunks.at(-1) !== first) yield finding(first, 'the last chunk', 'chunks after it')
      else if (first.value.choices === undefined)
        yield finding(first, 'choices: []', 'no choices', { requirement: 'OAI-CHAT-stream-usage' })
      else if (choicesOf(first).length > 0) {
        yield finding(first, 'choices: []', choicesOf(first), { requirement: 'OAI-CHAT-stream-usage' })
      }
    },
  },
  {
    id: 'openai-chat/usage/stream-null',
    title:
      'Chunks before the usage chunk carry usage null; without include_usage none carries a usage object',
    requirements: ['OAI-CHAT-stream-usage-null', 'TH-OAI-REQ-stream_options'],
    fix: 'Send usage: null in the other chunks; send no usage where it was not asked for.',
    ask: { asked: [USAGE_STREAM], plain: [chat({ stream: true })] },
    *judge({ asked, plain }) {
      const requirement = 'OAI-CHAT-stream-usage-null'
      const bare = asked!.chunks
        .slice(0, -1)
        .find((chunk) => !isForeign(chunk) && chunk.value.usage === undefined)
      if (bare !== undefined) yield finding(bare, 'usage: null', 'no key usage', { by: 'should' })
      const early = plain!.chunks.find(usageOf)
      if (early !== undefined) {
        yield finding(early.pointed('/usage'), 'no usage: it was not asked for', usageOf(early), {
          requirement,
        })
      }
    },
  },
  {
    id: 'openai-chat/usage/billing',
    title: 'total_tokens covers all choices (recorded only)',
    requirements: ['TH-OAI-RES-total-billing', 'TH-OAI-REQ-n-billing'],
    fix: 'Bill what usage says.',
    ask: { one: [chat()], two: [chat({ n: 2 })] },
    *judge({ one, two }) {
      yield note(
        two!.usage?.where ?? two!,
        `completion_tokens ${one!.usage?.completion} with n 1, ${two!.usage?.completion} with n 2`,
      )
    },
  },
]

/** `cached_token` is a misprint that hides cache billing from typed clients. */
function* spelling(view: ChatView): Iterable<Outcome> {
  const details = view.usage?.raw.prompt_tokens_details
  if (!isObject(details) || details.cached_token === undefined) return
  const where = view.pointed('/usage/prompt_tokens_details/cached_token')
  if (details.cached_tokens === undefined) {
    yield finding(where, 'cached_tokens', 'cached_token', { contradiction: 'C-01', by: 'should' })
  } else if (details.cached_tokens !== details.cached_token) {
    yield finding(where, `the same as cached_tokens: ${String(details.cached_tokens)}`, details.cached_token)
  }
}

/** Laws of every usage that comes, whatever was asked. */
export const usageRules: Rule<ChatView>[] = [
  {
    id: 'openai-chat/usage/total',
    title: 'total_tokens is prompt_tokens plus completion_tokens, in every usage',
    requirements: ['OAI-CHAT-res-usage-total', 'TH-OAI-RES-usage-total_tokens', 'PT-RES-usage'],
    fix: 'Compute total_tokens as prompt_tokens + completion_tokens, cached and reasoning tokens counted inside these two.',
    on: (view) => view.usage?.prompt !== undefined && view.usage.completion !== undefined,
    *judge(view) {
      const { usage } = view
      const sum = usage!.prompt! + usage!.completion!
      if (usage!.total !== sum) {
        yield finding(
          usage!.where,
          `total_tokens ${sum} (${usage!.prompt} + ${usage!.completion})`,
          usage!.total,
        )
      }
    },
  },
]
