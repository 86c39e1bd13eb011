import { type Check, finding, note, type Outcome } from '../../core/check.ts'
import { isObject } from '../../core/dig.ts'
import { ask, STATUS_TOOL, WEATHER_TOOL } from '../ask.ts'
import { CUT, cut, isUnanswered, unanswered } from '../cut.ts'
import type { Block } from '../message.ts'
import { wrongStop } from '../stop-words.ts'
import type { MessagesView } from '../view.ts'
import { ANY, ANY_STREAM, DEFAULT, FORCED, stopFits } from './choice.ts'
import { soundInput, unfitInput, wrongInput } from './input.ts'

const NOTE_TEXT = 'Grüße, 世界! "quoted"\nsecond line 👋'
const NOTE_TOOL = {
  name: 'save_note',
  description: 'Save a note with exactly the given text.',
  input_schema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'The text of the note' } },
    required: ['text'],
    additionalProperties: false,
  },
}
const NOTE = { tools: [NOTE_TOOL], tool_choice: { type: 'any' } }
const LONG_NOTE = `Save a note with this text: "${'one two three four five six seven eight nine ten '.repeat(4).trim()}"`

const FORCED_STATUS = { tools: [STATUS_TOOL], tool_choice: { type: 'any' } }
export const STATUS_PROMPT = 'Get the status of the service with the tool.'
export const STATUS = ask(FORCED_STATUS, { prompt: STATUS_PROMPT })
const STATUS_STREAM = ask({ ...FORCED_STATUS, stream: true }, { prompt: STATUS_PROMPT })

/** The call that a forced turn must have; undefined where it says nothing, with the reason. */
function* theCall(view: MessagesView, judge: (call: Block) => Iterable<Outcome>): Iterable<Outcome> {
  const [call] = view.toolUses
  if (isUnanswered(view)) yield* unanswered(view)
  else if (call === undefined) yield { inconclusive: 'the model did not call the tool' }
  else yield* judge(call)
}

