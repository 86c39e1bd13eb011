import Newest from '@anthropic-ai/sdk'
import Last from 'anthropic-sdk-0'
import { describe, expect, it } from 'vitest'
import type { Finding, JsonObject } from '../../reports/record/types.ts'
import { anthropicNode, type HeldBlock } from '../../suites/anthropic-messages/clients/anthropic-node.ts'
import { clientRules } from '../../suites/anthropic-messages/clients/rules.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import { helped, type Sdk, streamOf } from '../schemas/anthropic-sdk.ts'
import { groundFor } from './by-hand.ts'
import { eventsOf, message, stream } from './exchange.ts'

/** Both generations of the client as witnesses of the reader: the same bytes, the same blocks. */

const SDKS: Record<string, Sdk> = { '1.12.0': Newest, '0.137.0': Last }

const paris: JsonObject = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { city: 'Paris' } }
const oslo: JsonObject = { type: 'tool_use', id: 'toolu_2', name: 'f', input: { city: 'Oslo', days: 2 } }
const idea: JsonObject = { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' }
const words: JsonObject = { type: 'text', text: 'Hello' }

const of = (...content: JsonObject[]): JsonObject[] => eventsOf(message({ content }))
const indexed = (events: JsonObject[], to: (index: number, event: JsonObject) => number): JsonObject[] =>
  events.map((event) =>
    typeof event.index === 'number' ? { ...event, index: to(event.index, event) } : event,
  )
const isDelta = (event: JsonObject): boolean => event.type === 'content_block_delta'

const isStart = (event: JsonObject): boolean => event.type === 'content_block_start'
const replaced = (events: JsonObject[], content_block: JsonObject): JsonObject[] =>
  events.map((event) => (isStart(event) ? { ...event, content_block } : event))

function begun(block: JsonObject): JsonObject[] {
  const [start, ...rest] = of(words)
  return [{ ...start, message: { ...(start?.message as JsonObject), content: [block] } }, ...rest]
}

/** Two tools that begin together, then are told together. */
function interleaved(): JsonObject[] {
  const [start, ...rest] = of(paris, oslo)
  const ofBlock = (event: JsonObject): boolean => String(event.type).startsWith('content_block')
  const order = ['content_block_start', 'content_block_delta', 'content_block_stop']
  const blocks = order.flatMap((type) => rest.filter((event) => event.type === type))
  return [start!, ...blocks, ...rest.filter((event) => !ofBlock(event))]
}

/** A tool whose input is the given text. */
function broken(partial_json: string): JsonObject[] {
  const [first, ...rest] = of(paris).map((event) =>
    isDelta(event) ? { ...event, delta: { type: 'input_json_delta', partial_json } } : event,
  )
  const delta = rest.find(isDelta)
  return [first!, ...rest.filter((event) => !isDelta(event) || event === delta)]
}

/** `first`: number of the event that the finding points at; undefined: the client reads everything. */
const cases: [name: string, events: JsonObject[], first: number | undefined][] = [
  ['two tools', of(paris, oslo), undefined],
  ['two tools at once', interleaved(), undefined],
  ['thinking, text and a tool', of(idea, words, paris), undefined],
  ['a tool without arguments', of({ ...paris, input: {} }).filter((e) => !isDelta(e)), undefined],
  ['two texts', of(words, words), undefined],
  ['an index that skips one: two tools', indexed(of(paris, oslo), (i) => 2 * i), 10],
  ['an index that skips one: a text, a tool', indexed(of(words, oslo), (i) => 2 * i), 6],
  ['an index that skips one: thinking, a text', indexed(of(idea, words), (i) => 2 * i), 9],
  ['indices from one', indexed(of(paris, oslo), (i) => i + 1), 2],
  ['indices from one, at once', indexed(interleaved(), (i) => i + 1), 3],
  ['the same index for all: two tools', indexed(of(paris, oslo), () => 0), 10],
  ['the same index for all: thinking, a text', indexed(of(idea, words), () => 0), 9],
  ['deltas to another block', indexed(of(paris, oslo), (i, e) => (isDelta(e) && i === 1 ? 0 : i)), 20],
  ['deltas to no block', indexed(of(idea), (i, e) => (isDelta(e) ? 4 : i)), 2],
  ['a start alone under another index', indexed(of(paris), (i, e) => (isDelta(e) ? i : i + 1)), undefined],
  ['a negative index', indexed(of(words), (i, e) => (isDelta(e) ? -1 : i)), 2],
  ['each block begins twice', of(paris).flatMap((e) => (isStart(e) ? [e, e] : [e])), 3],
  ['a message that begins with a block', begun({ type: 'text', text: '' }), 2],
  ['thinking in a redacted block', replaced(of(idea), { type: 'redacted_thinking', data: 'x' }), 2],
  ['text in a thinking block', replaced(of(words), { type: 'thinking', thinking: '', signature: '' }), 2],
  ['an input that is no JSON', broken('{"city":"Paris"}}'), 3],
]

function findingsOf(events: JsonObject[], profile = 'anthropic'): Omit<Finding, 'id'>[] {
  const rule = clientRules(groundFor(profile).promise).find(({ id }) => id.endsWith('/anthropic-node'))
  if (rule === undefined) throw new Error('the profile has no such client')
  const view = new MessagesView(stream(events))
  expect(rule.on(view)).toBe(true)
  return [...rule.judge(view)]
}

/** Two inputs in one tool: no JSON. */
const THROW = new Set([
  'the same index for all: two tools',
  'deltas to another block',
  'an input that is no JSON',
])

describe.each(Object.entries(SDKS))('the reader and the helper of @anthropic-ai/sdk %s', (_, sdk) => {
  it.each(cases.filter(([name]) => !THROW.has(name)))('hold the same: %s', async (_name, events) => {
    const reading = anthropicNode(new MessagesView(stream(events)).events)
    const got = await helped(sdk, streamOf(events))
    expect(reading.broken).toBeUndefined()
    expect(reading.blocks.map(shown)).toEqual((JSON.parse(got) as JsonObject[]).map(shown))
  })

  it.each(cases.filter(([name]) => THROW.has(name)))('break: %s', async (_name, events) => {
    const { broken, strayed } = anthropicNode(new MessagesView(stream(events)).events)
    expect(await helped(sdk, streamOf(events))).toMatch(/^throws .*JSON/)
    expect((broken ?? strayed)?.what).toMatch(/throws: the partial JSON/)
  })
})

it.each(Object.values(SDKS))('an input that is cut off is completed, not lost', async (sdk) => {
  const events = broken('{"city":"Par')
  expect(await helped(sdk, streamOf(events))).toContain('"input":{}')
  const { blocks, broken: breaks, strayed } = anthropicNode(new MessagesView(stream(events)).events)
  expect([blocks[0]?.json, breaks, strayed]).toEqual(['{"city":"Par', undefined, undefined])
  expect(findingsOf(events)).toEqual([])
})

/** What both say of a block, the reader's JSON as the input that it is. */
function shown(block: JsonObject | HeldBlock): JsonObject {
  const { type, text, thinking, signature } = block as JsonObject
  if (type === 'text') return { type, text: text ?? null }
  if (type === 'redacted_thinking') return { type }
  if (type === 'thinking') return { type, thinking: thinking ?? null, signature: signature ?? null }
  const json = 'json' in block ? String(block.json) : JSON.stringify(block.input)
  return { type: String(type), input: json === '' ? {} : (JSON.parse(json) as JsonObject) }
}

const PROFILES = ['anthropic', 'anthropic-2023-06-01', 'tokenhub-intl']

describe.each(PROFILES)('where the finding points on %s', (profile) => {
  it.each(cases)('%s', (_name, events, first) => {
    const places = new MessagesView(stream(events)).events.map(({ event }) => event.start)
    const at = findingsOf(events, profile).map((one) => places.indexOf(one.at.offset ?? -1))
    expect(at).toEqual(first === undefined ? [] : [first])
  })
})
