import type { Read } from '../../../reports/record/types.ts'

/** Reads kept one by one. Behind that, a peer that drips single bytes would cost far more memory than it sends. */
const SINGLE_READS = 65_536
const GROUP_BYTES = 4_096

/** The reads of one exchange, bounded in bytes and in number. */
export class ReadLog {
  readonly #reads: Read[] = []
  #group: { at: number; bytes: Uint8Array; filled: number } | undefined
  bytes = 0
  /** Whether late reads were joined in groups, each with the time of its last byte. */
  grouped = false

  /** Keeps what came until `capacity` bytes are held in all. */
  push(at: number, bytes: Uint8Array, capacity: number): void {
    const room = Math.max(0, capacity - this.bytes)
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes
    if (kept.length === 0) return
    this.bytes += kept.length
    if (this.#reads.length < SINGLE_READS) this.#reads.push({ at, bytes: own(kept) })
    else this.#join(at, kept)
  }

  /** All that was kept, in order. */
  take(): Read[] {
    this.#flush()
    return this.#reads
  }

  #join(at: number, bytes: Uint8Array): void {
    this.grouped = true
    if (this.#group && this.#group.filled + bytes.length > GROUP_BYTES) this.#flush()
    if (bytes.length >= GROUP_BYTES) {
      this.#reads.push({ at, bytes: own(bytes) })
      return
    }
    this.#group ??= { at, bytes: new Uint8Array(GROUP_BYTES), filled: 0 }
    this.#group.bytes.set(bytes, this.#group.filled)
    this.#group.filled += bytes.length
    this.#group.at = at
  }

  #flush(): void {
    if (!this.#group) return
    this.#reads.push({ at: this.#group.at, bytes: this.#group.bytes.subarray(0, this.#group.filled) })
    this.#group = undefined
  }
}

/** A slice must not keep alive a buffer much larger than itself. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length + 64 ? new Uint8Array(bytes) : bytes
}
