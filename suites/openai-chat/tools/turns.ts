import type { Exchange, Json, JsonObject } from '../../../reports/record/types.ts'
import { type Check, finding, note } from '../../core/check.ts'
import type { Blocked, Probe, Step } from '../../core/probe.ts'
import { CLEAN } from '../../requests/clean.ts'
import { chat, ONE_CITY, TWO_CITIES, WEATHER_TOOL } from '../ask.ts'
import { cutBeforeText } from '../finish.ts'
import { ChatView } from '../view.ts'
import { TWO_CALLS } from './calls.ts'
import { REQUIRED, REQUIRED_STREAM } from './choice.ts'

/** A word that no model says by itself: an answer that has it has read the result. */
const RESULT = 'sleet, 3 degrees'

const user = (content: string): JsonObject => ({ role: 'user', content })

/** The next turn: the assistant's message as `shape` gives it, and a result for each of its calls. */
function answerCalls(
  prompt: string,
  fields: JsonObject,
  shape: (view: ChatView) => JsonObject,
  results: (ids: string[]) => Json[] = (ids) =>
    ids.map((id) => ({ role: 'tool', tool_call_id: id, content: RESULT })),
): Step {
  return (sofar: Exchange[]): Probe | Blocked => {
    const view = new ChatView(sofar[0]!)
    const ids = view.choice?.toolCalls.map((call) => call.id ?? '') ?? []
    if (ids.length === 0) return { blocked: 'the first turn had no tool call' }
    return chat(fields, { messages: [user(prompt), shape(view), ...results(ids)] })
  }
}

/** What every document shows: role, content null, tool_calls. */
const bare = (view: ChatView): JsonObject => ({
  role: 'assistant',
  content: null,
  tool_calls: (view.choice!.message.tool_calls as Json) ?? [],
})

function* text(view: ChatView) {
  const { choice } = view
  if (choice!.toolCalls.length > 0) yield { inconclusive: 'the model called a tool again' }
  else if (cutBeforeText(view)) yield { inconclusive: 'the limit came before any text' }
  else if (view.content === '') yield finding(choice!.where, 'a text answer after the tool result', 'none')
  else if (choice!.finish !== 'stop' && choice!.finish !== 'length') {
    yield finding(choice!.finishes[0]?.where ?? choice!.where, 'finish_reason stop', choice!.finish ?? 'none')
  } else if (!/sleet/i.test(view.content)) yield note(choice!.where, 'the answer does not name the result')
}

const TOOLS = { tools: [WEATHER_TOOL] }

