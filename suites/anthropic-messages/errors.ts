import type { DialectPromise, ErrorPromise, ErrorSituation, FieldPromise } from '../../specs/types.ts'
import { type Check, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import type { Probe } from '../core/probe.ts'
import { CLEAN } from '../requests/clean.ts'
import { refusalOf, refusedBeforeStream, type Situation, situationChecks } from '../requests/refusal.ts'
import { NOBODY } from '../requests/served-models.ts'
import { ask, PLAIN } from './ask.ts'
import { typeToldByRule } from './error-rules.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

/** MiB of white space around a small request: more than the 32 MB that the official API takes. */
const PADDING = 33

const BROKEN: Probe = { dialect: 'anthropic-messages', text: '{"model": "x", "messages": [' }

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
  {
    id: 'anthropic-messages/errors/before-stream',
    title: 'A refusal of a streamed request is plain JSON with its real status',
    requirements: ['ANT-ERR-stream', 'TH-ERR-stream-start'],
    fix: 'Send the status and the JSON envelope before any event; open the stream only after acceptance.',
    expects: 'any',
    ask: {
      key: [ask({ stream: true }, { keyRole: 'wrong' })],
      body: [ask({ stream: true, messages: 'hello' })],
    },
    *judge({ key, body }) {
      for (const [view, what] of [
        [key!, 'a wrong key was served'],
        [body!, 'messages that are a string were served'],
      ] as const) {
        // What was served was not refused after the stream began: that it was is another question's.
        if (view.succeeded && view.streamError === undefined) {
          yield note(view.statusPlace, what)
          continue
        }
        const wrong = [...refusedBeforeStream(view)]
        yield* wrong
        if (wrong.length === 0) yield note(view.statusPlace, `status ${view.status}`)
      }
    },
  },
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
  {
    id: 'anthropic-messages/errors/survived',
    title: 'After a bad request the next good one is answered as before',
    requirements: ['SEC-survives-bad-input'],
    fix: 'Let no request change the state that others depend on.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: { reply: [BROKEN, ask({}, { fresh: 'after a bad request' })] },
    *judge({ reply }) {
      if (!reply!.succeeded) yield unsuccessful(reply!)
    },
  },
]
