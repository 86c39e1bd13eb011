/** One profile's gateway, and a session over the field checks. */
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { Exchange, JsonObject, VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Profile } from '../../specs/types.ts'
import type { Check, Dialect } from '../../suites/core/check.ts'
import { Lab } from '../../suites/core/lab.ts'
import { Session } from '../../suites/core/session.ts'
import { Recorded, type Source } from '../../suites/core/source.ts'
import { WireClient } from '../../suites/core/wire/client.ts'
import { fieldChecks } from '../../suites/fields/fields.ts'
import type { FieldKit } from '../../suites/fields/kit.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { plain } from '../../suites/openai-chat/plain.ts'
import { calls } from '../../suites/openai-chat/tools/calls.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'

export const specs = loadSpecs()

/** The dialect with nothing but the field checks and what they rest on, made once. */
function fieldsOnly(kit: FieldKit<ChatView>): Dialect {
  let made: Check<ChatView>[] | undefined
  const dialect: Dialect<ChatView> = {
    ...openaiChat,
    checks: (ground) => {
      made ??= [...plain, ...calls.slice(0, 1), ...fieldChecks(ground, kit)]
      return made
    },
    rules: () => [],
  }
  return dialect as Dialect
}

export interface Run {
  lines: Map<string, VerdictLine>
  requests: number
  planned: number
  /** By digest. */
  exchanges: Map<string, Exchange>
}

export type Touched = (body: JsonObject, before: Exchange) => boolean

export class Stand {
  readonly profile: Profile
  readonly #gateway: Gateway
  readonly #client: WireClient
  readonly #dialect: Dialect
  readonly #known = new Map<string, Exchange>()

  private constructor(profile: Profile, gateway: Gateway, dialect: Dialect) {
    this.profile = profile
    this.#dialect = dialect
    this.#gateway = gateway
    const { origin } = new URL(gateway.urls[dialect.id]!)
    this.#client = new WireClient({ origin, maxConnections: 16 })
  }

  static open(profile: Profile | string, kit = CHAT_FIELDS): Promise<Stand> {
    return Stand.of(profile, fieldsOnly(kit))
  }

  static async of(profile: Profile | string, dialect: Dialect): Promise<Stand> {
    const one = typeof profile === 'string' ? profileById(specs, profile) : profile
    return new Stand(one, await startGateway({ profile: one, tokenGapMs: 0 }), dialect)
  }

  async close(): Promise<void> {
    await this.#client.close()
    await this.#gateway.close()
  }

  /** Asks everything of the gateway as it is, so that later runs need not ask what their twist leaves as it was. */
  async learn(): Promise<void> {
    for (const [digest, exchange] of (await this.run()).exchanges) this.#known.set(digest, exchange)
  }

  /**
   * Asks and judges the checks that the globs name, all by default, with a twist. `touched`: whether the twist can
   * change the answer to a request.
   */
  async run(twist?: Twist, checks: string[] = [], touched: Touched = () => true): Promise<Run> {
    this.#gateway.setTwist(twist)
    const { profile } = this
    const exchanges = new Map<string, Exchange>()
    const lab = new Lab({
      sender: this.#client,
      bases: this.#gateway.urls,
      promises: profile.dialects,
      keys: { default: KEYS.default },
      chosen: new Set(),
      headers: [],
      concurrency: 16,
      maxRequests: 10_000,
      maxTokens: Number.MAX_SAFE_INTEGER,
      cost: ({ probe }) => this.#dialect.tokens(probe.body),
      onExchange: (exchange) => void exchanges.set(exchange.digest, exchange),
      sleep: async () => undefined,
      userAgent: 'assay/test',
      wrongKey: 'sk-fake-wrong-key-0000000000',
    })
    const ask: Source['ask'] = async (resolved) => {
      const before = this.#known.get(resolved.digest)
      return before === undefined || touched(resolved.probe.body ?? {}, before) ? lab.ask(resolved) : before
    }
    const session = this.#session({ ask }, checks)
    const lines = byId(await session.run())
    return { lines, requests: lab.requests, planned: session.plan().requests, exchanges }
  }

  /** Judges a record again. */
  async judge(exchanges: ReadonlyMap<string, Exchange>): Promise<Map<string, VerdictLine>> {
    return byId(await this.#session(new Recorded(exchanges), []).run())
  }

  #session(source: Source, checks: string[]): Session {
    const { profile } = this
    return new Session({
      specs,
      profile,
      dialects: [this.#dialect],
      options: {
        dialects: [this.#dialect.id],
        model: profile.default_model,
        level: 'may',
        checks,
        suites: [],
        roles: { chosen: [], given: ['default'] },
      },
      source,
    })
  }
}

function byId(lines: VerdictLine[]): Map<string, VerdictLine> {
  return new Map(lines.map((line) => [line.id, line]))
}
