import { isAscii, isUtf8 } from 'node:buffer'
import type { SseLine, SseProblem, SseProblemRule, SseStream } from '../sse.ts'
import { DispatchedEvent, type EventRead } from './event.ts'
import { readLine, readLines } from './lines.ts'
import { Source } from './source.ts'
import { illFormed } from './utf8.ts'

const LF = 10
const SPACE = 32
const BOM = [0xef, 0xbb, 0xbf]
const EMPTY = Buffer.alloc(0)
const PROBLEMS_PER_RULE = 100

/** Events and comments that a stream may have together before reading stops (memory, not the standard). */
const MOST = 1_000_000

/**
 * Incremental event stream reader. `push` what comes, then `end` once. The bytes must not be changed after `push`:
 * the reader keeps them, uncopied, for the lines of events.
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

  /** Whether the first bytes are known to be a byte order mark or not; until then they stand in `#unended`. */
  #begun = false
  /** Bytes of a line whose end has not come, in the pieces that came: joined once, when it ends. */
  #unended: Buffer[] = []
  /** The same as text, where it is one piece of ASCII: the common case, spared a copy. */
  #unendedText: string | undefined
  /** A CR was the last byte of the last read: an LF at the start of the next belongs to it. */
  #afterCr = false

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
    if (!this.#begun) chunk = this.#begin(chunk)
    if (chunk.length === 0) return
    const base = source.length - chunk.length
    let pos = 0
    if (this.#afterCr) {
      this.#afterCr = false
      if (chunk[0] === LF) {
        this.#completeCrLf(base)
        pos = 1
      } else this.#eols.add('\r')
    }
    if (this.#full) return
    const read: EventRead = { at, part, source }
    const marks = chunk.toString('latin1')
    const ascii = isAscii(chunk)
    if (this.#unended.length > 0) {
      pos = firstLineEnd(marks)
      if (pos > 0) {
        // Only the line that was cut is copied together: the rest is read where it lies.
        this.#readCutLine(chunk, marks, pos, ascii, base, read)
        if (this.#afterCr && pos < chunk.length) {
          this.#afterCr = false
          this.#eols.add('\r')
        }
      }
    }
    if (pos < chunk.length) pos = this.#readBlock(chunk, marks, ascii, pos, base, read)
    if (pos < chunk.length) {
      this.#unendedText = ascii && this.#unended.length === 0 ? marks.slice(pos) : undefined
      this.#unended.push(pos > 0 ? chunk.subarray(pos) : chunk)
    }
  }

  /** Reads the line that earlier reads began and that ends before `end` in this one. */
  #readCutLine(
    chunk: Buffer,
    marks: string,
    end: number,
    ascii: boolean,
    base: number,
    read: EventRead,
  ): void {
    if (ascii && this.#unendedText !== undefined) {
      const line = this.#unendedText + marks.slice(0, end)
      this.#unended = []
      this.#readBlock(EMPTY, line, true, 0, base + end - line.length, read)
      return
    }
    const line = Buffer.concat([...this.#unended, end === chunk.length ? chunk : chunk.subarray(0, end)])
    this.#unended = []
    this.#readBlock(line, line.toString('latin1'), isAscii(line), 0, base + end - line.length, read)
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

  /** Takes off the byte order mark. Gives what there is to read: nothing while it may yet be one. */
  #begin(chunk: Buffer): Buffer {
    const head = this.#unended.length > 0 ? Buffer.concat([...this.#unended, chunk]) : chunk
    const marked = BOM.every((byte, i) => i >= head.length || head[i] === byte)
    if (marked && head.length < BOM.length) {
      this.#unended = [head]
      return head.subarray(head.length)
    }
    this.#begun = true
    this.#unended = []
    if (!marked) return head
    this.#note('sse/bom', 0, BOM.length, 'the stream starts with a byte order mark')
    this.#start = BOM.length
    return head.subarray(BOM.length)
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
   * Reads the whole lines of a block from `from` on, for `read`, which completed them; gives the index past them.
   * `marks` has one character a byte, so that its indices are byte offsets and a search in it is as fast as it can
   * be. (`block` is not looked at where all is ASCII.)
   */
  #readBlock(
    block: Buffer,
    marks: string,
    ascii: boolean,
    from: number,
    base: number,
    read: EventRead,
  ): number {
    const length = marks.length
    // Not the length itself: a CR just before the end would seem to have an LF after it.
    const none = length + 1
    // What the bytes mean has the same line ends in the same order, so the two are walked together.
    const text = ascii ? marks : block.toString('utf8', from)
    let textPos = ascii ? from : 0
    let pos = from
    let lf = -1
    let cr = -1
    let sawLf = false
    while (pos < length) {
      if (lf < pos) {
        lf = marks.indexOf('\n', pos)
        if (lf === -1) lf = none
      }
      if (cr < pos) {
        cr = marks.indexOf('\r', pos)
        if (cr === -1) cr = none
      }
      if (lf === cr) break
      let end = lf
      let next = lf + 1
      if (cr < lf) {
        end = cr
        next = cr + 1 === lf ? cr + 2 : cr + 1
        // Whether a CR at the end of a read stands alone is known only later.
        if (next === cr + 2) this.#eols.add('\r\n')
        else if (next < length) this.#eols.add('\r')
        else this.#afterCr = true
      } else sawLf = true
      const textEnd = ascii ? end : text.indexOf(end === lf ? '\n' : '\r', textPos)
      if (end === pos) {
        this.#dispatch(base + pos, base + next, read)
      } else if (isData(marks, pos)) {
        const value = text.slice(textPos + (marks.charCodeAt(pos + 5) === SPACE ? 6 : 5), textEnd)
        this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
        if (end === lf && marks.charCodeAt(next) === LF) {
          // Most events are one line of data and a blank one: no need to search for that.
          this.#dispatch(base + next, base + next + 1, read)
          next++
        }
      } else {
        const eol = cr < lf ? (next === cr + 2 ? '\r\n' : '\r') : '\n'
        this.#readField(readLine(text.slice(textPos, textEnd), base + pos, base + end, eol))
      }
      textPos = textEnd + (next - end)
      pos = next
      if (this.#full) break
    }
    if (!ascii)
      this.#noteIllFormed(from === 0 && pos === length ? block : block.subarray(from, pos), base + from)
    if (sawLf) this.#eols.add('\n')
    return pos
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
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
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
    const rest = Buffer.concat(this.#unended)
    const end = this.#source.length
    for (const run of illFormed(rest, PROBLEMS_PER_RULE)) {
      if (!run.cut) this.#noteInvalid(end - rest.length + run.offset, run.length)
    }
    const last = rest.length > 0 ? readLine(rest.toString('utf8'), end - rest.length, end, '') : undefined
    if (last?.name === '') this.#comments.push(last)
    const length = end - this.#start
    if (this.#data !== undefined || last?.name === 'data') {
      const text = 'the last record has data but no blank line ends it: the standard discards it'
      this.#note('sse/unterminated', this.#start, length, text)
      return readLines(this.#source.slice(this.#start, end), this.#start)
    }
    if (last) this.#note('sse/unterminated-line', last.start, rest.length, 'the input ends inside a line')
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
    if (isUtf8(block)) return
    const room = PROBLEMS_PER_RULE - (this.#counts.get('sse/invalid-utf8') ?? 0)
    if (room > 0) for (const run of illFormed(block, room)) this.#noteInvalid(base + run.offset, run.length)
  }

  #noteInvalid(offset: number, length: number): void {
    this.#note('sse/invalid-utf8', offset, length, `${length} byte${length > 1 ? 's are' : ' is'} no UTF-8`)
  }

  #note(rule: SseProblemRule, offset: number, length: number, text: string): void {
    const count = this.#counts.get(rule) ?? 0
    if (count >= PROBLEMS_PER_RULE) return
    this.#counts.set(rule, count + 1)
    this.#problems.push({ rule, offset, length, text })
  }
}

/** Index past the first line end, or 0 where there is none. */
function firstLineEnd(marks: string): number {
  const lf = marks.indexOf('\n')
  const cr = marks.indexOf('\r')
  if (cr === -1 || (lf !== -1 && lf < cr)) return lf + 1
  return cr + 1 === lf ? cr + 2 : cr + 1
}

/** Whether `data:` stands at `pos`. */
function isData(marks: string, pos: number): boolean {
  return (
    marks.charCodeAt(pos) === 100 &&
    marks.charCodeAt(pos + 1) === 97 &&
    marks.charCodeAt(pos + 2) === 116 &&
    marks.charCodeAt(pos + 3) === 97 &&
    marks.charCodeAt(pos + 4) === 58
  )
}
