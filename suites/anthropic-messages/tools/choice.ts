import type { JsonObject } from '../../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../../core/check.ts'
import type { Probe } from '../../core/probe.ts'
import { ask, ONE_CITY, TIME_TOOL, TWO_CITIES, WEATHER_TOOL } from '../ask.ts'
import { cutBeforeText, isUnanswered, unanswered } from '../cut.ts'
import { onlyObserved } from '../observed.ts'
import { wrongStop } from '../stop-words.ts'
import type { MessagesView } from '../view.ts'
import { soundInput } from './input.ts'

/** No tool_choice, and a prompt for text and call. */
export const DEFAULT = ask(
  { stream: true, tools: [WEATHER_TOOL] },
  {
    limit: 96,
    prompt: 'Write the sentence "Let me look it up." and then call the tool to get the weather in Paris.',
  },
)

/** tool_choice in its forms, each on a prompt that leaves no doubt about the right tool. */

const one = (fields: JsonObject): Probe => ask({ tools: [WEATHER_TOOL], ...fields }, { prompt: ONE_CITY })

/** Tokens that two calls may cost where a model writes them at length. */
const TWO_CALLS = 128
export const TWO = { prompt: TWO_CITIES, limit: TWO_CALLS }
export const FREE: JsonObject = { tools: [WEATHER_TOOL], tool_choice: { type: 'auto' } }

/** Left to itself, and for two cities at once: what tells of one call tells of several, too. */
export const AUTO = ask(FREE, TWO)

export const ANY = one({ tool_choice: { type: 'any' } })
export const ANY_STREAM = one({ stream: true, tool_choice: { type: 'any' } })
export const NONE = one({ tool_choice: { type: 'none' } })
export const NAMED = ask(
  { tools: [WEATHER_TOOL, TIME_TOOL], tool_choice: { type: 'tool', name: 'get_time' } },
  { prompt: ONE_CITY },
)

/** stop_reason is tool_use where there is a call, and only there: a client's loop goes by the one or by the other. */
export function* stopFits(view: MessagesView): Iterable<Outcome> {
  const { message, stopReason, toolUses } = view
  if (toolUses.length > 0 && stopReason !== 'tool_use') yield* wrongStop(view, 'tool_use')
  else if (toolUses.length === 0 && stopReason === 'tool_use') {
    yield finding(message!.stopWhere, 'a tool_use block beside stop_reason tool_use', 'none')
  }
}

/** A call was forced: one must be there, of `name` and no other, with its input. */
function* forced(view: MessagesView, name: string, tool: JsonObject): Iterable<Outcome> {
  if (isUnanswered(view)) {
    yield* unanswered(view)
    return
  }
  const [call] = view.toolUses
  if (call === undefined) {
    yield finding(view.message!.where, 'at least one tool_use block', view.content || 'none')
    return
  }
  const other = view.toolUses.find((use) => use.name !== name)
  if (other !== undefined) yield finding(other.where, `a call of ${name}`, other.name)
  else yield* soundInput(call, tool)
  yield* stopFits(view)
}

function* free(view: MessagesView): Iterable<Outcome> {
  if (isUnanswered(view)) {
    yield* unanswered(view)
    return
  }
  yield* soundInput(view.toolUses[0]!, WEATHER_TOOL)
  yield* stopFits(view)
}

function* forbidden(view: MessagesView): Iterable<Outcome> {
  const [call] = view.toolUses
  if (call !== undefined) yield finding(call.where, 'no tool_use block', call.name)
  else if (view.stopReason === 'tool_use') yield* stopFits(view)
  else if (cutBeforeText(view)) yield { inconclusive: 'the limit came before any text' }
  else if (view.stopReason === 'refusal') yield* unanswered(view)
  else if (view.content === '')
    yield finding(view.message!.where, 'a text in place of a call', 'neither text nor call')
}

/** Of checks that force a call, whole and streamed: where that is not served, tools/choice-any tells it. */
export const FORCED = [
  'anthropic-messages/plain/reply',
  'anthropic-messages/plain/stream',
  'anthropic-messages/tools/choice-any',
]

const called = (reply: MessagesView): boolean => reply.toolUses.length > 0

