import type { Probe } from '../../../core/probe.ts'
import { seen } from '../../../fields/effect.ts'
import { WEATHER_TOOL } from '../../ask.ts'
import { ANY, NAMED, NONE } from '../../tools/choice.ts'
import { unfitInput, wrongInput } from '../../tools/input.ts'
import { PARALLEL, SINGLE } from '../../tools/parallel.ts'
import type { MessagesView } from '../../view.ts'
import { CUT, cutShort, type Effect, type Observer, placeOf, quote } from './effect.ts'

function told(view: MessagesView): string {
  const called = view.toolUses.map(({ name }) => name)
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
      const calls = reply!.toolUses
      const right = calls.length > 0 && calls.every(({ name }) => name === wanted)
      yield seen(right ? 'honoured' : 'ignored', placeOf(reply!), told(reply!))
    },
  }
}

/** A call left to the model and a forced one: what tool_choice does, or a refusal of it, is no fault of `tools`. */
export const offersTools: Observer = ({ path }) => {
  if (path === 'tools[].type') return undefined
  return {
    title: 'A call, free or forced, calls a tool of the list by its name',
    ask: { free: [PARALLEL], forced: [ANY] },
    unsettled: ['free', 'forced'],
    *judge({ free, forced }) {
      const served = [forced!, free!].filter((view) => view.answered)
      const calling = served.filter((view) => view.toolUses.length > 0)
      const wrong = calling.find((view) => view.toolUses.some(({ name }) => name !== WEATHER_TOOL.name))
      if (wrong !== undefined) yield seen('ignored', placeOf(wrong), told(wrong))
      else if (calling.length > 0) yield seen('honoured', placeOf(calling[0]!), told(calling[0]!))
      else if (served.some(cutShort)) yield CUT
      else if (served.length === 2) yield seen('ignored', placeOf(forced!), told(forced!))
      else yield { inconclusive: 'no call came, and a tool_choice was refused' }
    },
  }
}

function fitting(reply: MessagesView): boolean {
  const [call] = reply.toolUses
  return call !== undefined && wrongInput(call) === undefined && unfitInput(call, WEATHER_TOOL) === undefined
}

export const shapesArguments: Observer = ({ path }) => {
  // What `strict` adds shows only where a model would go astray without it.
  if (path.endsWith('.type') || path.endsWith('.strict')) return undefined
  return {
    title: 'The input of a call is what the tool’s input_schema allows',
    ask: { reply: [PARALLEL] },
    // Where no free call comes, that question tells it.
    needs: ['anthropic-messages/tools/choice-auto'],
    // An input that does not fit is the model's as likely as the gateway's: asked again, and never held against it.
    elicit: { ask: 'reply', shows: (reply) => !reply.answered || fitting(reply) },
    *judge({ reply }) {
      if (cutShort(reply!)) {
        yield CUT
        return
      }
      const [call] = reply!.toolUses
      const got = JSON.stringify(call?.input) ?? call?.inputText ?? 'no call'
      yield seen(fitting(reply!) ? 'honoured' : 'ignored', call?.where ?? placeOf(reply!), got.slice(0, 120))
    },
  }
}

export const choosesTool: Observer = ({ path }) => {
  if (path === 'tool_choice.name') return calling('A named tool is called, and no other', NAMED, 'get_time')
  return {
    title: 'tool_choice none gives no call, any gives one, on the same prompt',
    ask: { none: [NONE], any: [ANY] },
    *judge({ none, any }) {
      if (cutShort(any!)) {
        yield CUT
        return
      }
      const right = none!.toolUses.length === 0 && any!.toolUses.length > 0
      const got = `with none ${told(none!)}, with any ${told(any!)}`
      yield seen(right ? 'honoured' : 'ignored', placeOf(none!), got)
    },
  }
}

/** Says something only where the model makes two calls when it may. */
export const limitsParallelCalls: Observer = () => ({
  title: 'disable_parallel_tool_use gives at most one call where two would come',
  ask: { free: [PARALLEL], single: [SINGLE] },
  needs: ['anthropic-messages/tools/parallel'],
  elicit: { ask: 'free', shows: (reply) => !reply.answered || reply.toolUses.length > 1 },
  *judge({ free, single }) {
    const got = `without it ${told(free!)}, with it ${told(single!)}`
    yield seen(single!.toolUses.length > 1 ? 'ignored' : 'honoured', placeOf(single!), got)
  },
})
