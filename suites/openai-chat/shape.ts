import { chunksThat, errorBody, replyBody } from '../rules/judged-messages.ts'
import type { ShapeTable } from '../rules/shape.ts'
import { isForeign } from './chunk.ts'
import type { ChatView } from './view.ts'

/** The messages of Chat Completions. */
export const SHAPES: ShapeTable<ChatView> = {
  dialect: 'openai-chat',
  kinds: {
    response: { name: 'reply', of: replyBody },
    chunk: {
      name: 'chunk',
      of: chunksThat(
        (chunk) => !isForeign(chunk) && (chunk.value.error === undefined || chunk.value.error === null),
      ),
    },
    error: { name: 'error', of: errorBody },
  },
  client: { tier: 'client:openai-node', name: 'openai-node' },
  requirements: {
    'reply-types': ['OAI-CHAT-res-optional', 'OAI-CHAT-res-logprobs-content'],
    'chunk-types': [
      'OAI-CHAT-stream-delta-content',
      'OAI-CHAT-stream-delta-refusal',
      'OAI-CHAT-stream-obfuscation',
      'PT-SSE-undocumented',
    ],
    'error-types': ['OAI-CHAT-error-message', 'OAI-CHAT-error-type', 'PT-ERR-envelope'],
    'error-official': ['OAI-CHAT-error-param', 'OAI-CHAT-error-code'],
    'reply-client': ['OAI-CHAT-sdk-node', 'TH-OAI-SDK-node'],
    'chunk-client': ['OAI-CHAT-sdk-node', 'TH-OAI-SDK-node'],
  },
  refusal: {
    title: 'Every refusal is a JSON object with an error object in it',
    requirements: ['OAI-CHAT-error-envelope', 'PT-ERR-envelope'],
    expected: '{"error": {"message": …}}',
    fix: 'Answer every refusal with {"error": {"message", "type", "param", "code"}}, whichever layer refuses.',
  },
  // C-40: the set of words is the official one; the empty string and null are no words.
  onlyOfficial: (path, got) => path === FINISH && /^"?[a-z]/i.test(got) && got !== 'null',
  // The empty string before the end of a streamed choice is a fault of its grammar, told there.
  toldByGrammar: (kind, path, got) => kind === 'chunk' && path === FINISH && got === '""',
}

const FINISH = 'choices[].finish_reason'
