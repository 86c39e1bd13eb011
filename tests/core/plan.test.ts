import { describe, expect, test } from 'vitest'
import { profileById } from '../../specs/load.ts'
import { costOf, plan } from '../../suites/core/plan.ts'
import { resolve } from '../../suites/core/resolve.ts'
import { select, speaking } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import { dialects } from '../../suites/dialects.ts'
import { chat } from '../../suites/openai-chat/ask.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { made, reply } from './exchange.ts'
import { ByHand, check, dialect, options, profile, run, specs } from './ground.ts'

describe('the plan', () => {
  test('is a bound on what is sent, however the gateway behaves', async () => {
    const narrow = chat({}, { prompt: 'narrow' })
    const follow = Object.assign(() => narrow, { contingent: () => [narrow] })
    const checks = [
      check('a/a'),
      check('a/same', { ask: { reply: [chat({}, { prompt: 'a/a' })] } }),
      check('a/elicit', { elicit: { ask: 'reply', shows: () => false, tries: 4 } }),
      check('a/turns', {
        ask: { reply: [chat({}, { prompt: 'first' }), () => chat({}, { prompt: 'second' })] },
      }),
      check('a/narrow', { ask: { reply: [chat({}, { prompt: 'row' }), follow] } }),
    ]
    const planned = plan(select([dialect(checks)], profile, specs, options()), 'm-1')
    expect(planned).toMatchObject({ checks: 5, requests: 5, most: 9 })
    const { source } = await run(checks)
    expect(new Set(source.asked).size).toBeLessThanOrEqual(planned.most)
    const target = { model: 'm-1', promise: profile.dialects['openai-chat']! }
    const one = openaiChat.tokens(resolve(chat({}, { prompt: 'a/a' }), target).probe.body)
    expect(planned.tokens).toBeGreaterThanOrEqual(5 * one)
    expect(planned.mostTokens).toBeGreaterThan(planned.tokens)
  })

  test('counts what a contingent step may ask once, however many steps may ask it, and by its own tokens', () => {
    const half = chat({}, { prompt: 'half', limit: 8 })
    const row = chat({}, { prompt: 'a row that is much longer than its half', limit: 8 })
    const follow = () => Object.assign(() => half, { contingent: () => [half] })
    const checks = ['a/a', 'a/b', 'a/c'].map((id) => check(id, { ask: { reply: [row, follow()] } }))
    const planned = plan(select([dialect(checks)], profile, specs, options()), 'm-1')
    expect(planned).toMatchObject({ requests: 1, most: 2 })
    const target = { model: 'm-1', promise: profile.dialects['openai-chat']! }
    const tokens = openaiChat.tokens(resolve(half, target).probe.body)
    expect(planned.mostTokens - planned.tokens).toBe(tokens)
    expect(tokens).toBeLessThan(planned.tokens)
  })

  test.each(['openai', 'tokenhub-intl'])(
    'of %s holds every request of a gateway that refuses all but the plainest',
    async (id) => {
      const promising = profileById(specs, id)
      const over = { dialects: ['openai-chat'], model: promising.default_model }
      const given = { specs, profile: promising, dialects: dialects.slice(), options: options(over) }
      const asked = new Map<string, number>()
      const [part] = select(given.dialects, promising, specs, given.options)
      const source = new ByHand((probe, resolved) => {
        asked.set(resolved.digest, costOf(resolved, speaking(part!, probe).dialect))
        const plain = Object.keys(probe.body ?? {}).every((key) => PLAIN.has(key))
        return plain ? reply() : made({ status: 400, body: { error: { message: 'no' } } })
      })
      const session = new Session({ ...given, source })
      const { requests, most, mostTokens } = session.plan()
      await session.run()
      expect(asked.size).toBeGreaterThan(requests)
      expect(asked.size).toBeLessThanOrEqual(most)
      expect([...asked.values()].reduce((sum, tokens) => sum + tokens, 0)).toBeLessThanOrEqual(mostTokens)
    },
  )
})

/** Fields of the plainest question. */
const PLAIN = new Set(['model', 'messages', 'max_tokens', 'max_completion_tokens'])
