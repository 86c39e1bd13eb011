import type { HeaderPair } from '../../../reports/record/types.ts'
import { Chunks } from './chunks.ts'

/** An interim response (1xx) and where it stands in the joined reads. */
export interface Interim {
  status: number
  start: number
  end: number
}

type Body =
  | { kind: 'none' | 'close' }
  | { kind: 'length'; length: number }
  | { kind: 'chunked'; chunks: Chunks }

const LF = 10
const CR = 13
const START = 'HTTP/1.'
const NOT_HTTP = 'it does not begin with HTTP/1.x'

/**
 * Follows a response while it comes, to know how far it is: where the head ends, whether a body follows, when all is
 * there. It keeps the head and nothing of the body. What is wrong beyond that is for a judge to say, later.
 */
export class Framing {
  readonly #method: string
  /** Bytes seen so far, and the first byte of the head that is being read. */
  #seen = 0
  #headStart = 0
  #head: Buffer[] = []
  /** What a head's last bytes were: 0 in a line, 1 after LF, 2 after LF CR. */
  #line: 0 | 1 | 2 = 1
  /** Whether nothing but line ends came of this head so far. */
  #blank = true
  #body: Body | undefined
  readonly interim: Interim[] = []
  /** Status of the final response; 0 until its head is complete. */
  status = 0
  headers: HeaderPair[] = []
  /** Offset of the first body byte in the joined reads; -1 until the head is complete. */
  bodyStart = -1
  complete = false
  /** Why this cannot be read as HTTP/1.1. */
  broken: string | undefined

  constructor(method: string) {
    this.#method = method
  }

  /** Whether only the end of the connection can end the body. */
  get untilClose(): boolean {
    return this.#body?.kind === 'close'
  }

  get chunked(): boolean {
    return this.#body?.kind === 'chunked'
  }

  /** Bytes of body over the wire, chunk framing included, what follows the response not. */
  get bodyBytes(): number {
    if (this.bodyStart < 0) return 0
    const body = this.#body
    const came = this.#seen - this.bodyStart
    if (body?.kind === 'length') return Math.min(came, body.length)
    if (body?.kind === 'chunked') return body.chunks.taken
    return body?.kind === 'close' ? came : 0
  }

  /** Takes the next bytes. What follows the end of the response is counted, not read. */
  feed(bytes: Uint8Array): void {
    let taken = 0
    while (taken < bytes.length && this.bodyStart < 0 && this.broken === undefined) {
      taken += this.#feedHead(bytes.subarray(taken), this.#seen + taken)
    }
    this.#seen += bytes.length
    const rest = bytes.subarray(taken)
    if (this.bodyStart < 0 || this.broken !== undefined || this.complete) return
    const body = this.#body
    if (body?.kind === 'length') this.complete = this.bodyBytes >= body.length
    if (body?.kind === 'none') this.complete = true
    if (body?.kind === 'chunked') {
      body.chunks.feed(rest)
      this.complete = body.chunks.complete
      this.broken = body.chunks.broken
    }
  }

  /** Where the peer stopped, for a person. */
  progress(): string {
    if (this.#seen === 0) return 'before the first byte'
    if (this.bodyStart < 0) return `inside the head, after ${this.#seen} bytes`
    const body = this.#body
    if (body?.kind === 'length') return `after ${this.bodyBytes} of ${body.length} bytes of body`
    if (body?.kind === 'chunked')
      return `before the last chunk, after ${this.bodyBytes} bytes of chunked body`
    return `after ${this.bodyBytes} bytes of body`
  }

  /** Bytes taken of one head: up to and with its blank line, or all. */
  #feedHead(bytes: Uint8Array, offset: number): number {
    let end = -1
    for (let i = 0; i < bytes.length && end < 0; i++) {
      const byte = bytes[i]
      if (byte === LF) {
        // Empty lines before the status line are passed over, as readers of HTTP do.
        if (this.#line > 0 && !this.#blank) end = i + 1
        this.#line = 1
      } else {
        if (byte !== CR) this.#blank = false
        this.#line = byte === CR && this.#line === 1 ? 2 : 0
      }
    }
    this.#head.push(Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)))
    if (end < 0) {
      this.#checkStart()
      return bytes.length
    }
    const head = Buffer.concat(this.#head).toString('latin1')
    this.#head = []
    this.#line = 1
    this.#blank = true
    this.#readHead(head, offset + end)
    return end
  }

  #checkStart(): void {
    const start = Buffer.concat(this.#head.slice(0, START.length))
      .subarray(0, 64)
      .toString('latin1')
      .replace(/^[\r\n]+/, '')
    if (!START.startsWith(start.slice(0, START.length))) this.broken = NOT_HTTP
  }

  #readHead(head: string, end: number): void {
    const [first = '', ...lines] = head.replace(/^[\r\n]+/, '').split(/\r?\n/)
    const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: .*)?$/.exec(first)?.[1]
    if (status === undefined) {
      this.broken = first.startsWith(START) ? 'the status line cannot be read' : NOT_HTTP
      return
    }
    const code = Number(status)
    if (code < 200 && code !== 101) {
      this.interim.push({ status: code, start: this.#headStart, end })
      this.#headStart = end
      return
    }
    this.status = code
    this.headers = headerPairs(lines)
    this.bodyStart = end
    const body = bodyOf(this.#method, code, this.headers)
    if (typeof body === 'string') {
      this.broken = body
      return
    }
    this.#body = body
    this.complete = body.kind === 'none' || (body.kind === 'length' && body.length === 0)
  }
}

/** Lines of a head as names and values. A folded line continues the value before it. */
function headerPairs(lines: string[]): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (const line of lines) {
    const last = pairs.at(-1)
    const colon = line.indexOf(':')
    if (/^[ \t]/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`
    else if (colon > 0)
      pairs.push([line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')])
  }
  return pairs
}

/** RFC 9112, section 6.3. A string says why the length cannot be known. */
function bodyOf(method: string, status: number, headers: HeaderPair[]): Body | string {
  if (method === 'HEAD' || status === 204 || status === 304 || status === 101) return { kind: 'none' }
  const values = (name: string) =>
    headers
      .filter(([key]) => key.toLowerCase() === name)
      .flatMap(([, value]) => value.split(','))
      .map((value) => value.trim().toLowerCase())
  const coding = values('transfer-encoding')
  if (coding.length > 0) {
    return coding.at(-1) === 'chunked' ? { kind: 'chunked', chunks: new Chunks() } : { kind: 'close' }
  }
  const [length, ...more] = values('content-length')
  if (length === undefined) return { kind: 'close' }
  if (!/^\d{1,15}$/.test(length)) return 'Content-Length is not a number'
  if (more.some((other) => other !== length)) return 'Content-Length has several values'
  return { kind: 'length', length: Number(length) }
}
