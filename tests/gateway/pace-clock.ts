import type { PaceClock } from '../../fixtures/gateway/pace/clock.ts'

/** A clock that stands still until it is told otherwise. */
export class HandClock implements PaceClock {
  private time = 0
  private timers: { due: number; run: () => void }[] = []
  private watchers: (() => void)[] = []

  now(): number {
    return this.time
  }

  after(ms: number, run: () => void): unknown {
    const timer = { due: this.time + ms, run }
    this.timers.push(timer)
    for (const watcher of this.watchers.splice(0)) watcher()
    return timer
  }

  cancel(handle: unknown): void {
    this.timers = this.timers.filter((timer) => timer !== handle)
  }

  get waiting(): boolean {
    return this.timers.length > 0
  }

  /** Resolves when something waits for this clock. */
  async awaited(): Promise<void> {
    if (this.timers.length === 0) await new Promise<void>((resolve) => this.watchers.push(resolve))
  }

  /** Lets time pass, in one step for what is late and in as many as there are timers. */
  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.cancel(next)
      this.time = Math.max(this.time, next.due)
      next.run()
    }
    this.time = end
  }

  /** The process is busy elsewhere for so long: no timer fires meanwhile. */
  hang(ms: number): void {
    this.time += ms
  }
}
