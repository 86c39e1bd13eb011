import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'

/** One content block, whole or put together from its events. */
export interface Block {
  /** Place in `content`; in a stream the index that the events gave. */
  index: number
  /** `text`, `tool_use`, `thinking`, `redacted_thinking` …; '' where none was given. */
  type: string
  /** Of text and thinking blocks, joined from all deltas. */
  text: string
  /** Of thinking blocks; '' where none came. */
  signature: string
  /** Of tool blocks. */
  id: string | undefined
  name: string | undefined
  /** The input: as it stands in a reply; in a stream, parsed from the partial JSON (undefined where that is no JSON). */
  input: Json | undefined
  /** The partial JSON as joined; undefined in a reply. */
  inputText: string | undefined
  /** In a stream: how many deltas it got, and whether it was stopped. A reply: 0, true. */
  deltas: number
  stopped: boolean
  /** The block as it must be replayed in the next turn: byte-exact texts, signatures and input. */
  replay: JsonObject
  /** As it came: the whole block, or `content_block` of its start. */
  raw: JsonObject
  where: Placed
}

/** Token counts; undefined where they are absent or no integer. */
export interface Usage {
  input: number | undefined
  output: number | undefined
  cacheCreation: number | undefined
  cacheRead: number | undefined
  /** In a stream: `message_start`'s, with what the last `message_delta` says laid over it (its counts are totals). */
  raw: JsonObject
  where: Placed
}

/** One message, whether it came whole or in events. */
export interface Assembled {
  id: string | undefined
  role: string | undefined
  model: string | undefined
  blocks: Block[]
  /** undefined: the key never came. */
  stopReason: string | null | undefined
  stopSequence: string | null | undefined
  usage: Usage | undefined
  where: Placed
  /** Where stop_reason stands. */
  stopWhere: Placed
}
