import { type Check, finding, type Outcome } from '../../core/check.ts'
import { ask, WEATHER_TOOL } from '../ask.ts'
import { CUT, cut } from '../cut.ts'
import type { MessagesView } from '../view.ts'
import { AUTO, FREE, stopFits, TWO } from './choice.ts'
import { soundInput } from './input.ts'

/** One call at most, where two would come. */
export const SINGLE = ask(
  { tools: [WEATHER_TOOL], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
  TWO,
)

/** The probe that shows several calls. */
export const PARALLEL = AUTO
const STREAM = ask({ ...FREE, stream: true }, TWO)

/** Every call of a turn can be told from the others and has an input of its own. */
function* soundCalls(view: MessagesView): Iterable<Outcome> {
  const { toolUses: calls } = view
  const partial = cut(view)
  if (partial) yield { inconclusive: CUT }
  const ids = calls.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) yield finding(calls[0]!.where, 'a different id for each call', ids)
  for (const call of partial ? calls.slice(0, -1) : calls) yield* soundInput(call, WEATHER_TOOL)
  if (!partial) yield* stopFits(view)
}

const several = (reply: MessagesView): boolean => reply.toolUses.length > 1

export const parallel: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/tools/parallel',
    title: 'Several calls in one turn are a block each, with different ids and an input of their own',
    requirements: [
      'ANT-TOOL-parallel',
      'TH-ANT-MSG-tool_use-id',
      'TH-ANT-MSG-tool_use-input',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Give every call of a turn a block, an id and an input of its own.',
    ask: { reply: [PARALLEL] },
    elicit: { ask: 'reply', shows: several },
    judge: ({ reply }) => soundCalls(reply!),
  },
  {
    id: 'anthropic-messages/tools/parallel-stream',
    title: 'Several streamed calls are a block each, one after the other, with partial JSON of their own',
    requirements: [
      'ANT-TOOL-parallel',
      'ANT-SSE-partial-json',
      'TH-ANT-SSE-content_block_start',
      'TH-ANT-MSG-tool_use-input',
    ],
    fix: 'Close the block of one call before the next one starts, under the next index.',
    ask: { reply: [STREAM] },
    elicit: { ask: 'reply', shows: several },
    judge: ({ reply }) => soundCalls(reply!),
  },
  {
    id: 'anthropic-messages/tools/disable-parallel',
    title: 'disable_parallel_tool_use gives at most one call a turn',
    requirements: ['ANT-TOOL-disable-parallel', 'ANT-REQ-tool_choice-disable_parallel_tool_use'],
    fix: 'Pass tool_choice.disable_parallel_tool_use on; for another upstream, translate it.',
    needs: ['anthropic-messages/tools/parallel'],
    ask: { reply: [SINGLE] },
    *judge({ reply }) {
      const second = reply!.toolUses[1]
      if (second !== undefined)
        yield finding(second.where, 'at most 1 tool_use block', reply!.toolUses.length)
    },
  },
  {
    id: 'anthropic-messages/tools/disable-parallel-ignored',
    title: 'disable_parallel_tool_use is accepted where the document says that it is ignored',
    requirements: ['TH-ANT-NOTE-parallel', 'TH-ANT-TOOLCHOICE-disable_parallel_tool_use'],
    fix: 'Ignore the field; do not refuse it.',
    needs: ['anthropic-messages/tools/choice-auto'],
    ask: { reply: [SINGLE] },
    judge: ({ reply }) => (several(reply!) ? soundCalls(reply!) : []),
  },
]
