import type { Finding } from '../../reports/record/types.ts'
import type { DialectPromise, ErrorPromise, ErrorSituation, Refusal } from '../../specs/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { endWords, unsuccessful } from '../core/conversation.ts'
import { acceptedBadValue } from '../core/decide.ts'
import { isObject } from '../core/dig.ts'
import type { Probe } from '../core/probe.ts'
import { chat } from './ask.ts'
import { CLEAN } from './finish.ts'
import type { ChatView } from './view.ts'

/** MiB of white space around a small request: large to carry, cheap to answer for a gateway that takes it. */
const PADDING = 16

interface Situation {
  title: string
  fix: string
  probe: Probe
  /** The field that the refusal should name. */
  names?: string
  /** Serving it is a breach whatever the documents say. */
  never?: true
  /** Serving it is a warning at most, unless the documents say that it is refused. */
  fallback?: true
}

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
    probe: { dialect: 'openai-chat', text: '{"model": "x", "messages": [' },
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
  },
  'missing-messages': {
    title: 'A request without messages is refused',
    fix: 'Answer 400 with the envelope; param: messages.',
    probe: chat({}, { without: ['messages'] }),
    names: 'messages',
  },
  'wrong-type': {
    title: 'messages that are a string are refused',
    fix: 'Answer 400 with the envelope; param: messages.',
    probe: chat({ messages: 'hello' }),
    names: 'messages',
  },
  'unknown-model': {
    title: 'An unknown model is refused',
    fix: 'Answer with the documented status and the envelope; code: model_not_found.',
    probe: chat({ model: 'assay-no-such-model-000' }, { limit: 8 }),
    fallback: true,
  },
  'wrong-method': {
    title: 'DELETE on the chat path is refused',
    fix: 'Answer 405 with Allow: POST.',
    probe: { dialect: 'openai-chat', method: 'DELETE' },
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
        head: '{"model":"$model","$limit":16,"messages":[{"role":"user","content":"Reply with the single word OK."}]',
        unit: ' '.repeat(1024),
        times: PADDING * 1024,
        tail: '}',
      },
    },
  },
}

export function errors(promise: DialectPromise): Check<ChatView>[] {
  const tables = Object.entries(promise.errors) as [ErrorSituation, ErrorPromise][]
  const { 'missing-model': row } = promise.errors
  return [
    ...tables.map(([name, promised]) => situation(name, SITUATIONS[name], promised)),
    ...(row === undefined ? [] : [emptyModel(row)]),
    ...beforeStream,
    survives,
  ]
}

function situation(name: ErrorSituation, asked: Situation, row: ErrorPromise): Check<ChatView> {
  return {
    id: `openai-chat/errors/${name}`,
    title: asked.title,
    requirements: [
      ...new Set([
        ...row.requirements,
        ...(asked.never ? ['SEC-authentication-required'] : []),
        ...(asked.names === undefined ? [] : ['OAI-CHAT-error-names-field']),
        ...(name === 'wrong-method' ? ['OAI-CHAT-methods'] : []),
      ]),
    ],
    fix: asked.fix,
    expects: 'any',
    ask: { reply: [asked.probe] },
    judge: ({ reply }) => refusal(reply!, asked, row),
  }
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
      yield* refusal(none!, asked, any)
      yield* refusal(empty!, asked, any)
    },
  }
}

function* refusal(view: ChatView, asked: Situation, row: ErrorPromise): Iterable<Outcome> {
  const wanted = row.status.length === 0 ? 'a 4xx status' : `status ${row.status.join(' or ')}`
  if (view.status === 0) {
    yield finding(view.endPlace, wanted, `no answer: ${endWords(view.exchange.end)}`, { requirement: CLEAN })
    return
  }
  if (view.status >= 200 && view.status < 300) {
    const weight = asked.never ? {} : accepted(row.refusal, asked.fallback === true)
    if (view.error === undefined) yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
    else yield finding(view.pointed('/error'), wanted, `status ${view.status} with an error body`)
    return
  }
  if ((view.status < 400 || view.status > 499) && !row.status.includes(view.status)) {
    const requirement = view.status >= 500 ? { requirement: CLEAN } : {}
    yield finding(view.statusPlace, wanted, `status ${view.status}`, requirement)
    return
  }
  if (row.status.length > 0 && !row.status.includes(view.status)) {
    const weight = row.otherwise === 'fail' ? {} : { atMost: 'warn' as const }
    yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
  }
  yield* words(view, row)
  if (asked.names !== undefined) yield* namesField(view, asked.names)
}

