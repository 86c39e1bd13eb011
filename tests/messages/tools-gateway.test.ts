import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuse } from '../../fixtures/gateway/refusal.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { JsonObject, VerdictLine } from '../../reports/record/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import type { Dialect, Ground } from '../../suites/core/check.ts'
import { asArray, dig } from '../../suites/core/dig.ts'
import { Stand } from '../fields/stand.ts'
import { field, ID } from './fields-stand.ts'

/** What a gateway's handling of tools turns red: everything about them, and what it rests on. */

let stand: Stand
beforeAll(async () => {
  const dialect = {
    ...anthropicMessages,
    checks: (ground: Ground) =>
      anthropicMessages
        .checks(ground)
        .filter(({ id }) => /\/(?:plain|tools|stops)\/|\/field\/(?:tool|stop)/.test(id)),
    rules: () => [],
  }
  stand = await Stand.of('anthropic-2023-06-01', dialect as Dialect)
})
afterAll(() => stand.close())

/** Ids of the failures, and by which check each blocked one is blocked. */
async function told(twist: Twist) {
  const { lines } = await stand.run(twist)
  const all = [...lines.values()]
  const blocked = (line: VerdictLine) => line.skip?.reason === 'blocked'
  return {
    red: all.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id.replace(`${ID}/`, '')),
    blocked: Object.fromEntries(all.filter(blocked).map(({ id, skip }) => [id, skip?.by])),
    of: (path: string) => lines.get(field(path, 'effect'))?.field?.observed,
  }
}

const choice = (body: JsonObject): unknown => dig(body, 'tool_choice', 'type')

test('tool_choice any is refused: nothing else is blamed, tools least of all', async () => {
  const { red, blocked, of } = await told({
    admit: (refusal, { body }) =>
      choice(body) === 'any' ? refuse('tool_choice', null, 'tool_choice: Invalid value: any') : refusal,
  })
  expect(red.sort()).toEqual(['field/tool_choice/accepted', 'tools/choice-any'])
  for (const id of ['stop-reason', 'no-markup', 'zero-arguments', 'unicode-input', 'block', 'stream'])
    expect(blocked[`${ID}/tools/${id}`], id).toBe(`${ID}/tools/choice-any`)
  expect(blocked[field('tool_choice.type', 'accepted')]).toBe(field('tool_choice', 'accepted'))
  expect([of('tools'), of('tools[].input_schema')]).toEqual(['honoured', 'honoured'])
})

test('tools are dropped: they have no effect', async () => {
  const { of } = await told({
    act: (body) => {
      const { tools: _, tool_choice: __, ...rest } = body
      return rest
    },
  })
  expect(of('tools')).toBe('ignored')
})

test('stop_sequences are dropped: one red', async () => {
  const { red, blocked } = await told({
    act: (body) => ({ ...body, ...(asArray(body.stop_sequences).length > 0 ? { stop_sequences: [] } : {}) }),
  })
  expect(red).toEqual(['field/stop_sequences/effect'])
  expect(blocked[`${ID}/stops/sequence`]).toBe(field('stop_sequences', 'effect'))
})
