import type { Exchange } from '../../reports/record/types.ts'
import { LONGEST_WAIT, notNow, waitHint } from './rate-limit.ts'
import type { Resolved } from './resolve.ts'
import type { Missing, Source } from './source.ts'
import { type Composer, compose } from './wire/compose.ts'
import type { Prepared } from './wire/prepare.ts'
import { dissent } from './witness.ts'

/** Sends one prepared request; the lab does not know how. */
export interface Sender {
  send(request: Prepared): Promise<Exchange>
}

export interface LabOptions extends Composer {
  sender: Sender
  /** Roles without a key that the user set to `none`. */
  chosen: ReadonlySet<string>
  /** Bytes of all answers together after which nothing more is asked: they are kept in memory. Default 128 MiB. */
  maxReceived?: number
  concurrency: number
  /** Hard bounds on what is sent. */
  maxRequests: number
  maxTokens: number
  cost(resolved: Resolved): number
  /** Exchanges of an earlier, interrupted run: not sent again. */
  recorded?: ReadonlyMap<string, Exchange>
  onExchange(exchange: Exchange): void
  sleep(ms: number): Promise<void>
  /** How often a 429 is asked again, and how long one wait may be (ms). */
  retries?: number
  longestWait?: number
  /** How long all waits together may be (ms): after that a 429 is taken as it is. Default: 5 minutes. */
  allWaits?: number
}

const ALL_WAITS = 300_000

/** Key roles that are asked with in order to be refused: a 429 is the answer. */
const EXPECTS_429: ReadonlySet<string> = new Set(['limited', 'exhausted'])

/**
 * The only sender. Equal probes are sent once; at most `concurrency` are under way; a 429 is asked again after the
 * time that the gateway names; the budget holds whatever the checks ask for.
 */
export class Lab implements Source {
  readonly #options: LabOptions
  readonly #asked = new Map<string, Promise<Exchange | Missing>>()
  readonly #waiting: (() => void)[] = []
  #underWay = 0
  #stopped: Missing | undefined
  #reached = false
  #waited = 0
  #received = 0
  requests = 0
  tokens = 0

  constructor(options: LabOptions) {
    this.#options = options
  }

  ask(resolved: Resolved): Promise<Exchange | Missing> {
    let answer = this.#asked.get(resolved.digest)
    if (answer === undefined) {
      answer = this.#answer(resolved)
      this.#asked.set(resolved.digest, answer)
    }
    return answer
  }

  /** Nothing more is sent; what is under way is awaited by those who asked. */
  stop(reason: Missing): void {
    this.#stopped ??= reason
  }

  /** Set where the target could not be reached at all. */
  get stopped(): Missing | undefined {
    return this.#stopped
  }

