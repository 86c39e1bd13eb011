import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { Exchange, VerdictLine } from '../../reports/record/types.ts'
import { profileById } from '../../specs/load.ts'
import { conversation } from '../../suites/anthropic-messages/conversation.ts'
import { plain } from '../../suites/anthropic-messages/plain.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { Lab } from '../../suites/core/lab.ts'
import { Session } from '../../suites/core/session.ts'
import { Recorded, type Source } from '../../suites/core/source.ts'
import { WireClient } from '../../suites/core/wire/client.ts'
import { ID, specs } from './by-hand.ts'

/** The reference gateway answers every question on tools, thinking, turns and content as its profile says. */

const dialect: Dialect<MessagesView> = {
  id: ID,
  view: (exchange) => new MessagesView(exchange),
  checks: (ground) => [...plain, ...conversation(ground)],
  rules: () => [],
  succeeded: (view) => view.succeeded,
  tokens: () => 1,
  plain: { reply: `${ID}/plain/reply`, stream: `${ID}/plain/stream` },
}

/** Profile, model, and how many checks there are at least. */
const GROUNDS: [string, string | undefined, number][] = [
  ['anthropic', undefined, 60],
  ['anthropic-2023-06-01', undefined, 58],
  ['anthropic-2023-06-01', 'claude-sonnet-4-5', 60],
  ['tokenhub-intl', undefined, 35],
  ['tokenhub-intl-old', undefined, 34],
  ['token-plan-enterprise', undefined, 12],
]

describe.each(GROUNDS)('%s %s', (id, chosen, least) => {
  const profile = profileById(specs, id)
  const exchanges = new Map<string, Exchange>()
  let gateway: Gateway
  let client: WireClient
  let lines: VerdictLine[]
  let requests = 0
  let planned = { requests: 0, most: 0 }

  const sessionOver = (source: Source) =>
    new Session({
      specs,
      profile,
      dialects: [dialect as Dialect],
      options: {
        dialects: [ID],
        model: chosen ?? profile.default_model,
        level: 'may',
        checks: [],
        suites: [],
        roles: { chosen: [], given: ['default'] },
      },
      source,
    })

  beforeAll(async () => {
    gateway = await startGateway({ profile, tokenGapMs: 0 })
    client = new WireClient({ origin: gateway.url, maxConnections: 16 })
    const lab = new Lab({
      sender: client,
      bases: gateway.urls,
      promises: profile.dialects,
      keys: { default: KEYS.default },
      chosen: new Set(),
      headers: [],
      concurrency: 16,
      maxRequests: 10_000,
      maxTokens: Number.MAX_SAFE_INTEGER,
      cost: () => 1,
      onExchange: (exchange) => void exchanges.set(exchange.digest, exchange),
      sleep: async () => undefined,
      userAgent: 'assay/test',
      wrongKey: 'sk-fake-wrong-key-0000000000',
    })
    const session = sessionOver(lab)
    planned = session.plan()
    lines = await session.run()
    requests = lab.requests
  })
  afterAll(async () => {
    await client.close()
    await gateway.close()
  })

  test('every check passes', () => {
    const others = lines.filter(({ verdict }) => verdict !== 'pass')
    expect(others.map(({ id: check, verdict, message }) => `${verdict} ${check}: ${message}`)).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(least)
  })

  test('a right gateway is asked no more than the plan says', () => {
    expect(requests).toBeLessThanOrEqual(planned.requests)
  })

  test('judged again, the verdicts are the same', async () => {
    const again = await sessionOver(new Recorded(exchanges)).run()
    expect(again.map(({ id: check, verdict }) => [check, verdict])).toEqual(
      lines.map(({ id: check, verdict }) => [check, verdict]),
    )
  })
})

test('the questions that bind cost at most 55 requests', () => {
  for (const id of ['anthropic', 'anthropic-2023-06-01', 'tokenhub-intl']) {
    const profile = profileById(specs, id)
    const session = new Session({
      specs,
      profile,
      dialects: [dialect as Dialect],
      options: {
        dialects: [ID],
        model: profile.default_model,
        level: 'must',
        checks: [],
        suites: [],
        roles: { chosen: [], given: ['default'] },
      },
      source: new Recorded(new Map()),
    })
    expect(session.plan().requests, id).toBeLessThanOrEqual(55)
  }
})
