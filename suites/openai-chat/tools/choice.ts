import { type Check, finding, type Outcome } from '../../core/check.ts'
import { chat, ONE_CITY, TIME_TOOL, WEATHER_TOOL } from '../ask.ts'
import { cut, cutBeforeText, wrongFinish } from '../finish.ts'
import type { ChatView } from '../view.ts'
import { soundArguments } from './arguments.ts'

/** A call that the limit cut need not be whole: it says nothing about the gateway. */
export const CUT = 'the limit cut the call'

/** tool_choice in its four forms, each on a prompt that leaves no doubt about the right tool. */

export const REQUIRED = chat({ tools: [WEATHER_TOOL], tool_choice: 'required' }, { prompt: ONE_CITY })
export const REQUIRED_STREAM = chat(
  { stream: true, tools: [WEATHER_TOOL], tool_choice: 'required' },
  { prompt: ONE_CITY },
)
const AUTO = chat({ tools: [WEATHER_TOOL], tool_choice: 'auto' }, { prompt: ONE_CITY })

/** `stop` beside tool calls ends a client's loop too early, but every document's own readers look at the calls. */
function* finishFits(view: ChatView): Iterable<Outcome> {
  const choice = view.choice!
  if (choice.finish === 'tool_calls') return
  if (choice.finish !== 'stop') yield* wrongFinish(choice, 'tool_calls')
  else {
    const where = choice.finishes[0]?.where ?? choice.where
    yield finding(where, 'finish_reason tool_calls', 'stop', { by: 'should' })
  }
}

const NAMED = chat(
  { tools: [WEATHER_TOOL, TIME_TOOL], tool_choice: { type: 'function', function: { name: 'get_time' } } },
  { prompt: ONE_CITY },
)

