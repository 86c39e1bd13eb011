/** One profile's gateway, and a session over the field checks. */
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Profile } from '../../specs/types.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { Lab } from '../../suites/core/lab.ts'
import { Session } from '../../suites/core/session.ts'
import { WireClient } from '../../suites/core/wire/client.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { fieldChecks } from '../../suites/openai-chat/fields/fields.ts'
import { plain } from '../../suites/openai-chat/plain.ts'
import { calls } from '../../suites/openai-chat/tools/calls.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'

export const specs = loadSpecs()

/** The dialect with nothing but the field checks and what they rest on. */
const fieldsOnly: Dialect<ChatView> = {
  ...openaiChat,
  checks: (ground) => [...plain, ...calls.slice(0, 1), ...fieldChecks(ground)],
  rules: () => [],
}

export interface Run {
  lines: Map<string, VerdictLine>
  requests: number
  planned: number
}

export class Stand {
  readonly profile: Profile
  readonly #gateway: Gateway
  readonly #client: WireClient

  private constructor(profile: Profile, gateway: Gateway) {
    this.profile = profile
    this.#gateway = gateway
    this.#client = new WireClient({ origin: gateway.url, maxConnections: 16 })
  }

  static async open(profile: Profile | string): Promise<Stand> {
    const one = typeof profile === 'string' ? profileById(specs, profile) : profile
    return new Stand(one, await startGateway({ profile: one, tokenGapMs: 0 }))
  }

  async close(): Promise<void> {
    await this.#client.close()
    await this.#gateway.close()
  }

  /** Asks and judges the checks that the globs name, all by default, with a twist. */
  async run(twist?: Twist, checks: string[] = []): Promise<Run> {
    this.#gateway.setTwist(twist)
    const { profile } = this
    const lab = new Lab({
      sender: this.#client,
      base: this.#gateway.url,
      promises: profile.dialects,
      keys: { default: KEYS.default },
      chosen: new Set(),
      headers: [],
      concurrency: 16,
      maxRequests: 10_000,
      maxTokens: Number.MAX_SAFE_INTEGER,
      cost: ({ probe }) => openaiChat.tokens(probe.body),
      onExchange: () => undefined,
      sleep: async () => undefined,
      userAgent: 'assay/test',
      wrongKey: 'sk-fake-wrong-key-0000000000',
    })
    const session = new Session({
      specs,
      profile,
      dialects: [fieldsOnly as Dialect],
      options: {
        dialects: ['openai-chat'],
        model: profile.default_model,
        level: 'may',
        checks,
        suites: [],
        roles: { chosen: [], given: ['default'] },
      },
      source: lab,
    })
    const lines = await session.run()
    return {
      lines: new Map(lines.map((line) => [line.id, line])),
      requests: lab.requests,
      planned: session.plan().requests,
    }
  }
}
