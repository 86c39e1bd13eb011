import { finding, note, type Rule } from '../core/check.ts'
import type { View } from '../core/view.ts'

/** What a reader passes over: a field that it does not know, an id or a retry that it cannot use. */
const ODD_FIELDS: ReadonlySet<string> = new Set(['sse/unknown-field', 'sse/nul-in-id', 'sse/bad-retry'])

const streamed = (view: View): boolean => view.isStream

/** Laws of the event stream (WHATWG HTML, 9.2). */
export function sseRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/sse/media-type`,
      title: 'An event stream is labelled text/event-stream',
      requirements: ['SSE-media-type', 'TH-OAI-SSE-format', 'OAI-CHAT-stream'],
      fix: 'Send Content-Type: text/event-stream with every stream.',
      on: (view) => streamed(view) && view.exchange.wire !== 'body',
      *judge(view) {
        if (view.mediaType !== 'text/event-stream') {
          yield finding(view.headerPlace('content-type'), 'text/event-stream', view.mediaType || 'none')
        }
      },
    },
    {
      id: `${dialect}/sse/utf8`,
      title: 'An event stream is UTF-8, whatever the split over reads',
      requirements: ['SSE-utf8'],
      fix: 'Carry the bytes of a split character over to the next write.',
      on: streamed,
      *judge(view) {
        for (const problem of view.sse.problems) {
          if (problem.rule !== 'sse/invalid-utf8') continue
          yield finding(view.at(problem.offset, problem.length), 'UTF-8', problem.text)
          return
        }
      },
    },
    {
      id: `${dialect}/sse/dispatch`,
      title: 'Every event, the last one too, ends with a blank line',
      requirements: ['SSE-dispatch'],
      fix: 'Write a blank line after each event, also after data: [DONE].',
      on: (view) =>
        streamed(view) && (view.exchange.end.kind === 'complete' || view.exchange.end.kind === 'closed'),
      *judge(view) {
        const first = view.sse.pending.find((line) => line.name === 'data')
        if (first === undefined) return
        yield finding(
          view.at(first.start, view.body.byteLength - first.start),
          'a blank line after the last event',
          'the end of the stream: a reader discards the event',
        )
      },
    },
    {
      id: `${dialect}/sse/byte-order-mark`,
      title: 'No byte order mark begins the stream',
      requirements: ['SSE-byte-order-mark'],
      fix: 'Write no BOM.',
      on: streamed,
      *judge(view) {
        if (view.body[0] === 0xef && view.body[1] === 0xbb && view.body[2] === 0xbf) {
          yield finding(view.at(0, 3), 'no byte order mark', 'EF BB BF', {
            by: 'should',
            why: 'openai-node 4 loses the first event',
          })
        }
      },
    },
    {
      id: `${dialect}/sse/known-fields`,
      title: 'Every line of the stream is a comment or begins with data:, event:, id: or retry:',
      requirements: ['SSE-known-fields'],
      fix: 'Put data: before every line of the payload.',
      on: streamed,
      *judge(view) {
        for (const problem of view.sse.problems) {
          if (!ODD_FIELDS.has(problem.rule)) continue
          yield finding(view.at(problem.offset, problem.length), 'a field that readers know', problem.text, {
            by: 'should',
          })
          return
        }
      },
    },
    {
      id: `${dialect}/sse/line-ends`,
      title: 'Lines end in LF, CRLF or CR (recorded only)',
      requirements: ['SSE-line-ends'],
      fix: 'End lines with LF: readers that split on it are common.',
      on: streamed,
      *judge(view) {
        const other = [...view.sse.eols].filter((eol) => eol !== '\n')
        if (other.length > 0)
          yield note(view, `line ends other than LF: ${other.map((eol) => JSON.stringify(eol)).join(', ')}`)
      },
    },
    {
      id: `${dialect}/sse/coalesced`,
      title: 'Events come as they are made, not all at once (recorded only)',
      requirements: ['SSE-dispatch'],
      fix: 'Flush each event; switch buffering and compression off for streams.',
      on: (view) => streamed(view) && view.sse.events.length > 8,
      *judge(view) {
        const reads = new Set(view.sse.events.map((event) => event.part))
        if (reads.size === 1) yield note(view, `${view.sse.events.length} events in one read`)
      },
    },
  ]
}

/** For dialects whose clients pass over what has no data: whether it comes is only recorded. */
export function passedOver(dialect: string): Rule {
  return {
    id: `${dialect}/sse/empty-event`,
    title: 'Clients pass over an event without data (recorded only)',
    requirements: ['SSE-comments'],
    fix: 'Send heartbeats as comment lines (": ping"), or with the data that the dialect gives them.',
    on: streamed,
    *judge(view) {
      const empty = emptyRecord(view)
      if (empty !== undefined) yield note(view.at(empty.start, empty.end - empty.start), empty.text)
    },
  }
}

/** The first record with a field line and no data, or with an empty data line. */
export function emptyRecord(view: View): { start: number; end: number; text: string } | undefined {
  const empty = view.sse.events.find((event) => event.data === '')
  if (empty !== undefined) return { start: empty.start, end: empty.end, text: 'a data line without a value' }
  const problem = view.sse.problems.find((one) => one.rule === 'sse/event-without-data')
  if (problem === undefined) return undefined
  return { start: problem.offset, end: problem.offset + problem.length, text: problem.text }
}
