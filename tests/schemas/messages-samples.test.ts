import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Newest from '@anthropic-ai/sdk'
import Last from 'anthropic-sdk-0'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../reports/record/types.ts'
import { grammarDocument } from '../../schemas/documents.ts'
import { loadSpecs } from '../../specs/load.ts'
import { type GrammarEvent, runGrammar } from '../../suites/core/grammar.ts'
import { requiredFindings, schemaFindings, tierFindings } from '../../suites/core/schema.ts'
import { readSse } from '../../suites/core/sse.ts'
import { helped } from './anthropic-sdk.ts'

/** The stream that two pages of TokenHub print: its events, names, indexes and counts; the words are ours. */
const bytes = readFileSync(
  join(import.meta.dirname, '../../fixtures/transcripts/tokenhub-messages-sample.sse'),
)
const { events, problems, pending } = readSse([{ bytes, at: 0, wire: 0 }])
const read = events.map(({ type, data }): GrammarEvent => ({ type, data, json: JSON.parse(data) as Json }))
const chunks = read.flatMap((e) => (e.json === undefined ? [] : [e.json]))
const DIALECT = 'anthropic-messages'

function broken(list: GrammarEvent[]): string[] {
  return runGrammar(grammarDocument(DIALECT), list, 'clean').map((f) =>
    [f.rule.slice(`${DIALECT}/grammar/`.length), f.event, f.pointer].filter((w) => w !== undefined).join(' '),
  )
}

describe("the documents' own stream", () => {
  it('is an event stream of nine records', () => {
    expect([events.length, problems.length, pending.length]).toEqual([9, 0, 0])
  })

  it('is broken for exactly the right reasons', () => {
    expect(broken(read)).toEqual([
      'unnamed-event 0',
      'index-gap 0 /index',
      'message-start-missing 0',
      'block-not-opened 1',
    ])
  })

  it('has a reason for each thing that is wrong with it: mended one by one, the reasons go one by one', () => {
    const start = {
      type: 'message_start',
      data: '{"type":"message_start"}',
      json: { type: 'message_start', message: { content: [] } },
    }
    const named = read.map((e, i) => (i === 0 ? { ...e, type: 'content_block_start' } : e))
    expect(broken(named)).toEqual(['index-gap 0 /index', 'message-start-missing 0', 'block-not-opened 1'])
    expect(broken([start, ...named])).toEqual(['index-gap 1 /index', 'block-not-opened 2'])
    const zero = [start, ...named].map((e) => {
      const whole = e.json as { [key: string]: Json }
      return 'index' in whole ? { ...e, json: { ...whole, index: 0 } } : e
    })
    expect(broken(zero)).toEqual([])
  })

  it('has events that are right each by itself: in the base, for clients and officially', () => {
    for (const chunk of chunks) {
      expect(schemaFindings(DIALECT, 'chunk', chunk)).toEqual([])
      expect(tierFindings(DIALECT, 'client', 'chunk', chunk)).toEqual([])
      expect(tierFindings(DIALECT, 'official', 'chunk', chunk)).toEqual([])
    }
  })

  it.each(['tokenhub-intl', 'tokenhub-intl-old'])('has what %s promises of events', (profile) => {
    const promise = loadSpecs().profiles.get(profile)?.dialects[DIALECT]?.chunk
    expect(chunks.flatMap((chunk) => requiredFindings(promise ?? {}, chunk))).toEqual([])
  })

  it.each([
    ['1.12.0', Newest],
    ['0.137.0', Last],
  ])('breaks the helper of @anthropic-ai/sdk %s', async (_, sdk) => {
    expect(await helped(sdk, bytes.toString('utf8'))).toBe('throws request ended without sending any chunks')
  })
})
