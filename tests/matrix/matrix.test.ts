import { beforeAll, describe, expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { PROFILES, selectedOf, tellers } from './family-data.ts'
import { type Matrix, runMatrix } from './matrix.ts'
import { listedSurvivors } from './survivors.ts'

describe('the kill matrix', () => {
  let matrix: Matrix

  beforeAll(async () => {
    matrix = await runMatrix()
  }, 240_000)

  test('nothing is red on the reference gateway as it is', () => {
    const red = [...matrix.baselines].flatMap(([profile, { verdicts }]) =>
      Object.entries(verdicts)
        .filter(([, { verdict }]) => verdict !== 'pass' && verdict !== 'skip')
        .map(([id, { verdict, message }]) => `${profile}: ${verdict} ${id}: ${message}`),
    )
    expect(red).toEqual([])
  })

  test('every fault turns red what it must, nothing beyond what it may, and is told by its rule', () => {
    const wrong = matrix.faults.flatMap(({ id, problems }) => problems.map((problem) => `${id}: ${problem}`))
    expect(wrong).toEqual([])
  })

  test('no verdict changes on a variation where it is legal', () => {
    const wrong = matrix.variations.flatMap(({ id, profile, changed }) =>
      changed.map((change) => `${id} on ${profile}: ${change}`),
    )
    expect(wrong).toEqual([])
  })

  test('every variation is seen in an answer', () => {
    expect(
      matrix.variations.filter(({ touched }) => !touched).map(({ id, profile }) => `${id} on ${profile}`),
    ).toEqual([])
  })

  test('every check and rule is killed by a fault, or listed with the reason why none can', () => {
    const specs = loadSpecs()
    const told = new Set(
      PROFILES.flatMap((id) =>
        selectedOf(specs.profiles.get(id)!, specs).flatMap(({ checks }) => [...tellers(checks).keys()]),
      ),
    )
    const listed = listedSurvivors().map(({ id }) => id)
    const alive = matrix.survivors.filter((id) => !told.has(id))
    expect(alive.toSorted()).toEqual(listed.toSorted())
  })

  test('at least 60 faults of the catalogue, and at least 20 variations', () => {
    expect(
      new Set(matrix.faults.map(({ catalogue }) => catalogue).filter(Boolean)).size,
    ).toBeGreaterThanOrEqual(60)
    expect(new Set(matrix.variations.map(({ id }) => id)).size).toBeGreaterThanOrEqual(20)
  })
})
