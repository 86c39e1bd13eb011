import type { JsonObject } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import { ask } from './ask.ts'
import { cut } from './cut.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

const cache_control: JsonObject = { type: 'ephemeral' }

const READ_TOOL: JsonObject = {
  name: 'Read',
  description: 'Reads a file from the local filesystem. The path must be absolute.',
  input_schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      file_path: { type: 'string', description: 'The absolute path of the file' },
      limit: { type: 'number', description: 'The number of lines to read' },
    },
    required: ['file_path'],
    additionalProperties: false,
  },
}

const BODY: JsonObject = {
  system: [
    { type: 'text', text: 'You are Claude Code, Anthropic’s official CLI for Claude.', cache_control },
    {
      type: 'text',
      text: 'You are an interactive tool that helps users with software tasks.',
      cache_control,
    },
  ],
  tools: [READ_TOOL],
  metadata: { user_id: 'user_assay_account__session_00000000-0000-4000-8000-000000000000' },
  stream: true,
}
const MESSAGES: JsonObject[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: '<system-reminder>Today is a day like any other.</system-reminder>' },
      { type: 'text', text: 'Reply with the single word OK.', cache_control },
    ],
  },
]
const HEADERS = {
  'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14',
  'x-app': 'cli',
}

/** The turn that Claude Code sends first: its address, headers and body, with a short question. */
export function claudeCode({ promise, level }: Ground): Check<MessagesView>[] {
  const promised = level(['TH-ANT-CC-runs', 'ANT-QUERY-beta']) !== undefined
  return [
    {
      id: 'anthropic-messages/claude-code/turn',
      title: promised
        ? 'A turn as Claude Code sends it, to ?beta=true, is answered with a complete stream'
        : 'A turn as Claude Code sends it, to ?beta=true, is answered or refused, never with a 5xx',
      requirements: [
        'ANT-QUERY-beta',
        'ANT-HDR-beta',
        'TH-ANT-CC-runs',
        'TH-ANT-CC-base-url',
        'TH-ANT-CC-base-url-old',
      ],
      fix: 'Route by path and let the query pass; accept anthropic-beta, cache_control, metadata and system blocks.',
      needs: ['anthropic-messages/plain/reply', 'anthropic-messages/plain/stream'],
      expects: 'any',
      ask: {
        reply: [
          ask(BODY, {
            path: `${promise.path}?beta=true`,
            headers: HEADERS,
            messages: MESSAGES,
            limit: 96,
          }),
        ],
      },
      *judge({ reply }) {
        if (!promised) yield* onlyObserved(reply!, 'a turn of Claude Code')
        else if (!reply!.succeeded) yield unsuccessful(reply!)
        else if (!reply!.chunks.some(({ value }) => value.type === 'message_stop')) {
          yield finding(reply!.endPlace, 'message_stop at the end', 'none')
        } else if (typeof reply!.stopReason !== 'string') {
          yield finding(reply!.message!.stopWhere, 'a stop_reason', reply!.stopReason ?? 'none')
        } else if (reply!.content === '' && reply!.toolUses.length === 0 && !cut(reply!)) {
          yield finding(reply!.message!.where, 'a text or a call', 'neither')
        } else yield note(reply!.message!.stopWhere, reply!.stopReason)
      },
    },
  ]
}
