import type { DialectPromise } from '../../../specs/types.ts'
import { broken, clientsOf, publishedSamples } from '../../clients/samples.ts'
import { finding, type Rule } from '../../core/check.ts'
import type { Block } from '../message.ts'
import type { MessagesView } from '../view.ts'
import { anthropicNode, type HeldBlock } from './anthropic-node.ts'
import { goDataLines, okhttpEventSource } from './readers.ts'

/** Streams that can be read to the end: what breaks a right reader too is judged elsewhere. */
const readable = (view: MessagesView): boolean =>
  view.isStream && view.succeeded && view.streamError === undefined

/** Nothing of the stream is missing. */
const ended = (view: MessagesView): boolean => {
  const { kind } = view.exchange.end
  return kind === 'complete' || kind === 'closed'
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
  ...publishedSamples('anthropic-messages', {
    on: readable,
    broken,
    go: goDataLines,
    okhttp: okhttpEventSource,
    words: {
      go: {
        requirements: ['TH-ANT-CLIENT-naive-sse'],
        fix: 'Write each event as one line "data: " + JSON, with its event line before it.',
      },
      goLine: {
        requirements: ['TH-CLIENT-go-scanner-line'],
        fix: 'Split long deltas over several events.',
      },
      okhttp: {
        requirements: ['TH-ANT-CLIENT-okhttp-sse'],
        fix: 'Send Content-Type text/event-stream.',
      },
    },
  }),
}

/** The sample clients of a profile. */
export const clientRules = (promise: DialectPromise): Rule<MessagesView>[] => clientsOf(CLIENTS, promise)
