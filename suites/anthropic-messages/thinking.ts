import type { JsonObject } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { asInteger, asString, dig } from '../core/dig.ts'
import { ask, ONE_CITY, WEATHER_TOOL } from './ask.ts'
import { isUnanswered, unanswered } from './cut.ts'
import type { Block } from './message.ts'
import { OFFICIAL, refusedWith400 } from './observed.ts'
import { stopFits } from './tools/choice.ts'
import type { MessagesView } from './view.ts'

/** The smallest budget that is legal, in tokens. */
const BUDGET = 1024
/** Tokens of an answer that thinks: the budget and room for what is said. */
export const ROOM = { limit: 1200 }
export const THINKING: JsonObject = { thinking: { type: 'enabled', budget_tokens: BUDGET } }
export const SUM = { prompt: 'What is 27 + 15? Think it over, then reply with the number only.', ...ROOM }

const WHOLE = ask(THINKING, SUM)
const STREAM = ask({ ...THINKING, stream: true }, SUM)
/** Forced choices exclude thinking: the prompt alone asks for the call. */
export const TOOLS: JsonObject = { ...THINKING, tools: [WEATHER_TOOL] }
export const CALL = ask({ ...TOOLS, stream: true }, { prompt: ONE_CITY, ...ROOM })

/** Every thinking block is signed, and stands before the first block of `kind`. The text itself may be withheld. */
function* sound(view: MessagesView, kind: 'text' | 'tool_use'): Iterable<Outcome> {
  const { blocks } = view.message!
  for (const block of view.thinking) yield* signed(block)
  const said = blocks.findIndex(({ type }) => type === kind)
  const thought = blocks.findIndex((block) => view.thinking.includes(block))
  if (said !== -1 && thought > said) {
    yield finding(blocks[thought]!.where, `thinking before the ${kind} that it leads to`, 'after it')
  }
}

function* signed({ type, raw, replay, where, signature }: Block): Iterable<Outcome> {
  if (type === 'redacted_thinking') {
    if (!asString(raw.data)) yield finding(where, 'data: a non-empty string', raw.data)
    return
  }
  if (asString(replay.thinking) === undefined) yield finding(where, 'thinking: a string', replay.thinking)
  if (signature === '') yield finding(where, 'a signature', replay.signature ?? 'none')
}

const thinks = (reply: MessagesView): boolean => reply.thinking.length > 0

export const thinking: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/thinking/reply',
    title: 'With thinking enabled, a signed thinking block stands before the text',
    requirements: [
      'ANT-THINK-block',
      'ANT-RES-block-thinking',
      'ANT-REQ-thinking',
      'ANT-REQ-thinking-budget_tokens',
    ],
    fix: 'Pass thinking on; return {type: "thinking", thinking, signature} before the text, signature as it came.',
    ask: { reply: [WHOLE] },
    elicit: { ask: 'reply', shows: thinks },
    judge: ({ reply }) => sound(reply!, 'text'),
  },
  {
    id: 'anthropic-messages/thinking/stream',
    title: 'A streamed thinking block comes in thinking_delta pieces and ends with its signature_delta',
    requirements: ['ANT-THINK-block', 'ANT-SSE-thinking', 'ANT-SSE-signature', 'ANT-RES-block-thinking'],
    fix: 'Forward thinking_delta and signature_delta as they come; close the block right after the signature.',
    ask: { reply: [STREAM] },
    elicit: { ask: 'reply', shows: thinks },
    *judge({ reply }) {
      yield* sound(reply!, 'text')
      for (const block of reply!.thinking) {
        const deltas = deltasOf(reply!, block)
        const at = deltas.findIndex(({ type }) => type === 'signature_delta')
        const late = at === -1 ? undefined : deltas[at + 1]
        if (late !== undefined) {
          yield finding(late.where, 'signature_delta as the last delta of its block', late.type)
        }
      }
    },
  },
  {
    id: 'anthropic-messages/thinking/budget',
    title: 'Thinking keeps to its budget (recorded only)',
    requirements: ['ANT-REQ-thinking-budget_tokens'],
    fix: 'Pass budget_tokens on; count the thinking in output_tokens.',
    ask: { reply: [WHOLE] },
    *judge({ reply }) {
      const { usage } = reply!
      const counted = asInteger(dig(usage?.raw, 'output_tokens_details', 'thinking_tokens'))
      const where = usage?.where ?? reply!
      if (counted !== undefined && usage?.output !== undefined && counted > usage.output) {
        yield finding(where, `thinking_tokens within output_tokens ${usage.output}`, counted, {
          requirement: 'ANT-RES-usage-optional',
        })
      } else yield note(where, `${counted ?? 'no count of'} thinking_tokens, budget ${BUDGET}`)
    },
  },
  {
    id: 'anthropic-messages/thinking/budget-beyond-limit',
    title: 'A budget that is not below max_tokens is refused with 400',
    requirements: ['ANT-THINK-budget'],
    fix: 'Answer 400 invalid_request_error; name thinking.budget_tokens.',
    needs: ['anthropic-messages/thinking/reply'],
    expects: 'any',
    ask: { reply: [ask({ thinking: { type: 'enabled', budget_tokens: 2048 } }, { ...SUM, limit: 1500 })] },
    judge: ({ reply }) => refusedWith400(reply!, 'budget_tokens 2048 with max_tokens 1500', OFFICIAL),
  },
  {
    id: 'anthropic-messages/thinking/disabled',
    title: 'With thinking disabled no thinking block comes',
    requirements: ['ANT-REQ-thinking'],
    fix: 'Pass thinking {type: "disabled"} on.',
    needs: ['anthropic-messages/thinking/reply'],
    ask: { reply: [ask({ thinking: { type: 'disabled' } }, SUM)] },
    *judge({ reply }) {
      const [block] = reply!.thinking
      if (block !== undefined) yield finding(block.where, 'no thinking block', block.type)
    },
  },
  {
    id: 'anthropic-messages/thinking/with-tools',
    title: 'Thinking that leads to a call stands before it, signed',
    requirements: ['ANT-THINK-block', 'ANT-SSE-signature'],
    fix: 'Keep thinking blocks in answers that call tools; close each before the next block starts.',
    needs: ['anthropic-messages/thinking/stream', 'anthropic-messages/tools/default-is-auto'],
    ask: { reply: [CALL] },
    elicit: { ask: 'reply', shows: (reply) => thinks(reply) && reply.toolUses.length > 0 },
    *judge({ reply }) {
      yield* sound(reply!, 'tool_use')
      if (isUnanswered(reply!)) yield* unanswered(reply!)
      else yield* stopFits(reply!)
    },
  },
]

function deltasOf(view: MessagesView, block: Block) {
  return view.chunks.flatMap((chunk) => {
    if (chunk.value.type !== 'content_block_delta' || chunk.value.index !== block.index) return []
    return [{ type: asString(dig(chunk.value, 'delta', 'type')) ?? 'none', where: chunk.pointed('/delta') }]
  })
}
