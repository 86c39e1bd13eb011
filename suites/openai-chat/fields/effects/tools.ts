import { asString, dig } from '../../../core/dig.ts'
import type { Probe } from '../../../core/probe.ts'
import { seen } from '../../../fields/effect.ts'
import { chat, ONE_CITY, TIME_TOOL, TWO_CITIES, WEATHER_TOOL } from '../../ask.ts'
import type { ToolCall } from '../../assemble.ts'
import { unfitArguments, wrongArguments } from '../../tools/arguments.ts'
import { REQUIRED } from '../../tools/choice.ts'
import type { ChatView } from '../../view.ts'
import { CUT, cutShort, type Effect, type Observer, placeOf, quote } from './effect.ts'

const CODE = 'Use the tool with the text "9 lives".'
/** A prompt that no tool helps with: what calls one here was forced to. */
const IDLE = 'Say hello.'
const CUSTOM_TOOL = { type: 'custom', custom: { name: 'run_code', description: 'Takes a text.' } }
const GRAMMAR_TOOL = {
  type: 'custom',
  custom: {
    name: 'run_code',
    description: 'Takes a text.',
    format: { type: 'grammar', grammar: { definition: '[a-f]{4}', syntax: 'regex' } },
  },
}
const CUSTOM = chat({ tools: [CUSTOM_TOOL], tool_choice: 'required' }, { prompt: CODE })
const GRAMMAR = chat({ tools: [GRAMMAR_TOOL], tool_choice: 'required' }, { prompt: CODE })

/** Names of the tools called, of either kind. */
function names(view: ChatView): (string | undefined)[] {
  return (view.choice?.toolCalls ?? []).map(
    (call, at) => call.name ?? asString(dig(view.choice!.message, 'tool_calls', at, 'custom', 'name')),
  )
}

function told(view: ChatView): string {
  const called = names(view)
  return called.length === 0 ? `no call: ${quote(view)}` : `calls of ${called.join(', ')}`
}

/** A forced call calls `wanted` and nothing else. */
function calling(title: string, probe: Probe, wanted: string): Effect {
  return {
    title,
    ask: { reply: [probe] },
    *judge({ reply }) {
      if (cutShort(reply!)) {
        yield CUT
        return
      }
      const called = names(reply!)
      const right = called.length > 0 && called.every((name) => name === wanted)
      yield seen(right ? 'honoured' : 'ignored', placeOf(reply!), told(reply!))
    },
  }
}

export const offersTools: Observer = ({ path }) => {
  // A tool tells its kind by its other key, too.
  if (path === 'tools[].type') return undefined
  return path.includes('custom')
    ? calling('A forced call calls the custom tool', CUSTOM, 'run_code')
    : calling('A forced call calls a tool of the list by its name', REQUIRED, 'get_weather')
}

export const shapesArguments: Observer = ({ path }) => {
  // A definition may be read as either syntax.
  if (path.endsWith('.syntax')) return undefined
  if (path.includes('custom')) {
    return {
      title: 'The input of a custom tool is what its grammar allows',
      ask: { reply: [GRAMMAR] },
      *judge({ reply }) {
        const input = asString(dig(reply!.choice?.message, 'tool_calls', 0, 'custom', 'input'))
        const fate = input !== undefined && /^[a-f]{4}$/.test(input) ? 'honoured' : 'ignored'
        yield seen(fate, placeOf(reply!), `input ${input ?? 'none'}`)
      },
    }
  }
  return {
    title: 'The arguments of a forced call are what the tool’s parameters allow',
    ask: { reply: [REQUIRED] },
    // Arguments that do not fit are the model's as likely as the gateway's: asked again, and never held against it.
    elicit: { ask: 'reply', shows: (reply) => !reply.answered || fitting(reply) },
    *judge({ reply }) {
      if (cutShort(reply!)) {
        yield CUT
        return
      }
      const [call] = reply!.choice?.toolCalls ?? []
      yield seen(
        fitting(reply!) ? 'honoured' : 'ignored',
        call?.where ?? placeOf(reply!),
        call?.arguments ?? 'no call',
      )
    },
  }
}

function fitting(reply: ChatView): boolean {
  const [call] = reply.choice?.toolCalls ?? []
  return call !== undefined && unfitArguments(call, WEATHER_TOOL) === undefined
}

