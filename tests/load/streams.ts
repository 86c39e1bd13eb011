import { readdirSync, readFileSync } from 'node:fs'
import { HttpView } from '../../suites/core/read-view.ts'
import { readSse } from '../../suites/core/sse.ts'
import { captured, readRecording, recordings } from '../real/expected.ts'

export interface PlainEvent {
  type: string
  data: string
}

/** A stream as a list of events, and where it comes from. */
export interface NamedStream {
  name: string
  events: PlainEvent[]
  ended: 'clean' | 'cut'
}

export const DIALECTS = ['openai-chat', 'anthropic-messages'] as const

const ROOT = new URL('../../', import.meta.url)

interface Vectors {
  vectors: { name: string; ended?: 'cut'; events: PlainEvent[] }[]
}

function eventsOf(bytes: Uint8Array): PlainEvent[] {
  return readSse([{ at: 0, wire: 0, bytes }]).events.map(({ type, data }) => ({ type, data }))
}

const message = (value: unknown): PlainEvent => ({ type: 'message', data: JSON.stringify(value) })

/** Streams that nobody sends and that a machine must take: floods, and several ways to say one thing at once. */
const ODD: [dialect: string, name: string, events: PlainEvent[]][] = [
  [
    'openai-chat',
    'odd: 20 choices, each wrong in the same ways',
    [0, 1, 2].map(() =>
      message({ choices: Array.from({ length: 20 }, (_, n) => ({ index: 2 * n, finish_reason: 'stop' })) }),
    ),
  ],
  [
    'openai-chat',
    'odd: choices without an index, in every event',
    Array.from({ length: 12 }, () => message({ choices: [{ delta: { content: 'a' } }] })),
  ],
  [
    'anthropic-messages',
    'odd: usage at both places, the first counts',
    [9, 5, 9].map((input_tokens, n) => ({
      type: 'message_delta',
      data: JSON.stringify({
        type: 'message_delta',
        usage: { input_tokens, output_tokens: 1 },
        message: { usage: { input_tokens: 7 - n } },
      }),
    })),
  ],
]

/** All streams that the project keeps: vectors, transcripts, recordings of real gateways. By dialect. */
export async function keptStreams(): Promise<Map<string, NamedStream[]>> {
  const all = new Map<string, NamedStream[]>()
  const add = (dialect: string, name: string, events: PlainEvent[], ended: 'clean' | 'cut' = 'clean') => {
    const list = all.get(dialect) ?? []
    all.set(dialect, list)
    list.push({ name, events, ended })
  }
  for (const dialect of DIALECTS) {
    const { vectors } = JSON.parse(
      readFileSync(new URL(`tests/schemas/vectors/${dialect}.json`, ROOT), 'utf8'),
    ) as Vectors
    for (const { name, events, ended } of vectors) add(dialect, `vector: ${name}`, events, ended)
  }
  for (const [dialect, name, events] of ODD) add(dialect, name, events)
  const transcripts = new URL('fixtures/transcripts/', ROOT)
  const captures = readdirSync(new URL('fixtures/recordings/', ROOT)).filter((file) => file.endsWith('.http'))
  // Each by both grammars: a stream of another dialect is a wrong one, and as good a question.
  for (const dialect of DIALECTS) {
    for (const file of readdirSync(transcripts)) {
      add(dialect, file, eventsOf(readFileSync(new URL(file, transcripts))))
    }
    for (const file of captures) {
      const bytes = readFileSync(captured(file.slice(0, -'.http'.length)))
      add(dialect, file, eventsOf(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)))
    }
  }
  for (const name of recordings()) {
    const record = await readRecording(name)
    for (const exchange of record.exchanges.values()) {
      const view = new HttpView(exchange)
      if (!view.isStream) continue
      const events = view.sse.events.map(({ type, data }) => ({ type, data }))
      const whole = exchange.end.kind === 'complete' || exchange.end.kind === 'closed'
      add(exchange.dialect, `${name}: ${exchange.digest}`, events, whole ? 'clean' : 'cut')
    }
  }
  return all
}
