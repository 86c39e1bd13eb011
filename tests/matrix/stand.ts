/** One profile's gateway with everything that asks and judges it, kept running while twists come and go. */
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { Exchange, VerdictLine } from '../../reports/record/types.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { Lab } from '../../suites/core/lab.ts'
import type { Resolved } from '../../suites/core/resolve.ts'
import type { Selected } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import type { Missing } from '../../suites/core/source.ts'
import { isMissing } from '../../suites/core/source.ts'
import { WireClient } from '../../suites/core/wire/client.ts'
import type { Prepared } from '../../suites/core/wire/prepare.ts'
import { Heartbeat } from './heartbeat.ts'
import { type Heard, Touch } from './touch.ts'

/** Names the probe to the gateway, so that ids follow from what is asked and not from the order of asking. */
const PROBE = 'x-assay-matrix-probe'
const WRONG_KEY = 'sk-assay-this-key-was-never-issued-0000000000'
/** A hang is seen after this many milliseconds of silence. */
const SILENCE = 250
const SLOWEST = 5_000

export interface Outcome {
  lines: VerdictLine[]
  /** Exchanges by digest. */
  exchanges: Map<string, Exchange>
  /** Requests that went over the wire. */
  sent: number
}

export interface StandOptions {
  specs: Specs
  profile: Profile
  dialects: Dialect[]
}

export class Stand {
  readonly #options: StandOptions
  readonly #gateway: Gateway
  readonly #client: WireClient
  readonly #clock = new Heartbeat()
  readonly #touch: Touch
  readonly #fixed: Twist
  readonly #untwisted = new Map<string, { exchange: Exchange; heard: Heard }>()
  readonly #requests = new Map<string, Prepared>()
  #last: Promise<unknown> = Promise.resolve()
  #alwaysSent = 0

