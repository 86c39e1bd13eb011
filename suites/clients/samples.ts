/** Sample clients: the readers that documents publish, as rules of the profiles that publish them. */
import type { Finding } from '../../reports/record/types.ts'
import type { DialectPromise } from '../../specs/types.ts'
import { finding, type Rule } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import type { SseEvent } from '../core/sse.ts'
import type { StreamView } from '../core/stream-view.ts'

/** What one reader made of a stream. */
export interface Reading {
  text: string
  /** Where the reader throws, or silently loses something. */
  broken?: { offset: number; length: number; what: string; choicesEmpty?: true; tooLong?: true }
}

type Found = Omit<Finding, 'id'>

/** Where a reader breaks, or has another text than the stream holds. A line that is too long is told by its own rule. */
export function* broken(
  view: StreamView,
  { broken: at, text }: Reading,
  more: { expected?: string; contradiction?: string; anyText?: boolean } = {},
): Iterable<Found> {
  const { expected = 'a stream that the client reads', contradiction, anyText = false } = more
  if (at?.tooLong) return
  if (at !== undefined) {
    const soft = contradiction === undefined ? {} : { contradiction }
    yield finding(view.at(at.offset, at.length), expected, at.what, soft)
  } else if (!anyText && text !== view.content) {
    const [wanted, got] = [view.content, text].map((whole) => JSON.stringify(whole.slice(0, 60)))
    yield finding(view, `the text ${wanted}`, got)
  }
}

interface Words {
  title?: string
  requirements: string[]
  fix: string
}

/** The Go and Java samples of TokenHub's pages in one dialect. */
export function publishedSamples<V extends StreamView>(
  dialect: string,
  of: {
    on(view: V): boolean
    broken(view: V, reading: Reading): Iterable<Found>
    go(body: Uint8Array): Reading
    okhttp(events: readonly SseEvent[]): Reading
    words: { go: Words; goLine: Words; okhttp: Words }
  },
): { 'go-prefix-reader': Rule<V>[]; 'okhttp-eventsource': Rule<V>[] } {
  const { on, words } = of
  return {
    'go-prefix-reader': [
      {
        id: `${dialect}/clients/go-prefix-reader`,
        title: 'The document’s Go sample (lines that begin with "data: ") reads the stream',
        ...words.go,
        on,
        *judge(view) {
          yield* of.broken(view, of.go(view.body))
          // This reader takes CRLF, others that are written like it do not.
          if (view.sse.eols.has('\r\n')) {
            yield finding(view, 'line ends of LF alone', 'CRLF', { by: 'should' })
          }
        },
      },
      {
        id: `${dialect}/clients/go-scanner-line`,
        title: 'No line of a stream has 64 KiB or more: the document’s Go samples end there without a word',
        ...words.goLine,
        on,
        *judge(view) {
          const { broken: at } = of.go(view.body)
          if (at?.tooLong) {
            yield finding(view.at(at.offset, at.length), 'lines below 64 KiB', `${at.length} bytes`)
          }
        },
      },
    ],
    'okhttp-eventsource': [
      {
        id: `${dialect}/clients/okhttp-eventsource`,
        title: 'The document’s Java sample (OkHttp EventSource) reads the stream',
        ...words.okhttp,
        on,
        *judge(view) {
          // Of a body without its head nobody knows the type.
          if (view.exchange.wire !== 'body' && view.mediaType !== 'text/event-stream') {
            yield finding(
              view.headerPlace('content-type'),
              'text/event-stream: another type is a failure in this client',
              view.mediaType,
            )
          } else yield* of.broken(view, of.okhttp(view.sse.events))
        },
      },
    ],
  }
}

/** A sample client sends what its page documents: an answer to more than that never reaches it. */
function asksOnly(view: StreamView, documented: ReadonlySet<string>): boolean {
  return !isObject(view.asked) || Object.keys(view.asked).every((field) => documented.has(field))
}

/** The sample clients of a profile: what breaks one fails there and nowhere else. */
export function clientsOf<V extends StreamView>(
  clients: Readonly<Record<string, Rule<V>[]>>,
  promise: DialectPromise,
): Rule<V>[] {
  const documented = new Set(Object.keys(promise.fields))
  return promise.clients
    .flatMap((id) => clients[id] ?? [])
    .map((rule) => ({ ...rule, on: (view) => asksOnly(view, documented) && rule.on(view) }))
}
