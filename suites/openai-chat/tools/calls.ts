import { type Check, finding, note, type Outcome } from '../../core/check.ts'
import { isObject } from '../../core/dig.ts'
import { chat, STATUS_TOOL, TWO_CITIES, WEATHER_TOOL } from '../ask.ts'
import { choicesOf } from '../chunk.ts'
import { cut } from '../finish.ts'
import type { ChatView } from '../view.ts'
import { argumentsOf, soundArguments, unfitArguments, wrongArguments } from './arguments.ts'
import { CUT, REQUIRED, REQUIRED_STREAM } from './choice.ts'

const NOTE_TEXT = 'Grüße, 世界! "quoted"\nsecond line 👋'
const NOTE_TOOL = {
  type: 'function',
  function: {
    name: 'save_note',
    description: 'Save a note with exactly the given text.',
    parameters: {
      type: 'object',
      properties: { text: { type: 'string', description: 'The text of the note' } },
      required: ['text'],
      additionalProperties: false,
    },
  },
}

/** Tokens that two calls may cost where a model writes them at length. */
export const TWO_CALLS = 128
const PARALLEL = { tools: [WEATHER_TOOL], tool_choice: 'auto' }
const TRUNCATED = { tools: [NOTE_TOOL], tool_choice: 'required' }
const LONG_NOTE = `Save a note with this text: "${'one two three four five six seven eight nine ten '.repeat(4).trim()}"`

function distinct(values: unknown[]): boolean {
  return new Set(values).size === values.length
}

/** Every call of a turn can be told from the others and carries valid arguments. */
function* soundCalls(view: ChatView): Iterable<Outcome> {
  const calls = view.choice!.toolCalls
  const partial = cut(view)
  if (partial) yield { inconclusive: CUT }
  if (!distinct(calls.map((call) => call.id))) {
    yield finding(
      calls[0]!.where,
      'a different id for each call',
      calls.map((call) => call.id),
    )
  }
  for (const call of partial ? calls.slice(0, -1) : calls) {
    yield* soundArguments(call, WEATHER_TOOL)
  }
}

