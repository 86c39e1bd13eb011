import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../reports/record/types.ts'
import { grammarDocument } from '../../schemas/documents.ts'
import { type GrammarEvent, runGrammar } from '../../suites/core/grammar.ts'

const grammar = grammarDocument('anthropic-messages')

function event(json: JsonObject): GrammarEvent {
  return { type: String(json.type), data: JSON.stringify(json), json }
}

function rules(events: JsonObject[], ended: 'clean' | 'cut' = 'clean'): string[] {
  return runGrammar(grammar, events.map(event), ended).map((f) => f.rule.split('/').at(-1) ?? '')
}

const START: JsonObject = { type: 'message_start', message: { content: [], usage: { output_tokens: 0 } } }
const STOP: JsonObject = { type: 'message_stop' }
const ending = (stop_reason: Json, output_tokens = 5): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason },
  usage: { output_tokens },
})

type Piece = { kind: 'text' | 'thinking' | 'tool_use'; parts: string[]; input: JsonObject; cuts: number[] }

/** The events of one block: texts in parts, the input as JSON cut at any places. */
function block(index: number, { kind, parts, input, cuts }: Piece): JsonObject[] {
  const starts: Record<Piece['kind'], JsonObject> = {
    text: { type: 'text', text: '' },
    thinking: { type: 'thinking', thinking: '', signature: '' },
    tool_use: { type: 'tool_use', id: `toolu_${index}`, name: 'f', input: {} },
  }
  const text = JSON.stringify(input)
  const places = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length]
  const deltas: Record<Piece['kind'], JsonObject[]> = {
    text: parts.map((part) => ({ type: 'text_delta', text: part })),
    thinking: [
      ...parts.map((part) => ({ type: 'thinking_delta', thinking: part })),
      { type: 'signature_delta', signature: 's' },
    ],
    tool_use: places
      .slice(1)
      .map((end, i) => ({ type: 'input_json_delta', partial_json: text.slice(places[i], end) })),
  }
  return [
    { type: 'content_block_start', index, content_block: starts[kind] },
    ...deltas[kind].map((delta): JsonObject => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

const pieces = fc.array(
  fc.record({
    kind: fc.constantFrom<Piece['kind']>('text', 'thinking', 'tool_use'),
    parts: fc.array(fc.string(), { maxLength: 4 }),
    input: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    cuts: fc.array(fc.nat(200), { maxLength: 5 }),
  }),
  { maxLength: 6 },
)
const noise = fc.array(fc.constantFrom('', '', 'ping', 'brand_new'), { minLength: 40, maxLength: 40 })

/** A right stream with pings and unknown events anywhere before its end. */
function stream(list: Piece[], odd: string[]): JsonObject[] {
  const right = [START, ...list.flatMap((piece, i) => block(i, piece)), ending('end_turn'), STOP]
  return right.flatMap((e, i) => {
    const type = odd[i % odd.length] ?? ''
    return type === '' ? [e] : [{ type }, e]
  })
}

describe('the grammar of Messages', () => {
  it('finds nothing in right streams, whole or cut anywhere', () => {
    fc.assert(
      fc.property(pieces, noise, fc.nat(500), (list, odd, cut) => {
        const events = stream(list, odd)
        expect(rules(events)).toEqual([])
        expect(rules(events.slice(0, cut % (events.length + 1)), 'cut')).toEqual([])
      }),
    )
  })

  it('names a rule for every event of a block that is left out, but for text that nobody can miss', () => {
    const list: Piece[] = (['thinking', 'text', 'tool_use'] as const).map((kind) => ({
      kind,
      parts: ['a'],
      input: { city: 'Paris' },
      cuts: [4],
    }))
    const events = stream(list, [''])
    const silent = events.flatMap((_, i) =>
      rules(events.filter((__, j) => j !== i)).length === 0 ? [JSON.stringify(events[i])] : [],
    )
    expect(silent.every((one) => /"(text|thinking)_delta"/.test(one))).toBe(true)
    expect(silent).toHaveLength(2)
  })

  it('points at what is wrong', () => {
    const found = runGrammar(
      grammar,
      [
        START,
        { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 2, delta: { type: 'thinking_delta', thinking: 'x' } },
        { type: 'content_block_stop', index: 2 },
        ending(null, 7),
        ending('end_turn', 3),
        STOP,
      ].map(event),
      'clean',
    )
    expect(found.map((f) => [f.rule.split('/').at(-1), f.event, f.pointer, f.got])).toEqual([
      ['index-gap', 1, '/index', '2, not 0'],
      ['delta-type', 2, '/delta/type', 'thinking_delta'],
      ['usage-falls', 5, '/usage/output_tokens', '3 after 7'],
    ])
  })

  it('says the text that is no object, and says it once for each block', () => {
    const bad = (index: number): JsonObject[] => [
      {
        type: 'content_block_start',
        index,
        content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
      },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: '[1' } },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: ']' } },
      { type: 'content_block_stop', index },
    ]
    const events = [START, ...bad(0), ...bad(1), ending('tool_use'), STOP].map(event)
    const found = runGrammar(grammar, events, 'clean')
    expect(found.map((f) => [f.rule.split('/').at(-1), f.event, f.got])).toEqual([
      ['input-json', 4, '[1]'],
      ['input-json', 8, '[1]'],
    ])
  })

  it('stays bounded: twenty thousand blocks that overlap', () => {
    const events = Array.from(
      { length: 20_000 },
      (_, i): JsonObject => ({
        type: 'content_block_start',
        index: i * 2,
        content_block: { type: 'text', text: '' },
      }),
    )
    expect(runGrammar(grammar, [START, ...events].map(event), 'clean').length).toBeLessThan(20)
  })
})
