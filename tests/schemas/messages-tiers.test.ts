import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { MessageKind } from '../../schemas/documents.ts'
import { schemaFindings, tierFindings } from '../../suites/core/schema.ts'

const DIALECT = 'anthropic-messages'
const official = (kind: MessageKind, value: Json) =>
  tierFindings(DIALECT, 'official', kind, value).map((f) => `${f.pointer} ${f.expected}`)

/** As the documents of the API print it. */
const PRINTED: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 1 },
}
const NULLS: JsonObject = { container: null, diagnostics: null, stop_details: null }
const CACHE: JsonObject = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
const WHOLE: JsonObject = {
  ...PRINTED,
  ...NULLS,
  content: [{ type: 'text', text: 'Hi', citations: null }],
  usage: { input_tokens: 3, output_tokens: 1, ...CACHE },
}

describe('the official tier of Messages', () => {
  it('is met by a whole message, and by its events', () => {
    const start = { type: 'message_start', message: { ...WHOLE, content: [], stop_reason: null } }
    const events: JsonObject[] = [
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 5 },
      },
      { type: 'message_stop' },
      { type: 'ping' },
      { type: 'error', error: { type: 'overloaded_error', message: 'm' } },
    ]
    expect(official('response', WHOLE)).toEqual([])
    for (const event of events) {
      expect(schemaFindings(DIALECT, 'chunk', event)).toEqual([])
      expect(official('chunk', event)).toEqual([])
    }
  })

  it('misses the counts of the cache, and none of the nullable keys that clients must not rely on', () => {
    expect(official('response', PRINTED).sort()).toEqual([
      '/usage the key "cache_creation_input_tokens"',
      '/usage the key "cache_read_input_tokens"',
    ])
  })

  it('speaks of the start of a stream: no content, no reason yet', () => {
    const message = { ...WHOLE, stop_sequence: 'x' }
    expect(official('chunk', { type: 'message_start', message }).sort()).toEqual([
      '/message/content at most 0 elements',
      '/message/stop_reason null',
      '/message/stop_sequence null',
    ])
  })

  it('speaks of a key only in events of its type', () => {
    expect(official('chunk', { type: 'message_delta', delta: {}, usage: {} }).sort()).toEqual([
      '/delta the key "stop_reason"',
      '/delta the key "stop_sequence"',
      '/usage the key "output_tokens"',
    ])
    expect(official('chunk', { type: 'content_block_delta', index: 0, delta: {} })).toEqual([
      '/delta the key "type"',
    ])
    expect(official('chunk', { type: 'brand_new', delta: {}, usage: {} })).toEqual([])
    expect(official('chunk', {})).toEqual([' the key "type"'])
  })

  it('speaks of blocks by their type, and of types that it does not know', () => {
    const content = [
      { type: 'tool_use', id: 't' },
      { type: 'thinking', thinking: 'T' },
      { type: 'hologram' },
      { text: 'x' },
    ]
    expect(official('response', { ...WHOLE, content }).sort()).toEqual([
      '/content/0 the key "input"',
      '/content/0 the key "name"',
      '/content/1 the key "signature"',
      expect.stringMatching(/^\/content\/2\/type one of "text"/),
      '/content/3 the key "type"',
    ])
  })

  it('speaks of errors and of counts', () => {
    expect(official('error', { error: { type: 'model_not_available', message: 'm' } }).sort()).toEqual([
      ' the key "request_id"',
      ' the key "type"',
      expect.stringMatching(/^\/error\/type one of "invalid_request_error"/),
    ])
    const right = { type: 'error', error: { type: 'request_too_large', message: 'm' }, request_id: null }
    expect(official('error', right)).toEqual([])
    expect([official('count', {}), official('count', { input_tokens: 3 })]).toEqual([
      [' the key "input_tokens"'],
      [],
    ])
  })
})
