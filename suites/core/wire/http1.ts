import type { End, HeaderPair, Read } from '../../../reports/record/types.ts'

/** One stretch of decoded body: `bytes` arrived (wholly) at `at`; `wire` is the offset of its first byte in the joined reads. */
export interface BodyPart {
  at: number
  bytes: Uint8Array
  wire: number
}

/** What breaks HTTP/1.1 framing or field syntax, with its offset in the joined reads. */
export interface WireProblem {
  rule: string
  offset: number
  text: string
}

export interface HttpResponse {
  /** Such as `1.1`. '' where the exchange has no head. */
  version: string
  status: number
  reason: string
  headers: HeaderPair[]
  /** Interim responses (1xx) that came before. */
  interim: number[]
  /** Offset of the first body byte in the joined reads. */
  bodyStart: number
  framing: 'content-length' | 'chunked' | 'close' | 'none'
  /** After transfer coding, before content coding. */
  parts: BodyPart[]
  trailers: HeaderPair[]
  /** The framing was fulfilled. */
  complete: boolean
  /** Bytes that came after the end of the response. */
  excess: number
  problems: WireProblem[]
}

/** Stub until the parser lands. */
export declare function parseResponse(
  reads: Read[],
  wire: 'http1' | 'decoded' | 'body',
  end: End,
  method: string,
): HttpResponse
