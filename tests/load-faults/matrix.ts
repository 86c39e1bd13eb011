import { beforeAll, expect, test } from 'vitest'
import { type LoadFault, loadFaultsUnderLoad } from '../../fixtures/faults/under-load.ts'
import type { Strain } from '../../fixtures/gateway/pace/strain.ts'
import { BUILD_MS, engine } from '../load-cli/engine.ts'
import type { Run } from '../scenarios/engine.ts'
import { type ProfileId, red, verdictsOf } from './run.ts'

/** The faults of stream scenarios; those of limits have scenarios of their own. */
export const FAULTS: readonly LoadFault[] = loadFaultsUnderLoad().filter(
  ({ scenario }) => scenario !== 'rpm' && scenario !== 'tpm',
)

export const faultsOf = (scenario: string) => FAULTS.filter((fault) => fault.scenario === scenario)

export interface Matrix {
  profile: ProfileId
  /** Settings in which each fault shows within a few seconds, and a sound gateway does not look like one. */
  run: Run
  faults: readonly LoadFault[]
  /** The same faults, larger: a short run has to see them past all that a busy machine does. */
  larger?: Readonly<Record<string, Strain>>
}

/** Each fault turns its own verdicts red and no others; without a fault, with the same settings, nothing is red. */
export function killed({ profile, run, faults, larger = {} }: Matrix): void {
  let path = ''
  beforeAll(async () => {
    path = await engine()
  }, BUILD_MS)

  test.concurrent(`${profile} ${run.scenario} without a fault`, async () => {
    const words = await inTurn(() => verdictsOf(path, profile, run))
    const told = JSON.stringify(words, null, 1)
    expect(red(words, 'fail'), told).toEqual([])
    // What does not hang on times is certain; of times, a busy machine may leave some undecided.
    for (const [id, { verdict }] of Object.entries(words))
      if (/^load\/(?:invariants|slo)\//.test(id))
        expect(['pass', 'skip'], `${id}: ${told}`).toContain(verdict)
  })

  test.concurrent.for(faults)(`${profile} $id`, async (fault) => {
    const words = await inTurn(() => verdictsOf(path, profile, run, enlarged(fault, larger[fault.id])))
    const told = JSON.stringify(words, null, 1)
    const found = red(words)
    for (const id of fault.must) expect(found, told).toContain(id)
    expect(
      found.filter((id) => !fault.must.includes(id) && !fault.may.includes(id)),
      told,
    ).toEqual([])
  })
}

/** So many runs at a time: most of their time is waiting, but each has an engine and a gateway. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()]
let next = 0

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const lane = next % lanes.length
  next += 1
  const done = lanes[lane]!.then(work)
  lanes[lane] = done.catch(() => undefined)
  return done
}

function enlarged({ twist }: LoadFault, strain: Strain | undefined): Pick<LoadFault, 'twist'> {
  if (strain === undefined) return { twist }
  expect(twist.options?.strain?.kind).toBe(strain.kind)
  return { twist: { ...twist, options: { ...twist.options, strain } } }
}