export const turns: Check<ChatView>[] = [
  {
    id: 'openai-chat/tools/second-turn',
    title: 'The turn with tool results is answered with text',
    requirements: [
      'OAI-CHAT-tool-result',
      'OAI-CHAT-msg-tool_calls',
      'OAI-CHAT-msg-tool_call_id',
      'TH-OAI-TOOL-result-turn',
      'TH-OAI-MSG-role-tool',
      'TH-OAI-MSG-role-assistant',
    ],
    fix: 'Accept assistant turns with tool_calls (content null) followed by role tool messages.',
    needs: ['openai-chat/tools/required'],
    ask: { reply: [REQUIRED, answerCalls(ONE_CITY, TOOLS, bare)] },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/second-turn-stream',
    title: 'The turn with tool results can be streamed, after a streamed call',
    requirements: [
      'OAI-CHAT-tool-result',
      'OAI-CHAT-msg-tool_calls',
      'OAI-CHAT-msg-tool_call_id',
      'TH-OAI-TOOL-result-turn',
    ],
    fix: 'Accept in the next turn the call that your own stream made.',
    needs: ['openai-chat/tools/stream'],
    ask: {
      reply: [
        REQUIRED_STREAM,
        answerCalls(ONE_CITY, { ...TOOLS, stream: true }, (view) => view.choice!.message),
      ],
    },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/replay-own-message',
    title: 'The assistant message is accepted back with every field that the gateway itself put into it',
    requirements: [
      'OAI-CHAT-tool-result',
      'OAI-CHAT-msg-tool_calls',
      'OAI-CHAT-msg-tool_call_id',
      'TH-OAI-TOOL-result-turn',
    ],
    fix: 'Accept in history what you send in answers (refusal, annotations, reasoning_content …).',
    needs: ['openai-chat/tools/second-turn'],
    ask: { reply: [REQUIRED, answerCalls(ONE_CITY, TOOLS, (view) => view.choice!.message)] },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/content-and-calls',
    title: 'An assistant message with both text and tool_calls is accepted in history',
    requirements: [
      'OAI-CHAT-tool-result',
      'OAI-CHAT-msg-tool_calls',
      'OAI-CHAT-msg-tool_call_id',
      'TH-OAI-TOOL-result-turn',
    ],
    fix: 'Accept content beside tool_calls.',
    needs: ['openai-chat/tools/second-turn'],
    ask: {
      reply: [
        REQUIRED,
        answerCalls(ONE_CITY, TOOLS, (view) => ({ ...bare(view), content: 'Let me look that up.' })),
      ],
    },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/parallel-results',
    title: 'Results of all calls of one turn are accepted, in any order',
    requirements: [
      'OAI-CHAT-tool-result',
      'OAI-CHAT-msg-tool_calls',
      'OAI-CHAT-msg-tool_call_id',
      'TH-OAI-TOOL-result-turn',
    ],
    fix: 'Match tool messages to calls by tool_call_id, not by position.',
    needs: ['openai-chat/tools/parallel', 'openai-chat/tools/second-turn'],
    ask: {
      reply: [
        chat({ ...TOOLS, tool_choice: 'auto' }, { prompt: TWO_CITIES, limit: TWO_CALLS }),
        answerCalls(TWO_CITIES, TOOLS, bare, (ids) =>
          ids.toReversed().map((id) => ({ role: 'tool', tool_call_id: id, content: RESULT })),
        ),
      ],
    },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/result-without-tools',
    title: 'The turn with results is accepted without the tools array, as the documents’ own sample sends it',
    requirements: ['TH-OAI-TOOL-result-without-tools'],
    fix: 'Do not demand tools in a request whose history has tool calls.',
    needs: ['openai-chat/tools/second-turn'],
    ask: { reply: [REQUIRED, answerCalls(ONE_CITY, {}, bare)] },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/reasoning-replay',
    title: 'An assistant turn with reasoning_content is accepted in history',
    requirements: ['TH-OAI-TOOL-reasoning-replay'],
    fix: 'Accept reasoning_content in assistant messages, or strip it before the upstream.',
    needs: ['openai-chat/tools/second-turn'],
    ask: {
      reply: [
        REQUIRED,
        answerCalls(ONE_CITY, TOOLS, (view) => ({ ...bare(view), reasoning_content: 'The tool knows.' })),
      ],
    },
    *judge({ reply }) {
      yield* text(reply!)
    },
  },
  {
    id: 'openai-chat/tools/unknown-call-id',
    title: 'A tool message whose tool_call_id answers no call is refused or answered, never with a 5xx',
    requirements: ['OAI-CHAT-tool-result-unmatched', 'TH-OAI-TOOL-result-turn'],
    fix: 'Answer 400 with the envelope; name messages and tool_call_id.',
    needs: ['openai-chat/tools/second-turn'],
    expects: 'any',
    ask: {
      reply: [
        REQUIRED,
        answerCalls(ONE_CITY, TOOLS, bare, () => [
          { role: 'tool', tool_call_id: 'call_of_nobody', content: RESULT },
        ]),
      ],
    },
    *judge({ reply }) {
      if (reply!.status >= 500 || reply!.status === 0) {
        yield finding(reply!.statusPlace, 'status 400', `status ${reply!.status}`, { requirement: CLEAN })
      } else yield note(reply!.statusPlace, `status ${reply!.status}`)
    },
  },
]
