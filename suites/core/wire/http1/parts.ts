import type { Read } from '../../../../reports/record/types.ts'
import type { BodyPart } from '../http1.ts'

/** Parts beyond this number are merged, one per read: a chunk per byte must not cost a hundred bytes per byte. */
const MOST = 100_000

/** Collects the body from stretches of the joined reads, cut where reads end. Stretches come in order. */
export class BodyParts {
  list: BodyPart[] = []
  #bytes: Buffer
  #reads: readonly Read[]
  #most: number
  #read = 0
  /** Offset past the current read. */
  #readEnd: number
  /** Beyond the bound: the read whose stretches are being merged into the last part, and where they go. */
  #merging: { read: number; room: Buffer; used: number; part: BodyPart } | undefined

  constructor(bytes: Buffer, reads: readonly Read[], most = MOST) {
    this.#bytes = bytes
    this.#reads = reads
    this.#most = most
    this.#readEnd = reads[0]?.bytes.length ?? 0
  }

  /** Takes [start, end) as body. */
  add(start: number, end: number): void {
    let pos = start
    while (pos < end) {
      while (this.#readEnd <= pos) {
        this.#read++
        this.#readEnd += this.#reads[this.#read]?.bytes.length ?? Number.POSITIVE_INFINITY
      }
      const stop = Math.min(end, this.#readEnd)
      if (this.list.length < this.#most) this.#push(pos, stop)
      else this.#merge(pos, stop)
      pos = stop
    }
  }

  #push(start: number, end: number): BodyPart {
    const part = {
      at: this.#reads[this.#read]?.at ?? 0,
      bytes: this.#bytes.subarray(start, end),
      wire: start,
    }
    this.list.push(part)
    return part
  }

  #merge(start: number, end: number): void {
    const merging = this.#merging
    if (merging?.read !== this.#read) {
      const part = this.#push(start, end)
      const room = Buffer.alloc(this.#readEnd - start)
      this.#merging = { read: this.#read, room, used: this.#bytes.copy(room, 0, start, end), part }
      return
    }
    merging.used += this.#bytes.copy(merging.room, merging.used, start, end)
    merging.part.bytes = merging.room.subarray(0, merging.used)
  }
}
