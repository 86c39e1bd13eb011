import type { DialectPromise, ErrorPromise, ErrorSituation, FieldPromise } from '../../specs/types.ts'
import { type Check, note } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import { BROKEN_JSON } from '../requests/asking.ts'
import { CLEAN } from '../requests/clean.ts'
import { beforeStream, refusalOf, type Situation, situationChecks, survived } from '../requests/refusal.ts'
import { NOBODY } from '../requests/served-models.ts'
import { ask, PLAIN } from './ask.ts'
import { typeToldByRule } from './error-rules.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

/** MiB of white space around a small request: more than the 32 MB that the official API takes. */
const PADDING = 33

const BROKEN: Probe = { dialect: 'anthropic-messages', text: BROKEN_JSON }

/** Every way to ask wrongly, each with exactly one fault. */
const SITUATIONS: Record<ErrorSituation, Situation> = {
  'no-key': {
    title: 'A request without a key is refused',
    fix: 'Answer 401 authentication_error with the envelope.',
    probe: ask({}, { keyRole: 'none' }),
    never: true,
  },
  'wrong-key': {
    title: 'A request with a wrong key is refused',
    fix: 'Answer 401 authentication_error with the envelope; never repeat the key.',
    probe: ask({}, { keyRole: 'wrong' }),
    never: true,
  },
  'malformed-json': {
    title: 'A body that is not JSON is refused',
    fix: 'Answer 400 invalid_request_error with the envelope, without the parser’s own words.',
    probe: BROKEN,
    requirements: [CLEAN],
  },
  'wrong-content-type': {
    title: 'A body that is labelled text/plain is refused, or taken as JSON',
    fix: 'Answer 415 or 400 with the envelope.',
    probe: ask({}, { headers: { 'content-type': 'text/plain' } }),
  },
  'missing-model': {
    title: 'A request without model is refused',
    fix: 'Answer 400 with the envelope; name model in the message.',
    probe: ask({}, { without: ['model'] }),
    names: 'model',
  },
  'missing-messages': {
    title: 'A request without messages is refused',
    fix: 'Answer 400 with the envelope; name messages in the message.',
    probe: ask({}, { without: ['messages'] }),
    names: 'messages',
  },
  'wrong-type': {
    title: 'messages that are a string are refused',
    fix: 'Answer 400 with the envelope; name messages in the message.',
    probe: ask({ messages: 'hello' }),
    names: 'messages',
  },
  'unknown-model': {
    title: 'An unknown model is refused',
    fix: 'Answer 404 not_found_error with the envelope.',
    probe: ask({ model: NOBODY }),
    fallback: true,
  },
  'wrong-method': {
    title: 'DELETE on the address of Messages is refused',
    fix: 'Answer 405 with Allow: POST.',
    probe: { dialect: 'anthropic-messages', method: 'DELETE' },
  },
  'wrong-path': {
    title: 'A path that does not exist is refused',
    fix: 'Answer 404 with the envelope.',
    probe: { ...ask(), path: '/v1/messagez' },
  },
  oversize: {
    title: `A body of ${PADDING} MiB (white space) is refused, or served`,
    fix: 'Answer 413 request_too_large with the envelope; do not truncate, reset, or answer another status.',
    probe: {
      dialect: 'anthropic-messages',
      repeat: {
        head: `{"model":"$model","$limit":16,"messages":[{"role":"user","content":"${PLAIN}"}]`,
        unit: ' '.repeat(1024),
        times: PADDING * 1024,
        tail: '}',
      },
    },
  },
}

export function errors(promise: DialectPromise): Check<MessagesView>[] {
  const limit = promise.fields.max_tokens
  return [
    ...situationChecks('anthropic-messages', SITUATIONS, promise, typeToldByRule),
    ...(limit === undefined ? [] : [noLimit(limit)]),
    ...beside,
  ]
}

/** The limit is required in this dialect, unlike in others that a gateway may speak. */
function noLimit({ refusal = 'unstated', requirements }: FieldPromise): Check<MessagesView> {
  const row: ErrorPromise = { status: [400], otherwise: 'warn', refusal, requirements }
  return {
    id: 'anthropic-messages/errors/missing-max-tokens',
    title: 'A request without max_tokens is refused',
    requirements,
    fix: 'Answer 400 with the envelope; name max_tokens in the message.',
    expects: 'any',
    ask: { reply: [ask({}, { without: ['max_tokens'], limit: null })] },
    judge: ({ reply }) => refusalOf(reply!, { names: 'max_tokens' }, row),
  }
}

const beside: Check<MessagesView>[] = [
  beforeStream(
    'anthropic-messages',
    ['ANT-ERR-stream', 'TH-ERR-stream-start'],
    ask({ stream: true }, { keyRole: 'wrong' }),
    ask({ stream: true, messages: 'hello' }),
  ),
  {
    id: 'anthropic-messages/errors/undocumented',
    title: 'Refusals of which the document says nothing have a status of their own (recorded only)',
    requirements: ['TH-ANT-ERR-undocumented', 'TPE-ERR-undocumented'],
    fix: 'Answer with the statuses and the envelope of the dialect.',
    expects: 'any',
    ask: {
      'a wrong key': [ask({}, { keyRole: 'wrong' })],
      'no max_tokens': [ask({}, { without: ['max_tokens'], limit: null })],
      'an unknown model': [ask({ model: NOBODY })],
      'a broken body': [BROKEN],
    },
    *judge(asked) {
      for (const [what, view] of Object.entries(asked)) {
        yield* onlyObserved(view, what)
        yield note(view, `${what}: error.type ${view.errorType ?? 'none'}`)
      }
    },
  },
  survived('anthropic-messages', ask()),
]
