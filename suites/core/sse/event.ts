import type { SseEvent, SseLine } from '../sse.ts'
import { readLines } from './lines.ts'
import type { Source } from './source.ts'

/** One read: what all events that it completed share. `base` is the offset of the first of `bytes`. */
export interface EventRead {
  at: number
  part: number
  bytes: Buffer
  base: number
  source: Source
}

/**
 * An event as a view of the bytes that it came in: `lines`, and `data` that is not ASCII, are decoded when somebody
 * asks. Most are never asked, and the memory of kept strings took most of the time.
 */
export class DispatchedEvent implements SseEvent {
  type: string
  lastEventId: string
  start: number
  end: number
  #read: EventRead
  /** Offset of the only data value, which lies in the read as a whole; or the data, where it is not so simple. */
  #data: number | string
  #dataEnd: number

  constructor(
    type: string,
    lastEventId: string,
    start: number,
    end: number,
    read: EventRead,
    data: number | string,
    dataEnd: number,
  ) {
    this.type = type
    this.lastEventId = lastEventId
    this.start = start
    this.end = end
    this.#read = read
    this.#data = data
    this.#dataEnd = dataEnd
  }

  get data(): string {
    if (typeof this.#data === 'string') return this.#data
    const { bytes, base } = this.#read
    return bytes.toString('utf8', this.#data - base, this.#dataEnd - base)
  }

  get at(): number {
    return this.#read.at
  }

  get part(): number {
    return this.#read.part
  }

  get lines(): SseLine[] {
    return readLines(this.#read.source.slice(this.start, this.end), this.start)
  }

  toJSON(): Omit<SseEvent, 'lines'> {
    const { type, data, lastEventId, start, end, at, part } = this
    return { type, data, lastEventId, start, end, at, part }
  }
}
