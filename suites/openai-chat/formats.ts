import { type Check, finding, type Ground } from '../core/check.ts'
import { honours } from '../core/honoured.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

const PROMPT = 'Which city is the capital of France? Answer as a JSON object with the key city.'
const BY_SCHEMA = {
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'capital',
      strict: true,
      schema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  },
}

/** An answer in a format is text: a gateway that makes it by a tool of its own keeps that tool to itself. */
export function formats(ground: Ground): Check<ChatView>[] {
  if (!honours(ground, 'response_format', 'response_format.json_schema')) return []
  return [
    {
      id: 'openai-chat/completion/format-finish',
      title: 'An answer in JSON ends with finish_reason stop and calls no tool, whole and streamed',
      requirements: [
        'OAI-CHAT-req-response_format',
        'OAI-CHAT-finish-stop',
        'TH-OAI-REQ-response_format-json_object',
        'TH-OAI-REQ-response_format-json_schema',
        'TH-OAI-RES-finish-stop',
      ],
      fix: 'Where response_format is put into effect by a hidden tool, turn its call into content and report stop.',
      needs: [
        'openai-chat/plain/reply',
        'openai-chat/plain/stream',
        'openai-chat/field/response_format/effect',
        'openai-chat/field/response_format.json_schema/effect',
      ],
      ask: {
        object: [chat({ response_format: { type: 'json_object' } }, { prompt: PROMPT })],
        schema: [chat(BY_SCHEMA, { prompt: PROMPT })],
        stream: [chat({ ...BY_SCHEMA, stream: true }, { prompt: PROMPT })],
      },
      *judge(asked) {
        for (const view of Object.values(asked)) {
          const { finish, finishes, toolCalls, where } = view.choice!
          if (toolCalls.length > 0) yield finding(toolCalls[0]!.where, 'no tool call', toolCalls[0]!.name)
          else if (finish === 'length') yield { inconclusive: 'the model did not end within the limit' }
          else if (finish === 'tool_calls' || finish === 'function_call') {
            yield finding(finishes[0]?.where ?? where, 'finish_reason stop', finish)
          }
        }
      },
    },
  ]
}