export const calls: Check<ChatView>[] = [
  {
    id: 'openai-chat/tools/parallel',
    title: 'Several calls in one turn have different ids and valid arguments each',
    requirements: [
      'OAI-CHAT-tool-parallel',
      'OAI-CHAT-req-parallel_tool_calls',
      'TH-OAI-REQ-parallel_tool_calls',
      'TH-OAI-TOOL-call-turn',
    ],
    fix: 'Give every call of a turn its own id and its own arguments.',
    ask: { reply: [chat(PARALLEL, { prompt: TWO_CITIES, limit: TWO_CALLS })] },
    elicit: { ask: 'reply', shows: (reply) => (reply.choice?.toolCalls.length ?? 0) > 1 },
    *judge({ reply }) {
      yield* soundCalls(reply!)
    },
  },
  {
    id: 'openai-chat/tools/parallel-stream',
    title: 'Several streamed calls keep apart by index, with different ids and valid arguments',
    requirements: [
      'OAI-CHAT-stream-tool-arguments',
      'OAI-CHAT-stream-tool-head',
      'OAI-CHAT-stream-tool-index',
      'TH-OAI-REQ-parallel_tool_calls',
      'TH-OAI-TOOL-call-turn',
    ],
    fix: 'Number the calls of a turn 0, 1, 2 … and repeat a call’s index on each of its fragments.',
    ask: { reply: [chat({ ...PARALLEL, stream: true }, { prompt: TWO_CITIES, limit: TWO_CALLS })] },
    elicit: { ask: 'reply', shows: (reply) => callsOffered(reply) > 1 },
    *judge({ reply }) {
      const calls = reply!.choice!.toolCalls
      if (calls.length < callsOffered(reply!)) {
        yield finding(
          calls[0]?.where ?? reply!,
          `${callsOffered(reply!)} calls with an index each`,
          calls.map((call) => call.index),
        )
        return
      }
      yield* soundCalls(reply!)
    },
  },
  {
    id: 'openai-chat/tools/parallel-off',
    title: 'parallel_tool_calls: false gives at most one call a turn',
    requirements: [
      'OAI-CHAT-tool-parallel',
      'OAI-CHAT-req-parallel_tool_calls',
      'TH-OAI-REQ-parallel_tool_calls',
    ],
    fix: 'Pass parallel_tool_calls on also where it is false.',
    needs: ['openai-chat/tools/parallel'],
    ask: {
      reply: [chat({ ...PARALLEL, parallel_tool_calls: false }, { prompt: TWO_CITIES, limit: TWO_CALLS })],
    },
    *judge({ reply }) {
      const { toolCalls } = reply!.choice!
      if (toolCalls.length > 1) yield finding(toolCalls[1]!.where, 'at most 1 tool call', toolCalls.length)
    },
  },
  {
    id: 'openai-chat/tools/stream',
    title: 'A streamed tool call assembles to the call that the whole reply has',
    requirements: [
      'OAI-CHAT-stream-tool-arguments',
      'OAI-CHAT-stream-tool-head',
      'OAI-CHAT-stream-tool-index',
      'TH-OAI-REQ-tools',
      'TH-OAI-TOOL-call-turn',
    ],
    fix: 'Stream id, type and name once, then the arguments in fragments that join to the whole text.',
    ask: { whole: [REQUIRED], stream: [REQUIRED_STREAM] },
    *judge({ whole, stream }) {
      const [call] = stream!.choice!.toolCalls
      const [other] = whole!.choice!.toolCalls
      if (cut(whole!) || cut(stream!)) {
        yield { inconclusive: CUT }
        return
      }
      if (other === undefined) {
        yield { inconclusive: 'the whole reply has no tool call to compare with' }
        return
      }
      if (call === undefined) {
        yield finding(stream!.choice!.where, 'a tool call, as in the whole reply', stream!.content || 'none')
        return
      }
      yield* soundArguments(call, WEATHER_TOOL)
      if (call.name !== other.name) yield finding(call.where, `the name ${other.name}`, call.name)
      if (!call.id) yield finding(call.where, 'an id in the first fragment', call.id)
      const { finish } = stream!.choice!
      if (finish !== whole!.choice!.finish) {
        yield finding(
          stream!.choice!.finishes[0]?.where ?? call.where,
          `finish_reason ${whole!.choice!.finish}, as in the whole reply`,
          finish ?? 'none',
        )
      }
    },
  },
  {
    id: 'openai-chat/tools/zero-arguments',
    title: 'The call of a tool without parameters has arguments "{}"',
    requirements: ['OAI-CHAT-tool-arguments', 'OAI-CHAT-res-message-tool_calls', 'TH-OAI-TOOL-call-turn'],
    fix: 'Send arguments "{}" for a call without arguments, never "" or null.',
    ask: {
      whole: [
        chat(
          { tools: [STATUS_TOOL], tool_choice: 'required' },
          { prompt: 'Get the status of the service with the tool.' },
        ),
      ],
      stream: [
        chat(
          { stream: true, tools: [STATUS_TOOL], tool_choice: 'required' },
          { prompt: 'Get the status of the service with the tool.' },
        ),
      ],
    },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        const [call] = view.choice!.toolCalls
        if (call === undefined) yield { inconclusive: 'the model did not call the tool' }
        else if (cut(view)) yield { inconclusive: CUT }
        else if (!isObject(argumentsOf(call))) {
          yield finding(
            call.where,
            'arguments that parse to an object, such as "{}"',
            call.arguments ?? 'none',
          )
        }
      }
    },
  },
  {
    id: 'openai-chat/tools/unicode-arguments',
    title: 'Quotes, line breaks and characters beyond ASCII survive in arguments, whole and streamed',
    requirements: ['OAI-CHAT-tool-arguments', 'OAI-CHAT-res-message-tool_calls', 'TH-OAI-TOOL-call-turn'],
    fix: 'Escape arguments once, as JSON text in a JSON string; never split a character.',
    ask: {
      whole: [
        chat(
          { tools: [NOTE_TOOL], tool_choice: 'required' },
          { limit: 96, prompt: `Save a note with exactly this text: ${NOTE_TEXT}` },
        ),
      ],
      stream: [
        chat(
          { stream: true, tools: [NOTE_TOOL], tool_choice: 'required' },
          { limit: 96, prompt: `Save a note with exactly this text: ${NOTE_TEXT}` },
        ),
      ],
    },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        const [call] = view.choice!.toolCalls
        if (call === undefined) {
          yield { inconclusive: 'the model did not call the tool' }
          continue
        }
        if (cut(view)) {
          yield { inconclusive: CUT }
          continue
        }
        yield* soundArguments(call, NOTE_TOOL)
        if (wrongArguments(call) !== undefined) continue
        if (call.arguments!.includes('\uFFFD'))
          yield finding(call.where, 'the characters of the prompt', call.arguments)
        else yield note(call.where, call.arguments!.slice(0, 80))
      }
    },
  },
  {
    id: 'openai-chat/tools/truncated',
    title: 'A tool call cut by the token limit ends with finish_reason length, whole and streamed',
    requirements: ['OAI-CHAT-finish-length', 'TH-OAI-RES-finish-length'],
    fix: 'Report length where the limit cut the call; deliver the partial arguments as they are.',
    needs: ['openai-chat/plain/reply', 'openai-chat/plain/stream', 'openai-chat/tools/required'],
    ask: {
      whole: [chat(TRUNCATED, { prompt: LONG_NOTE, limit: 6 })],
      stream: [chat({ ...TRUNCATED, stream: true }, { prompt: LONG_NOTE, limit: 6 })],
    },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        const { finish, finishes, toolCalls, where } = view.choice!
        const [call] = toolCalls
        if (finish === 'length') continue
        if (
          call !== undefined &&
          isObject(argumentsOf(call)) &&
          unfitArguments(call, NOTE_TOOL) === undefined
        ) {
          yield { inconclusive: 'the call was complete before the limit' }
        } else {
          yield finding(
            finishes[0]?.where ?? where,
            'finish_reason length: the call is cut',
            finish ?? 'none',
          )
        }
      }
    },
  },
]

/** Calls that a stream started, counted by their first fragments (which carry the id), whatever their index says. */
function callsOffered(view: ChatView): number {
  let offered = 0
  for (const chunk of view.chunks) {
    for (const choice of choicesOf(chunk)) {
      const fragments = isObject(choice) && isObject(choice.delta) ? choice.delta.tool_calls : undefined
      if (!Array.isArray(fragments)) continue
      offered += fragments.filter(
        (part) => isObject(part) && typeof part.id === 'string' && part.id !== '',
      ).length
    }
  }
  return Math.max(offered, view.choice?.toolCalls.length ?? 0)
}
