/** Longest line of chunk framing (size with extensions, trailer field) that is taken, in bytes. */
const LONGEST_LINE = 16_384

const LF = 10
const CR = 13

/** Follows the chunked coding (RFC 9112, section 7.1) while it comes, and tells where the data stands. */
export class Chunks {
  readonly #data: ((offset: number, length: number) => void) | undefined
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size'
  #line: number[] = []
  #left = 0
  /** Bytes read: behind the end of the body nothing is. */
  taken = 0
  complete = false
  /** Why this is not the chunked coding. */
  broken: string | undefined

  /** `data` is told each stretch of data: offset since the first byte that was fed, and length. */
  constructor(data?: (offset: number, length: number) => void) {
    this.#data = data
  }

  feed(bytes: Uint8Array): void {
    let i = 0
    while (i < bytes.length && !this.complete && this.broken === undefined) {
      if (this.#state === 'data') {
        const length = Math.min(this.#left, bytes.length - i)
        this.#data?.(this.taken + i, length)
        this.#left -= length
        i += length
        if (this.#left === 0) this.#state = 'data-end'
      } else {
        this.#take(bytes[i] ?? 0)
        i++
      }
    }
    this.taken += i
  }

  #take(byte: number): void {
    if (byte !== LF) {
      if (this.#state === 'data-end' && (byte !== CR || this.#line.length > 0)) {
        this.broken = 'a chunk is longer than its size says'
      } else if (this.#line.length >= LONGEST_LINE) this.broken = 'a line of chunk framing is too long'
      else this.#line.push(byte)
      return
    }
    const line = String.fromCharCode(...this.#line).replace(/\r$/, '')
    this.#line = []
    if (this.#state === 'data-end') this.#state = 'size'
    else if (this.#state === 'trailer') this.complete = line === ''
    else this.#size(line)
  }

  #size(line: string): void {
    const digits = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1]
    if (digits === undefined) {
      this.broken = 'a chunk size cannot be read'
      return
    }
    this.#left = Number.parseInt(digits, 16)
    this.#state = this.#left === 0 ? 'trailer' : 'data'
  }
}
