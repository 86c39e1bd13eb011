import type { End, HeaderPair, Read } from '../../../reports/record/types.ts'
import { framingOf, readChunks } from './http1/framing.ts'
import { type Head, readHead } from './http1/head.ts'
import { BodyParts } from './http1/parts.ts'
import { Problems } from './http1/problems.ts'

export { type DecodedContent, decodeContent } from './http1/content.ts'

/**
 * One stretch of decoded body, contiguous on the wire and within one read: `bytes` arrived (wholly) at `at`; `wire` is
 * the offset of its first byte in the joined reads. (After 100,000 parts, those of one read are merged.)
 */
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

/**
 * Analyses a response from its recorded reads. Never throws; linear in the bytes; the parts share the memory of one
 * joined copy. `wire`: what the reads hold; `method`: of the request (the answer to HEAD has no body).
 */
export function parseResponse(
  reads: readonly Read[],
  wire: 'http1' | 'decoded' | 'body',
  end: End,
  method: string,
): HttpResponse {
  const [only] = reads
  const joined = reads.length === 1 && only ? only.bytes : Buffer.concat(reads.map((read) => read.bytes))
  const bytes = Buffer.from(joined.buffer, joined.byteOffset, joined.byteLength)
  const parts = new BodyParts(bytes, reads)
  const problems = new Problems()
  const response: HttpResponse = {
    version: '',
    status: 0,
    reason: '',
    headers: [],
    interim: [],
    bodyStart: 0,
    framing: 'close',
    parts: parts.list,
    trailers: [],
    complete: false,
    excess: 0,
    problems: problems.list,
  }
  if (wire === 'body') {
    response.status = 200
    parts.add(0, bytes.length)
    response.complete = ended(end)
    return response
  }
  const head = readFinalHead(bytes, wire === 'decoded', response, problems)
  if (head) {
    const { version, status, reason, headers, next } = head
    Object.assign(response, { version, status, reason, headers, bodyStart: next })
  }
  if (!head?.whole) {
    if (bytes.length > 0 && problems.list.every((p) => p.rule !== 'http/bad-status-line') && byPeer(end)) {
      problems.add('http/truncated', bytes.length, 'the response ends inside its head')
    }
    return response
  }
  if (wire === 'decoded') {
    parts.add(head.next, bytes.length)
    response.complete = ended(end)
  } else readBody(bytes, head, end, method, parts, response, problems)
  return response
}

/** Reads heads up to the first that is no interim one. */
function readFinalHead(
  bytes: Buffer,
  printed: boolean,
  response: HttpResponse,
  problems: Problems,
): Head | undefined {
  let from = 0
  while (true) {
    const head = readHead(bytes, from, printed, problems)
    // 101 is the last answer of its connection in HTTP.
    if (!head || head.status < 100 || head.status > 199 || head.status === 101) return head
    response.interim.push(head.status)
    if (!head.whole) return undefined
    from = head.next
  }
}

function readBody(
  bytes: Buffer,
  head: Head,
  end: End,
  method: string,
  parts: BodyParts,
  response: HttpResponse,
  problems: Problems,
): void {
  const { kind, length } = framingOf(head, method, head.next, problems)
  response.framing = kind
  const start = head.next
  let next = start
  if (kind === 'none') {
    response.complete = true
  } else if (kind === 'close') {
    next = bytes.length
    parts.add(start, next)
    response.complete = ended(end)
  } else if (kind === 'content-length') {
    const got = Math.min(length, bytes.length - start)
    next = start + got
    parts.add(start, next)
    response.complete = got === length
    if (got < length && byPeer(end)) {
      const text = `Content-Length is ${length}, but ${got} bytes came`
      problems.add('http/content-length-mismatch', bytes.length, text)
    }
  } else {
    const chunked = readChunks(bytes, start, parts, problems)
    next = chunked.outcome === 'broken' ? bytes.length : chunked.next
    response.trailers = chunked.trailers
    response.complete = chunked.outcome === 'whole'
    if (chunked.outcome === 'cut' && byPeer(end)) {
      problems.add('http/truncated', bytes.length, 'the body ends before its last chunk')
    }
  }
  response.excess = bytes.length - next
  if (response.excess > 0) {
    problems.add('http/excess-bytes', next, `${response.excess} bytes follow the end of the response`)
  }
}

/** Whether the end of the bytes is the end that was meant, where only the connection can tell. */
function ended(end: End): boolean {
  return end.kind === 'complete' || end.kind === 'closed'
}

/** Whether it was not us who stopped: what is missing is then missing by the peer's doing. */
function byPeer(end: End): boolean {
  return end.kind !== 'timeout' && end.kind !== 'limit' && end.kind !== 'hung-up'
}
