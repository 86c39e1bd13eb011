import { expect, test } from 'vitest'
import type { JsonObject } from '../../reports/record/types.ts'
import { seldomStops } from '../../suites/anthropic-messages/seldom-stops.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import { said } from './answers.ts'
import { ASKED, message, reply } from './exchange.ts'

/** What the rule of `word` finds; undefined where it has nothing to say about the answer. */
function found(word: string, over: JsonObject, asked: JsonObject = {}): string[] | undefined {
  const view = new MessagesView(
    reply(message({ stop_reason: word, ...over }), { request: { ...ASKED, ...asked } }),
  )
  const rules = seldomStops.filter((rule) => rule.on(view))
  if (rules.length === 0) return undefined
  return rules
    .flatMap((rule) => [...rule.judge(view)])
    .flatMap(({ by, got }) => (by === 'observe' ? [] : [got]))
}

const SEARCH = { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }
const OWN = { tools: [{ type: 'custom', name: 'a', input_schema: { type: 'object' } }, { name: 'b' }] }

test('a paused turn needs server tools and content', () => {
  const content = [said('Searching.')]
  expect(found('pause_turn', { content }, SEARCH)).toEqual([])
  expect(found('pause_turn', { content: [] }, SEARCH)).toEqual(['no content'])
  expect(found('pause_turn', { content }, OWN)).toEqual(['pause_turn'])
  expect(found('pause_turn', { content })).toEqual(['pause_turn'])
  // A transcript holds the answer alone: what the server began is proof enough.
  expect(
    found('pause_turn', { content: [{ type: 'server_tool_use', id: 's', name: 'web_search' }] }),
  ).toEqual([])
  expect(found('pause_turn', { content }, { tools: [{ type: 'bash_20250124', name: 'bash' }] })).toEqual([
    'pause_turn',
  ])
})

test('a full context window is not the limit on the output', () => {
  const usage = (output: number) => ({ usage: { input_tokens: 9, output_tokens: output } })
  expect(found('model_context_window_exceeded', usage(7))).toEqual([])
  expect(found('model_context_window_exceeded', usage(48))).toEqual(['48 of 48 tokens used'])
})

test('other stop reasons are none of their business', () => {
  expect(found('end_turn', {})).toBeUndefined()
})
