import type { DialectPromise } from '../../../specs/types.ts'
import { finding, type Rule } from '../../core/check.ts'
import { asInteger, dig, isObject } from '../../core/dig.ts'
import type { ChatView } from '../view.ts'
import { goPrefixReader, nodeFetchLf, okhttpEventSource, pythonIterLines, type Reading } from './readers.ts'

/** Streams that can be read to the end: what breaks a right reader too is judged elsewhere. */
const readable = (view: ChatView): boolean => begun(view) && view.streamError === undefined

/** A stream with chunks in it, whatever came after them. */
const begun = (view: ChatView): boolean => view.isStream && view.succeeded

function* broken(view: ChatView, reading: Reading, soft?: string): Iterable<ReturnType<typeof finding>> {
  const { broken: at, text } = reading
  if (at?.tooLong) return
  if (at !== undefined) {
    const contradiction = at.choicesEmpty && soft !== undefined ? { contradiction: soft } : {}
    yield finding(
      view.at(at.offset, at.length),
      'a stream that the published sample reads',
      at.what,
      contradiction,
    )
  } else if (text !== view.content && view.choices.length === 1) {
    yield finding(
      view,
      `the text ${JSON.stringify(view.content.slice(0, 60))}`,
      JSON.stringify(text.slice(0, 60)),
    )
  }
}

const CLIENTS: Record<string, Rule<ChatView>[]> = {
  'go-prefix-reader': [
    {
      id: 'openai-chat/clients/go-prefix-reader',
      title: 'The document’s Go sample (lines that begin with "data: ") reads the stream',
      requirements: ['TH-OAI-CLIENT-naive-sse'],
      fix: 'Write each event as one line "data: " + JSON.',
      on: readable,
      *judge(view) {
        yield* broken(view, goPrefixReader(view.body))
        // This reader takes CRLF, others that are written like it do not.
        if (view.sse.eols.has('\r\n')) {
          yield finding(view, 'line ends of LF alone', 'CRLF', { by: 'should' })
        }
      },
    },
    {
      id: 'openai-chat/clients/go-scanner-line',
      title: 'No line of a stream has 64 KiB or more: the document’s Go samples end there without a word',
      requirements: ['TH-CLIENT-go-scanner-line'],
      fix: 'Split long deltas over several chunks.',
      on: readable,
      *judge(view) {
        const { broken: at } = goPrefixReader(view.body)
        if (at?.tooLong) {
          yield finding(view.at(at.offset, at.length), 'lines below 64 KiB', `${at.length} bytes`)
        }
      },
    },
  ],
  'okhttp-eventsource': [
    {
      id: 'openai-chat/clients/okhttp-eventsource',
      title: 'The document’s Java sample (OkHttp EventSource, "[DONE]" to the letter) reads the stream',
      requirements: ['TH-OAI-STREAM-lines-okhttp', 'TH-OAI-CLIENT-okhttp-accept'],
      fix: 'Send Content-Type text/event-stream, and the end marker without spaces.',
      on: readable,
      *judge(view) {
        // Of a body without its head nobody knows the type.
        if (view.exchange.wire !== 'body' && view.mediaType !== 'text/event-stream') {
          yield finding(
            view.headerPlace('content-type'),
            'text/event-stream: another type is a failure in this client',
            view.mediaType,
          )
        } else yield* broken(view, okhttpEventSource(view.sse.events))
      },
    },
  ],
  'python-iter-lines': [
    {
      id: 'openai-chat/clients/python-iter-lines',
      title: 'The document’s Python sample (chunk["choices"][0] without a guard) reads the stream',
      requirements: [
        'PT-SSE-data-lines',
        'PT-SSE-choices-key',
        'PT-SSE-delta-not-null',
        'PT-CLIENT-python-requests',
      ],
      fix: 'Send choices with an element and a delta object in every chunk.',
      on: begun,
      judge: (view) => broken(view, pythonIterLines(view.body), 'C-54'),
    },
  ],
  'node-fetch-lf': [
    {
      id: 'openai-chat/clients/node-fetch-lf',
      title: 'The document’s JavaScript sample (lines split on LF) reads the stream',
      requirements: ['PT-SSE-lf', 'PT-SSE-choices-key', 'PT-CLIENT-node-fetch'],
      fix: 'End lines with LF, the last one too.',
      on: begun,
      judge: (view) => broken(view, nodeFetchLf(view.body), 'C-54'),
    },
  ],
  'java-gson-plain': [
    {
      id: 'openai-chat/clients/java-gson-plain',
      title: 'The document’s Java sample (getAsString, getAsInt without a guard) reads a plain reply',
      requirements: ['PT-CLIENT-java-httpclient', 'PT-RES-content-string'],
      fix: 'Send content as a string and usage.total_tokens as an integer.',
      on: (view) => view.reply !== undefined && view.succeeded && !otherThanText(view),
      *judge(view) {
        if (typeof dig(view.reply, 'choices', 0, 'message', 'content') !== 'string') {
          yield finding(
            view.choice?.where ?? view,
            'content: a string (getAsString throws on null)',
            dig(view.reply, 'choices', 0, 'message', 'content'),
          )
        }
        if (asInteger(dig(view.reply, 'usage', 'total_tokens')) === undefined) {
          yield finding(
            view.pointed('/usage'),
            'usage.total_tokens (getAsInt)',
            dig(view.reply, 'usage', 'total_tokens'),
          )
        }
      },
    },
  ],
}

/** A call, or sound that was asked for: content is null there by right, and the sample asks for neither. */
function otherThanText(view: ChatView): boolean {
  const modalities = dig(view.asked, 'modalities')
  return (
    (view.choice?.toolCalls.length ?? 0) > 0 ||
    isObject(dig(view.reply, 'choices', 0, 'message', 'function_call')) ||
    (Array.isArray(modalities) && modalities.includes('audio'))
  )
}

/** A sample client sends what its page documents: an answer to more than that never reaches it. */
function asksOnly(view: ChatView, documented: ReadonlySet<string>): boolean {
  return !isObject(view.asked) || Object.keys(view.asked).every((field) => documented.has(field))
}

/** The sample clients of a profile: what breaks one fails there and nowhere else. */
export function clientRules(promise: DialectPromise): Rule<ChatView>[] {
  const documented = new Set(Object.keys(promise.fields))
  return promise.clients
    .flatMap((id) => CLIENTS[id] ?? [])
    .map((rule) => ({ ...rule, on: (view) => asksOnly(view, documented) && rule.on(view) }))
}
