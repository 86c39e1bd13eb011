import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Order } from '../../load/order.ts'
import type { LoadFigures, SamplesLine, VerdictLine } from '../../reports/record/types.ts'
import { levelOf } from '../../specs/level.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import { capabilitiesOf } from '../../suites/core/select.ts'
import { isLimits } from './scenarios.ts'
import { UNCONNECTED } from './tail.ts'

/** The rows of a run, beside its record. */
export const SAMPLES_FILE = 'samples.jsonl'

/** When the embedded gateway really sent what, for the meter's own test. */
export const JOURNAL_FILE = 'gateway.jsonl'

export interface LoadVerdicts {
  verdicts: VerdictLine[]
  figures: LoadFigures
  /** Nothing answered, and every failure was one to connect. */
  unreachable: boolean
  /** No request came to its end. */
  nothingFinished: boolean
}

export interface JudgeLoad {
  order: Order
  dir: string
  specs: Specs
  profile: Profile
  embedded: boolean
}

/** Judges the rows of a run. Reads the sample file and nothing else: the same verdicts each time. */
export async function judgeLoad({ order, dir, specs, profile, embedded }: JudgeLoad): Promise<LoadVerdicts> {
  const file = path.join(dir, SAMPLES_FILE)
  if (isLimits(order.scenario)) {
    const { judgeLimits } = await import('../../load/limits/judge.ts')
    const { requirements, contradictions } = specs
    const samples = readFileSync(file, 'utf8')
    const { verdicts, limiter, stopped, answered } = judgeLimits({
      order,
      samples,
      profile,
      requirements,
      contradictions,
    })
    return {
      verdicts,
      figures: { limiter },
      unreachable: answered === 0 && stopped?.why === 'unreachable',
      nothingFinished: answered === 0,
    }
  }
  const { judgeSamples } = await import('../../load/samples/judge.ts')
  const capabilities = capabilitiesOf(profile, order.target.model)
  const { verdicts, figures } = await judgeSamples(order, file, {
    embedded,
    promises: {
      claims: profile.claims,
      level: (requirements) => levelOf(requirements, profile, specs.requirements, capabilities),
    },
  })
  if (order.scenario === 'selftest') {
    const { judgeTruth } = await import('../../load/truth/judge.ts')
    verdicts.push(
      ...(await judgeTruth({ order, samples: file, journal: path.join(dir, JOURNAL_FILE), figures })),
    )
  }
  return {
    verdicts,
    figures,
    unreachable: neverConnected(figures),
    nothingFinished: !anyFinished(figures),
  }
}

/** Classes of what we ended ourselves. */
const OURS = new Set(['stopped', 'capped'])

function neverConnected({ stream }: LoadFigures): boolean {
  if (stream === undefined || stream.answered > 0) return false
  const all = [stream.headline, ...stream.phases].flatMap(({ errors }) => Object.keys(errors))
  const classes = all.filter((name) => !OURS.has(name))
  return classes.length > 0 && classes.every((name) => UNCONNECTED.has(name))
}

function anyFinished({ stream }: LoadFigures): boolean {
  const groups = stream === undefined ? [] : [stream.headline, ...stream.phases]
  // Who hangs up as planned has got what was asked for.
  return groups.some(({ outcomes }) => (outcomes.finished ?? 0) + (outcomes['hung-up'] ?? 0) > 0)
}

/** The line of the record that says which file has the rows; undefined where there is none. */
export async function samplesLine(dir: string, complete: boolean): Promise<SamplesLine | undefined> {
  const file = path.join(dir, SAMPLES_FILE)
  if (!existsSync(file)) return undefined
  const { sha256, bytes, lines } = await digestOf(file)
  return { type: 'samples', file: SAMPLES_FILE, sha256, bytes, lines, complete }
}

/** Digest, size and lines of a file. */
export async function digestOf(file: string): Promise<{ sha256: string; bytes: number; lines: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  let lines = 0
  for await (const block of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(block)
    bytes += block.length
    for (let at = block.indexOf(0x0a); at >= 0; at = block.indexOf(0x0a, at + 1)) lines += 1
  }
  return { sha256: hash.digest('hex'), bytes, lines }
}
