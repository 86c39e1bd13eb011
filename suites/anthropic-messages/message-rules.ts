import type { By, Level } from '../../reports/record/types.ts'
import { finding, type Rule } from '../core/check.ts'
import { asArray, dig } from '../core/dig.ts'
import type { Block } from './message.ts'
import type { MessagesView } from './view.ts'

/** What one message says must fit together, whatever was asked: the parts that no schema of its keys can tell. */
export function messageRules(
  level: (requirements: readonly string[]) => Level | undefined,
): Rule<MessagesView>[] {
  return all.map(({ requirements, judge, ...rule }) => ({
    ...rule,
    requirements,
    tier: 'official',
    *judge(view) {
      // Where the profile holds none of the rows, they are the official word only.
      const by: By = level(requirements) === undefined ? 'official' : 'documented'
      for (const found of judge(view)) yield { ...found, by }
    },
  }))
}

const all: Rule<MessagesView>[] = [
  {
    id: 'anthropic-messages/stops/call-told',
    title: 'An answer with a tool_use block does not say end_turn, and one that says tool_use has a call',
    requirements: ['ANT-STOP-tool_use'],
    fix: 'Derive stop_reason from the blocks that you deliver.',
    on: (view) => view.succeeded && typeof view.stopReason === 'string',
    *judge(view) {
      const { stopWhere, blocks } = view.message!
      // Other words are legal beside a call: the limit may cut one, and calls of other kinds have types of their own.
      const calls = blocks.filter(({ type }) => type.endsWith('tool_use'))
      if (view.stopReason === 'end_turn' && view.toolUses.some(byTheModel)) {
        yield finding(stopWhere, 'stop_reason tool_use', 'end_turn')
      } else if (view.stopReason === 'tool_use' && calls.length === 0) {
        yield finding(stopWhere, 'a tool_use block beside stop_reason tool_use', 'none')
      }
    },
  },
  {
    id: 'anthropic-messages/stops/sequence-told',
    title: 'stop_sequence names one of the request where, and only where, stop_reason is stop_sequence',
    requirements: ['ANT-STOP-stop_sequence', 'ANT-RES-stop_sequence'],
    fix: 'Send both together: the sequence that was met and stop_reason stop_sequence, or null and another word.',
    // A missing key is told by the rules of shapes.
    on: (view) => view.succeeded && view.message?.stopSequence !== undefined,
    *judge(view) {
      const { stopWhere, stopReason, stopSequence } = view.message!
      const met = stopReason === 'stop_sequence'
      if (typeof stopSequence !== 'string') {
        if (met) yield finding(stopWhere, 'the sequence that was met', 'null')
        return
      }
      if (!met) {
        const expected = `stop_sequence null with stop_reason ${stopReason}`
        yield finding(stopWhere, expected, stopSequence)
        return
      }
      const asked = asArray(dig(view.asked, 'stop_sequences'))
      if (asked.includes(stopSequence) || !knowsRequest(view)) return
      yield finding(stopWhere, 'a sequence of the request', stopSequence)
    },
  },
  {
    id: 'anthropic-messages/completion/names',
    title: 'The ids and names in a message are not empty, and each call has an id of its own',
    requirements: ['ANT-RES-id', 'ANT-RES-model', 'ANT-TOOL-use-block'],
    fix: 'Make an id for each message and each call; name the model and the tool.',
    on: (view) => view.succeeded,
    *judge(view) {
      const { id, model, where } = view.message!
      if (id === '') yield finding(where, 'a message with an id', '""')
      if (model === '') yield finding(where, 'a message that names its model', '""')
      const seen = new Set<string>()
      for (const call of view.toolUses) {
        if (call.id === '') yield finding(call.where, 'a call with an id', '""')
        else if (call.id !== undefined && seen.has(call.id)) {
          yield finding(call.where, 'an id of its own', call.id)
        }
        if (call.name === '') yield finding(call.where, 'a call of a tool by its name', '""')
        seen.add(call.id ?? '')
      }
    },
  },
  {
    id: 'anthropic-messages/thinking/sealed',
    title: 'A thinking block has a signature that is not empty, and a redacted one has data',
    requirements: ['ANT-RES-block-thinking', 'ANT-RES-block-redacted'],
    fix: 'Pass signature and data on, byte for byte: without them the block is refused in the next turn.',
    on: (view) => view.succeeded && view.thinking.length > 0,
    *judge(view) {
      for (const block of view.thinking) {
        const [key, value] = sealOf(block)
        if (value === '' && !leftOpen(view, block)) yield finding(block.where, `${key} with a value`, '""')
      }
    },
  },
]

/** A call that code of a server tool makes is answered to that code: the turn goes on, and may come to its end. */
function byTheModel({ raw }: Block): boolean {
  const caller = dig(raw, 'caller', 'type')
  return caller === undefined || caller === 'direct'
}

/** What makes a block good for the next turn. */
function sealOf({ type, signature, raw }: Block): [key: string, value: unknown] {
  return type === 'thinking' ? ['signature', signature] : ['data', raw.data]
}

/** A stream in which no signature came at all, or a reply without the key: the grammar and the shapes tell that. */
function leftOpen(view: MessagesView, { type, index, raw }: Block): boolean {
  if (type !== 'thinking') return false
  if (!view.isStream) return raw.signature === undefined
  return !view.chunks.some(
    ({ value }) => value.index === index && dig(value, 'delta', 'type') === 'signature_delta',
  )
}

/** A transcript holds the answer alone: its request is assumed. */
function knowsRequest(view: MessagesView): boolean {
  return view.exchange.wire === 'http1' || asArray(dig(view.asked, 'stop_sequences')).length > 0
}
