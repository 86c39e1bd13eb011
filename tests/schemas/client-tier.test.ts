import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../reports/record/types.ts'
import { grammarDocument, tierDocument } from '../../schemas/documents.ts'
import { runGrammar } from '../../suites/core/grammar.ts'
import { tierFindings } from '../../suites/core/schema.ts'

/** Each row of the client tier, and each grammar rule with a client's name, is shown by running that client. */

const messages = [{ role: 'user' as const, content: 'x' }]
const definition = { name: 'f', description: 'd', parameters: { type: 'object' as const, properties: {} } }
const tools = [{ type: 'function' as const, function: definition }]
const runnable = [{ type: 'function' as const, function: { ...definition, function: () => 'r' } }]

function client(type: string, ...bodies: string[]): OpenAI {
  let turn = 0
  const answer = async () =>
    new Response(bodies[Math.min(turn++, bodies.length - 1)], { headers: { 'content-type': type } })
  return new OpenAI({ apiKey: 'no-key', maxRetries: 0, fetch: answer })
}

const TEXT: JsonObject = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content: 'hi', refusal: null },
    },
  ],
}
const CALL: JsonObject = {
  ...TEXT,
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      logprobs: null,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    },
  ],
}
const chunk = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason }],
})
const SPOKEN = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'a' }), chunk({}, 'stop')]
const CALLED = [
  chunk({
    role: 'assistant',
    tool_calls: [{ index: 0, id: 't', type: 'function', function: { name: 'f', arguments: '' } }],
  }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
  chunk({}, 'tool_calls'),
]

/** A copy without (or with another) value at a path: `0.choices.0.index`. */
function changed<T extends Json>(value: T, path: string, to?: Json): T {
  const copy = structuredClone(value)
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let here: Json = copy
  for (const key of keys) here = (here as JsonObject)[key] as Json
  if (to === undefined) delete (here as JsonObject)[last]
  else (here as JsonObject)[last] = to
  return copy
}

async function breaks(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const answered = (value: JsonObject) =>
  breaks(() =>
    client('application/json', JSON.stringify(value), JSON.stringify(TEXT))
      .chat.completions.runTools({ model: 'm', messages, tools: runnable })
      .finalContent(),
  )
const streamed = (chunks: Json[]) => {
  const body = [...chunks.map((c) => JSON.stringify(c)), '[DONE]'].map((d) => `data: ${d}\n\n`).join('')
  return breaks(() =>
    client('text/event-stream', body)
      .chat.completions.stream({ model: 'm', messages, tools })
      .finalChatCompletion(),
  )
}

describe('openai-node', () => {
  it('reads what is right', async () => {
    expect(await Promise.all([answered(TEXT), answered(CALL), streamed(SPOKEN), streamed(CALLED)])).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  it.each([
    [TEXT, 'choices', 'choices'],
    [TEXT, 'choices.0.message', 'choices[].message'],
    [TEXT, 'choices.0.message.role', 'choices[].message.role'],
    [CALL, 'choices.0.message.tool_calls.0.type', 'choices[].message.tool_calls[].type'],
    [CALL, 'choices.0.message.tool_calls.0.function', 'choices[].message.tool_calls[].function'],
  ])('breaks on an answer without what the client tier asks for (%#: %s)', async (good, path, row) => {
    const value = changed(good, path)
    const rows = tierDocument('openai-chat', 'client').response ?? []
    const found = tierFindings('openai-chat', 'client', 'response', value)
    expect(await answered(value)).not.toBe('')
    expect(found.map((f) => f.why)).toEqual([rows.find((r) => r.path === row)?.why])
    expect(tierFindings('openai-chat', 'client', 'response', good)).toEqual([])
  })

  it.each([
    [SPOKEN, '1.choices', 'choices'],
    [SPOKEN, '1.choices.0.index', 'choices[].index'],
    [CALLED, '1.choices.0.delta.tool_calls.0.index', 'choices[].delta.tool_calls[].index'],
  ])('breaks on a chunk without what the client tier asks for (%#: %s)', async (good, path, row) => {
    const chunks = changed<Json>(good, path) as Json[]
    const rows = tierDocument('openai-chat', 'client').chunk ?? []
    const found = chunks.flatMap((c) => tierFindings('openai-chat', 'client', 'chunk', c))
    expect(await streamed(chunks)).not.toBe('')
    expect(found.map((f) => [f.by, f.why])).toEqual([
      ['client:openai-node', rows.find((r) => r.path === row)?.why],
    ])
  })

  it('has a test for every row of its tier', () => {
    const { response, chunk: rows, error } = tierDocument('openai-chat', 'client')
    expect([response?.length, rows?.length, error?.length]).toEqual([5, 3, 0])
  })

  const broken: [rule: string, Json][] = [
    ['role-missing-first', changed<Json>(SPOKEN, '0.choices.0.delta.role')],
    ['tool-type-missing', changed<Json>(CALLED, '0.choices.0.delta.tool_calls.0.type')],
    ['choice-index-gap', SPOKEN.map((c) => changed<Json>(c, 'choices.0.index', 1))],
    [
      'tool-index-gap',
      CALLED.slice(0, 2)
        .map((c) => changed<Json>(c, 'choices.0.delta.tool_calls.0.index', 1))
        .concat(CALLED.slice(2)),
    ],
  ]
  it.each(broken)('breaks where %s is broken', async (rule, chunks) => {
    const list = chunks as Json[]
    const events = [...list, null].map((json) => ({
      type: 'message',
      data: json === null ? '[DONE]' : JSON.stringify(json),
      json: json ?? undefined,
    }))
    const grammar = grammarDocument('openai-chat')
    expect(grammar.rules[rule]?.by).toBe('client:openai-node')
    expect(runGrammar(grammar, events, 'clean').map((f) => f.rule)).toEqual([`openai-chat/grammar/${rule}`])
    expect(await streamed(list)).not.toBe('')
  })

  it('has a test for every rule of the grammar that names it', () => {
    const named = Object.entries(grammarDocument('openai-chat').rules).filter(([, r]) =>
      r.by.startsWith('client:'),
    )
    expect(named.map(([name]) => name).sort()).toEqual(broken.map(([name]) => name).sort())
  })
})