const NONE = chat({ tools: [WEATHER_TOOL], tool_choice: 'none' }, { prompt: ONE_CITY })
const TIME_ONLY = { type: 'function', function: { name: 'get_time' } }
const NAMED = chat({ tools: [WEATHER_TOOL, TIME_TOOL], tool_choice: TIME_ONLY }, { prompt: ONE_CITY })
const ALLOWED = {
  tools: [WEATHER_TOOL, TIME_TOOL],
  tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [TIME_ONLY] } },
}
const NAMED_CUSTOM = chat(
  { tools: [WEATHER_TOOL, CUSTOM_TOOL], tool_choice: { type: 'custom', custom: { name: 'run_code' } } },
  { prompt: ONE_CITY },
)

export const choosesTool: Observer = ({ path }) => {
  if (path.includes('custom')) {
    return calling('A named custom tool is called, and no other', NAMED_CUSTOM, 'run_code')
  }
  if (path.includes('allowed_tools')) {
    const prompt = path.endsWith('.mode') ? IDLE : ONE_CITY
    const probe = chat(ALLOWED, { prompt })
    return calling('Only allowed tools are called, in mode required at least one', probe, 'get_time')
  }
  if (path !== 'tool_choice') return calling('A named tool is called, and no other', NAMED, 'get_time')
  return {
    title: 'tool_choice none gives no call, required gives one, on the same prompt',
    ask: { none: [NONE], required: [REQUIRED] },
    *judge({ none, required }) {
      if (cutShort(required!)) {
        yield CUT
        return
      }
      const right = names(none!).length === 0 && names(required!).length > 0
      const got = `with none ${told(none!)}, with required ${told(required!)}`
      yield seen(right ? 'honoured' : 'ignored', placeOf(none!), got)
    },
  }
}

const PARALLEL = { tools: [WEATHER_TOOL], tool_choice: 'auto' }

/** Says something only where the model makes two calls when it may. */
export const limitsParallelCalls: Observer = () => ({
  title: 'parallel_tool_calls: false gives at most one call where two would come',
  ask: {
    free: [chat(PARALLEL, { prompt: TWO_CITIES })],
    single: [chat({ ...PARALLEL, parallel_tool_calls: false }, { prompt: TWO_CITIES })],
  },
  needs: ['openai-chat/tools/parallel'],
  elicit: { ask: 'free', shows: (reply) => !reply.answered || (reply.choice?.toolCalls.length ?? 0) > 1 },
  *judge({ free, single }) {
    const got = `without it ${told(free!)}, with false ${told(single!)}`
    yield seen(names(single!).length > 1 ? 'ignored' : 'honoured', placeOf(single!), got)
  },
})

const FUNCTION = { functions: [WEATHER_TOOL.function!], function_call: { name: 'get_weather' } }

/** The legacy call, read as a tool call. */
function legacyCall(reply: ChatView): ToolCall | undefined {
  const call = dig(reply.choice?.message, 'function_call')
  const name = asString(dig(call, 'name'))
  const text = asString(dig(call, 'arguments'))
  return name === undefined
    ? undefined
    : { index: 0, id: undefined, type: undefined, name, arguments: text, where: placeOf(reply) }
}

const legacyFits = (reply: ChatView): boolean => {
  const call = legacyCall(reply)
  return call !== undefined && unfitArguments(call, WEATHER_TOOL) === undefined
}

export const callsFunction: Observer = ({ path }) => {
  const ask = { reply: [chat(FUNCTION, { prompt: path.startsWith('functions') ? ONE_CITY : IDLE })] }
  if (path.endsWith('.parameters')) {
    return {
      title: 'The arguments of a forced function_call are what the function’s parameters allow',
      ask,
      elicit: { ask: 'reply', shows: (reply) => !reply.answered || legacyFits(reply) },
      *judge({ reply }) {
        const got = legacyCall(reply!)?.arguments ?? `no function_call: ${quote(reply!)}`
        yield seen(legacyFits(reply!) ? 'honoured' : 'ignored', placeOf(reply!), got)
      },
    }
  }
  return {
    title: 'A forced function_call calls the function',
    ask,
    *judge({ reply }) {
      const call = legacyCall(reply!)
      const where = placeOf(reply!)
      if (call === undefined) yield seen('ignored', where, `no function_call: ${quote(reply!)}`)
      else {
        const wrong = call.name === 'get_weather' ? wrongArguments(call) : `a call of ${call.name}`
        yield seen(wrong === undefined ? 'honoured' : 'ignored', where, wrong ?? `a call of ${call.name}`)
      }
    },
  }
}
