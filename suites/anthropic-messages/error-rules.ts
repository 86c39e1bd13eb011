import { finding, note, type Rule } from '../core/check.ts'
import { dig, isObject } from '../core/dig.ts'
import type { ToldByRule } from '../requests/refusal.ts'
import { typeOf } from './assemble.ts'
import { fromTheEdge } from './edge.ts'
import type { MessagesView } from './view.ts'

/** The official table: which word an error of this status has. */
const TYPES = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])
/** A prompt that is too long, however it is put. */
const OVERFLOW = /too long|too many tokens|context (?:length|limit|window)/i
const KNOWN = new Set(TYPES.values())

/** Whether errors/type-of-status tells of the word: it wants the same one, and knows this one as that of another status. */
export const typeToldByRule: ToldByRule = ({ error, status }, key, wanted) => {
  const type = error?.[key]
  const official = TYPES.get(status)
  if (key !== 'type' || official === undefined || !wanted.includes(official)) return false
  return typeof type === 'string' && KNOWN.has(type)
}

/** Laws of every error, whatever was asked. */
export const errorRules: Rule<MessagesView>[] = [
  {
    id: 'anthropic-messages/errors/type-of-status',
    title: 'error.type is the word that the official table gives for the status',
    requirements: ['ANT-ERR-types', 'ANT-ERR-500', 'ANT-ERR-529'],
    fix: 'Send the word of the table: clients choose their error class and whether to ask again by it.',
    tier: 'official',
    on: (view) => view.status >= 400 && typeof view.error?.type === 'string',
    *judge(view) {
      const type = String(view.error!.type)
      const wanted = TYPES.get(view.status)
      const where = view.pointed('/error/type')
      if (type === wanted) return
      // New words may come within a version, and statuses that the table does not list have no word of their own.
      if (wanted === undefined || !KNOWN.has(type))
        yield note(where, `status ${view.status}: error.type ${type}`)
      else {
        // The official API answers 413 with either word.
        const less =
          view.status === 413 && type === 'invalid_request_error' ? { atMost: 'warn' as const } : {}
        yield finding(where, `error.type ${wanted} with status ${view.status}`, type, {
          by: 'official',
          ...less,
        })
      }
    },
  },
  {
    id: 'anthropic-messages/errors/one-envelope',
    title: 'Every error has type: error beside its error object, whichever layer refuses',
    requirements: ['ANT-ERR-one-envelope', 'ANT-ERR-envelope'],
    fix: 'Answer {"type": "error", "error": {"type", "message"}} from every layer; never the envelope of Chat.',
    tier: 'official',
    on: (view) => view.status >= 400 && view.error !== undefined,
    *judge(view) {
      const outer = dig(view.json.value, 'type')
      if (outer === 'error') return
      const chat = view.error!.code !== undefined || view.error!.param !== undefined
      yield finding(view.pointed(''), 'type: error', chat ? 'the envelope of Chat' : (outer ?? 'no type'), {
        by: 'official',
        ...(fromTheEdge(view) ? { atMost: 'warn' } : {}),
      })
    },
  },
  {
    id: 'anthropic-messages/errors/message',
    title: 'error.message says something',
    requirements: ['ANT-ERR-envelope'],
    fix: 'Say in message what is wrong.',
    tier: 'official',
    on: (view) => view.status >= 400 && typeof view.error?.message === 'string',
    *judge(view) {
      const message = String(view.error!.message)
      if (message.trim() !== '') return
      yield finding(view.pointed('/error/message'), 'a sentence', JSON.stringify(message), {
        by: 'should',
        why: 'The person who asked sees a status and no reason.',
      })
    },
  },
  {
    id: 'anthropic-messages/errors/request-id',
    title: 'Every answer has a request-id header, and an error body the same id',
    requirements: ['ANT-ERR-request-id'],
    fix: 'Send request-id with every answer; repeat it as request_id in an error body, or send null there.',
    on: (view) => view.status >= 200 && view.exchange.wire !== 'body' && !brokenFraming(view),
    *judge(view) {
      const header = view.header('request-id')
      const inBody = view.isStream ? undefined : dig(view.json.value, 'request_id')
      if (header === undefined) {
        yield finding(view.statusPlace, 'a request-id header', 'none', { by: 'should' })
      } else if (view.error !== undefined && typeof inBody === 'string' && inBody !== header) {
        yield finding(view.pointed('/request_id'), `request_id ${header}, as in the header`, inBody)
      }
    },
  },
  {
    id: 'anthropic-messages/errors/context',
    title: 'What a refusal says of a prompt beyond the context (recorded only)',
    requirements: ['ANT-ERR-context'],
    fix: 'Keep the words “prompt is too long: N tokens > M maximum”: clients shorten their conversation by them.',
    on: (view) => view.status === 400 && OVERFLOW.test(String(view.error?.message ?? '')),
    *judge(view) {
      yield note(view.pointed('/error/message'), String(view.error!.message))
    },
  },
  {
    id: 'anthropic-messages/errors/in-stream',
    title: 'An error inside a stream is an event named error with the shape of an error body',
    requirements: ['ANT-ERR-stream', 'ANT-SSE-error'],
    fix: 'Write event: error and {"type": "error", "error": {"type", "message"}}, and end the stream.',
    tier: 'official',
    on: (view) => view.isStream && view.streamError !== undefined,
    *judge(view) {
      const chunk = view.streamError!
      if (chunk.event.type !== 'error') {
        const got = chunk.event.type === 'message' ? 'no event line' : `event: ${chunk.event.type}`
        yield finding(chunk, 'event: error', got, {
          by: 'official',
          why: 'The official client passes over what is not named: the stream ends, and nobody knows why.',
        })
      }
      if (typeOf(chunk) !== 'error' || chunk.value.type === undefined) {
        yield finding(chunk.pointed('/type'), 'type: error', chunk.value.type, { by: 'official' })
      }
      const { error } = chunk.value
      for (const key of ['type', 'message']) {
        const got = isObject(error) ? error[key] : undefined
        if (typeof got === 'string') continue
        yield finding(chunk.pointed(`/error/${key}`), `error.${key}: a string`, got, { by: 'official' })
      }
    },
  },
]

/** A server's HTTP parser may refuse what is no HTTP before anything that knows the dialect sees it. */
function brokenFraming(view: MessagesView): boolean {
  return view.exchange.request.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-length' && !/^\d+$/.test(value),
  )
}
