import type { Json } from '../../../reports/record/types.ts'
import type { Check, Ground } from '../../core/check.ts'
import { ONE_CITY, TWO_CITIES, WEATHER_TOOL } from '../ask.ts'
import { OFFICIAL, onlyObserved, refusedWith400 } from '../observed.ts'
import type { MessagesView } from '../view.ts'
import { ANY, AUTO } from './choice.ts'
import { answerCalls, result, user } from './replay.ts'

const FIELDS = { tools: [WEATHER_TOOL] }
const NEEDS = ['anthropic-messages/tools/second-turn']
const OK: Json = { type: 'text', text: 'Never mind. Reply with the single word OK.' }

const answered = (after: (ids: string[]) => Json[]) => [
  ANY,
  answerCalls({ prompt: ONE_CITY, fields: FIELDS, after }),
]

/** Results that do not fit the calls before them. Each has one fault; all else is as in the second turn. */
export function mismatched({ level }: Ground): Check<MessagesView>[] {
  const unknownIsRefused = level(['ANT-TOOL-result-unknown']) !== undefined
  return [
    {
      id: 'anthropic-messages/tools/missing-result',
      title: 'A call without a result in the next turn is refused with 400',
      requirements: ['ANT-TOOL-result-missing'],
      fix: 'Answer 400 invalid_request_error; name the id that has no result.',
      needs: NEEDS,
      expects: 'any',
      ask: { reply: answered(() => [user([OK])]) },
      judge: ({ reply }) => refusedWith400(reply!, 'a call without its result', OFFICIAL),
    },
    {
      id: 'anthropic-messages/tools/duplicate-result',
      title: 'Two results for one call are refused or answered, never with a 5xx',
      requirements: ['ANT-TOOL-result-duplicate'],
      fix: 'Answer 400 invalid_request_error; name the id that has two results.',
      needs: NEEDS,
      expects: 'any',
      ask: { reply: answered((ids) => [user([...ids, ids[0]!].map((id) => result(id)))]) },
      judge: ({ reply }) => onlyObserved(reply!, 'two results for one call'),
    },
    {
      id: 'anthropic-messages/tools/unknown-result',
      title: unknownIsRefused
        ? 'A result whose tool_use_id answers no call is refused with 400'
        : 'A result whose tool_use_id answers no call is refused or answered, never with a 5xx',
      requirements: ['ANT-TOOL-result-unknown', 'TH-ANT-MSG-tool_result-tool_use_id'],
      fix: 'Answer 400 invalid_request_error; name messages and tool_use_id.',
      needs: NEEDS,
      expects: 'any',
      ask: { reply: answered((ids) => [user([...ids, 'toolu_of_nobody'].map((id) => result(id)))]) },
      judge: ({ reply }) =>
        unknownIsRefused
          ? refusedWith400(reply!, 'a result for no call', OFFICIAL)
          : onlyObserved(reply!, 'a result for no call'),
    },
    {
      id: 'anthropic-messages/tools/text-before-results',
      title: 'Text before the results in the same user turn is refused with 400',
      requirements: ['ANT-TOOL-results-first'],
      fix: 'Answer 400 invalid_request_error; results come first in their turn.',
      needs: NEEDS,
      expects: 'any',
      ask: {
        reply: answered((ids) => [
          user([{ type: 'text', text: 'Here is the weather:' }, ...ids.map((id) => result(id))]),
        ]),
      },
      judge: ({ reply }) => refusedWith400(reply!, 'text before a tool_result', OFFICIAL),
    },
    {
      id: 'anthropic-messages/tools/split-results',
      title: 'Results of one turn in two user messages are one turn, or refused, never a 5xx',
      requirements: ['ANT-TOOL-results-split'],
      fix: 'Take user messages in a row together as one turn.',
      needs: ['anthropic-messages/tools/parallel-results'],
      expects: 'any',
      ask: {
        reply: [
          AUTO,
          answerCalls({
            prompt: TWO_CITIES,
            fields: FIELDS,
            calls: 2,
            after: (ids) => ids.map((id) => user([result(id)])),
          }),
        ],
      },
      judge: ({ reply }) => onlyObserved(reply!, 'results in two user messages'),
    },
  ]
}
