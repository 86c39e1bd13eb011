import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import { readJson } from '../core/json.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import { WEATHER_TOOL as CHAT_TOOL, chat, LONG, ONE_CITY, PLAIN } from '../openai-chat/ask.ts'
import { ChatView } from '../openai-chat/view.ts'
import { ask, WEATHER_TOOL } from './ask.ts'
import { CUT_AT } from './stops.ts'
import { MessagesView } from './view.ts'

const SAID = 'Zürich, 東京 – "alpha" 7310 🚀 café'
const ECHO = `Reply with exactly this text and nothing else: ${SAID}`

/** The same conversation, asked in both dialects of one gateway. */
interface Pair {
  chat: Probe
  messages: Probe
}

const PLAIN_PAIR: Pair = { chat: chat({}, { prompt: PLAIN }), messages: ask({}, { prompt: PLAIN }) }
const ECHO_PAIR: Pair = { chat: chat({}, { prompt: ECHO }), messages: ask({}, { prompt: ECHO }) }
const CUT_PAIR: Pair = {
  chat: chat({}, { prompt: LONG, limit: CUT_AT }),
  messages: ask({}, { prompt: LONG, limit: CUT_AT }),
}
const CALL_PAIR: Pair = {
  chat: chat({ tools: [CHAT_TOOL], tool_choice: 'required' }, { prompt: ONE_CITY }),
  messages: ask({ tools: [WEATHER_TOOL], tool_choice: { type: 'any' } }, { prompt: ONE_CITY }),
}

/** What finish_reason and stop_reason mean alike. */
const MEANINGS: Record<string, string[]> = {
  stop: ['end_turn', 'stop_sequence'],
  length: ['max_tokens', 'model_context_window_exceeded'],
  tool_calls: ['tool_use'],
  content_filter: ['refusal'],
}

/** Tokens by which two templates of one conversation may differ, and the share of a longer one. */
const SLACK = 12
const SHARE = 0.25

/** What must agree where one gateway serves the same conversation in both dialects. */
export const equivalence: Check<StreamView>[] = [
  question('text', 'Both dialects give the same text for the same order', ECHO_PAIR, function* (one, other) {
    const [first, second] = [one.content.trim(), other.content.trim()]
    if (first === second) return
    const broken = [one, other].find((view) => view.content.trim() !== SAID)!
    const right = broken === one ? second : first
    const got = broken.content.trim()
    const lost = right === SAID && (got === '' || SAID.startsWith(got) || got === SAID + SAID)
    if (lost) yield finding(broken, SAID, got || 'no text')
    else yield { inconclusive: `the model did not repeat the text twice: ${first} / ${second}`.slice(0, 200) }
  }),
  question('tools', 'Both dialects give the same call for the same tool', CALL_PAIR, function* (one, other) {
    const [call, use] = [one.choice?.toolCalls[0], other.toolUses[0]]
    if (call === undefined || use === undefined) {
      yield { inconclusive: 'the tool was not called in both' }
      return
    }
    if (call.name !== use.name) yield finding(use.where, `a call of ${call.name}`, use.name)
    const args = readJson(call.arguments ?? '').value
    if (keysOf(args) !== keysOf(use.input)) {
      yield finding(use.where, `input with the keys ${keysOf(args)}, as the arguments of Chat`, use.input)
    } else yield note(use.where, `${call.arguments} / ${JSON.stringify(use.input)}`)
  }),
  question(
    'usage',
    'Both dialects count the same tokens, each by its own rules',
    PLAIN_PAIR,
    function* (one, other) {
      const [told, counted] = [one.usage, other.usage]
      if (told?.prompt === undefined || counted?.input === undefined) return
      // Chat counts cached tokens in the prompt, Messages beside the input.
      const input = counted.input + (counted.cacheCreation ?? 0) + (counted.cacheRead ?? 0)
      if (far(input, told.prompt)) {
        yield finding(
          counted.where,
          `about ${told.prompt} input tokens, cached ones with them, as in Chat`,
          input,
        )
      }
      const thought = (one.choice?.reasoning ?? '') !== '' || other.thinking.length > 0
      if (thought || told.completion === undefined || counted.output === undefined) return
      if (one.content.trim() === other.content.trim() && far(counted.output, told.completion)) {
        yield finding(counted.where, `about ${told.completion} output tokens, as in Chat`, counted.output)
      }
    },
  ),
  stops('plain', 'A finished answer', PLAIN_PAIR),
  stops('cut', 'An answer that the limit cuts', CUT_PAIR),
  stops('call', 'An answer that calls a tool', CALL_PAIR),
]

type Judge = (one: ChatView, other: MessagesView) => Iterable<Outcome>

function question(name: string, title: string, pair: Pair, judge: Judge): Check<StreamView> {
  return {
    id: `anthropic-messages/equivalence/${name}`,
    title,
    requirements: [`ANT-EQUIV-${name.split('-')[0]}`],
    fix: 'Make both dialects from the same request to the model and the same answer of it.',
    also: ['openai-chat'],
    needs: ['anthropic-messages/plain/reply', 'openai-chat/plain/reply'],
    ask: { chat: [pair.chat], messages: [pair.messages] },
    *judge({ chat: one, messages: other }) {
      if (one instanceof ChatView && other instanceof MessagesView) yield* judge(one, other)
    },
  }
}

function stops(name: string, what: string, pair: Pair): Check<StreamView> {
  const title = `${what} is said to have ended alike in both dialects`
  return question(`stop-${name}`, title, pair, function* (one, other) {
    const { finish } = one.choice!
    const means = MEANINGS[finish ?? '']
    if (means === undefined || typeof other.stopReason !== 'string') return
    // What the limit cut in one may have fitted into it in the other: a word more or less is the model's.
    if ((finish === 'length') !== (other.stopReason === 'max_tokens') && pair === PLAIN_PAIR) {
      yield { inconclusive: 'the limit cut one of the two answers' }
    } else if (!means.includes(other.stopReason)) {
      yield finding(
        other.message!.stopWhere,
        `${means.join(' or ')}, as Chat says ${finish}`,
        other.stopReason,
      )
    }
  })
}

function far(one: number, other: number): boolean {
  return Math.abs(one - other) > Math.max(SLACK, other * SHARE)
}

function keysOf(value: Json | undefined): string {
  return isObject(value) ? Object.keys(value).sort().join(', ') : 'none'
}
