import Newest from '@anthropic-ai/sdk'
import Last from 'anthropic-sdk-0'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../reports/record/types.ts'
import { tierDocument } from '../../schemas/documents.ts'
import { tierFindings } from '../../suites/core/schema.ts'
import { answering, helped, type Sdk, streamOf } from './anthropic-sdk.ts'

/** Each row of the client tier is shown by running both generations of the client: each breaks, or loses something. */

const SDKS: Record<string, Sdk> = { '1.12.0': Newest, '0.137.0': Last }
const DIALECT = 'anthropic-messages'
const usage = { input_tokens: 3, output_tokens: 1 }

const SAID: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hi', citations: null }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
}
const CALL: JsonObject = {
  ...SAID,
  content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: { city: 'Paris' } }],
  stop_reason: 'tool_use',
}

const START: JsonObject = { type: 'message_start', message: { ...SAID, content: [], stop_reason: null } }
const STOP: JsonObject = { type: 'message_stop' }
const ending = (stop_reason: string): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage: { output_tokens: 5 },
})
const block = (content_block: JsonObject, ...deltas: JsonObject[]): JsonObject[] => [
  { type: 'content_block_start', index: 0, content_block },
  ...deltas.map((delta): JsonObject => ({ type: 'content_block_delta', index: 0, delta })),
  { type: 'content_block_stop', index: 0 },
]
const TEXT = [
  START,
  ...block({ type: 'text', text: '' }, { type: 'text_delta', text: 'Hi' }),
  ending('end_turn'),
  STOP,
]
const TOOL = [
  START,
  ...block(
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
    { type: 'input_json_delta', partial_json: '{"a": 1}' },
  ),
  ending('tool_use'),
  STOP,
]
const THINKING = [
  START,
  ...block(
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'T' },
    { type: 'signature_delta', signature: 'S' },
  ),
  ending('end_turn'),
  STOP,
]

/** A copy without the value at a path: `0.message.usage`. */
function without<T extends Json>(value: T, path: string): T {
  const copy = structuredClone(value)
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let here: Json = copy
  for (const key of keys) here = (here as JsonObject)[key] as Json
  delete (here as JsonObject)[last]
  return copy
}

/** What parse() and the tool runner make of an answer: what the tool was given, how many requests were made. */
async function answered(sdk: Sdk, value: JsonObject): Promise<string> {
  try {
    const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] }
    await answering(sdk, value).client.messages.parse(body)
    const { client, requests } = answering(sdk, value, SAID)
    let given = 'no call'
    const run = (input: unknown): string => {
      given = JSON.stringify(input) ?? 'undefined'
      return 'r'
    }
    const parse = (input: unknown) => input
    const tool = { name: 'f', description: 'd', input_schema: { type: 'object' as const }, run, parse }
    await client.beta.messages.toolRunner({ ...body, tools: [tool] })
    return `${requests()} requests, ${given}`
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`
  }
}

const rows = {
  response: tierDocument(DIALECT, 'client').response ?? [],
  chunk: tierDocument(DIALECT, 'client').chunk ?? [],
}

/** What the tier says of messages, and the number of the row that says it. */
function told(kind: 'response' | 'chunk', values: Json[]): { by: string; row: number }[] {
  const found = values.flatMap((value) => tierFindings(DIALECT, 'client', kind, value))
  return found.map(({ by, why }) => ({ by, row: rows[kind].findIndex((r) => r.why === why) }))
}

const named = (kind: 'response' | 'chunk', row: number) => ({
  by: 'client:anthropic-node',
  row: rows[kind].findIndex((r) => r.why === rows[kind][row]?.why),
})

describe('anthropic-node', () => {
  it.each(Object.entries(SDKS))('%s reads what is right', async (_, sdk) => {
    const all = [await answered(sdk, SAID), await answered(sdk, CALL)]
    expect(all).toEqual(['1 requests, no call', '2 requests, {"city":"Paris"}'])
    expect(await helped(sdk, streamOf(TEXT))).toBe('[{"type":"text","text":"Hi"}]')
    expect(await helped(sdk, streamOf(TOOL))).toContain('"input":{"a":1}')
    expect(await helped(sdk, streamOf(THINKING))).toContain('"thinking":"T","signature":"S"')
    expect(told('response', [SAID, CALL])).toEqual([])
    expect(told('chunk', [...TEXT, ...TOOL, ...THINKING])).toEqual([])
  })

  const answers: [row: number, good: JsonObject, path: string][] = [
    [0, CALL, 'role'],
    [1, SAID, 'content'],
    [2, CALL, 'content.0.type'],
    [3, CALL, 'content.0.name'],
    [4, CALL, 'content.0.input'],
    [5, CALL, 'stop_reason'],
    [6, SAID, 'usage'],
  ]
  it.each(answers)(
    'row %i of the answer: one of the two breaks on %j without %s',
    async (row, good, path) => {
      const bad = without(good, path)
      expect(told('response', [bad])).toEqual([named('response', row)])
      const seen = await Promise.all(
        Object.values(SDKS).map(async (sdk) => (await answered(sdk, bad)) !== (await answered(sdk, good))),
      )
      expect(seen).toEqual(row === 6 ? [true, false] : [true, true])
    },
  )

  const events: [row: number, good: JsonObject[], path: string][] = [
    [0, TEXT, '0.type'],
    [1, TEXT, '0.message'],
    [2, TEXT, '0.message.content'],
    [3, TEXT, '0.message.usage'],
    [4, TEXT, '1.content_block'],
    [5, TEXT, '1.content_block.type'],
    [6, THINKING, '1.content_block.thinking'],
    [7, TEXT, '2.index'],
    [8, TEXT, '2.delta'],
    [9, TEXT, '2.delta.type'],
    [10, TEXT, '2.delta.text'],
    [11, THINKING, '2.delta.thinking'],
    [12, TOOL, '2.delta.partial_json'],
    [13, THINKING, '3.delta.signature'],
    [14, TEXT, '4.delta'],
    [15, TEXT, '4.usage'],
  ]
  it.each(events)('row %i of the events: both break on %j without %s', async (row, good, path) => {
    const bad = without<Json>(good, path) as JsonObject[]
    expect(told('chunk', bad)).toEqual([named('chunk', row)])
    for (const sdk of Object.values(SDKS)) {
      expect(await helped(sdk, streamOf(bad))).not.toBe(await helped(sdk, streamOf(good)))
    }
  })

  it('has a test for every row of its tier', () => {
    expect(answers.map(([row]) => row)).toEqual(rows.response.map((_, i) => i))
    expect(events.map(([row]) => row)).toEqual(rows.chunk.map((_, i) => i))
    expect(tierDocument(DIALECT, 'client').error).toEqual([])
  })
})
