import { isUtf8 } from 'node:buffer'
import type { SseLine, SseProblem, SseProblemRule, SseStream } from '../sse.ts'
import { DispatchedEvent, type EventRead } from './event.ts'
import { readLine, readLines } from './lines.ts'
import { Source } from './source.ts'
import { cutTail, illFormed } from './utf8.ts'

const LF = 10
const CR = 13
const SPACE = 32
const BOM = '\ufeff'
const BOM_BYTES = 3
const EMPTY = Buffer.alloc(0)
const PROBLEMS_PER_RULE = 100

/** Bytes looked at one by one for a line end that is near: a native search costs more to call. */
const NEAR = 32

/** Events and comments that a stream may have together before reading stops (memory, not the standard). */
const MOST = 1_000_000

/**
 * Incremental event stream reader. `push` what comes, then `end` once. The bytes must not be changed after `push`:
 * the reader keeps them, uncopied, for the lines of events.
 *
 * Each read is decoded once, and its lines are found in the text. Characters (UTF-16 units) are never more than the
 * bytes that they came from, so a line end lies as far on in the bytes or a little farther: no second search finds it.
 */
export class SseReader {
  #source = new Source()
  #most: number
  #events: DispatchedEvent[] = []
  #comments: SseLine[] = []
  #problems: SseProblem[] = []
  #counts = new Map<SseProblemRule, number>()
  #eols = new Set<string>()
  #lastEventId = ''
  #reconnectionTime: number | null = null
  #full = false

  /** Whether the first character came, which may be a byte order mark. */
  #begun = false
  /** The bytes of a code point that the last read cut: decoded together with the next. */
  #cut: Buffer | undefined
  /** The text of a line whose end has not come, in the pieces that came: joined once, when it ends. */
  #unended: string[] = []
  /** Offset of that line. */
  #unendedStart = 0
  /** A CR was the last byte of the last read: an LF at the start of the next belongs to it. */
  #afterCr = false
  /** The run of bytes that is no UTF-8 noted last: it may go on in the next read. */
  #invalid: SseProblem | undefined

  // The record that is being read.
  #start = 0
  #data: string | undefined
  #type = ''
  #id = ''

  constructor(bounds: { most?: number } = {}) {
    this.#most = bounds.most ?? MOST
  }

