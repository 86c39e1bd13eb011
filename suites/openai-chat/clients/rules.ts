import type { DialectPromise } from '../../../specs/types.ts'
import type { Reading } from '../../clients/samples.ts'
import * as samples from '../../clients/samples.ts'
import { finding, type Rule } from '../../core/check.ts'
import { asInteger, dig, isObject } from '../../core/dig.ts'
import type { ChatView } from '../view.ts'
import { goPrefixReader, nodeFetchLf, okhttpEventSource, pythonIterLines } from './readers.ts'

/** Streams that can be read to the end: what breaks a right reader too is judged elsewhere. */
const readable = (view: ChatView): boolean => begun(view) && view.streamError === undefined

/** A stream with chunks in it, whatever came after them. */
const begun = (view: ChatView): boolean => view.isStream && view.succeeded

function broken(view: ChatView, reading: Reading, soft?: string): ReturnType<typeof samples.broken> {
  return samples.broken(view, reading, {
    expected: 'a stream that the published sample reads',
    ...(reading.broken?.choicesEmpty && soft !== undefined ? { contradiction: soft } : {}),
    anyText: view.choices.length !== 1,
  })
}

const CLIENTS: Record<string, Rule<ChatView>[]> = {
  ...samples.publishedSamples<ChatView>('openai-chat', {
    on: readable,
    broken,
    go: goPrefixReader,
    okhttp: okhttpEventSource,
    words: {
      go: {
        requirements: ['TH-OAI-CLIENT-naive-sse'],
        fix: 'Write each event as one line "data: " + JSON.',
      },
      goLine: {
        requirements: ['TH-CLIENT-go-scanner-line'],
        fix: 'Split long deltas over several chunks.',
      },
      okhttp: {
        title: 'The document’s Java sample (OkHttp EventSource, "[DONE]" to the letter) reads the stream',
        requirements: ['TH-OAI-STREAM-lines-okhttp', 'TH-OAI-CLIENT-okhttp-accept'],
        fix: 'Send Content-Type text/event-stream, and the end marker without spaces.',
      },
    },
  }),
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

/** The sample clients of a profile. */
export const clientRules = (promise: DialectPromise): Rule<ChatView>[] => samples.clientsOf(CLIENTS, promise)
