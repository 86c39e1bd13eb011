/** Answers made by hand, and tables of what judges say of them. */
import { describe, expect, test } from 'vitest'
import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { eventsOf, message, reply, stream } from './exchange.ts'
import { judged } from './judged.ts'

export type Asked = Record<string, Exchange | Exchange[]>
export type Case = [id: string, what: string, asked: Asked, words: string[], profile?: string]

export const said = (over: JsonObject, request?: Json): Exchange =>
  reply(message(over), request === undefined ? {} : { request })
export const told = (over: JsonObject, request: JsonObject = {}): Exchange =>
  stream(eventsOf(message(over)), { request: { stream: true, ...request } })
/** The same answer, whole and streamed. */
export const both = (over: JsonObject, request: JsonObject = {}): Asked => ({
  reply: said(over, request),
  stream: told(over, request),
})
export const text = (value: string): JsonObject => ({ content: [{ type: 'text', text: value }] })
export const counts = (input: Json, output: Json = 1, more: JsonObject = {}): JsonObject => ({
  usage: { input_tokens: input, output_tokens: output, ...more },
})
export const cut = { stop_reason: 'max_tokens', ...counts(12, 8), ...text('1 2 3 4') }
export const LIMIT = { max_tokens: 8 }
export const html = (status: number): Exchange =>
  reply('<html>', { status, headers: [['content-type', 'text/html']] })
export const dead: Exchange = {
  ...reply(),
  status: 0,
  reads: [],
  end: { kind: 'reset', detail: 'ECONNRESET' },
}

export const GAMMA = { stop_reason: 'stop_sequence', stop_sequence: 'gamma', ...text('alpha beta ') }
export const model = { type: 'model', id: 'm-1', display_name: 'M 1', created_at: '2026-01-01T00:00:00Z' }
/** That of the model under test, by its dated id. */
export const asked = { ...model, id: 'claude-haiku-4-5-20251001' }
export const page = (over: JsonObject = {}): JsonObject => ({
  data: [model],
  has_more: false,
  first_id: 'm-1',
  last_id: 'm-1',
  ...over,
})

export function answersByHand(cases: readonly Case[]): void {
  describe('answers by hand', () => {
    test.each(cases.map((one) => [`${one[0]}: ${one[1]}`, one] as const))(
      '%s',
      (_, [id, , asked, words, profile]) => {
        expect(judged(id, asked, profile)).toEqual(words)
      },
    )
  })
}
