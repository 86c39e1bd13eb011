import type { HeaderPair } from '../../../../reports/record/types.ts'
import type { HttpResponse } from '../http1.ts'
import { quote, readFields, readLine } from './head.ts'
import type { BodyParts } from './parts.ts'
import type { Problems } from './problems.ts'

const LF = 10
const CR = 13

/** How the end of the body is told. `length` only where it is `content-length`. */
export interface Framing {
  kind: HttpResponse['framing']
  length: number
}

/** Framing by RFC 9112, section 6.3, for a response to `method`. `offset`: where problems are placed. */
export function framingOf(
  { status, headers }: { status: number; headers: HeaderPair[] },
  method: string,
  offset: number,
  problems: Problems,
): Framing {
  const codings = list(headers, 'transfer-encoding')
  const lengths = list(headers, 'content-length')
  if (codings.length > 0 && lengths.length > 0) {
    problems.add('http/conflicting-framing', offset, 'Content-Length stands beside Transfer-Encoding')
  }
  if (lengths.length > 1) {
    problems.add(
      'http/duplicate-content-length',
      offset,
      `Content-Length is given as ${quote(lengths.join(', '))}`,
    )
  }
  if (method.toUpperCase() === 'HEAD' || status === 204 || status === 304 || status === 101) {
    if (status === 204 && codings.length + lengths.length > 0) {
      problems.add(
        'http/framing-on-204',
        offset,
        'a 204 must have neither Content-Length nor Transfer-Encoding',
      )
    }
    return { kind: 'none', length: 0 }
  }
  if (codings.length > 0) return codedFraming(codings, offset, problems)
  const [length] = lengths
  if (length === undefined) return { kind: 'close', length: 0 }
  if (/^\d+$/.test(length) && Number.isSafeInteger(Number(length))) {
    return { kind: 'content-length', length: Number(length) }
  }
  problems.add('http/bad-content-length', offset, `Content-Length ${quote(length)} is no length`)
  return { kind: 'close', length: 0 }
}

function codedFraming(codings: string[], offset: number, problems: Problems): Framing {
  const names = codings.map((coding) => coding.toLowerCase())
  const last = names.at(-1)
  if (names.length > 1 || last !== 'chunked') {
    const text = `Transfer-Encoding ${quote(codings.join(', '))} is more than chunked, which is all that a client can expect`
    problems.add('http/bad-transfer-encoding', offset, text)
  }
  return { kind: last === 'chunked' ? 'chunked' : 'close', length: 0 }
}

/** Members of a list header, over all its lines. */
function list(headers: HeaderPair[], name: string): string[] {
  return headers
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value.split(','))
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

export interface Chunked {
  trailers: HeaderPair[]
  /** Offset past what belongs to the body. */
  next: number
  /** `cut`: the bytes ended before the last chunk and the trailers; `broken`: what came is no chunk. */
  outcome: 'whole' | 'cut' | 'broken'
}

/** Reads chunks from `from` on into `parts`. Linear; what is wrong but can be read is read. */
export function readChunks(bytes: Buffer, from: number, parts: BodyParts, problems: Problems): Chunked {
  let pos = from
  while (true) {
    const line = readLine(bytes, pos, problems)
    if (!line) return { trailers: [], next: bytes.length, outcome: 'cut' }
    const size = chunkSize(line.text, pos, problems)
    if (size === undefined) return { trailers: [], next: pos, outcome: 'broken' }
    pos = line.next
    if (size === 0) {
      const { headers, next, whole } = readFields(bytes, pos, false, problems)
      return { trailers: headers, next, outcome: whole ? 'whole' : 'cut' }
    }
    parts.add(pos, Math.min(pos + size, bytes.length))
    pos += size
    const end = chunkEnd(bytes, pos, problems)
    if (end === 'cut') return { trailers: [], next: bytes.length, outcome: 'cut' }
    if (end === 'broken') return { trailers: [], next: pos, outcome: 'broken' }
    pos = end
  }
}

/** The size in a chunk's first line; extensions are allowed, and undefined is what is no size. */
function chunkSize(line: string, offset: number, problems: Problems): number | undefined {
  const match = /^([0-9A-Fa-f]{1,32})([ \t]*)(?:;|$)/.exec(line)
  const size = match ? Number.parseInt(match[1] as string, 16) : Number.NaN
  if (!match || !Number.isSafeInteger(size)) {
    problems.add('http/bad-chunk-size', offset, `${quote(line)} is no chunk size`)
    return undefined
  }
  if (match[2] !== '' && !line.includes(';')) {
    problems.add('http/bad-chunk-size', offset, 'white space follows the chunk size')
  }
  return size
}

/** Offset past the CRLF that ends a chunk's data. */
function chunkEnd(bytes: Buffer, pos: number, problems: Problems): number | 'cut' | 'broken' {
  if (pos >= bytes.length) return 'cut'
  if (bytes[pos] === CR) {
    if (pos + 1 >= bytes.length) return 'cut'
    if (bytes[pos + 1] === LF) return pos + 2
  } else if (bytes[pos] === LF) {
    problems.add('http/bare-lf', pos, 'a chunk ends with LF alone, not with CRLF')
    return pos + 1
  }
  problems.add('http/bad-chunk-end', pos, 'no CRLF stands where the chunk should end by its size')
  return 'broken'
}
