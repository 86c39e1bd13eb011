import type { BodyPart } from './wire/http1.ts'

/** One dispatched event. Offsets are bytes in the decoded body; `end` is past the blank line that dispatched it. */
export interface SseEvent {
  type: string
  data: string
  lastEventId: string
  start: number
  end: number
  /** Arrival (ms) of the read that completed it. */
  at: number
  /** Number of the read (part) that completed it: events that share it came coalesced. */
  part: number
  /** The field lines of the record, as they stood. `name` is '' for a comment. */
  lines: SseLine[]
}

export interface SseLine {
  start: number
  end: number
  name: string
  value: string
  /** Whether exactly one space followed the colon. */
  space: boolean
  /** What ended the line: '' at the end of input. */
  eol: '\n' | '\r\n' | '\r' | ''
}

export interface SseProblem {
  /** Such as `sse/bom`, `sse/unterminated`, `sse/invalid-utf8`, `sse/unknown-field`, `sse/nul-in-id`. */
  rule: string
  offset: number
  length: number
  text: string
}

export interface SseStream {
  events: SseEvent[]
  /** Comment lines, in order (also those inside records). */
  comments: SseLine[]
  problems: SseProblem[]
  eols: Set<string>
  lastEventId: string
  reconnectionTime: number | null
  /** A record with data that no blank line ended (the standard discards it): its lines. */
  pending: SseLine[]
}

/** Stub until the reader lands. */
export declare function readSse(parts: BodyPart[]): SseStream
