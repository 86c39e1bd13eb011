import { type Check, finding } from '../core/check.ts'
import { onlyObserved } from '../requests/clean.ts'
import { chat, PLAIN } from './ask.ts'
import type { ChatView } from './view.ts'

/** Addresses that a document leaves open: what stands there is recorded. */
export const addresses: Check<ChatView>[] = [
  {
    id: 'openai-chat/addresses/responses',
    title: 'The Responses address answers for models that have it',
    requirements: ['TH-OAI-EP-responses'],
    fix: 'Serve POST {base}/responses for the models of the table.',
    expects: 'any',
    ask: {
      reply: [
        {
          dialect: 'openai-chat',
          path: '/responses',
          body: { model: '$model', input: PLAIN, max_output_tokens: 16 },
        },
      ],
    },
    *judge({ reply }) {
      const { value } = reply!.json
      const right =
        typeof value === 'object' && value !== null && !Array.isArray(value) && value.object === 'response'
      if (reply!.status !== 200) yield finding(reply!.statusPlace, 'status 200', `status ${reply!.status}`)
      else if (!right) yield finding(reply!, 'an object with object: response', reply!.text)
    },
  },
  {
    id: 'openai-chat/addresses/other-dialects',
    title: 'Addresses of dialects that clients named by the document speak are answered or refused cleanly',
    requirements: ['PT-CLIENT-codex', 'PT-CLIENT-claude-code'],
    fix: 'Answer 404 with the envelope where a dialect is not offered.',
    expects: 'any',
    ask: {
      responses: [
        {
          dialect: 'openai-chat',
          path: '/responses',
          body: { model: '$model', input: PLAIN, max_output_tokens: 16 },
        },
      ],
      messages: [{ ...chat({}, { limit: 8 }), path: '/messages' }],
      nested: [{ ...chat({}, { limit: 8 }), path: '/v1/messages' }],
    },
    *judge({ responses, messages, nested }) {
      yield* onlyObserved(responses!, 'POST {base}/responses')
      yield* onlyObserved(messages!, 'POST {base}/messages')
      yield* onlyObserved(nested!, 'POST {base}/v1/messages')
    },
  },
]