/** By whose word serving a bad request is a deviation. A `fallback` is a service that some gateways offer on purpose. */
function accepted(refusal: Refusal, fallback: boolean): Pick<Finding, 'by' | 'atMost'> {
  return fallback && refusal !== 'stated' ? { by: 'should' } : acceptedBadValue(refusal)
}

function* words(view: ChatView, row: ErrorPromise): Iterable<Outcome> {
  for (const key of ['type', 'code'] as const) {
    const wanted = row[key]
    const got = view.error?.[key]
    if (wanted === undefined || view.error === undefined) continue
    if (typeof got !== 'string' || !wanted.includes(got)) {
      yield finding(view.pointed(`/error/${key}`), `error.${key} ${wanted.join(' or ')}`, got, {
        by: 'should',
      })
    }
  }
}

/** A refusal tells which field is at fault, in param or in words. */
export function* namesField(view: ChatView, field: string): Iterable<Outcome> {
  const { error } = view
  if (error === undefined) return
  const told = [error.param, error.message].some((text) => typeof text === 'string' && mentions(text, field))
  if (!told) yield finding(view.pointed('/error'), `a refusal that names ${field}`, error, { by: 'should' })
}

function mentions(text: string, field: string): boolean {
  const last =
    field
      .split(/[.[\]]+/)
      .filter(Boolean)
      .at(-1) ?? field
  return text.toLowerCase().includes(last.toLowerCase())
}

const beforeStream: Check<ChatView>[] = [
  {
    id: 'openai-chat/errors/before-stream',
    title: 'A refusal of a streamed request is plain JSON with its real status',
    requirements: ['OAI-CHAT-error-before-stream', 'TH-ERR-stream-start'],
    fix: 'Send the status and the JSON envelope before any event; open the stream only after acceptance.',
    expects: 'any',
    ask: {
      key: [chat({ stream: true }, { keyRole: 'wrong' })],
      body: [chat({ stream: true, messages: 'hello' })],
    },
    *judge({ key, body }) {
      for (const view of [key!, body!]) {
        if (view === body && view.succeeded && view.streamError === undefined) {
          yield note(view.statusPlace, 'messages that are a string were served')
        } else if (view.mediaType === 'text/event-stream' || view.isStream) {
          yield finding(
            view.headerPlace('content-type'),
            'application/json with a 4xx status',
            view.mediaType,
          )
        } else if (view.status === 0) {
          yield finding(view.endPlace, 'a refusal', `no answer: ${endWords(view.exchange.end)}`, {
            requirement: CLEAN,
          })
        } else if (view.status >= 500) {
          yield finding(view.statusPlace, 'a 4xx status', `status ${view.status}`, { requirement: CLEAN })
        } else if (
          view.status >= 200 &&
          view.status < 300 &&
          isObject(view.json.value) &&
          view.error !== undefined
        ) {
          yield finding(view.statusPlace, 'a 4xx status', `status ${view.status} with an error body`)
        } else yield note(view.statusPlace, `status ${view.status}`)
      }
    },
  },
]

const survives: Check<ChatView> = {
  id: 'openai-chat/errors/survived',
  title: 'After a bad request the next good one is answered as before',
  requirements: ['SEC-survives-bad-input'],
  fix: 'Let no request change the state that others depend on.',
  needs: ['openai-chat/plain/reply'],
  expects: 'any',
  ask: {
    reply: [
      { dialect: 'openai-chat', text: '{"model": "x", "messages": [' },
      chat({}, { fresh: 'after a bad request' }),
    ],
  },
  *judge({ reply }) {
    if (!reply!.succeeded) yield unsuccessful(reply!)
  },
}
