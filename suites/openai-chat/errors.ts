import type { DialectPromise, ErrorPromise, ErrorSituation } from '../../specs/types.ts'
import type { Check } from '../core/check.ts'
import { BROKEN_JSON, PLAIN } from '../requests/asking.ts'
import { beforeStream, refusalOf, type Situation, situationChecks, survived } from '../requests/refusal.ts'
import { NOBODY } from '../requests/served-models.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

/** MiB of white space around a small request: large to carry, cheap to answer for a gateway that takes it. */
const PADDING = 16

const NAMES = ['OAI-CHAT-error-names-field']

/** Every way to ask wrongly, each with exactly one fault. */
const SITUATIONS: Record<ErrorSituation, Situation> = {
  'no-key': {
    title: 'A request without a key is refused',
    fix: 'Answer 401 with the error envelope.',
    probe: chat({}, { keyRole: 'none' }),
    never: true,
  },
  'wrong-key': {
    title: 'A request with a wrong key is refused',
    fix: 'Answer 401 with the error envelope; never repeat the key.',
    probe: chat({}, { keyRole: 'wrong' }),
    never: true,
  },
  'malformed-json': {
    title: 'A body that is not JSON is refused',
    fix: 'Answer 400 with the envelope, without the parser’s own words.',
    probe: { dialect: 'openai-chat', text: BROKEN_JSON },
  },
  'wrong-content-type': {
    title: 'A body that is labelled text/plain is refused, or taken as JSON',
    fix: 'Answer 415 or 400 with the envelope.',
    probe: chat({}, { headers: { 'content-type': 'text/plain' } }),
  },
  'missing-model': {
    title: 'A request without model is refused',
    fix: 'Answer 400 with the envelope; param: model.',
    probe: chat({}, { without: ['model'] }),
    names: 'model',
    requirements: NAMES,
  },
  'missing-messages': {
    title: 'A request without messages is refused',
    fix: 'Answer 400 with the envelope; param: messages.',
    probe: chat({}, { without: ['messages'] }),
    names: 'messages',
    requirements: NAMES,
  },
  'wrong-type': {
    title: 'messages that are a string are refused',
    fix: 'Answer 400 with the envelope; param: messages.',
    probe: chat({ messages: 'hello' }),
    names: 'messages',
    requirements: NAMES,
  },
  'unknown-model': {
    title: 'An unknown model is refused',
    fix: 'Answer with the documented status and the envelope; code: model_not_found.',
    probe: chat({ model: NOBODY }, { limit: 8 }),
    fallback: true,
  },
  'wrong-method': {
    title: 'DELETE on the chat path is refused',
    fix: 'Answer 405 with Allow: POST.',
    probe: { dialect: 'openai-chat', method: 'DELETE' },
    requirements: ['OAI-CHAT-methods'],
  },
  'wrong-path': {
    title: 'A path that does not exist is refused',
    fix: 'Answer 404 with the envelope.',
    probe: { ...chat(), path: '/chat/completionz' },
  },
  oversize: {
    title: `A body of ${PADDING} MiB (white space) is refused, or served`,
    fix: 'Answer 413 with the envelope; do not truncate, reset, or answer another status.',
    probe: {
      dialect: 'openai-chat',
      repeat: {
        head: `{"model":"$model","$limit":16,"messages":[{"role":"user","content":"${PLAIN}"}]`,
        unit: ' '.repeat(1024),
        times: PADDING * 1024,
        tail: '}',
      },
    },
  },
}

export function errors(promise: DialectPromise): Check<ChatView>[] {
  const { 'missing-model': row } = promise.errors
  return [
    ...situationChecks('openai-chat', SITUATIONS, promise),
    ...(row === undefined ? [] : [emptyModel(row)]),
    beforeStream(
      'openai-chat',
      ['OAI-CHAT-error-before-stream', 'TH-ERR-stream-start'],
      chat({ stream: true }, { keyRole: 'wrong' }),
      chat({ stream: true, messages: 'hello' }),
    ),
    survived('openai-chat', chat()),
  ]
}

/** Nothing in the place of a name. Which status an empty name has, no document says: that of a missing one, or an unknown one. */
function emptyModel(row: ErrorPromise): Check<ChatView> {
  const any: ErrorPromise = { ...row, status: [] }
  const fallback = row.refusal === 'unstated' ? {} : { fallback: true as const }
  const asked: Situation = { ...SITUATIONS['missing-model'], ...fallback }
  return {
    id: 'openai-chat/errors/empty-model',
    title: 'A model that is null or an empty string is refused',
    requirements: [...row.requirements],
    fix: 'Answer 400 with the envelope; param: model.',
    expects: 'any',
    ask: { none: [chat({ model: null })], empty: [chat({ model: '' })] },
    *judge({ none, empty }) {
      yield* refusalOf(none!, asked, any)
      yield* refusalOf(empty!, asked, any)
    },
  }
}
