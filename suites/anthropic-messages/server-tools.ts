import type { Exchange } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { asString } from '../core/dig.ts'
import type { Probe } from '../core/probe.ts'
import { ask, PLAIN } from './ask.ts'
import { replayed, user } from './tools/replay.ts'
import { MessagesView } from './view.ts'

const PROMPT = 'Search the web for the capital of France, then name it in one word.'
const FIELDS = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }] }
const MORE = { limit: 256 }
const SEARCH = ask(FIELDS, { prompt: PROMPT, ...MORE })

/** Every call that the platform ran itself stands with its result in one answer, unless the turn was paused. */
function* paired(view: MessagesView): Iterable<Outcome> {
  const { blocks } = view.message!
  const results = new Set(blocks.map(({ raw }) => asString(raw.tool_use_id)))
  for (const { type, id, where, raw } of blocks) {
    if (type !== 'server_tool_use') continue
    if (!id) yield finding(where, 'an id', raw.id)
    else if (!results.has(id) && view.stopReason === 'end_turn') {
      yield finding(where, 'a result block with this tool_use_id', id)
    }
  }
}

/** The turn sent back as it came: alone where it was paused, else with another question behind it. */
function goOn(sofar: Exchange[]): Probe {
  const view = new MessagesView(sofar[0]!)
  const history = [user(PROMPT), replayed(view)]
  return ask(FIELDS, {
    messages: view.stopReason === 'pause_turn' ? history : [...history, user(PLAIN)],
    ...MORE,
  })
}

export const serverTools: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/server-tools/web-search',
    title: 'A server tool is accepted, and what it did stands in blocks of its own',
    requirements: ['ANT-REQ-tools-server'],
    fix: 'Pass tools with a dated type on as they are; leave server_tool_use and result blocks in the answer.',
    ask: { reply: [SEARCH] },
    *judge({ reply }) {
      yield* paired(reply!)
      const types = reply!.message!.blocks.map(({ type }) => type)
      yield note(reply!.message!.where, `${types.join(', ')}; stop_reason ${reply!.stopReason}`)
    },
  },
  {
    id: 'anthropic-messages/server-tools/replay',
    title: 'An answer with blocks of server tools is accepted back, and a paused turn goes on',
    requirements: ['ANT-REQ-messages-content-server-tools'],
    fix: 'Accept in history what you send in answers; go on with a last assistant turn that was paused.',
    needs: ['anthropic-messages/server-tools/web-search'],
    ask: { reply: [SEARCH, goOn] },
    *judge({ reply }) {
      const { stopReason, message } = reply!
      if (typeof stopReason !== 'string')
        yield finding(message!.stopWhere, 'a stop_reason', stopReason ?? 'none')
      else yield note(message!.stopWhere, stopReason)
    },
  },
]
