/**
 * One profile's gateway with everything that asks and judges one of its dialects, kept running while twists come and go.
 * What a twist leaves as it was, byte by byte, is neither fetched nor judged again: judges are pure.
 */
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { Exchange, VerdictLine } from '../../reports/record/types.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import type { Check, Dialect } from '../../suites/core/check.ts'
import { Lab } from '../../suites/core/lab.ts'
import type { Resolved } from '../../suites/core/resolve.ts'
import { needsOf, type Selected } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import { isMissing, type Source } from '../../suites/core/source.ts'
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
/** Header fields that say what is left of a limit. */
const LEFT = /^x-ratelimit-remaining-|^anthropic-ratelimit-[a-z-]+-remaining$/
/** Bytes of a request that takes time to send. */
const LARGE = 1024 * 1024

export interface Outcome {
  /** Of what was judged: everything, or what the twist can have changed. */
  lines: VerdictLine[]
  /** Exchanges that were judged, by digest. */
  exchanges: Map<string, Exchange>
  /** Requests that went over the wire. */
  sent: number
  /** Answers that the twist changed. */
  touched: number
}

export interface StandOptions {
  specs: Specs
  profile: Profile
  /** Those whose checks and rules are asked and judged, and those in which they may ask. */
  dialects: Dialect[]
}

export interface TwistedOptions {
  /** Ask and judge everything again. */
  everything?: boolean
  /** Checks that are to be judged. Default: all. */
  of?(check: Check): boolean
}

/** An answer of the gateway as it is. */
interface Known {
  exchange: Exchange
  request: Prepared
  heard: Heard
}

export class Stand {
  readonly #options: StandOptions
  readonly #gateway: Gateway
  readonly #client: WireClient
  /** For requests of many megabytes, which are still being taken in when others are answered. */
  readonly #patient: WireClient
  readonly #clock: Heartbeat
  readonly #touch: Touch
  readonly #fixed: Twist
  readonly #known = new Map<string, Known>()
  /** Requests that the gateway counts, in the order of asking, and how their answers read together. */
  readonly #counted = new Map<string, { exchange: Exchange; request: Prepared }>()
  #countedHeard = ''
  /** Requests written by hand, which may never reach the engine. */
  readonly #byHand = new Set<string>()
  #selected: Selected[] | undefined
  /** Exchanges of each check, as the gateway is. */
  readonly #asks = new Map<string, string[]>()

