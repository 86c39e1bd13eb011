import type { Exchange, Json, JsonObject } from '../../../reports/record/types.ts'
import type { Blocked, Probe, Step } from '../../core/probe.ts'
import { type Ask, ask } from '../ask.ts'
import type { Block } from '../message.ts'
import { MessagesView } from '../view.ts'

/** A phrase that no model says by itself: an answer that has it has read the result. */
export const RESULT = 'sleet, 3 degrees'

export const user = (content: Json): JsonObject => ({ role: 'user', content })
export const assistant = (content: Json): JsonObject => ({ role: 'assistant', content })

export function result(id: string, content: Json = RESULT, more: JsonObject = {}): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content, ...more }
}

/** Every call answered in one user turn, all in the same way. */
export const all =
  (content: Json = RESULT, more: JsonObject = {}) =>
  (ids: string[]): Json[] => [user(ids.map((id) => result(id, content, more)))]

/** The assistant's turn as a client sends it back: every block as it came, byte for byte in its texts. */
export function replayed(view: MessagesView): JsonObject {
  return assistant(view.message!.blocks.map(({ replay }) => replay))
}

export interface Turn {
  /** The prompt of the first turn, sent again. */
  prompt: string
  fields: JsonObject
  /** What follows the assistant's turn, given the ids of its calls. Default: a result for each. */
  after?: (ids: string[]) => Json[]
  /** The assistant's turn. Default: as it came. */
  turn?: (view: MessagesView) => JsonObject
  more?: Omit<Ask, 'messages' | 'prompt'>
  /** Calls without which there is nothing to ask. Default: 1. */
  calls?: number
}

/** The turn that answers the calls of the one before. */
export function answerCalls({ prompt, fields, after = all(), turn = replayed, more, calls = 1 }: Turn): Step {
  return (sofar: Exchange[]): Probe | Blocked => {
    const view = new MessagesView(sofar[0]!)
    const ids = idsOf(view.toolUses)
    if (ids.length < calls) {
      return {
        blocked:
          calls === 1 ? 'the first turn had no tool_use block' : `the first turn had ${ids.length} call(s)`,
      }
    }
    return ask(fields, { ...more, messages: [user(prompt), turn(view), ...after(ids)] })
  }
}

function idsOf(calls: Block[]): string[] {
  return calls.map(({ id }) => id ?? '')
}
