/** The cap on the rate: at most n starts in any second. Pure. */

/** Times of the last n starts, in a ring. */
export class Pace {
  readonly #starts: number[]
  #next = 0
  readonly #window: number

  /** `rate`: starts a second; below one, one in 1/rate seconds. */
  constructor(rate: number) {
    const room = Math.max(1, Math.floor(rate))
    this.#starts = new Array(room).fill(Number.NEGATIVE_INFINITY)
    this.#window = rate < 1 ? 1000 / rate : 1000
  }

  /** Books the next start at `now` or as soon after it as the cap allows, and says when that is. */
  book(now: number): number {
    const at = Math.max(now, (this.#starts[this.#next] ?? now) + this.#window)
    this.#starts[this.#next] = at
    this.#next = (this.#next + 1) % this.#starts.length
    return at
  }

  /** Whether a start at `now` is within the cap; if so, it is booked. */
  admits(now: number): boolean {
    if (now < (this.#starts[this.#next] ?? now) + this.#window) return false
    this.book(now)
    return true
  }
}
