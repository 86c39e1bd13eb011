import { maskText } from '../../../reports/record/redact.ts'
import type { Exchange } from '../../../reports/record/types.ts'
import { Attempt, type Bounds } from './attempt.ts'
import type { TlsOptions } from './connect.ts'
import { type Clock, DEFAULT_LIMITS, type PhaseLimits, systemClock } from './deadlines.ts'
import { Lane } from './lane.ts'
import { assertOwnOrigin, type Prepared } from './prepare.ts'
import { sendRaw } from './raw-socket.ts'

export const DEFAULT_BOUNDS: Bounds = { headBytes: 64 * 1024, bodyBytes: 16 * 1024 * 1024 }

export interface WireOptions {
  /** Origin (scheme, host, port) that the keys belong to: no request with a key goes anywhere else. */
  origin: string
  /** Milliseconds per phase. */
  deadlines?: Partial<PhaseLimits>
  /** Bytes of one response, head and body. */
  bounds?: Partial<Bounds>
  /** Exchanges under way at once. Default: 32. */
  maxConnections?: number
  tls?: TlsOptions
  clock?: Clock
}

/**
 * Sends requests over HTTP/1.1 and keeps what comes, byte by byte. It never follows a redirect, sends again, pipelines
 * or decodes a body. However a peer behaves, `send` resolves with an exchange; it rejects for a request that cannot be
 * sent as it stands, for a key that would go to a foreign origin, and when the client is closed.
 */
export class WireClient {
  readonly #origin: string
  readonly #limits: PhaseLimits
  readonly #bounds: Bounds
  readonly #tls: TlsOptions
  readonly #clock: Clock
  readonly #idle: Lane[] = []
  readonly #running = new Map<Attempt, (error: Error) => void>()
  readonly #lanes = new Set<Lane>()
  readonly #waiting: (() => void)[] = []
  #free: number
  #closed = false

  constructor(options: WireOptions) {
    this.#origin = new URL(options.origin).origin
    this.#limits = { ...DEFAULT_LIMITS, ...options.deadlines }
    this.#bounds = { ...DEFAULT_BOUNDS, ...options.bounds }
    this.#tls = options.tls ?? {}
    this.#clock = options.clock ?? systemClock
    this.#free = options.maxConnections ?? 32
  }

  async send(request: Prepared): Promise<Exchange> {
    // Refuses a secret that is too short to be masked, before anything goes out.
    maskText('', request.secrets)
    assertOwnOrigin(request, this.#origin)
    await this.#enter()
    const attempt = new Attempt(request, this.#limits, this.#bounds, this.#clock)
    const closed = new Promise<never>((_, reject) => this.#running.set(attempt, reject))
    try {
      const sending = request.raw ? sendRaw(request, attempt, this.#tls) : this.#sendInLane(request, attempt)
      await Promise.race([sending, closed])
      return await attempt.exchange()
    } finally {
      attempt.abandon()
      this.#running.delete(attempt)
      this.#leave()
    }
  }

  /** Cuts what is under way (those sends reject) and returns when every connection is gone. */
  async close(): Promise<void> {
    this.#closed = true
    for (const [attempt, reject] of this.#running) {
      attempt.cut()
      reject(closedError())
    }
    for (const wake of this.#waiting.splice(0)) wake()
    await Promise.all([...this.#lanes].map((lane) => lane.close()))
    this.#lanes.clear()
  }

  async #sendInLane(request: Prepared, attempt: Attempt): Promise<void> {
    const { origin } = request.url
    for (let lane = this.#takeLane(origin); ; lane = this.#newLane(origin)) {
      try {
        if (await lane.send(request, attempt)) return
      } catch (error) {
        lane.discard()
        throw error
      } finally {
        if (lane.usable) this.#idle.push(lane)
        else this.#lanes.delete(lane)
      }
      if (this.#closed) throw closedError()
    }
  }

  /** The lane used last: its connection is the least likely to have been closed meanwhile. */
  #takeLane(origin: string): Lane {
    const index = this.#idle.findLastIndex((lane) => lane.origin === origin)
    const [idle] = index < 0 ? [] : this.#idle.splice(index, 1)
    return idle ?? this.#newLane(origin)
  }

  #newLane(origin: string): Lane {
    const lane = new Lane(origin, this.#tls, this.#bounds.headBytes)
    this.#lanes.add(lane)
    return lane
  }

  async #enter(): Promise<void> {
    if (!this.#closed) {
      if (this.#free > 0) this.#free--
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    if (this.#closed) throw closedError()
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}

function closedError(): Error {
  return new Error('the client is closed')
}
