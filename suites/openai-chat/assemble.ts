import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'
import { asArray, asInteger, asString, dig, isObject } from '../core/dig.ts'
import type { Chunk } from '../core/stream-view.ts'
import { choicesOf } from './chunk.ts'

/** A tool call as a client would have it after the last fragment. */
export interface ToolCall {
  index: number
  id: string | undefined
  type: string | undefined
  name: string | undefined
  /** Concatenated fragments; undefined where no string came. */
  arguments: string | undefined
  /** What stood where the string should stand, if it was something else. */
  unread?: Json
  where: Placed
}

/** One choice, whole or assembled: the same shape for both, so that the two can be compared. */
export interface Assembled {
  index: number | undefined
  role: string | undefined
  /** null: only null or nothing came. */
  content: string | null
  refusal: string | null
  /** `reasoning_content` or `reasoning`, whichever came. */
  reasoning: string | undefined
  toolCalls: ToolCall[]
  /** All finish reasons that were not null, in order. */
  finishes: { reason: Json; where: Placed }[]
  finish: string | undefined
  /** `logprobs.content` entries. */
  logprobs: Json[] | undefined
  where: Placed
  /** The message to send back as the assistant's turn. */
  message: JsonObject
}

/** A choice of a whole reply. */
export function fromMessage(choice: Json, at: number, pointed: (pointer: string) => Placed): Assembled {
  const message = dig(choice, 'message')
  const calls = asArray(dig(message, 'tool_calls'))
  const finish = dig(choice, 'finish_reason')
  // Finding a place costs a walk through the whole message: only what is told gets one.
  const where = (rest: string): Placed => ({
    get place() {
      return pointed(`/choices/${at}${rest}`).place
    },
  })
  return {
    index: asInteger(dig(choice, 'index')),
    role: asString(dig(message, 'role')),
    content: asString(dig(message, 'content')) ?? null,
    refusal: asString(dig(message, 'refusal')) ?? null,
    reasoning: asString(dig(message, 'reasoning_content')) ?? asString(dig(message, 'reasoning')),
    toolCalls: calls.map((call, number) => toolCall(call, number, where(`/message/tool_calls/${number}`))),
    finishes:
      finish === null || finish === undefined ? [] : [{ reason: finish, where: where('/finish_reason') }],
    finish: asString(finish),
    logprobs: listOrNothing(dig(choice, 'logprobs', 'content')),
    where: where(''),
    message: isObject(message) ? message : {},
  }
}

function toolCall(call: Json, index: number, where: Placed): ToolCall {
  return {
    index,
    id: asString(dig(call, 'id')),
    type: asString(dig(call, 'type')),
    name: asString(dig(call, 'function', 'name')),
    arguments: asString(dig(call, 'function', 'arguments')),
    ...unread(dig(call, 'function', 'arguments')),
    where,
  }
}

function listOrNothing(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined
}

/** Puts the chunks of a stream together as a careful client would: by `choices[].index` and `tool_calls[].index`. */
export function assemble(chunks: Chunk[]): Assembled[] {
  const choices = new Map<number, Assembled>()
  for (const chunk of chunks) {
    for (const [at, choice] of choicesOf(chunk).entries()) {
      const index = asInteger(dig(choice, 'index'))
      const known = choices.get(index ?? at) ?? start(index, chunk.pointed(`/choices/${at}`))
      choices.set(index ?? at, known)
      add(known, choice, chunk, at)
    }
  }
  for (const choice of choices.values()) choice.message = replayable(choice)
  return [...choices.values()]
}

function start(index: number | undefined, where: Placed): Assembled {
  return {
    index,
    role: undefined,
    content: null,
    refusal: null,
    reasoning: undefined,
    toolCalls: [],
    finishes: [],
    finish: undefined,
    logprobs: undefined,
    where,
    message: {},
  }
}

function add(known: Assembled, choice: Json, chunk: Chunk, at: number): void {
  const delta = dig(choice, 'delta')
  known.role ??= asString(dig(delta, 'role'))
  const text = asString(dig(delta, 'content'))
  if (text !== undefined) known.content = (known.content ?? '') + text
  const refusal = asString(dig(delta, 'refusal'))
  if (refusal !== undefined) known.refusal = (known.refusal ?? '') + refusal
  const thought = asString(dig(delta, 'reasoning_content')) ?? asString(dig(delta, 'reasoning'))
  if (thought !== undefined) known.reasoning = (known.reasoning ?? '') + thought
  for (const [number, fragment] of asArray(dig(delta, 'tool_calls')).entries()) {
    addFragment(known, fragment, chunk.pointed(`/choices/${at}/delta/tool_calls/${number}`))
  }
  const finish = dig(choice, 'finish_reason')
  if (finish !== null && finish !== undefined) {
    known.finishes.push({ reason: finish, where: chunk.pointed(`/choices/${at}/finish_reason`) })
    known.finish = asString(finish) ?? known.finish
  }
  const entries = dig(choice, 'logprobs', 'content')
  if (Array.isArray(entries)) {
    known.logprobs ??= []
    for (const entry of entries) known.logprobs.push(entry)
  }
}

/** The tool calls of a choice in the making, by index. */
const callsOf = new WeakMap<Assembled, Map<number, ToolCall>>()

function addFragment(known: Assembled, fragment: Json, where: Placed): void {
  const index = asInteger(dig(fragment, 'index')) ?? Math.max(0, known.toolCalls.length - 1)
  let calls = callsOf.get(known)
  if (calls === undefined) {
    calls = new Map()
    callsOf.set(known, calls)
  }
  let call = calls.get(index)
  if (call === undefined) {
    call = { index, id: undefined, type: undefined, name: undefined, arguments: undefined, where }
    calls.set(index, call)
    known.toolCalls.push(call)
  }
  call.id ??= asString(dig(fragment, 'id'))
  call.type ??= asString(dig(fragment, 'type'))
  const name = asString(dig(fragment, 'function', 'name'))
  if (call.name === undefined && name !== undefined && name !== '') call.name = name
  const piece = dig(fragment, 'function', 'arguments')
  const more = asString(piece)
  if (call.arguments === undefined) Object.assign(call, unread(piece))
  if (more !== undefined) call.arguments = (call.arguments ?? '') + more
}

function replayable(choice: Assembled): JsonObject {
  const message: JsonObject = { role: 'assistant', content: choice.content }
  if (choice.toolCalls.length > 0) {
    message.tool_calls = choice.toolCalls.map((call) => ({
      id: call.id ?? '',
      type: 'function',
      function: { name: call.name ?? '', arguments: call.arguments ?? '' },
    }))
  }
  return message
}

function unread(value: Json | undefined): { unread?: Json } {
  return value === undefined || typeof value === 'string' ? {} : { unread: value }
}
