import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import { loadVariations } from '../../fixtures/variations/variations.ts'
import { loadSpecs } from '../../specs/load.ts'
import { type Verdicts, verdictsOf, worse } from './assess.ts'
import { askingIn, DIALECTS } from './dialects.ts'
import { allFaults } from './faults.ts'
import { type Outcome, Stand } from './stand.ts'
import { vary } from './vary.ts'

const specs = loadSpecs()
const site = { dialect: 'openai-chat', profile: 'openai' }
const faults = allFaults(specs).filter(
  ({ dialect, profile, stateful }) => dialect === site.dialect && profile === site.profile && !stateful,
)
let stand: Stand
let before: Verdicts

function verdicts({ lines, exchanges }: Outcome): Verdicts {
  return verdictsOf(lines, (digest) => {
    const exchange = exchanges.get(digest)
    const dialect = DIALECTS.find(({ id }) => id === exchange?.dialect)
    return exchange !== undefined && (dialect?.succeeded(dialect.view(exchange)) ?? false)
  })
}

beforeAll(async () => {
  stand = await Stand.open({
    specs,
    profile: specs.profiles.get('openai')!,
    dialects: askingIn(site.dialect),
  })
  before = verdicts(await stand.untwisted())
}, 60_000)
afterAll(() => stand.close())

/** One fault for each way of changing the gateway, and more of the commonest. */
const varied = [...Map.groupBy(faults, ({ twist }) => Object.keys(twist).join('+')).entries()]
  .filter(([hooks]) => !hooks.includes('raw') && !hooks.includes('garbled'))
  .map(([, some]) => some.at(-1)!)

describe('what a twist leaves as it was is not asked again', () => {
  test('there are faults of every kind', () => {
    expect(varied.length).toBeGreaterThanOrEqual(11)
  })

  test.each(varied.map((fault) => [fault.id, fault] as const))(
    '%s: the same verdicts as with everything asked',
    async (_, { twist }) => {
      const reused = { ...before, ...verdicts(await stand.twisted(twist)) }
      const whole = { ...before, ...verdicts(await stand.twisted(twist, { everything: true })) }
      // What is read of them: which got worse, and what they are. (A check whose need is red is blocked: not asked again,
      // it keeps the word that it had. A rule that meets nothing is as content as one that finds nothing.)
      const words = (said: Verdicts) =>
        Object.entries(said)
          .filter(([id, { verdict }]) => worse(before[id]?.verdict, verdict))
          .map(([id, { verdict, found, succeeded }]) => `${id} ${verdict} ${found} ${succeeded}`)
      expect(words(whole).length).toBeGreaterThan(0)
      expect(words(reused)).toEqual(words(whole))
    },
  )
})

describe('a company of variations', () => {
  const legal = loadVariations().filter(({ id }) => ['clock-behind', 'keys-unknown', 'trailers'].includes(id))
  const company = (...more: { id: string; twist: Twist }[]) =>
    vary([...legal, ...more], { stand, site, before, of: () => true, verdicts })

  test('one that changes a verdict is found and named', async () => {
    const bad: Twist = { reply: (body) => ({ ...body, object: 'odd' }) }
    const { variations } = await company({ id: 'bad', twist: bad })
    expect(variations.filter(({ changed }) => changed.length > 0).map(({ id }) => id)).toEqual(['bad'])
    expect(variations.every(({ inCompany }) => !inCompany)).toBe(true)
  })

  test('one that the others hide is shown alone', async () => {
    const hidden = loadVariations().find(({ id }) => id === 'close-delimited')!
    const { variations } = await company(hidden)
    expect(variations.filter(({ inCompany }) => !inCompany).map(({ id }) => id)).toContain('trailers')
    expect(variations.filter(({ changed, touched }) => changed.length > 0 || !touched)).toEqual([])
  })
})
