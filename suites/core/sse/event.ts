import type { SseEvent, SseLine } from '../sse.ts'
import { readLines } from './lines.ts'
import type { Source } from './source.ts'

/** One read: what all events that it completed share. */
export interface EventRead {
  at: number
  part: number
  source: Source
}

/**
 * An event that keeps its data, and what it shares with others by reference; its lines are read again from the bytes
 * when somebody asks. Most are never asked, and memory is most of what a long stream costs.
 */
export class DispatchedEvent implements SseEvent {
  type: string
  data: string
  lastEventId: string
  start: number
  end: number
  #read: EventRead

  constructor(type: string, data: string, lastEventId: string, start: number, end: number, read: EventRead) {
    this.type = type
    this.data = data
    this.lastEventId = lastEventId
    this.start = start
    this.end = end
    this.#read = read
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
