import type { DialectPromise } from '../../../specs/types.ts'
import { finding, type Rule } from '../../core/check.ts'
import { isObject } from '../../core/dig.ts'
import type { Block } from '../message.ts'
import type { MessagesView } from '../view.ts'
import { anthropicNode, type HeldBlock } from './anthropic-node.ts'
import { goDataLines, okhttpEventSource, type Reading } from './readers.ts'

/** Streams that can be read to the end: what breaks a right reader too is judged elsewhere. */
const readable = (view: MessagesView): boolean =>
  view.isStream && view.succeeded && view.streamError === undefined

/** Nothing of the stream is missing. */
const ended = (view: MessagesView): boolean => {
  const { kind } = view.exchange.end
  return kind === 'complete' || kind === 'closed'
}

function* broken(view: MessagesView, reading: Reading): Iterable<ReturnType<typeof finding>> {
  const { broken: at, text } = reading
  if (at?.tooLong) return
  if (at !== undefined) {
    yield finding(view.at(at.offset, at.length), 'a stream that the client reads', at.what)
  } else if (text !== view.content) {
    yield finding(
      view,
      `the text ${JSON.stringify(view.content.slice(0, 60))}`,
      JSON.stringify(text.slice(0, 60)),
    )
  }
}

/** What must be found in the helper's message, by the kind of block; joined, as the events may count blocks otherwise. */
const PARTS: { what: string; said: (block: Block) => string; held: (block: HeldBlock) => string }[] = [
  {
    what: 'text',
    said: ({ type, text }) => (type === 'text' ? text : ''),
    held: ({ type, text }) => (type === 'text' ? text : ''),
  },
  {
    what: 'thinking',
    said: ({ type, text }) => (type === 'thinking' ? text : ''),
    held: ({ type, thinking }) => (type === 'thinking' ? thinking : ''),
  },
  {
    what: 'signature',
    said: ({ type, signature }) => (type === 'thinking' ? signature : ''),
    held: ({ type, signature }) => (type === 'thinking' ? signature : ''),
  },
  {
    what: 'input of tools',
    said: ({ type, inputText }) => (HELPED_TOOLS.has(type) ? (inputText ?? '') : ''),
    held: ({ json }) => json,
  },
]

/** Other tools are read by the helper for beta features. */
const HELPED_TOOLS = new Set(['tool_use', 'server_tool_use'])

/** Where the helper's message is not what the events say. */
function* helped(view: MessagesView): Iterable<ReturnType<typeof finding>> {
  const reading = anthropicNode(view.events)
  const { blocks } = reading
  // What strays came before what breaks, and is often its cause.
  const at = reading.strayed ?? reading.broken
  if (at !== undefined) {
    yield finding(view.at(at.offset, at.length), 'a stream that the client reads', at.what)
    return
  }
  const said = view.message?.blocks ?? []
  for (const part of PARTS) {
    const whole = said.map(part.said).join('')
    const got = blocks.map(part.held).join('')
    if (whole === got) continue
    const first = said.find((block, place) => part.said(block) !== part.held(blocks[place] ?? NO_BLOCK))
    yield finding(
      first?.where ?? view,
      `the ${part.what} ${JSON.stringify(whole.slice(0, 60))}`,
      JSON.stringify(got.slice(0, 60)),
    )
    return
  }
}

const NO_BLOCK: HeldBlock = { type: '', text: '', thinking: '', signature: '', json: '' }

const CLIENTS: Record<string, Rule<MessagesView>[]> = {
  'anthropic-node': [
    {
      id: 'anthropic-messages/clients/anthropic-node',
      title: 'The stream helper of @anthropic-ai/sdk reads the stream to a message with all that it says',
      requirements: ['ANT-SDK-node-1', 'ANT-SDK-node-0', 'TH-ANT-SDK-node'],
      fix: 'Name every event; begin with message_start, end with message_stop, and keep index and usage right.',
      on: (view) => readable(view) && ended(view),
      judge: helped,
    },
  ],
  'go-prefix-reader': [
    {
      id: 'anthropic-messages/clients/go-prefix-reader',
      title: 'The document’s Go sample (lines that begin with "data: ") reads the stream',
      requirements: ['TH-ANT-CLIENT-naive-sse'],
      fix: 'Write each event as one line "data: " + JSON, with its event line before it.',
      on: readable,
      *judge(view) {
        yield* broken(view, goDataLines(view.body))
        // This reader takes CRLF, others that are written like it do not.
        if (view.sse.eols.has('\r\n')) {
          yield finding(view, 'line ends of LF alone', 'CRLF', { by: 'should' })
        }
      },
    },
    {
      id: 'anthropic-messages/clients/go-scanner-line',
      title: 'No line of a stream has 64 KiB or more: the document’s Go samples end there without a word',
      requirements: ['TH-CLIENT-go-scanner-line'],
      fix: 'Split long deltas over several events.',
      on: readable,
      *judge(view) {
        const { broken: at } = goDataLines(view.body)
        if (at?.tooLong) {
          yield finding(view.at(at.offset, at.length), 'lines below 64 KiB', `${at.length} bytes`)
        }
      },
    },
  ],
  'okhttp-eventsource': [
    {
      id: 'anthropic-messages/clients/okhttp-eventsource',
      title: 'The document’s Java sample (OkHttp EventSource) reads the stream',
      requirements: ['TH-ANT-CLIENT-okhttp-sse'],
      fix: 'Send Content-Type text/event-stream.',
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
}

/** A sample client sends what its page documents: an answer to more than that never reaches it. */
function asksOnly(view: MessagesView, documented: ReadonlySet<string>): boolean {
  return !isObject(view.asked) || Object.keys(view.asked).every((field) => documented.has(field))
}

/** The sample clients of a profile: what breaks one fails there and nowhere else. */
export function clientRules(promise: DialectPromise): Rule<MessagesView>[] {
  const documented = new Set(Object.keys(promise.fields))
  return promise.clients
    .flatMap((id) => CLIENTS[id] ?? [])
    .map((rule) => ({ ...rule, on: (view) => asksOnly(view, documented) && rule.on(view) }))
}
