import { describe, expect, test } from 'vitest'
import { resolve } from '../../suites/core/resolve.ts'
import { globToRegExp, plan, type SessionOptions, select } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import { chat } from '../../suites/openai-chat/ask.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'

import { ByHand, check, dialect, MAY, MUST, options, profile, run, specs } from './ground.ts'

describe('selection', () => {
  const some = [
    check('plain/reply'),
    check('plain/stream'),
    check('a/must', { needs: ['openai-chat/plain/reply'] }),
    check('b/may', { requirements: [MAY] }),
    check('b/foreign', { requirements: ['PT-EP-chat'] }),
  ]
  const law = {
    id: 'openai-chat/r/law',
    title: '',
    requirements: [MUST],
    fix: '',
    on: () => true,
    judge: () => [],
  }
  const tier = { ...law, id: 'openai-chat/r/tier', requirements: [], tier: 'client:nobody' as const }
  test.each<[string, Partial<SessionOptions>, string[], string[]]>([
    ['all', {}, ['plain/reply', 'plain/stream', 'a/must', 'b/may'], ['r/law', 'r/tier']],
    ['must', { level: 'must' }, ['plain/reply', 'plain/stream', 'a/must'], ['r/law']],
    ['a glob, with what it needs', { checks: ['openai-chat/a/*'] }, ['plain/reply', 'a/must'], []],
    ['a glob over slashes', { checks: ['**/may'] }, ['b/may'], []],
    ['a star keeps to its part', { checks: ['*/may'] }, [], []],
    ['a suite', { suites: ['b'] }, ['b/may'], []],
    ['suite and glob', { suites: ['b'], checks: ['openai-chat/a/*'] }, [], []],
    [
      'a rule alone is judged on all that a whole run asks',
      { suites: ['r'] },
      ['plain/reply', 'plain/stream', 'a/must', 'b/may'],
      ['r/law', 'r/tier'],
    ],
  ])('%s', (_, over, checks, rules) => {
    const [part] = select([dialect(some, [law, tier])], profile, specs, options(over))
    const short = (id: string) => id.replace('openai-chat/', '')
    expect([...part!.checks.keys()].map(short)).toEqual(checks)
    expect(part!.rules.map((rule) => short(rule.id))).toEqual(rules)
  })
  test('what is asked only for a rule to judge gets no verdict of its own, and the rule sees all of it', async () => {
    const seen: string[] = []
    const watching = {
      ...law,
      judge(view: ChatView) {
        seen.push(view.exchange.digest)
        return []
      },
    }
    const told: string[] = []
    const session = new Session(
      {
        specs,
        profile,
        dialects: [dialect(some, [watching])],
        options: options({ suites: ['r'] }),
        source: new ByHand(),
      },
      (line) => told.push(line.id),
    )
    expect((await session.run()).map(({ id }) => id)).toEqual(['openai-chat/r/law'])
    expect(told).toEqual(['openai-chat/r/law'])
    expect(new Set(seen).size).toBe(4)
  })
  test('a dialect that was not chosen, or is not offered, is not there', () => {
    expect(select([dialect(some)], profile, specs, options({ dialects: ['other'] }))).toEqual([])
    expect(
      select([{ ...dialect(some), id: 'other' }], profile, specs, options({ dialects: ['other'] })),
    ).toEqual([])
  })
  test.each([
    ['a.b', 'axb', false],
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', false],
    ['a/**', 'a/b/c', true],
    ['*[x]', 'a[x]', true],
    ['a', 'ab', false],
  ])('glob %s on %s: %s', (glob, id, fits) => expect(globToRegExp(glob).test(id)).toBe(fits))
})

describe('the plan', () => {
  test('is a bound on what is sent, however the gateway behaves', async () => {
    const follow = Object.assign(() => chat({}, { prompt: 'narrow' }), { contingent: true as const })
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
})
