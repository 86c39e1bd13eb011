import { asString } from '../core/dig.ts'
import { chunksThat, errorBody, replyBody, wholeBody } from '../rules/judged-messages.ts'
import type { ShapeTable } from '../rules/shape.ts'
import { isCount } from './count.ts'
import { fromTheEdge } from './edge.ts'
import { isNewStop } from './stop-words.ts'
import type { MessagesView } from './view.ts'

/** Events that documents know; others may come within a version, and are nobody's fault. */
const EVENTS = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
])

/** Types of blocks, which new ones join within a version: clients pass over those that they do not know. */
const BLOCK_TYPE = /(?:content\[\]|content_block)\.type$/
/** Keys that the official types require and that answers of the official API lack. */
const SELDOM = /usage\.(?:cache_(?:creation|read)_input_tokens|server_tool_use\.[a-z_]+)$/

/** The messages of the dialect. */
export const SHAPES: ShapeTable<MessagesView> = {
  dialect: 'anthropic-messages',
  kinds: {
    response: { name: 'reply', of: replyBody },
    chunk: { name: 'event', of: chunksThat(({ value }) => EVENTS.has(asString(value.type) ?? '')) },
    error: { name: 'error', of: errorBody },
    count: {
      name: 'count',
      of: (view) => (view.status === 200 && isCount(view) ? wholeBody(view) : []),
    },
  },
  client: { tier: 'client:anthropic-node', name: '@anthropic-ai/sdk' },
  requirements: {
    'reply-types': [
      'ANT-RES-type',
      'ANT-RES-role',
      'ANT-RES-content',
      'ANT-RES-stop_reason',
      'ANT-RES-stop_sequence',
      'ANT-RES-block-text',
      'ANT-RES-block-tool_use',
      'ANT-RES-block-thinking',
      'ANT-RES-block-redacted',
      'ANT-RES-usage-cache',
      'ANT-RES-usage-optional',
      'ANT-RES-optional',
    ],
    'event-types': [
      'ANT-SSE-message_start',
      'ANT-SSE-block_start',
      'ANT-SSE-block_delta',
      'ANT-SSE-block_stop',
      'ANT-SSE-message_delta',
      'ANT-SSE-message_stop',
      'ANT-SSE-ping',
      'ANT-SSE-unknown-events',
      'ANT-SSE-thinking',
      'ANT-SSE-citations',
      'TH-ANT-SSE-content_block_start',
      'TH-ANT-SSE-content_block_delta',
      'TH-ANT-SSE-message_delta',
    ],
    'error-types': ['ANT-ERR-envelope'],
    'error-official': ['ANT-ERR-types'],
    'count-types': ['ANT-COUNT-endpoint', 'ANT-COUNT-positive'],
    'reply-client': ['ANT-SDK-node-1', 'ANT-SDK-node-0', 'TH-ANT-SDK-node'],
    'event-client': ['ANT-SDK-node-1', 'ANT-SDK-node-0', 'TH-ANT-SDK-node'],
  },
  milder({ kind, by, path, missing, value }, view) {
    if (kind === 'error') {
      // errors/one-envelope tells it.
      if (by === 'official' && path === 'type') return 'told'
      return fromTheEdge(view) ? 'warn' : undefined
    }
    if (missing) return by === 'official' && SELDOM.test(path) ? 'warn' : undefined
    if (BLOCK_TYPE.test(path) && typeof value === 'string' && value !== '') return 'note'
    return /(?:^|\.)stop_reason$/.test(path) && isNewStop(value) ? 'warn' : undefined
  },
  refusal: {
    milder: fromTheEdge,
    title: 'Every refusal is a JSON object with an error object in it',
    requirements: ['ANT-ERR-envelope', 'ANT-ERR-one-envelope'],
    expected: '{"type": "error", "error": {"type", "message"}}',
    fix: 'Answer every refusal with {"type": "error", "error": {"type", "message"}, "request_id"}, whichever layer refuses.',
  },
}
