import { Buffer } from 'node:buffer'
import type { Dialect } from '../core/check.ts'
import { asInteger, dig, isObject } from '../core/dig.ts'
import { fieldChecks } from '../fields/fields.ts'
import { jsonForms, loneSurrogate } from '../requests/json-texts.ts'
import { robustness } from '../requests/robustness.ts'
import { grammarRules } from '../rules/grammar.ts'
import { httpRules } from '../rules/http.ts'
import { jsonRules } from '../rules/json.ts'
import { limitRules } from '../rules/limits.ts'
import { securityRules } from '../rules/security.ts'
import { shapeRules } from '../rules/shape.ts'
import { sseRules } from '../rules/sse.ts'
import { access } from './access.ts'
import { ask, LIMIT_FIELD, PLAIN } from './ask.ts'
import { clientRules } from './clients/rules.ts'
import { completion } from './completion.ts'
import { conversation } from './conversation.ts'
import { count } from './count.ts'
import { equivalence } from './equivalence.ts'
import { errorRules } from './error-rules.ts'
import { errors } from './errors.ts'
import { messagesFields } from './fields/kit.ts'
import { headers } from './headers.ts'
import { models } from './models.ts'
import { plain } from './plain.ts'
import { seldomStops } from './seldom-stops.ts'
import { SHAPES } from './shape.ts'
import { stops } from './stops.ts'
import { system } from './system.ts'
import { cachedUsage, usage } from './usage.ts'
import { MessagesView } from './view.ts'
import { wire } from './wire.ts'

const ID = 'anthropic-messages'

/** Bytes of JSON per token, on the low side: a bound for prompts of our own making, which are plain English. */
const BYTES_PER_TOKEN = 3

/** Fields that a model reads. */
const READ = ['system', 'messages', 'tools', 'output_config']
/** Tokens of an answer where nothing limits it: the request is refused, or serves to count. */
const UNLIMITED = 64

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
    ...limitRules(ID),
    ...sseRules(ID),
    ...jsonRules(ID),
    ...securityRules(ID),
    ...shapeRules(SHAPES, profile, promise),
    ...errorRules,
    ...seldomStops,
    ...grammarRules(ID, level),
    ...clientRules(promise),
  ],
  succeeded: (view) => view.succeeded,
  tokens(body) {
    if (!isObject(body)) return 0
    const limit = asInteger(dig(body, LIMIT_FIELD)) ?? UNLIMITED
    const read = READ.map((key) => body[key] ?? null)
    const prompt = Buffer.byteLength(JSON.stringify(read))
    return Math.ceil(prompt / BYTES_PER_TOKEN) + Math.max(0, limit)
  },
  plain: { reply: `${ID}/plain/reply`, stream: `${ID}/plain/stream` },
}
