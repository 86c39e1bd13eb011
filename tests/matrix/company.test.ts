import { describe, expect, test } from 'vitest'
import { loadVariations } from '../../fixtures/variations/variations.ts'
import { companies } from './company.ts'

const members = loadVariations()

describe('companies of variations', () => {
  test.each([0, 1, 2])(
    'every variation stands in one company, never with one it is apart from (mixing %i)',
    (mixing) => {
      const all = companies(members, mixing)
      expect(
        all
          .flat()
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(members.map(({ id }) => id).toSorted())
      for (const company of all)
        for (const { apart = [] } of company) for (const { id } of company) expect(apart).not.toContain(id)
    },
  )

  test('two that meet on one profile are apart on another', () => {
    const free = Array.from({ length: 9 }, (_, at) => ({ id: String(at) }))
    const pairs = [0, 1].map((mixing) =>
      companies(free, mixing).flatMap((company) =>
        company.flatMap(({ id }, at) => company.slice(at + 1).map((other) => `${id} ${other.id}`)),
      ),
    )
    expect(pairs[0]!.filter((pair) => pairs[1]!.includes(pair))).toEqual([])
  })
})