  async #answer(resolved: Resolved): Promise<Exchange | Missing> {
    const before = this.#options.recorded?.get(resolved.digest)
    if (before !== undefined) {
      this.#reached ||= before.end.kind !== 'unreachable'
      return before
    }
    await this.#turn()
    try {
      return this.#refusal(resolved) ?? (await this.#send(resolved))
    } finally {
      // The turn is handed on, not given back: whoever asks just now must wait behind those who waited.
      const next = this.#waiting.shift()
      if (next === undefined) this.#underWay -= 1
      else next()
    }
  }

  async #turn(): Promise<void> {
    if (this.#underWay >= this.#options.concurrency) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#underWay += 1
  }

  #refusal(resolved: Resolved): Missing | undefined {
    if (this.#stopped !== undefined) return this.#stopped
    const role = resolved.probe.keyRole ?? 'default'
    if (role !== 'none' && role !== 'wrong' && this.#options.keys[role] === undefined) {
      return this.#options.chosen.has(role)
        ? { missing: 'chosen', text: `key role ${role} is set to none` }
        : { missing: 'unavailable', text: `no key was given for role ${role}` }
    }
    const cost = this.#options.cost(resolved)
    if (this.requests + 1 > this.#options.maxRequests) return this.#spent('requests')
    if (this.tokens + cost > this.#options.maxTokens) return this.#spent('tokens')
    this.requests += 1
    this.tokens += cost
    return undefined
  }

  async #send(resolved: Resolved): Promise<Exchange | Missing> {
    const request = this.prepare(resolved)
    const retries = EXPECTS_429.has(resolved.probe.keyRole ?? 'default') ? 0 : (this.#options.retries ?? 3)
    let exchange = await this.#attempt(request)
    if (exchange === undefined) return this.#spent('requests')
    for (let again = 1; notNow(exchange) && again <= retries; again += 1) {
      const wait = waitHint(exchange)
      // Who asks for more time than we have will not answer sooner.
      if (wait > (this.#options.longestWait ?? LONGEST_WAIT)) break
      if (this.#waited + wait > (this.#options.allWaits ?? ALL_WAITS)) break
      if (this.requests >= this.#options.maxRequests) break
      this.requests += 1
      this.#waited += wait
      await this.#options.sleep(wait)
      // An interruption ends the sleep, and what it ended is not to be sent any more.
      if (this.#stopped !== undefined) break
      const later = await this.#attempt(request)
      // What came before stays an answer: it was received, and the record must not lose it.
      if (later === undefined) break
      const { earlier = [], ...before }: Exchange = exchange
      const answered: Exchange[] = [
        ...earlier,
        { ...before, digest: `${resolved.digest}.${again}`, retries: 0 },
      ]
      exchange = { ...later, retries: exchange.retries + 1 + later.retries, earlier: answered }
    }
    const doubt = dissent(exchange)
    if (doubt !== undefined) exchange = { ...exchange, notes: [...(exchange.notes ?? []), doubt] }
    this.#options.onExchange(exchange)
    for (const { reads } of [...(exchange.earlier ?? []), exchange]) {
      for (const { bytes } of reads) this.#received += bytes.byteLength
    }
    const most = this.#options.maxReceived ?? MAX_RECEIVED
    if (this.#received > most) {
      const text = `the gateway sent more than ${Math.round(most / 1024 / 1024)} MiB in all: nothing more is asked`
      this.stop({ missing: 'budget', text })
    }
    if (exchange.end.kind !== 'unreachable') this.#reached = true
    else if (!this.#reached) {
      const base = this.#options.bases[exchange.dialect]
      this.stop({ missing: 'unreachable', text: `${base}: ${exchange.end.detail}` })
    }
    return exchange
  }

  /** Sends once; again where a kept connection had died before it. undefined: that would be more than `maxRequests`. */
  async #attempt(request: Prepared): Promise<Exchange | undefined> {
    let exchange = await this.#options.sender.send(request)
    // A server that closes all idle connections at once leaves several dead ones behind.
    for (let again = 1; diedUnused(exchange) && again <= DEAD_CONNECTIONS; again += 1) {
      if (this.requests >= this.#options.maxRequests) return undefined
      this.requests += 1
      const later = await this.#options.sender.send(request)
      const notes = [...(later.notes ?? []), 'sent again: the kept connection had been closed']
      exchange = { ...later, retries: again, notes }
    }
    return exchange
  }

  #spent(what: 'requests' | 'tokens'): Missing {
    const most = what === 'requests' ? this.#options.maxRequests : this.#options.maxTokens
    return { missing: 'budget', text: `--max-${what} ${most} is spent` }
  }

  /** The request of a probe. */
  prepare(resolved: Resolved): Prepared {
    return compose(resolved, this.#options)
  }
}

const MAX_RECEIVED = 128 * 1024 * 1024
const DEAD_CONNECTIONS = 4

/** A server may close a kept connection at any moment; a request that met such a close was not answered wrongly. */
function diedUnused(exchange: Exchange): boolean {
  const { kind } = exchange.end
  return exchange.reused && exchange.reads.length === 0 && (kind === 'truncated' || kind === 'reset')
}
