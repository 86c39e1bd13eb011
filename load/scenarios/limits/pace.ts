/** How fast streams come, as seen so far: so that one can be given up after so many tokens without reading it. Pure. */
export class Pace {
  #first: number[] = []
  #each: number[] = []

  learn(seen: { sentAt: number; firstAt: number; endedAt: number; completion: number }): void {
    this.#first = [...this.#first, seen.firstAt - seen.sentAt].slice(-50)
    if (seen.completion >= 8)
      this.#each = [...this.#each, (seen.endedAt - seen.firstAt) / seen.completion].slice(-50)
  }

  /** ms from the sending of a stream until about so many tokens have come, well before all of `most` have. */
  until(tokens: number, most: number): number {
    const first = middle(this.#first) ?? 300
    const each = middle(this.#each) ?? 20
    return Math.max(20, Math.round(first + each * Math.min(tokens + 1, most * 0.7)))
  }

  /** Tokens that have come within `ms`: fewer rather than more. */
  tokens(ms: number, most: number): number {
    const first = middle(this.#first) ?? 300
    const each = middle(this.#each) ?? 20
    return Math.max(0, Math.min(most, Math.floor((ms - first) / Math.max(each, 0.1)) - 1))
  }
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
