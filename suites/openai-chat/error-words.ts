import { finding, type Rule } from '../core/check.ts'
import type { ChatView } from './view.ts'

/** What a value that is not there becomes where it is written as a text. */
const NOTHING = /^(?:none|null|nil|undefined)$/i
const STATUS = /^[45]\d\d$/

/** The words of a refusal tell programs and people something. */
export const errorWords: Rule<ChatView> = {
  id: 'openai-chat/shape/error-words',
  title: 'error.message says something; type, param and code are words of their own, or null',
  requirements: [
    'OAI-CHAT-error-message',
    'OAI-CHAT-error-type',
    'OAI-CHAT-error-param',
    'OAI-CHAT-error-code',
  ],
  fix: 'Say in message what is wrong; send null for what is not known, and a name such as model_not_found as code.',
  tier: 'official',
  on: (view) => view.status >= 400 && view.error !== undefined,
  *judge(view) {
    const error = view.error!
    if (typeof error.message === 'string' && error.message.trim() === '') {
      yield finding(view.pointed('/error/message'), 'a sentence', JSON.stringify(error.message), {
        by: 'should',
        why: 'The person who asked sees a status and no reason.',
      })
    }
    for (const key of ['type', 'param', 'code'] as const) {
      const value = error[key]
      // A number is told by the rules of types.
      if (typeof value !== 'string') continue
      const nothing = NOTHING.test(value.trim())
      if (!nothing && (key === 'param' || !STATUS.test(value.trim()))) continue
      yield finding(
        view.pointed(`/error/${key}`),
        nothing ? 'null' : 'a name, or null',
        JSON.stringify(value),
        {
          by: 'should',
          why: `Clients that decide by error.${key} find a value that says nothing.`,
        },
      )
    }
  },
}