export const choices: Check<ChatView>[] = [
  {
    id: 'openai-chat/tools/required',
    title: 'tool_choice "required" makes the model call a tool, with arguments that its schema allows',
    requirements: [
      'OAI-CHAT-tool-required',
      'TH-OAI-REQ-tools',
      'TH-OAI-REQ-tool_choice-required',
      'OAI-CHAT-finish-tool_calls',
      'TH-OAI-RES-finish-tool_calls',
      'TH-OAI-TOOL-call-turn',
    ],
    fix: 'Pass tools and tool_choice on; return message.tool_calls and finish_reason tool_calls.',
    ask: { reply: [REQUIRED] },
    *judge({ reply }) {
      const [call] = reply!.choice!.toolCalls
      if (cut(reply!)) {
        yield { inconclusive: CUT }
        return
      }
      if (call === undefined) {
        yield finding(reply!.choice!.where, 'at least one tool call', reply!.content || 'none')
        return
      }
      if (call.name !== 'get_weather') yield finding(call.where, 'a call of get_weather', call.name)
      yield* soundArguments(call, WEATHER_TOOL)
      if (!call.id) yield finding(call.where, 'a tool call id', call.id)
      if (call.type !== 'function') yield finding(call.where, 'type "function"', call.type)
      yield* finishFits(reply!)
    },
  },
  {
    id: 'openai-chat/tools/named',
    title: 'A named tool_choice makes the model call that tool and no other',
    requirements: ['OAI-CHAT-tool-named', 'TH-OAI-REQ-tool_choice-named'],
    fix: 'Pass the object form of tool_choice on unchanged.',
    ask: { reply: [NAMED] },
    *judge({ reply }) {
      const { toolCalls: calls, finish } = reply!.choice!
      const names = calls.map((call) => call.name)
      if (calls.length === 0 && cut(reply!)) yield { inconclusive: CUT }
      else if (calls.length === 0 || names.some((name) => name !== 'get_time')) {
        yield finding(calls[0]?.where ?? reply!.choice!.where, 'calls of get_time only', names)
      } else if (cut(reply!)) yield { inconclusive: CUT }
      // `stop` is what real OpenAI sends for a named choice.
      else if (finish !== 'stop') yield* finishFits(reply!)
    },
  },
  {
    id: 'openai-chat/tools/named-finish',
    title: 'The call that a named tool_choice forces ends with finish_reason tool_calls',
    requirements: ['TH-OAI-REQ-tool_choice-named', 'TH-OAI-RES-finish-tool_calls'],
    fix: 'Report tool_calls wherever tools are to be called.',
    needs: ['openai-chat/tools/named'],
    ask: { reply: [NAMED] },
    judge: ({ reply }) => finishFits(reply!),
  },
  {
    id: 'openai-chat/tools/none',
    title: 'tool_choice "none" forbids calls, and the model answers with text',
    requirements: ['OAI-CHAT-tool-none', 'TH-OAI-REQ-tool_choice-none'],
    fix: 'Pass tool_choice "none" on, or drop the tools; leave the text as the model wrote it.',
    ask: { reply: [chat({ tools: [WEATHER_TOOL], tool_choice: 'none' }, { prompt: ONE_CITY })] },
    *judge({ reply }) {
      const { toolCalls, finish, finishes, where, refusal } = reply!.choice!
      if (toolCalls.length > 0) yield finding(toolCalls[0]!.where, 'no tool call', toolCalls[0]!.name)
      if (finish === 'tool_calls') yield finding(finishes[0]?.where ?? where, 'another finish_reason', finish)
      else if (toolCalls.length > 0 || reply!.content !== '' || refusal !== null) return
      else if (cutBeforeText(reply!)) yield { inconclusive: 'the limit came before any text' }
      else yield finding(where, 'a text in place of a call', 'neither text nor call')
    },
  },
  {
    id: 'openai-chat/tools/none-without-tools',
    title: 'tool_choice "none" without tools is accepted',
    requirements: ['OAI-CHAT-tool-none'],
    fix: 'Do not demand tools for tool_choice "none".',
    ask: { reply: [chat({ tool_choice: 'none' })] },
    *judge({ reply }) {
      if (reply!.choice!.toolCalls.length > 0) yield finding(reply!.choice!.where, 'no tool call', 'one')
    },
  },
  {
    id: 'openai-chat/tools/auto',
    title: 'tool_choice "auto" lets the model call a tool where the prompt asks for it',
    requirements: ['OAI-CHAT-tool-auto', 'TH-OAI-REQ-tool_choice-auto'],
    fix: 'Pass tools and tool_choice "auto" on; return the calls of the model.',
    ask: { reply: [AUTO] },
    elicit: { ask: 'reply', shows: (reply) => (reply.choice?.toolCalls.length ?? 0) > 0 },
    *judge({ reply }) {
      if (cut(reply!)) {
        yield { inconclusive: CUT }
        return
      }
      yield* soundArguments(reply!.choice!.toolCalls[0]!, WEATHER_TOOL)
      yield* finishFits(reply!)
    },
  },
  {
    id: 'openai-chat/tools/default-is-auto',
    title: 'tools without tool_choice behave as with "auto"',
    requirements: ['OAI-CHAT-tool-auto', 'TH-OAI-REQ-tool_choice-auto', 'TH-OAI-REQ-tools'],
    fix: 'Leave tool_choice out where the client left it out.',
    ask: { reply: [chat({ tools: [WEATHER_TOOL] }, { prompt: ONE_CITY })] },
    elicit: { ask: 'reply', shows: (reply) => (reply.choice?.toolCalls.length ?? 0) > 0 },
    *judge({ reply }) {
      if (cut(reply!)) yield { inconclusive: CUT }
      else yield* finishFits(reply!)
    },
  },
  {
    id: 'openai-chat/tools/no-markup',
    title: 'A tool call comes as tool_calls, and no markup of it stands in the text',
    requirements: ['OAI-CHAT-tool-arguments', 'OAI-CHAT-res-message-tool_calls', 'TH-OAI-TOOL-call-turn'],
    fix: 'Parse the model’s tool markup and remove it from content.',
    ask: { whole: [REQUIRED], stream: [REQUIRED_STREAM] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        const found = /<\/?(?:tool_call|function_calls?|invoke|minimax:tool_call)\b|functools\[|<\|tool/.exec(
          view.content,
        )
        if (found !== null) {
          yield finding(view.choice!.where, 'content without tool markup', view.content)
        } else if (view.choice!.finish === 'tool_calls' && view.choice!.toolCalls.length === 0) {
          yield finding(view.choice!.where, 'tool calls beside finish_reason tool_calls', 'none')
        }
      }
    },
  },
]
