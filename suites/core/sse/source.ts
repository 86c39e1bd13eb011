/** The bytes pushed so far, kept as they came, to be read again by absolute offset. */
export class Source {
  #pieces: Uint8Array[] = []
  #starts: number[] = []
  length = 0

  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#starts.push(this.length)
    this.length += bytes.length
  }

  /** A copy of the bytes in [start, end). */
  slice(start: number, end: number): Buffer {
    const found: Uint8Array[] = []
    for (let i = this.#indexOf(start); i < this.#pieces.length; i++) {
      const from = this.#starts[i] ?? 0
      if (from >= end) break
      found.push((this.#pieces[i] as Uint8Array).subarray(Math.max(0, start - from), end - from))
    }
    return Buffer.concat(found)
  }

  /** Index of the piece that holds the byte at `offset`. */
  #indexOf(offset: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
