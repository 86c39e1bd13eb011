import type { End } from '../../../reports/record/types.ts'

export type Phase = Extract<End, { kind: 'timeout' }>['phase']

/** Milliseconds a phase may take. */
export interface PhaseLimits {
  /** Until the TCP or TLS connection stands (name look-up included). */
  connect: number
  /** From the request being sent until the head of the final response is complete. */
  headers: number
  /** From the complete head until the first byte of the body. */
  firstByte: number
  /** Between two reads of the body. */
  betweenBytes: number
  /** The whole exchange, connecting included. */
  total: number
}

export const DEFAULT_LIMITS: PhaseLimits = {
  connect: 10_000,
  headers: 60_000,
  firstByte: 60_000,
  betweenBytes: 60_000,
  total: 300_000,
}

/** Time as the client sees it, so that tests can hold it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Runs `action` after `ms` at the earliest. Returns how to call it off. */
  after(ms: number, action: () => void): () => void
  /** Runs `action` once what has already arrived has been read. */
  afterReading(action: () => void): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
  afterReading: (action) => void setImmediate(action),
}

/** A timer that fires later than this was held up by our own process, which was deaf meanwhile. */
const HELD_UP = 15

/** One deadline that can be put off. It never blames the peer for time in which our own process stood still. */
class Deadline {
  readonly #clock: Clock
  readonly #ms: number
  readonly #expire: () => void
  #due: number
  #cancel: (() => void) | undefined

  constructor(clock: Clock, ms: number, expire: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#expire = expire
    this.#due = clock.now() + ms
    this.#arm()
  }

  /** Starts the time anew. The timer is not touched: that would cost more than the read it follows. */
  putOff(): void {
    this.#due = this.#clock.now() + this.#ms
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    const at = Math.max(this.#due, this.#clock.now())
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => {
      const late = this.#clock.now() - at
      if (late > HELD_UP) this.#due = Math.max(this.#due, this.#clock.now() + Math.min(late, this.#ms))
      if (this.#due > this.#clock.now()) this.#arm()
      else this.#clock.afterReading(() => this.#decide())
    })
  }

  #decide(): void {
    if (!this.#cancel) return
    if (this.#due > this.#clock.now()) this.#arm()
    else {
      this.#cancel = undefined
      this.#expire()
    }
  }
}

/** The deadlines of one exchange: one for the whole, one for the phase it is in. */
export class Deadlines {
  readonly #limits: PhaseLimits
  readonly #clock: Clock
  readonly #expired: (phase: Phase, ms: number) => void
  readonly #total: Deadline
  #stopped = false
  #phase: { name: Exclude<Phase, 'total'>; deadline: Deadline } | undefined

  constructor(limits: PhaseLimits, clock: Clock, expired: (phase: Phase, ms: number) => void) {
    this.#limits = limits
    this.#clock = clock
    this.#expired = expired
    this.#total = new Deadline(clock, limits.total, () => this.#expire('total', limits.total))
  }

  /** Begins a phase, or the present one anew. */
  enter(name: Exclude<Phase, 'total'>): void {
    if (this.#stopped) return
    if (this.#phase?.name === name) {
      this.#phase.deadline.putOff()
      return
    }
    this.#phase?.deadline.stop()
    const ms = this.#limits[LIMIT_OF[name]]
    this.#phase = { name, deadline: new Deadline(this.#clock, ms, () => this.#expire(name, ms)) }
  }

  stop(): void {
    this.#stopped = true
    this.#phase?.deadline.stop()
    this.#total.stop()
  }

  #expire(phase: Phase, ms: number): void {
    this.stop()
    this.#expired(phase, ms)
  }
}

const LIMIT_OF: Record<Exclude<Phase, 'total'>, keyof PhaseLimits> = {
  connect: 'connect',
  headers: 'headers',
  'first-byte': 'firstByte',
  'between-bytes': 'betweenBytes',
}
