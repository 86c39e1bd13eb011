import type { Json } from '../../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../../core/check.ts'
import { ONE_CITY, TWO_CITIES, WEATHER_TOOL } from '../ask.ts'
import { cut, cutBeforeText, unanswered } from '../cut.ts'
import { wrongStop } from '../stop-words.ts'
import type { MessagesView } from '../view.ts'
import { ANY, ANY_STREAM, AUTO } from './choice.ts'
import { all, answerCalls, RESULT } from './replay.ts'

const TOOLS = { tools: [WEATHER_TOOL] }
const ANSWERED = answerCalls({ prompt: ONE_CITY, fields: TOOLS })

/** A text that ends by itself. */
export function* text(view: MessagesView): Iterable<Outcome> {
  const { message, stopReason } = view
  if (view.toolUses.length > 0) yield { inconclusive: 'the model called a tool again' }
  else if (cutBeforeText(view)) yield { inconclusive: 'the limit came before any text' }
  else if (stopReason === 'refusal') yield* unanswered(view)
  else if (view.content === '') yield finding(message!.where, 'a text answer after the tool result', 'none')
  else if (stopReason !== 'end_turn' && !cut(view)) yield* wrongStop(view, 'end_turn')
  else yield note(message!.where, view.content.slice(0, 60))
}

export const results: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/tools/second-turn',
    title: 'The answer with its calls, sent back as it came with a result for each, is answered with text',
    requirements: [
      'ANT-TOOL-replay',
      'ANT-TOOL-result-string',
      'ANT-REQ-messages-content-tool_use',
      'ANT-REQ-messages-content-tool_result',
      'TH-ANT-MSG-tool_use-id',
      'TH-ANT-MSG-tool_use-input',
      'TH-ANT-MSG-tool_use-name',
      'TH-ANT-MSG-tool_result-tool_use_id',
      'TH-ANT-MSG-tool_result-content',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Accept in history every block that you send in answers, followed by a user turn of tool_result blocks.',
    needs: ['anthropic-messages/tools/choice-any'],
    ask: { reply: [ANY, ANSWERED] },
    judge: ({ reply }) => text(reply!),
  },
  {
    id: 'anthropic-messages/tools/second-turn-stream',
    title: 'A streamed answer with calls, put together and sent back, is answered with a stream of text',
    requirements: [
      'ANT-TOOL-replay',
      'ANT-TOOL-result-string',
      'TH-ANT-MSG-tool_result-tool_use_id',
      'TH-ANT-MSG-tool_result-content',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Accept in the next turn the call that your own stream made.',
    needs: ['anthropic-messages/tools/stream'],
    ask: {
      reply: [ANY_STREAM, answerCalls({ prompt: ONE_CITY, fields: { ...TOOLS, stream: true } })],
    },
    judge: ({ reply }) => text(reply!),
  },
  {
    id: 'anthropic-messages/tools/result-used',
    title: 'The result of a tool reaches the model: its answer speaks of it',
    requirements: ['ANT-TOOL-result-string', 'TH-ANT-MSG-tool_result-content'],
    fix: 'Pass the content of tool_result blocks on, whole.',
    needs: ['anthropic-messages/tools/second-turn'],
    ask: { reply: [ANY, ANSWERED] },
    elicit: { ask: 'reply', shows: readIt },
    *judge({ reply }) {
      yield note(reply!.message!.where, 'the answer names the result')
    },
  },
  {
    id: 'anthropic-messages/tools/result-blocks',
    title: 'The content of a tool_result may be a list of text blocks, all of which reach the model',
    requirements: ['ANT-TOOL-result-blocks', 'TH-ANT-MSG-tool_result-content'],
    fix: 'Join all text blocks of a result, in order, for an upstream that takes one string.',
    needs: ['anthropic-messages/tools/second-turn'],
    ask: { reply: [ANY, answerCalls({ prompt: ONE_CITY, fields: TOOLS, after: all(BLOCKS()) })] },
    elicit: { ask: 'reply', shows: (reply) => readIt(reply) && /\bfog\b/i.test(reply.content) },
    judge: ({ reply }) => text(reply!),
  },
  {
    id: 'anthropic-messages/tools/result-error',
    title: 'A tool_result with is_error true is accepted, and the conversation goes on',
    requirements: ['ANT-TOOL-result-error', 'TH-ANT-MSG-tool_result-is_error', 'TPE-ANT-fields-undocumented'],
    fix: 'Accept is_error; pass the content on as the text of a failed call.',
    needs: ['anthropic-messages/tools/second-turn'],
    ask: {
      reply: [
        ANY,
        answerCalls({
          prompt: ONE_CITY,
          fields: TOOLS,
          after: all('The weather service cannot be reached.', { is_error: true }),
        }),
      ],
    },
    *judge({ reply }) {
      // Trying again is as good an answer as telling of the failure.
      if (reply!.toolUses.length > 0) yield note(reply!.message!.where, 'the model calls the tool again')
      else yield* text(reply!)
    },
  },
  {
    id: 'anthropic-messages/tools/result-without-content',
    title: 'A tool_result without content is accepted: the tool had nothing to say',
    requirements: ['ANT-TOOL-result-string'],
    fix: 'Do not demand content in tool_result.',
    needs: ['anthropic-messages/tools/second-turn'],
    ask: {
      reply: [
        ANY,
        answerCalls({
          prompt: ONE_CITY,
          fields: TOOLS,
          after: (ids) => [
            { role: 'user', content: ids.map((id): Json => ({ type: 'tool_result', tool_use_id: id })) },
          ],
        }),
      ],
    },
    *judge({ reply }) {
      const { message, stopReason } = reply!
      // What to say to nothing is up to the model: a text, another call, or an empty turn.
      if (stopReason === undefined || stopReason === null) {
        yield finding(message!.stopWhere, 'a stop_reason', stopReason ?? 'none')
      } else yield note(message!.stopWhere, stopReason)
    },
  },
  {
    id: 'anthropic-messages/tools/parallel-results',
    title:
      'The results of all calls of a turn are accepted in one user turn, in any order, with text behind them',
    requirements: [
      'ANT-TOOL-results-together',
      'ANT-TOOL-interleaved',
      'TH-ANT-MSG-tool_result-tool_use_id',
      'TH-ANT-MSG-tool_result-content',
    ],
    fix: 'Match results to calls by tool_use_id, not by position; keep the text behind them.',
    needs: ['anthropic-messages/tools/parallel', 'anthropic-messages/tools/second-turn'],
    ask: {
      reply: [
        AUTO,
        answerCalls({
          prompt: TWO_CITIES,
          fields: TOOLS,
          calls: 2,
          after: (ids) => {
            const [turn] = all()(ids.toReversed())
            const { content } = turn as { content: Json[] }
            return [{ role: 'user', content: [...content, { type: 'text', text: BEHIND }] }]
          },
        }),
      ],
    },
    judge: ({ reply }) => text(reply!),
  },
]

const BEHIND = 'Answer in one short sentence.'

function BLOCKS(): Json {
  return [
    { type: 'text', text: `The weather: ${RESULT}.` },
    { type: 'text', text: 'Tomorrow: fog.' },
  ]
}

function readIt(reply: MessagesView): boolean {
  return /sleet/i.test(reply.content)
}
