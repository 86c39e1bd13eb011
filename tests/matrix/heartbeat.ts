/**
 * Time that stands still while the thread is held up. Gateway and client share one thread: a machine under load slows
 * both, and a deadline measured in beats of that thread cannot run out before the gateway had its turn.
 */
import type { Clock } from '../../suites/core/wire/deadlines.ts'

/** Milliseconds that one beat stands for. */
const BEAT = 5

export class Heartbeat implements Clock {
  readonly #interval: NodeJS.Timeout
  readonly #waiting = new Set<{ due: number; action: () => void }>()
  #now = 0

  constructor() {
    this.#interval = setInterval(() => this.#beat(), BEAT)
  }

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): () => void {
    const one = { due: this.#now + ms, action }
    this.#waiting.add(one)
    return () => void this.#waiting.delete(one)
  }

  afterReading(action: () => void): void {
    setImmediate(action)
  }

  stop(): void {
    clearInterval(this.#interval)
  }

  #beat(): void {
    this.#now += BEAT
    for (const one of this.#waiting) {
      if (one.due > this.#now) continue
      this.#waiting.delete(one)
      one.action()
    }
  }
}
