import { expect, test } from 'vitest'
import { coverage } from '../../specs/coverage.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'

const specs = loadSpecs()
const pingtoken = profileById(specs, 'pingtoken')

test('a row for every held requirement; what has neither check nor reason is unbound', () => {
  const { rows, unbound } = coverage(specs, pingtoken, new Map())
  expect(rows).toHaveLength(
    69 + [...specs.requirements.values()].filter((r) => r.document === 'transport').length,
  )
  expect(rows.filter((row) => row.untestable === undefined).map((row) => row.requirement.id)).toEqual(unbound)
  expect(unbound).toContain('PT-RES-id')
  expect(unbound).not.toContain('PT-BILL-unit')
  expect(rows.find((row) => row.requirement.id === 'PT-BILL-unit')?.untestable).toContain('price list')
})

test('a bound requirement lists its checks, sorted, and is not unbound', () => {
  const bound = new Map([['PT-RES-id', ['z/reply/id', 'a/reply/id']]])
  const { rows, unbound } = coverage(specs, pingtoken, bound)
  expect(rows.find((row) => row.requirement.id === 'PT-RES-id')?.checks).toEqual(['a/reply/id', 'z/reply/id'])
  expect(unbound).not.toContain('PT-RES-id')
})

test('requirements of other profiles are no rows', () => {
  const { rows, unknown } = coverage(specs, pingtoken, new Map([['TH-OAI-RES-id', ['a/reply/id']]]))
  expect(rows.some((row) => row.requirement.id === 'TH-OAI-RES-id')).toBe(false)
  expect(unknown).toEqual([])
})

test('an id that no file has is told with the nearest', () => {
  const { unknown } = coverage(
    specs,
    pingtoken,
    new Map([
      ['PT-RES-idd', ['a/b']],
      ['Q', ['c/d']],
    ]),
  )
  expect(unknown).toEqual([
    { requirement: 'PT-RES-idd', checks: ['a/b'], nearest: 'PT-RES-id' },
    { requirement: 'Q', checks: ['c/d'] },
  ])
})

test('an untestable requirement with a check is told', () => {
  const { overclaimed, unbound } = coverage(specs, pingtoken, new Map([['PT-BILL-unit', ['a/b']]]))
  expect(overclaimed).toEqual(['PT-BILL-unit'])
  expect(unbound).not.toContain('PT-BILL-unit')
})
