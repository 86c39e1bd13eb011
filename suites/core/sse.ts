import { SseReader } from './sse/reader.ts'
import type { BodyPart } from './wire/http1.ts'

export { SseReader } from './sse/reader.ts'

/**
 * One dispatched event. Offsets are bytes in the decoded body; `end` is past the blank line that dispatched it.
 * Read its properties, do not spread it: `at`, `part` and `lines` are getters.
 */
export interface SseEvent {
  type: string
  data: string
  lastEventId: string
  start: number
  end: number
  /** Arrival (ms) of the read that completed it. */
  readonly at: number
  /** Number of the read (part) that completed it: events that share it came coalesced. */
  readonly part: number
  /**
   * The field lines of the record, as they stood, without the blank one; the first 10,000. `name` is '' for a comment.
   * Read on demand.
   */
  readonly lines: SseLine[]
}

/** One line, not blank. `end` is past its last byte, before what ended it (`end + eol.length` is the next line). */
export interface SseLine {
  start: number
  end: number
  name: string
  /** What follows the colon, without one leading space. '' where there is no colon. */
  value: string
  /** Whether a space followed the colon, which `value` has lost. (A second one is a part of `value`.) */
  space: boolean
  /** What ended the line: '' at the end of input. */
  eol: '\n' | '\r\n' | '\r' | ''
}

/** Something odd in the stream. Not each is forbidden: rules judge. At most 100 of each rule are kept, in order of offset. */
export interface SseProblem {
  rule: SseProblemRule
  offset: number
  length: number
  text: string
}

export type SseProblemRule =
  /** A byte order mark at the start. It is taken off; readers that do not lose the first event. */
  | 'sse/bom'
  /** `pending` is not empty. */
  | 'sse/unterminated'
  /** The input ends inside a line, and no data is lost by that. */
  | 'sse/unterminated-line'
  /** Bytes that are no UTF-8: they read as U+FFFD. A code point cut by the end of input does not count. */
  | 'sse/invalid-utf8'
  | 'sse/unknown-field'
  | 'sse/nul-in-id'
  | 'sse/bad-retry'
  /** A record with an `event` field and no data: the standard discards it, many clients do not. */
  | 'sse/event-without-data'
  /** More events and comments than the bound: reading stopped there. */
  | 'sse/too-many'

export interface SseStream {
  events: SseEvent[]
  /** Comment lines, in order (also those inside records). */
  comments: SseLine[]
  problems: SseProblem[]
  eols: Set<string>
  lastEventId: string
  reconnectionTime: number | null
  /** A record with data that no blank line ended (the standard discards it): its lines, the first 10,000. */
  pending: SseLine[]
}

/**
 * Reads a whole body by the WHATWG event stream rules. Never throws; linear in the bytes. `most`: events and comments
 * after which it stops.
 */
export function readSse(parts: readonly BodyPart[], bounds: { most?: number } = {}): SseStream {
  const reader = new SseReader(bounds)
  for (const [index, part] of parts.entries()) reader.push(part.bytes, part.at, index)
  return reader.end()
}
