import type { Dialect } from '../core/check.ts'
import { asInteger, dig, isObject } from '../core/dig.ts'
import { promptBound, UNLIMITED } from '../core/prompt-bound.ts'
import { fieldChecks } from '../fields/fields.ts'
import { robustness } from '../requests/robustness.ts'
import { grammarRules } from '../rules/grammar.ts'
import { httpRules } from '../rules/http.ts'
import { jsonRules } from '../rules/json.ts'
import { limitRules } from '../rules/limits.ts'
import { openaiReaderRules } from '../rules/openai-readers.ts'
import { securityRules } from '../rules/security.ts'
import { shapeRules } from '../rules/shape.ts'
import { sseRules } from '../rules/sse.ts'
import { access } from './access.ts'
import { addresses } from './addresses.ts'
import { PLAIN } from './ask.ts'
import { choiceIndex, severalChoices } from './choices.ts'
import { clientRules } from './clients/rules.ts'
import { completion } from './completion.ts'
import { errorWords } from './error-words.ts'
import { errors } from './errors.ts'
import { CHAT_FIELDS } from './fields/kit.ts'
import { formats } from './formats.ts'
import { logprobs } from './logprobs.ts'
import { messages } from './messages.ts'
import { models } from './models.ts'
import { pictures } from './pictures.ts'
import { plain } from './plain.ts'
import { reasoning } from './reasoning.ts'
import { sampling } from './sampling.ts'
import { SHAPES } from './shape.ts'
import { calls } from './tools/calls.ts'
import { choices } from './tools/choice.ts'
import { turns } from './tools/turns.ts'
import { usage, usageRules } from './usage.ts'
import { ChatView } from './view.ts'

const ID = 'openai-chat'

/** Fields that a model reads. */
const READ = ['messages', 'tools', 'functions', 'response_format', 'prediction', 'input']
const LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens']

/** OpenAI Chat Completions. */
export const openaiChat: Dialect<ChatView> = {
  id: ID,
  view: (exchange) => new ChatView(exchange),
  checks: (ground) => [
    ...plain,
    ...completion,
    ...usage,
    ...messages,
    ...pictures(ground),
    ...severalChoices(ground),
    ...logprobs(ground),
    ...formats(ground),
    ...choices,
    ...calls,
    ...turns,
    ...models(ground),
    ...errors(ground.promise),
    ...access,
    ...sampling,
    ...robustness(ID, PLAIN),
    ...addresses,
    ...fieldChecks(ground, CHAT_FIELDS),
  ],
  rules: ({ profile, promise, level }) => [
    ...httpRules(ID),
    ...limitRules(ID),
    ...sseRules(ID),
    ...openaiReaderRules(ID),
    ...jsonRules(ID),
    ...securityRules(ID),
    ...shapeRules(SHAPES, profile, promise),
    choiceIndex,
    errorWords,
    ...grammarRules(ID, level),
    ...clientRules(promise),
    ...reasoning,
    ...usageRules,
  ],
  succeeded: (view) => view.succeeded,
  tokens(body) {
    if (!isObject(body)) return 0
    const limits = LIMITS.map((key) => asInteger(dig(body, key))).filter((limit) => limit !== undefined)
    const limit = limits.length === 0 ? UNLIMITED : Math.max(...limits)
    const choices = Math.max(1, asInteger(dig(body, 'n')) ?? 1)
    return promptBound(body, READ) + Math.max(0, limit) * Math.min(choices, 128)
  },
  plain: { reply: 'openai-chat/plain/reply', stream: 'openai-chat/plain/stream' },
}
