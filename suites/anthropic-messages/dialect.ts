import type { Dialect } from '../core/check.ts'
import { dig } from '../core/dig.ts'
import { fieldChecks } from '../fields/fields.ts'
import { jsonForms, loneSurrogate } from '../requests/json-texts.ts'
import { robustness } from '../requests/robustness.ts'
import { grammarRules } from '../rules/grammar.ts'
import { httpRules } from '../rules/http.ts'
import { jsonRules } from '../rules/json.ts'
import { ANTHROPIC_LIMITS, limitRules, OPENAI_LIMITS } from '../rules/limits.ts'
import { securityRules } from '../rules/security.ts'
import { shapeRules } from '../rules/shape.ts'
import { passedOver, sseRules } from '../rules/sse.ts'
import { access } from './access.ts'
import { ask, PLAIN } from './ask.ts'
import { clientRules } from './clients/rules.ts'
import { heedingCompaction } from './compaction.ts'
import { completion } from './completion.ts'
import { conversation } from './conversation.ts'
import { count } from './count.ts'
import { equivalence } from './equivalence.ts'
import { errorRules } from './error-rules.ts'
import { errors } from './errors.ts'
import { messagesFields } from './fields/kit.ts'
import { headers } from './headers.ts'
import { messageRules } from './message-rules.ts'
import { models } from './models.ts'
import { mostTokens } from './most-tokens.ts'
import { plain } from './plain.ts'
import { seldomStops } from './seldom-stops.ts'
import { SHAPES } from './shape.ts'
import { stops } from './stops.ts'
import { system } from './system.ts'
import { cachedUsage, usage } from './usage.ts'
import { MessagesView } from './view.ts'
import { wire } from './wire.ts'

const ID = 'anthropic-messages'

/** Anthropic Messages. */
export const anthropicMessages: Dialect<MessagesView> = {
  id: ID,
  view: (exchange) => new MessagesView(exchange),
  checks: (ground) => [
    ...plain,
    ...completion,
    ...stops,
    ...usage,
    ...cachedUsage(ground),
    ...system,
    ...conversation(ground),
    ...count(ground),
    ...models(ground),
    ...errors(ground.promise),
    ...headers(ground),
    ...access(ground),
    ...wire(ground),
    ...robustness(ID, PLAIN),
    jsonForms(ID),
    loneSurrogate(ID, ['JSON-lone-surrogates'], (prompt, stream) => ask({ stream }, { prompt, limit: 8 })),
    ...equivalence,
    ...fieldChecks(ground, messagesFields(ground)),
  ],
  rules: ({ profile, promise, level }) => [
    ...httpRules(ID),
    ...limitRules(ID, [OPENAI_LIMITS, ANTHROPIC_LIMITS]),
    ...sseRules(ID),
    passedOver(ID),
    ...jsonRules(ID),
    ...securityRules(ID),
    ...shapeRules(SHAPES, profile, promise),
    ...errorRules,
    ...seldomStops,
    ...messageRules(level),
    ...grammarRules(ID, level).map(heedingCompaction),
    ...clientRules(promise),
  ],
  succeeded: (view) => view.succeeded,
  overloaded: (view) => dig(view.streamError?.value, 'error', 'type') === 'overloaded_error',
  tokens: mostTokens,
  plain: { reply: `${ID}/plain/reply`, stream: `${ID}/plain/stream` },
}
