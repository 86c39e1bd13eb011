import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSpecs } from '../../cli/open-specs.ts'
import type { LoadFault } from '../../fixtures/faults/under-load.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import { judgeSamples } from '../../load/samples/judge.ts'
import type { VerdictLine, VerdictWord } from '../../reports/record/types.ts'
import { levelOf } from '../../specs/level.ts'
import { capabilitiesOf } from '../../suites/core/select.ts'
import { type Run, ran } from '../scenarios/engine.ts'

export const DIALECTS = {
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
} as const
export type ProfileId = keyof typeof DIALECTS

/** A verdict's word and message by its id. */
export type Words = Record<string, { verdict: VerdictWord; message: string }>

/**
 * What the meter says of itself is left out: on a busy machine it doubts its figures, rightly, and then accuses nobody.
 * Here the question is whether a fault gets from the wire to its verdict; each fault is many times what a machine does.
 */
const OF_ITSELF = /^\{"(?:meter|histogram":"lag)"/
/** Verdicts on the machine that measures, not on the gateway. */
const OF_THE_METER = /^load\/meter\//

/** One run on the real engine against the reference gateway, judged as the command does. */
export async function verdictsOf(
  engine: string,
  profileId: ProfileId,
  run: Run,
  fault?: Pick<LoadFault, 'twist'>,
): Promise<Words> {
  const dialect = DIALECTS[profileId]
  const twist: Twist[] = fault === undefined ? [] : [fault.twist]
  const { order, text } = await ran(engine, {
    ...run,
    profile: profileId,
    dialect,
    gateway: { seed: 5, ...run.gateway, twist },
  })
  const specs = openSpecs()
  const profile = specs.profiles.get(profileId)!
  const capabilities = capabilitiesOf(profile, order.target.model)
  const folder = mkdtempSync(path.join(tmpdir(), 'assay-fault-'))
  try {
    const file = path.join(folder, 'samples.jsonl')
    const lines = text.split('\n').filter((line) => !OF_ITSELF.test(line))
    writeFileSync(file, lines.join('\n'))
    const { verdicts } = await judgeSamples(order, file, {
      embedded: true,
      promises: {
        claims: profile.claims,
        level: (requirements) => levelOf(requirements, profile, specs.requirements, capabilities),
      },
    })
    return wordsOf(verdicts)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function wordsOf(verdicts: readonly VerdictLine[]): Words {
  return Object.fromEntries(
    verdicts
      .filter(({ id }) => !OF_THE_METER.test(id))
      .map(({ id, verdict, message = '' }) => [id, { verdict, message }]),
  )
}

/** Ids that are red: they fail or warn. */
export function red(words: Words, ...of: VerdictWord[]): string[] {
  const wanted = of.length > 0 ? of : ['fail', 'warn']
  return Object.entries(words).flatMap(([id, { verdict }]) => (wanted.includes(verdict) ? [id] : []))
}
