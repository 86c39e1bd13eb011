import { Buffer } from 'node:buffer'
import type { Json } from '../../reports/record/types.ts'
import type { Dialect } from '../core/check.ts'
import { asInteger, dig, isObject } from '../core/dig.ts'
import { httpRules } from '../rules/http.ts'
import { jsonRules } from '../rules/json.ts'
import { securityRules } from '../rules/security.ts'
import { sseRules } from '../rules/sse.ts'
import { access } from './access.ts'
import { clientRules } from './clients/rules.ts'
import { completion } from './completion.ts'
import { errors } from './errors.ts'
import { fieldChecks } from './fields/fields.ts'
import { grammarRules } from './grammar.ts'
import { messages } from './messages.ts'
import { models } from './models.ts'
import { plain } from './plain.ts'
import { reasoning } from './reasoning.ts'
import { addresses, robustness } from './robustness.ts'
import { sampling } from './sampling.ts'
import { shapes } from './shape.ts'
import { calls } from './tools/calls.ts'
import { choices } from './tools/choice.ts'
import { turns } from './tools/turns.ts'
import { usage } from './usage.ts'
import { ChatView } from './view.ts'

const ID = 'openai-chat'

/** Bytes of JSON per token, on the low side: a bound for prompts of our own making, which are plain English. */
const BYTES_PER_TOKEN = 3

/** OpenAI Chat Completions. */
export const openaiChat: Dialect<ChatView> = {
  id: ID,
  view: (exchange) => new ChatView(exchange),
  checks: (ground) => [
    ...plain,
    ...completion,
    ...usage,
    ...messages,
    ...choices,
    ...calls,
    ...turns,
    ...models(ground.profile),
    ...errors(ground.promise),
    ...access,
    ...sampling,
    ...robustness,
    ...addresses,
    ...fieldChecks(ground),
  ],
  rules: ({ profile, promise, level }) => [
    ...httpRules(ID),
    ...sseRules(ID),
    ...jsonRules(ID),
    ...securityRules(ID),
    ...shapes(profile, promise),
    ...grammarRules(level),
    ...clientRules(promise),
    ...reasoning,
  ],
  succeeded: (view) => view.succeeded,
  tokens(body) {
    if (!isObject(body)) return 0
    const limit = asInteger(dig(body, 'max_completion_tokens')) ?? asInteger(dig(body, 'max_tokens')) ?? 0
    const choices = Math.max(1, asInteger(dig(body, 'n')) ?? 1)
    const prompt = Buffer.byteLength(JSON.stringify([body.messages ?? null, body.tools ?? null] as Json))
    return Math.ceil(prompt / BYTES_PER_TOKEN) + Math.max(0, limit) * Math.min(choices, 128)
  },
  plain: { reply: 'openai-chat/plain/reply', stream: 'openai-chat/plain/stream' },
}