  private constructor(options: StandOptions, gateway: Gateway, gatewayOptions: GatewayOptions, fixed: Twist) {
    this.#options = options
    this.#gateway = gateway
    this.#fixed = fixed
    this.#touch = new Touch(gatewayOptions)
    this.#client = new WireClient({
      origin: gateway.url,
      maxConnections: 24,
      deadlines: {
        connect: SLOWEST,
        headers: SILENCE,
        firstByte: SILENCE,
        betweenBytes: SILENCE,
        total: SLOWEST,
      },
      bounds: { bodyBytes: 4 * 1024 * 1024 },
      clock: this.#clock,
    })
  }

  static async open(options: StandOptions): Promise<Stand> {
    const started = Math.floor(Date.now() / 1000) * 1000
    const date = new Date(started).toUTCString()
    const fixed: Twist = {
      receive(request) {
        request.id = Number.parseInt((request.headers[PROBE] ?? '').slice(0, 12), 16) || request.id
        delete request.headers[PROBE]
        return request
      },
      head(head, request) {
        // What is left of an ample limit depends on the order of asking.
        if (request.role !== 'limited')
          for (const name of Object.keys(head.headers))
            if (name.startsWith('x-ratelimit-remaining-')) head.headers[name] = '999999'
        head.headers.date = date
        return head
      },
    }
    const gatewayOptions: GatewayOptions = {
      profile: options.profile,
      now: () => started,
      tokenGapMs: 0,
      twist: fixed,
    }
    const gateway = await startGateway(gatewayOptions)
    return new Stand(options, gateway, gatewayOptions, fixed)
  }

  /** What is asked and judged on this profile. */
  get selected(): Selected[] {
    return this.#session({ ask: async () => ({ missing: 'stopped', text: '' }) }).selected
  }

  async close(): Promise<void> {
    this.#clock.stop()
    await this.#client.close()
    await this.#gateway.close()
  }

  /** Asks and judges everything with the gateway as it is. To be called once, first. */
  async untwisted(): Promise<Outcome> {
    this.#touch.setTwist([this.#fixed])
    const outcome = await this.#run([this.#fixed], async (resolved, lab) => {
      const answer = await lab.ask(resolved)
      if (!isMissing(answer) && !always(resolved)) {
        const heard = await this.#turn(() =>
          this.#touch.first(this.#prepared(resolved, lab), this.#gateway.port, this.#fixed),
        )
        if (heard !== undefined) this.#untwisted.set(resolved.digest, { exchange: answer, heard })
      }
      return answer
    })
    this.#alwaysSent = outcome.exchanges.size - this.#untwisted.size
    return outcome
  }

  /** Requests that each run sends whatever the twist leaves alone. Known once the gateway was asked as it is. */
  get alwaysSent(): number {
    return this.#alwaysSent
  }

  /**
   * Asks and judges everything with a twist. An answer that the twist leaves as it was is not fetched again, unless
   * `everything` is to go over the wire.
   */
  async twisted(twist: Twist, everything = false): Promise<Outcome> {
    const twists = [this.#fixed, twist]
    this.#touch.setTwist(twists)
    return this.#run(twists, async (resolved, lab) => {
      const before = this.#untwisted.get(resolved.digest)
      if (before === undefined || everything) return lab.ask(resolved)
      if (!Touch.concerns(twist, before.heard)) return before.exchange
      const heard = await this.#touch.hear(this.#prepared(resolved, lab), this.#gateway.port)
      return heard === before.heard.digest ? before.exchange : lab.ask(resolved)
    })
  }

  /** One after another: the hooks of one answer must not be taken for those of the next. */
  #turn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Made once: one of them is many megabytes long. */
  #prepared(resolved: Resolved, lab: Lab): Prepared {
    let request = this.#requests.get(resolved.digest)
    if (request === undefined) {
      request = named(lab.prepare(resolved))
      this.#requests.set(resolved.digest, request)
    }
    return request
  }

  async #run(
    twists: Twist[],
    ask: (resolved: Resolved, lab: Lab) => Promise<Exchange | Missing>,
  ): Promise<Outcome> {
    this.#gateway.setTwist(twists)
    this.#gateway.journal.clear()
    const { profile, dialects } = this.#options
    const exchanges = new Map<string, Exchange>()
    const lab = new Lab({
      sender: { send: async (request) => unnamed(await this.#client.send(named(request))) },
      base: this.#gateway.url,
      promises: profile.dialects,
      keys: KEYS,
      chosen: new Set(),
      headers: [],
      concurrency: 24,
      maxRequests: Number.MAX_SAFE_INTEGER,
      maxTokens: Number.MAX_SAFE_INTEGER,
      cost: ({ probe }) => dialects.find(({ id }) => id === probe.dialect)?.tokens(probe.body) ?? 0,
      onExchange: () => undefined,
      sleep: async () => undefined,
      userAgent: 'assay/matrix',
      wrongKey: WRONG_KEY,
    })
    const answers = new Map<string, Promise<Exchange | Missing>>()
    const session = this.#session({
      ask: (resolved) => {
        let answer = answers.get(resolved.digest)
        if (answer === undefined) {
          answer = ask(resolved, lab).then((got) => {
            if (!isMissing(got)) exchanges.set(resolved.digest, got)
            return got
          })
          answers.set(resolved.digest, answer)
        }
        return answer
      },
    })
    const lines = await session.run()
    return { lines, exchanges, sent: lab.requests }
  }

  #session(source: { ask(resolved: Resolved): Promise<Exchange | Missing> }): Session {
    const { specs, profile, dialects } = this.#options
    const options = {
      dialects: dialects.map(({ id }) => id),
      model: profile.default_model,
      level: 'may' as const,
      checks: [],
      suites: [],
      roles: { chosen: [], given: Object.keys(KEYS) },
    }
    return new Session({ specs, profile, dialects, options, source })
  }
}

/**
 * Requests that are always sent: those with the limited key are counted, so that what one is answered depends on those
 * before it, and those written by hand may never reach the engine.
 */
function always({ probe }: Resolved): boolean {
  return probe.keyRole === 'limited' || probe.wire === 'raw'
}

function named(request: Prepared): Prepared {
  return { ...request, headers: [...request.headers, [PROBE, request.digest]] }
}

function unnamed(exchange: Exchange): Exchange {
  const headers = exchange.request.headers.filter(([name]) => name !== PROBE)
  return { ...exchange, request: { ...exchange.request, headers } }
}
