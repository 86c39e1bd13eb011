import { beforeAll, describe, expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { selectedOf, tellers } from './family-data.ts'
import { type Matrix, runMatrix } from './matrix.ts'
import { SITES, siteName } from './sites.ts'
import { listedSurvivors } from './survivors.ts'

describe('the kill matrix', () => {
  let matrix: Matrix

  beforeAll(async () => {
    matrix = await runMatrix()
  }, 240_000)

  test('nothing is red on the reference gateway as it is', () => {
    const red = [...matrix.baselines].flatMap(([site, { verdicts }]) =>
      Object.entries(verdicts)
        .filter(([, { verdict }]) => verdict !== 'pass' && verdict !== 'skip')
        .map(([id, { verdict, message }]) => `${site}: ${verdict} ${id}: ${message}`),
    )
    expect(red).toEqual([])
  })

  test('every fault turns red what it must, nothing beyond what it may, and is told by its rule', () => {
    const wrong = matrix.faults.flatMap(({ id, dialect, problems }) =>
      problems.map((problem) => `${id} (${dialect}): ${problem}`),
    )
    expect(wrong).toEqual([])
  })

  test('no verdict changes on a variation where it is legal', () => {
    const wrong = matrix.variations.flatMap(({ id, site, changed }) =>
      changed.map((change) => `${id}, ${siteName(site)}: ${change}`),
    )
    expect(wrong).toEqual([])
  })

  test('every variation is seen in an answer', () => {
    expect(
      matrix.variations.filter(({ touched }) => !touched).map(({ id, site }) => `${id}, ${siteName(site)}`),
    ).toEqual([])
  })

  test('every check and rule is killed by a fault, or listed with the reason why none can', () => {
    const specs = loadSpecs()
    const told = new Set(
      SITES.flatMap((site) => selectedOf(site, specs).flatMap(({ checks }) => [...tellers(checks).keys()])),
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

  test('of the faults of the catalogue that are of Messages at least 28 are told, and at least 25 variations are its own', () => {
    // Those that Chat shares are not of this protocol.
    const chat = new Set(
      matrix.faults.filter(({ dialect }) => dialect === 'openai-chat').map(({ catalogue }) => catalogue),
    )
    const told = matrix.faults.filter(
      ({ dialect, catalogue, problems }) =>
        dialect === 'anthropic-messages' && !chat.has(catalogue) && problems.length === 0,
    )
    expect(new Set(told.map(({ catalogue }) => catalogue)).size).toBeGreaterThanOrEqual(28)
    const own = matrix.variations.filter(({ site }) => site.dialect === 'anthropic-messages')
    expect(new Set(own.map(({ id }) => id)).size).toBeGreaterThanOrEqual(25)
  })
})