export const calls: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/tools/block',
    title: 'A tool_use block has an id, the name of a declared tool, and an object as its input',
    requirements: [
      'ANT-TOOL-use-block',
      'ANT-TOOL-input-object',
      'ANT-RES-block-tool_use',
      'TH-ANT-TOOLS-name',
      'TH-ANT-TOOLS-input_schema',
      'TH-ANT-MSG-tool_use-id',
      'TH-ANT-MSG-tool_use-input',
      'TH-ANT-MSG-tool_use-name',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Send {type: "tool_use", id, name, input}, with input as an object and never as a string.',
    needs: ['anthropic-messages/tools/choice-any'],
    ask: { whole: [ANY], stream: [ANY_STREAM] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        yield* theCall(view, function* (call) {
          if (!call.id) yield finding(call.where, 'an id', call.raw.id)
          if (call.name !== 'get_weather') yield finding(call.where, 'the name get_weather', call.raw.name)
          yield* soundInput(call, WEATHER_TOOL)
        })
      }
    },
  },
  {
    id: 'anthropic-messages/tools/stream',
    title:
      'A streamed call starts with its name and input {}, and its partial JSON assembles to the whole input',
    requirements: [
      'ANT-SSE-partial-json',
      'ANT-TOOL-input-object',
      'TH-ANT-MSG-tool_use-input',
      'TH-ANT-REQ-stream',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Start the block with id, name and input {}, then send the input’s JSON text in input_json_delta pieces.',
    needs: FORCED,
    ask: { whole: [ANY], stream: [ANY_STREAM] },
    *judge({ whole, stream }) {
      if (isUnanswered(whole!) || isUnanswered(stream!)) {
        yield { inconclusive: CUT }
        return
      }
      const [other] = whole!.toolUses
      const [call] = stream!.toolUses
      if (other === undefined) yield { inconclusive: 'the whole reply has no call to compare with' }
      else if (call === undefined) {
        yield finding(
          stream!.message!.where,
          'a tool_use block, as in the whole reply',
          stream!.content || 'none',
        )
      } else {
        yield* started(call)
        const wrong = wrongInput(call)
        if (wrong !== undefined) yield finding(call.where, 'partial JSON of an object', wrong)
        if (call.name !== other.name) yield finding(call.where, `the name ${other.name}`, call.name)
        if (stream!.stopReason !== whole!.stopReason) {
          const expected = `stop_reason ${whole!.stopReason}, as in the whole reply`
          yield finding(stream!.message!.stopWhere, expected, stream!.stopReason ?? 'none')
        }
      }
    },
  },
  {
    id: 'anthropic-messages/tools/zero-arguments',
    title: 'The call of a tool without parameters has the input {}, with no partial JSON or an empty one',
    requirements: ['ANT-TOOL-zero-args', 'TH-ANT-MSG-tool_use-input'],
    fix: 'Send input {} for a call without arguments, never null, "" or nothing.',
    needs: FORCED,
    ask: { whole: [STATUS], stream: [STATUS_STREAM] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        yield* theCall(view, function* (call) {
          if (!isObject(call.input)) yield finding(call.where, 'input {}', wrongInput(call))
        })
      }
    },
  },
  {
    id: 'anthropic-messages/tools/unicode-input',
    title: 'Quotes, line breaks and characters beyond ASCII survive in the pieces of a streamed input',
    requirements: ['ANT-TOOL-input-object', 'ANT-SSE-partial-json', 'TH-ANT-MSG-tool_use-input'],
    fix: 'Escape partial_json once, as JSON text in a JSON string; never split a character.',
    needs: FORCED,
    ask: {
      reply: [
        ask(
          { ...NOTE, stream: true },
          { limit: 96, prompt: `Save a note with exactly this text: ${NOTE_TEXT}` },
        ),
      ],
    },
    *judge({ reply }) {
      yield* theCall(reply!, function* (call) {
        yield* soundInput(call, NOTE_TOOL)
        if (wrongInput(call) !== undefined) return
        const text = JSON.stringify(call.input)
        if (text.includes('\uFFFD')) yield finding(call.where, 'the characters of the prompt', text)
        else yield note(call.where, text.slice(0, 80))
      })
    },
  },
  {
    id: 'anthropic-messages/tools/truncated',
    title: 'A call that the token limit cuts ends with stop_reason max_tokens, whole and streamed',
    requirements: ['ANT-TOOL-max_tokens-in-call', 'TH-ANT-REQ-max_tokens'],
    fix: 'Report max_tokens where the limit cut the call; deliver what there is of its input.',
    needs: FORCED,
    ask: {
      whole: [ask(NOTE, { prompt: LONG_NOTE, limit: 6 })],
      stream: [ask({ ...NOTE, stream: true }, { prompt: LONG_NOTE, limit: 6 })],
    },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        if (view.stopReason === 'max_tokens') continue
        const call = view.toolUses.at(-1)
        const complete =
          call !== undefined && wrongInput(call) === undefined && unfitInput(call, NOTE_TOOL) === undefined
        if (complete) yield { inconclusive: 'the call was complete before the limit' }
        else if (view.stopReason === 'refusal') yield* unanswered(view)
        else yield* wrongStop(view, 'max_tokens')
      }
    },
  },
  {
    id: 'anthropic-messages/tools/no-empty-text',
    title: 'No empty text block stands beside a call, whole or streamed',
    requirements: ['ANT-TOOL-use-block', 'TH-ANT-SSE-content_block_start'],
    fix: 'Open a block only when there is content for it: an empty text block is refused in the next turn.',
    needs: ['anthropic-messages/tools/choice-any'],
    ask: { whole: [ANY], stream: [ANY_STREAM] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        if (view.toolUses.length === 0 || cut(view)) continue
        const empty = view.message!.blocks.find(({ type, text }) => type === 'text' && text === '')
        if (empty !== undefined) {
          yield finding(empty.where, 'only blocks with content', empty.raw, { by: 'official' })
        }
      }
    },
  },
  {
    id: 'anthropic-messages/tools/text-before',
    title: 'Text that the model writes before a call is a block of its own, closed before the call starts',
    requirements: ['ANT-TOOL-interleaved', 'TH-ANT-SSE-content_block_stop'],
    fix: 'Give text and call a block each, in the order in which the model wrote them.',
    needs: [
      'anthropic-messages/plain/reply',
      'anthropic-messages/plain/stream',
      'anthropic-messages/tools/default-is-auto',
    ],
    ask: { reply: [DEFAULT] },
    elicit: { ask: 'reply', shows: (reply) => reply.toolUses.length > 0 && reply.content !== '' },
    *judge({ reply }) {
      if (isUnanswered(reply!)) {
        yield* unanswered(reply!)
        return
      }
      const { blocks } = reply!.message!
      const [call] = reply!.toolUses
      yield* soundInput(call!, WEATHER_TOOL)
      const late = blocks.find(
        ({ type, text, where }) => type === 'text' && text !== '' && after(where, call!),
      )
      if (late !== undefined)
        yield finding(late.where, 'the text before the call', 'after it', { by: 'should' })
      yield* stopFits(reply!)
    },
  },
  {
    id: 'anthropic-messages/tools/unique-ids',
    title: 'Two calls have different ids, within one turn and over two answers',
    requirements: ['ANT-TOOL-use-block', 'TH-ANT-MSG-tool_use-id'],
    fix: 'Make a new id for each call: a history with one id twice is refused, or mixes up its results.',
    needs: ['anthropic-messages/tools/choice-any'],
    ask: { one: [ANY], other: [ANY_STREAM] },
    *judge({ one, other }) {
      const seen = new Set<string>()
      for (const call of [...one!.toolUses, ...other!.toolUses]) {
        if (call.id === undefined || call.id === '') continue
        if (seen.has(call.id)) yield finding(call.where, 'an id of its own', call.id)
        seen.add(call.id)
      }
      if (seen.size === 0) yield { inconclusive: 'there was no call with an id' }
    },
  },
]

/** What the first event of a call must have, so that a client can start on it. */
function* started({ raw, where }: Block): Iterable<Outcome> {
  if (!raw.id) yield finding(where, 'an id in content_block_start', raw.id)
  if (!isObject(raw.input)) {
    yield finding(where, 'input: {} in content_block_start', raw.input, { by: 'official' })
  } else if (Object.keys(raw.input).length > 0) {
    yield finding(where, 'input: {} in content_block_start', raw.input, {
      by: 'should',
      why: 'a client that joins partial JSON behind it has the input twice',
    })
  }
}

/** Whether a block starts behind another one in the bytes. */
function after(where: Block['where'], call: Block): boolean {
  return (where.place.offset ?? 0) > (call.where.place.offset ?? 0)
}
