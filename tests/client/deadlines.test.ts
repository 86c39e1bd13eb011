import { expect, test } from 'vitest'
import { type Clock, DEFAULT_LIMITS, Deadlines } from '../../suites/core/wire/deadlines.ts'

/** A clock that stands still until it is told the time. */
class HeldClock implements Clock {
  #now = 0
  #timers: { at: number; action: () => void }[] = []
  #later: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  afterReading(action: () => void): void {
    this.#later.push(action)
  }

  /** Goes on by `ms`; what is due runs on time, unless the process stood still (`stall`): then late, all at once. */
  pass(ms: number, options: { stall?: boolean; meanwhile?: () => void } = {}): void {
    const end = this.#now + ms
    if (options.stall) this.#now = end
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.action()
      options.meanwhile?.()
      for (const action of this.#later.splice(0)) action()
    }
    this.#now = end
  }
}

function watch(limits = {}) {
  const clock = new HeldClock()
  const expired: [string, number][] = []
  const deadlines = new Deadlines(
    { ...DEFAULT_LIMITS, total: 1_000, headers: 100, betweenBytes: 50, ...limits },
    clock,
    (phase, ms) => expired.push([phase, ms]),
  )
  return { clock, deadlines, expired }
}

test('a phase that lasts longer than its limit expires, once', () => {
  const { clock, deadlines, expired } = watch()
  deadlines.enter('headers')
  clock.pass(99)
  expect(expired).toEqual([])
  clock.pass(5_000)
  expect(expired).toEqual([['headers', 100]])
})

test('each read begins the time between reads anew, until the whole is too long', () => {
  const { clock, deadlines, expired } = watch()
  for (let n = 0; n < 24; n++) {
    deadlines.enter('between-bytes')
    clock.pass(40)
  }
  expect(expired).toEqual([])
  deadlines.enter('between-bytes')
  clock.pass(40)
  expect(expired).toEqual([['total', 1_000]])
})

test('another phase takes the place of the one before', () => {
  const { clock, deadlines, expired } = watch()
  deadlines.enter('headers')
  clock.pass(90)
  deadlines.enter('between-bytes')
  clock.pass(49)
  expect(expired).toEqual([])
  clock.pass(1)
  expect(expired).toEqual([['between-bytes', 50]])
})

test('what was there to be read when the time ran out still counts', () => {
  const { clock, deadlines, expired } = watch()
  deadlines.enter('between-bytes')
  clock.pass(50, { meanwhile: () => deadlines.enter('between-bytes') })
  expect(expired).toEqual([])
  clock.pass(50)
  expect(expired).toEqual([['between-bytes', 50]])
})

test('time in which our own process stood still is given back', () => {
  const { clock, deadlines, expired } = watch()
  deadlines.enter('headers')
  clock.pass(180, { stall: true })
  expect(expired).toEqual([])
  clock.pass(79)
  expect(expired).toEqual([])
  clock.pass(1)
  expect(expired).toEqual([['headers', 100]])
})

test('stopped means stopped', () => {
  const { clock, deadlines, expired } = watch()
  deadlines.enter('headers')
  deadlines.stop()
  deadlines.enter('between-bytes')
  clock.pass(10_000)
  expect(expired).toEqual([])
})