  private constructor(options: StandOptions, gateway: Gateway, gatewayOptions: GatewayOptions, fixed: Twist) {
    this.#options = options
    this.#gateway = gateway
    this.#fixed = fixed
    this.#clock = new Heartbeat()
    this.#touch = new Touch(gatewayOptions)
    const client = (headers: number): WireClient =>
      new WireClient({
        origin: gateway.url,
        maxConnections: 24,
        deadlines: {
          connect: SLOWEST,
          headers,
          firstByte: SILENCE,
          betweenBytes: SILENCE,
          total: SLOWEST,
        },
        bounds: { bodyBytes: 4 * 1024 * 1024 },
        clock: this.#clock,
      })
    this.#client = client(SILENCE)
    this.#patient = client(4 * SILENCE)
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
          for (const name of Object.keys(head.headers)) if (LEFT.test(name)) head.headers[name] = '999999'
        head.headers.date = date
        return head
      },
    }
    const { profile } = options
    const gatewayOptions: GatewayOptions = { profile, now: () => started, tokenGapMs: 0, twist: fixed }
    const gateway = await startGateway(gatewayOptions)
    return new Stand(options, gateway, gatewayOptions, fixed)
  }

  /** What is asked and judged on this profile. */
  get selected(): Selected[] {
    return this.#session({ ask: async () => ({ missing: 'stopped', text: '' }) }).selected
  }

  async close(): Promise<void> {
    this.#clock.stop()
    await Promise.all([this.#client.close(), this.#patient.close()])
    await this.#gateway.close()
  }

  /** Asks and judges everything with the gateway as it is. To be called once, first. */
  async untwisted(): Promise<Outcome> {
    const lab = this.#begin([this.#fixed])
    const exchanges = new Map<string, Exchange>()
    const asked: Resolved[] = []
    const source = remembering(async (resolved) => {
      const answer = await lab.ask(resolved)
      if (!isMissing(answer)) {
        exchanges.set(resolved.digest, answer)
        asked.push(resolved)
      }
      return answer
    })
    const lines = await this.#session(source).run()
    for (const resolved of asked) {
      const request = named(lab.prepare(resolved))
      if (counted(resolved)) {
        this.#counted.set(resolved.digest, { exchange: exchanges.get(resolved.digest)!, request })
        continue
      }
      if (resolved.probe.wire === 'raw') this.#byHand.add(resolved.digest)
      const heard = await this.#touch.first(request, this.#gateway.port, this.#fixed)
      if (heard !== undefined)
        this.#known.set(resolved.digest, { exchange: exchanges.get(resolved.digest)!, request, heard })
    }
    this.#touch.setTwist([this.#fixed])
    this.#countedHeard = await this.#hearCounted()
    for (const line of lines) if (line.kind === 'check') this.#asks.set(line.id, line.exchanges)
    return { lines, exchanges, sent: lab.requests, touched: 0 }
  }

  /** Asks and judges what a twist can have changed: checks with an answer that is not as it was, and every rule on those. */
  async twisted(
    twist: Twist | Twist[],
    { everything = false, of = () => true }: TwistedOptions = {},
  ): Promise<Outcome> {
    const own = Array.isArray(twist) ? twist : [twist]
    const twists = [this.#fixed, ...own]
    const touched = everything
      ? new Set([...this.#known.keys(), ...this.#counted.keys()])
      : await this.#touchedBy(own, twists)
    const lab = this.#begin(twists)
    const exchanges = new Map<string, Exchange>()
    const source = remembering(async (resolved) => {
      const { digest } = resolved
      const known = touched.has(digest) ? undefined : (this.#known.get(digest) ?? this.#counted.get(digest))
      const answer = known?.exchange ?? (await lab.ask(resolved))
      if (!isMissing(answer)) exchanges.set(resolved.digest, answer)
      return answer
    })
    const changed = (digest: string): boolean =>
      touched.has(digest) || !(this.#known.has(digest) || this.#counted.has(digest))
    const concerned = this.#withNeeds(
      (check) => of(check) && (everything || this.#asks.get(check.id)?.some(changed) !== false),
    )
    const lines = await this.#session(source, (check) => concerned.has(check.id)).run()
    return { lines, exchanges, sent: lab.requests, touched: touched.size }
  }

  /** Ids of checks, and of those that must have passed before them. */
  #withNeeds(wanted: (check: Check) => boolean): Set<string> {
    this.#selected ??= this.selected
    const ids = new Set<string>()
    for (const { checks, dialect } of this.#selected) {
      const add = (id: string): void => {
        const check = checks.get(id)
        if (check === undefined || ids.has(id)) return
        ids.add(id)
        for (const need of needsOf(check, dialect)) add(need)
      }
      for (const check of checks.values()) if (wanted(check)) add(check.id)
    }
    return ids
  }

  /** Which of some twists change an answer that the others leave: what the rest of them hides is not among them. */
  async shown(own: Twist[]): Promise<boolean[]> {
    const shown: boolean[] = []
    for (const twist of own) {
      const others = [this.#fixed, ...own.filter((other) => other !== twist)]
      shown.push(await this.#differs(twist, [this.#fixed, ...own], others))
    }
    return shown
  }

  async #differs(twist: Twist, all: Twist[], others: Twist[]): Promise<boolean> {
    const heard = async (request: Prepared, twists: Twist[]): Promise<string | undefined> => {
      this.#touch.setTwist(twists)
      return this.#touch.hear(request, this.#gateway.port)
    }
    for (const { request, heard: plain } of this.#known.values())
      if (plain.trail.mayChange(twist) && (await heard(request, all)) !== (await heard(request, others)))
        return true
    // In their order, from a gateway that has counted none.
    this.#touch.setTwist(all)
    const counted = await this.#hearCounted()
    this.#touch.setTwist(others)
    return counted !== (await this.#hearCounted())
  }

  async #touchedBy(own: Twist[], twists: Twist[]): Promise<Set<string>> {
    const touched = new Set<string>()
    this.#touch.setTwist(twists)
    for (const [digest, { request, heard }] of this.#known) {
      if (this.#byHand.has(digest) && own.some(({ garbled }) => garbled !== undefined)) touched.add(digest)
      if (!own.some((twist) => heard.trail.mayChange(twist))) continue
      if ((await this.#touch.hear(request, this.#gateway.port)) !== heard.digest) touched.add(digest)
    }
    this.#touch.setTwist(twists)
    if ((await this.#hearCounted()) !== this.#countedHeard)
      for (const digest of this.#counted.keys()) touched.add(digest)
    return touched
  }

  /** The answers to the requests that are counted, in their order, from a gateway that has counted none. */
  async #hearCounted(): Promise<string> {
    const heard: (string | undefined)[] = []
    for (const { request } of this.#counted.values())
      heard.push(await this.#touch.hear(request, this.#gateway.port))
    return heard.includes(undefined) ? Math.random().toString() : heard.join()
  }

  /** A lab before a gateway that has just been given its twists. */
  #begin(twists: Twist[]): Lab {
    this.#gateway.setTwist(twists)
    this.#gateway.journal.clear()
    const { profile, dialects } = this.#options
    return new Lab({
      sender: {
        send: async (request) => {
          const client = (request.body?.length ?? 0) > LARGE ? this.#patient : this.#client
          return unnamed(await client.send(named(request)))
        },
      },
      bases: this.#gateway.urls,
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
  }

  #session(source: Source, of?: (check: Check) => boolean): Session {
    const { specs, profile } = this.#options
    const dialects =
      of === undefined
        ? this.#options.dialects
        : this.#options.dialects.map(
            (dialect): Dialect => ({ ...dialect, checks: (ground) => dialect.checks(ground).filter(of) }),
          )
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

/** Equal probes are answered once, also where they do not go through the lab. */
function remembering(ask: Source['ask']): Source {
  const answers = new Map<string, ReturnType<Source['ask']>>()
  return {
    ask(resolved) {
      let answer = answers.get(resolved.digest)
      if (answer === undefined) {
        answer = ask(resolved)
        answers.set(resolved.digest, answer)
      }
      return answer
    },
  }
}

/** Requests with this key are counted: what one is answered depends on those before it. All are sent again, or none. */
function counted({ probe }: Resolved): boolean {
  return probe.keyRole === 'limited'
}

function named(request: Prepared): Prepared {
  return { ...request, headers: [...request.headers, [PROBE, request.digest]] }
}

function unnamed(exchange: Exchange): Exchange {
  const headers = exchange.request.headers.filter(([name]) => name !== PROBE)
  return { ...exchange, request: { ...exchange.request, headers } }
}
