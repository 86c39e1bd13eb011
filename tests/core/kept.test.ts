import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding } from '../../reports/record/types.ts'
import { decide, type Standing } from '../../suites/core/decide.ts'
import { Kept } from '../../suites/core/kept.ts'
import { profile, specs } from './ground.ts'

const standing: Standing = {
  level: 'must',
  profile,
  contradictions: specs.contradictions,
  levelOf: () => 'must',
}

const of = (by: Finding['by'], expected: string, got = 'other'): Finding => ({
  id: 'openai-chat/a/a',
  by,
  expected,
  got,
  at: { exchange: 'd', part: 'body' },
})

const keep = (findings: Finding[]): Finding[] => {
  const kept = new Kept(standing)
  for (const found of findings) kept.add(found)
  return kept.findings
}

test('some places of each kind are kept, so that no kind crowds another out', () => {
  const many = [...Array(5).keys()].flatMap((kind) =>
    Array.from({ length: 100 }, () => of('documented', `key ${kind}`)),
  )
  const kept = keep([...many, of('documented', 'the sixth key')])
  expect(kept).toHaveLength(51)
  expect(kept.at(-1)?.expected).toBe('the sixth key')
})

test('what came tells notes apart, not deviations', () => {
  expect(keep([...Array(30).keys()].map((n) => of('should', 'a key', `status ${n}`)))).toHaveLength(10)
  expect(keep([...Array(30).keys()].map((n) => of('observe', '', `status ${n}`)))).toHaveLength(30)
})

test('however many deviations there are, and whatever they say, what is kept is bounded', () => {
  for (const by of ['observe', 'should', 'documented'] as const) {
    expect(keep([...Array(5000).keys()].map((n) => of(by, `id ${n}`, `${n}`)))).toHaveLength(100)
  }
})

test('the verdict is that of all findings, in whatever order and number they come', () => {
  const mild = fc.array(
    fc.record({
      by: fc.constantFrom('observe' as const, 'should' as const),
      n: fc.nat(400),
      times: fc.nat(60),
    }),
    { maxLength: 40 },
  )
  const one = fc.option(fc.constant(of('documented', 'what all depends on')), { nil: undefined })
  fc.assert(
    fc.property(mild, one, fc.nat(), (groups, grave, place) => {
      const all = groups.flatMap(({ by, n, times }) =>
        Array.from({ length: times }, () => of(by, `word ${n}`, `${n}`)),
      )
      if (grave !== undefined) all.splice(place % (all.length + 1), 0, grave)
      expect(decide(keep(all), standing).verdict).toBe(decide(all, standing).verdict)
    }),
  )
})
