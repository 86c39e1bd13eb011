/** A stack of bits: what is open at each depth of a hostile nesting costs one bit, not one object. */
export class BitStack {
  #words = new Uint32Array(8)
  length = 0

  push(bit: boolean): void {
    const word = this.length >> 5
    if (word === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2)
      grown.set(this.#words)
      this.#words = grown
    }
    const mask = 1 << (this.length & 31)
    const old = this.#words[word] as number
    this.#words[word] = bit ? old | mask : old & ~mask
    this.length++
  }

  pop(): void {
    this.length--
  }

  /** The bit pushed last; false where there is none. */
  get top(): boolean {
    const last = this.length - 1
    return last >= 0 && (((this.#words[last >> 5] as number) >>> (last & 31)) & 1) === 1
  }
}