  /** Takes one read. `at`: its arrival (ms); `part`: its number. */
  push(bytes: Uint8Array, at: number, part: number): void {
    if (bytes.length === 0) return
    const source = this.#source
    source.add(bytes)
    let chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (this.#afterCr) {
      this.#afterCr = false
      if (chunk[0] === LF) {
        this.#completeCrLf(source.length - chunk.length)
        chunk = chunk.subarray(1)
      } else this.#eols.add('\r')
    }
    if (this.#full) return
    if (this.#cut) chunk = Buffer.concat([this.#cut, chunk])
    this.#cut = undefined
    let base = source.length - chunk.length
    let valid = isUtf8(chunk)
    const cut = valid ? 0 : cutTail(chunk)
    if (cut > 0) {
      this.#cut = chunk.subarray(chunk.length - cut)
      chunk = chunk.subarray(0, chunk.length - cut)
      valid = isUtf8(chunk)
    }
    let text = chunk.toString('utf8')
    if (!this.#begun && text !== '') {
      this.#begun = true
      if (text.startsWith(BOM)) {
        this.#note('sse/bom', 0, BOM_BYTES, 'the stream starts with a byte order mark')
        text = text.slice(1)
        chunk = chunk.subarray(BOM_BYTES)
        base = BOM_BYTES
        this.#start = base
      }
    }
    const past = this.#readBlock(text, chunk, base, { at, part, source })
    if (!valid) this.#noteIllFormed(chunk.subarray(0, past), base)
  }

  /** No more bytes. */
  end(): SseStream {
    if (this.#afterCr) this.#eols.add('\r')
    const pending = this.#full ? [] : this.#readEnd()
    return {
      events: this.#events,
      comments: this.#comments,
      problems: this.#problems.sort((a, b) => a.offset - b.offset || a.rule.localeCompare(b.rule)),
      eols: this.#eols,
      lastEventId: this.#lastEventId,
      reconnectionTime: this.#reconnectionTime,
      pending,
    }
  }

  /** An LF at `offset` turned out to be the second half of a line end whose CR was acted upon when it came. */
  #completeCrLf(offset: number): void {
    this.#eols.add('\r\n')
    const event = this.#events.at(-1)
    if (event?.end === offset) event.end++
    const comment = this.#comments.at(-1)
    if (comment && comment.end + 1 === offset) comment.eol = '\r\n'
    if (this.#start === offset) this.#start++
  }

  /**
   * Reads the lines of a block, which `read` completed, and keeps the beginning of one that does not end in it. `text` is
   * what `bytes`, at offset `base`, stand for. Gives the number of bytes up to where reading stopped.
   */
  #readBlock(text: string, bytes: Buffer, base: number, read: EventRead): number {
    const length = text.length
    // Not the length itself: a CR just before the end would seem to have an LF after it.
    const none = length + 1
    const ascii = length === bytes.length
    let isGoingOn = this.#unended.length > 0
    /** Place in `bytes` of the character at `pos`, less `pos`. */
    let shift = 0
    let pos = 0
    let lf = -1
    let cr = -1
    let sawLf = false
    let sawCr = false
    let sawCrLf = false
    while (pos < length) {
      if (lf < pos) {
        lf = text.indexOf('\n', pos)
        if (lf === -1) lf = none
      }
      if (cr < pos) {
        cr = text.indexOf('\r', pos)
        if (cr === -1) cr = none
      }
      if (lf === cr) break
      const first = pos + shift
      let end = lf
      let next = lf + 1
      if (cr < lf) {
        end = cr
        next = cr + 1 === lf ? cr + 2 : cr + 1
        if (next === cr + 2) sawCrLf = true
        else if (next < length || this.#cut) sawCr = true
        // Whether a CR at the end of a read stands alone is known only later.
        else this.#afterCr = true
      } else sawLf = true
      if (!ascii) shift = indexOf(bytes, end === lf ? LF : CR, end + shift) - end
      const offset = base + shift
      if (end === pos && !isGoingOn) {
        this.#dispatch(base + first, offset + next, read)
      } else if (!isGoingOn && isData(bytes, first)) {
        this.#addData(text.slice(pos + (bytes[first + 5] === SPACE ? 6 : 5), end))
        if (end === lf && next < length && bytes[next + shift] === LF) {
          // Most events are one line of data and a blank one: no need to search for that.
          this.#dispatch(offset + next, offset + next + 1, read)
          next++
        }
      } else {
        const eol = cr < lf ? (next === cr + 2 ? '\r\n' : '\r') : '\n'
        const line = text.slice(pos, end)
        if (isGoingOn) {
          const [only = ''] = this.#unended
          const begun = this.#unended.length === 1 ? only : this.#unended.join('')
          this.#readField(readLine(begun + line, this.#unendedStart, offset + end, eol))
          this.#unended = []
          isGoingOn = false
        } else this.#readField(readLine(line, base + first, offset + end, eol))
      }
      pos = next
      if (this.#full) break
    }
    if (sawLf) this.#eols.add('\n')
    if (sawCr) this.#eols.add('\r')
    if (sawCrLf) this.#eols.add('\r\n')
    if (this.#full) return pos + shift
    if (pos < length) {
      if (!isGoingOn) this.#unendedStart = base + shift + pos
      this.#unended.push(text.slice(pos))
    }
    return bytes.length
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
  }

  /** A blank line stands in [blank, end). */
  #dispatch(blank: number, end: number, read: EventRead): void {
    this.#lastEventId = this.#id
    const data = this.#data
    if (data !== undefined) {
      const type = this.#type === '' ? 'message' : this.#type
      this.#events.push(new DispatchedEvent(type, data, this.#id, this.#start, end, read))
      this.#data = undefined
      this.#isFull(blank)
    } else if (this.#type !== '') this.#noteNoData(blank)
    this.#type = ''
    this.#start = end
  }

  /** Any line but a blank one and the common `data:`. */
  #readField(line: SseLine): void {
    const { name, value, start } = line
    const length = line.end - start
    if (name === '' && length > 0) {
      this.#comments.push(line)
      this.#isFull(line.end)
    } else if (name === 'data') {
      this.#addData(value)
    } else if (name === 'event') {
      this.#type = value
    } else if (name === 'id') {
      if (!value.includes('\0')) this.#id = value
      else this.#note('sse/nul-in-id', start, length, 'an id with a NUL character is ignored')
    } else if (name === 'retry') {
      if (/^[0-9]+$/.test(value)) this.#reconnectionTime = Math.min(Number(value), Number.MAX_SAFE_INTEGER)
      else this.#note('sse/bad-retry', start, length, 'a retry that is not all ASCII digits is ignored')
    } else {
      const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
      this.#note('sse/unknown-field', start, length, `a line with the unknown field ${shown} is ignored`)
    }
  }

  /** What is left when the input ends: nothing of it counts. Gives the lines of a record with data. */
  #readEnd(): SseLine[] {
    const end = this.#source.length
    const cut = this.#cut ?? EMPTY
    const text = this.#unended.join('') + cut.toString('utf8')
    const start = this.#unended.length > 0 ? this.#unendedStart : end - cut.length
    const last = text === '' ? undefined : readLine(text, start, end, '')
    if (last?.name === '') this.#comments.push(last)
    const length = end - this.#start
    if (this.#data !== undefined || last?.name === 'data') {
      const text = 'the last record has data but no blank line ends it: the standard discards it'
      this.#note('sse/unterminated', this.#start, length, text)
      return readLines(this.#source.slice(this.#start, end), this.#start)
    }
    if (last) this.#note('sse/unterminated-line', start, end - start, 'the input ends inside a line')
    else if (this.#type !== '') this.#noteNoData(end)
    return []
  }

  #isFull(end: number): boolean {
    if (this.#events.length + this.#comments.length < this.#most) return false
    this.#full = true
    this.#note('sse/too-many', end, 0, `more than ${this.#most} events and comments: not read further`)
    return true
  }

  #noteNoData(end: number): void {
    const text = `a record of type ${JSON.stringify(this.#type.slice(0, 40))} has no data: the standard discards it`
    this.#note('sse/event-without-data', this.#start, end - this.#start, text)
  }

  #noteIllFormed(block: Buffer, base: number): void {
    // One more than there is room for: the first may go on with the last one of the read before.
    const room = PROBLEMS_PER_RULE - (this.#counts.get('sse/invalid-utf8') ?? 0) + 1
    for (const run of illFormed(block, room)) this.#noteInvalid(base + run.offset, run.length)
  }

  #noteInvalid(offset: number, more: number): void {
    const last = this.#invalid
    const goesOn = last !== undefined && last.offset + last.length === offset
    const length = goesOn ? last.length + more : more
    const text = `${length} byte${length > 1 ? 's are' : ' is'} no UTF-8`
    if (goesOn) {
      last.length = length
      last.text = text
    } else this.#invalid = this.#note('sse/invalid-utf8', offset, length, text)
  }

  /** Gives the problem, or undefined where there are too many of its rule. */
  #note(rule: SseProblemRule, offset: number, length: number, text: string): SseProblem | undefined {
    const count = this.#counts.get(rule) ?? 0
    if (count >= PROBLEMS_PER_RULE) return undefined
    const problem = { rule, offset, length, text }
    this.#counts.set(rule, count + 1)
    this.#problems.push(problem)
    return problem
  }
}

/** Index of a byte that comes at `from` or after. */
function indexOf(bytes: Buffer, byte: number, from: number): number {
  for (let i = from; i < from + NEAR; i++) if (bytes[i] === byte) return i
  return bytes.indexOf(byte, from + NEAR)
}

/** Whether the line at `pos` starts with `data:`. */
function isData(bytes: Buffer, pos: number): boolean {
  return (
    bytes[pos] === 100 &&
    bytes[pos + 1] === 97 &&
    bytes[pos + 2] === 116 &&
    bytes[pos + 3] === 97 &&
    bytes[pos + 4] === 58
  )
}