export const choices: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/tools/choice-any',
    title: 'tool_choice any makes the model call a tool, with stop_reason tool_use',
    requirements: [
      'ANT-TOOL-any',
      'ANT-REQ-tools',
      'ANT-REQ-tool_choice',
      'ANT-STOP-tool_use',
      'TH-ANT-TOOLCHOICE-any',
      'TH-ANT-TOOLCHOICE-object',
      'TH-ANT-TOOLS-name',
      'TH-ANT-TOOLS-input_schema',
      'TH-ANT-TOOLS-description',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Pass tools and tool_choice on; return tool_use blocks and stop_reason tool_use.',
    ask: { reply: [ANY] },
    judge: ({ reply }) => forced(reply!, 'get_weather', WEATHER_TOOL),
  },
  {
    id: 'anthropic-messages/tools/choice-tool',
    title: 'tool_choice tool makes the model call the tool that it names and no other',
    requirements: ['ANT-TOOL-tool', 'TH-ANT-TOOLCHOICE-tool'],
    fix: 'Pass tool_choice {type: "tool", name} on unchanged.',
    ask: { reply: [NAMED] },
    judge: ({ reply }) => forced(reply!, 'get_time', TIME_TOOL),
  },
  {
    id: 'anthropic-messages/tools/choice-auto',
    title: 'tool_choice auto lets the model call a tool where the prompt asks for it',
    requirements: [
      'ANT-TOOL-auto',
      'TH-ANT-TOOLCHOICE-auto',
      'TH-ANT-TOOLCHOICE-object',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Pass tools and tool_choice {type: "auto"} on; return the calls of the model.',
    ask: { reply: [AUTO] },
    elicit: { ask: 'reply', shows: called },
    judge: ({ reply }) => free(reply!),
  },
  {
    id: 'anthropic-messages/tools/default-is-auto',
    title: 'tools without tool_choice behave as with auto',
    requirements: ['ANT-TOOL-auto', 'TH-ANT-TOOLCHOICE-auto'],
    fix: 'Leave tool_choice out where the client left it out.',
    ask: { reply: [DEFAULT] },
    elicit: { ask: 'reply', shows: called },
    judge: ({ reply }) => free(reply!),
  },
  {
    id: 'anthropic-messages/tools/choice-none',
    title: 'tool_choice none forbids calls, and the model answers with text',
    requirements: ['ANT-TOOL-none', 'TH-ANT-TOOLCHOICE-none', 'TPE-ANT-fields-undocumented'],
    fix: 'Pass tool_choice {type: "none"} on, or drop the tools.',
    ask: { reply: [NONE] },
    judge: ({ reply }) => forbidden(reply!),
  },
  {
    id: 'anthropic-messages/tools/choice-without-tools',
    title: 'tool_choice without tools is refused or answered without a call, never with a 5xx',
    requirements: ['ANT-TOOL-choice-without-tools'],
    fix: 'Answer without a call, or refuse with 400 and the envelope.',
    expects: 'any',
    ask: { reply: [ask({ tool_choice: { type: 'auto' } })] },
    *judge({ reply }) {
      const [call] = reply!.toolUses
      if (call !== undefined) yield finding(call.where, 'no call: there are no tools', call.name)
      else yield* onlyObserved(reply!, 'tool_choice without tools')
    },
  },
  {
    id: 'anthropic-messages/tools/choice-string-any',
    title: 'tool_choice as the string "any" makes the model call a tool',
    requirements: ['TH-ANT-TOOLCHOICE-string', 'TH-ANT-TOOLCHOICE-any'],
    fix: 'Read the string "any" as {type: "any"}.',
    ask: { reply: [one({ tool_choice: 'any' })] },
    judge: ({ reply }) => forced(reply!, 'get_weather', WEATHER_TOOL),
  },
  {
    id: 'anthropic-messages/tools/choice-string-auto',
    title: 'tool_choice as the string "auto" lets the model call a tool',
    requirements: ['TH-ANT-TOOLCHOICE-string', 'TH-ANT-TOOLCHOICE-auto'],
    fix: 'Read the string "auto" as {type: "auto"}.',
    ask: { reply: [one({ tool_choice: 'auto' })] },
    elicit: { ask: 'reply', shows: called },
    judge: ({ reply }) => free(reply!),
  },
  {
    id: 'anthropic-messages/tools/choice-string-none',
    title: 'tool_choice as the string "none" forbids calls',
    requirements: ['TH-ANT-TOOLCHOICE-string', 'TH-ANT-TOOLCHOICE-none'],
    fix: 'Read the string "none" as {type: "none"}.',
    ask: { reply: [one({ tool_choice: 'none' })] },
    judge: ({ reply }) => forbidden(reply!),
  },
  {
    id: 'anthropic-messages/tools/choice-string-tool',
    title:
      'tool_choice as the string "tool", which cannot name one, is answered or refused, never with a 5xx',
    requirements: ['TH-ANT-TOOLCHOICE-tool'],
    fix: 'Answer, or refuse with a 4xx and the envelope.',
    expects: 'any',
    ask: { reply: [one({ tool_choice: 'tool' })] },
    judge: ({ reply }) => onlyObserved(reply!, 'tool_choice "tool"'),
  },
  {
    id: 'anthropic-messages/tools/stop-reason',
    title: 'stop_reason is tool_use where there is a tool_use block, and only there, whole and streamed',
    requirements: ['ANT-STOP-tool_use', 'ANT-TOOL-use-block', 'TH-ANT-TOOLCHOICE-any'],
    fix: 'Derive stop_reason from the calls that you deliver; never lose a call that came in pieces.',
    needs: FORCED,
    ask: { whole: [ANY], stream: [ANY_STREAM], plain: [ask()] },
    *judge({ whole, stream, plain }) {
      for (const view of [whole!, stream!, plain!]) {
        if (isUnanswered(view)) yield* unanswered(view)
        else yield* stopFits(view)
      }
    },
  },
  {
    id: 'anthropic-messages/tools/no-markup',
    title: 'A tool call comes as a tool_use block, and no markup of it stands in the text',
    requirements: ['ANT-TOOL-use-block', 'TH-ANT-MSG-tool_use-input'],
    fix: 'Parse the model’s tool markup and remove it from the text.',
    needs: FORCED,
    ask: { whole: [ANY], stream: [ANY_STREAM] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        const text = view.message!.blocks.find((block) => block.type === 'text' && MARKUP.test(block.text))
        if (text !== undefined) yield finding(text.where, 'text without tool markup', text.text)
        else yield note(view.message!.where, `${view.toolUses.length} tool_use block(s)`)
      }
    },
  },
]

const MARKUP = /<\/?(?:tool_call|function_calls?|invoke|minimax:tool_call|tool_use)\b|functools\[|<\|tool/
