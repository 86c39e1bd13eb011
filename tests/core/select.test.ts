import { describe, expect, test } from 'vitest'
import { globToRegExp, type SessionOptions, select } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'
import { made } from './exchange.ts'
import { ByHand, check, dialect, MAY, MUST, options, profile, specs } from './ground.ts'

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

describe('checks of two dialects', () => {
  const OTHER = 'other'
  const promise = profile.dialects['openai-chat']!
  const both = { ...profile, dialects: { ...profile.dialects, [OTHER]: promise } }
  const pair = (needs: string[]) => ({
    ...check('a/pair', { needs, also: ['openai-chat'] }),
    id: `${OTHER}/a/pair`,
  })
  const given = (chatNeeds: string[], otherNeeds: string[]) => ({
    specs,
    profile: both,
    dialects: [
      dialect([check('a/base', { needs: chatNeeds }), check('a/unneeded')]),
      { ...dialect([pair(otherNeeds)]), id: OTHER },
    ],
    options: options({ dialects: ['openai-chat', OTHER], checks: [`${OTHER}/a/*`] }),
  })

  test('what one needs of the other dialect is asked with it, and its failure is not blamed on the first', async () => {
    const source = new ByHand(() => made({ status: 500, body: {} }))
    const lines = await new Session({ ...given([], ['openai-chat/a/base']), source }).run()
    expect(lines.map(({ id, verdict, skip }) => ({ id, verdict, by: skip?.by }))).toEqual([
      { id: 'openai-chat/a/base', verdict: 'fail', by: undefined },
      { id: `${OTHER}/a/pair`, verdict: 'skip', by: 'openai-chat/a/base' },
    ])
  })

  test('whether they are the whole run or a part of it', () => {
    const { dialects, options: part } = given([], ['openai-chat/a/base'])
    const ids = (checks: string[]) =>
      select(dialects, both, specs, { ...part, checks }).map(({ checks: asked }) => [...asked.keys()])
    expect(ids([`${OTHER}/a/*`])).toEqual([['openai-chat/a/base'], [`${OTHER}/a/pair`]])
    expect(ids([])).toEqual([['openai-chat/a/base', 'openai-chat/a/unneeded'], [`${OTHER}/a/pair`]])
    expect(ids(['openai-chat/**'])).toEqual([['openai-chat/a/base', 'openai-chat/a/unneeded'], []])
  })

  test('that need each other are told, not waited for', () => {
    const circular = given([`${OTHER}/a/pair`], ['openai-chat/a/base'])
    expect(() => new Session({ ...circular, source: new ByHand() })).toThrow(
      `checks need each other: ${OTHER}/a/pair → openai-chat/a/base → ${OTHER}/a/pair`,
    )
  })
})
