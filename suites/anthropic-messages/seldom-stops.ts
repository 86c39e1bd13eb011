import { finding, note, type Rule } from '../core/check.ts'
import { asArray, asInteger, asString, dig } from '../core/dig.ts'
import type { MessagesView } from './view.ts'

/** Stop reasons that no prompt brings about: what holds where one comes. */
export const seldomStops: Rule<MessagesView>[] = [
  {
    id: 'anthropic-messages/stops/pause-turn',
    title: 'stop_reason pause_turn comes only where server tools were sent, whose turn can go on',
    requirements: ['ANT-STOP-pause_turn'],
    fix: 'Report pause_turn only for a long turn of server tools; a client sends it back and waits for its end.',
    on: (view) => view.succeeded && view.stopReason === 'pause_turn',
    *judge(view) {
      const { stopWhere, blocks } = view.message!
      const served = blocks.some(({ type }) => type === 'server_tool_use' || type === 'mcp_tool_use')
      if (!served && !asArray(dig(view.asked, 'tools')).some(isServerTool)) {
        yield finding(stopWhere, 'another stop_reason: no server tool was sent', 'pause_turn')
      } else if (blocks.length === 0) {
        yield finding(stopWhere, 'a turn that can be sent back', 'no content')
      } else yield note(stopWhere, 'the turn was paused')
    },
  },
  {
    id: 'anthropic-messages/stops/context-window',
    title: 'stop_reason model_context_window_exceeded comes only where max_tokens did not end the answer',
    requirements: ['ANT-STOP-context'],
    fix: 'Report max_tokens where that limit was met.',
    on: (view) => view.succeeded && view.stopReason === 'model_context_window_exceeded',
    *judge(view) {
      const { stopWhere } = view.message!
      const limit = asInteger(dig(view.asked, 'max_tokens'))
      const used = view.usage?.output
      if (limit !== undefined && used !== undefined && used >= limit) {
        yield finding(stopWhere, 'stop_reason max_tokens', `${used} of ${limit} tokens used`)
      } else yield note(stopWhere, 'the context window was filled')
    },
  },
]

/** Tools with a date in their type that the caller runs. */
const OF_THE_CALLER = /^(?:bash|text_editor|computer|memory)_\d/

/** Tools that the platform runs have a type with a date; the caller's own have none, `custom`, or one of a few. */
function isServerTool(tool: Parameters<typeof dig>[0]): boolean {
  const type = asString(dig(tool, 'type'))
  return type !== undefined && type !== 'custom' && !OF_THE_CALLER.test(type)
}
