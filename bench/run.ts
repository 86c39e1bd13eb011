/** The figures that the command line undertakes to hold: start-up, a full run, its memory, and what it costs. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Measured, measure, median } from './measure.ts'

const ROUNDS = 5
const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))

async function rounds(name: string, args: (round: number) => string[]): Promise<Measured[]> {
  await measure(args(-1))
  const all: Measured[] = []
  for (let round = 0; round < ROUNDS; round += 1) all.push(await measure(args(round)))
  const seconds = all.map((one) => one.seconds)
  const wall = `${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})`
  console.log(
    `${name}: ${wall}, peak ${Math.max(...all.map((one) => one.peak)).toFixed(0)} MiB, exit ${all[0]?.exit}`,
  )
  return all
}

/** Runs against the embedded gateway, and what they may cost. */
const RUNS = [
  {
    name: 'full',
    figure: 'full run, profile openai (at most 5 s, 300 MiB)',
    args: [],
    limits: 'at most 400 requests',
  },
  {
    name: 'must',
    figure: 'MUST level, profile openai',
    args: ['--level', 'must'],
    limits: 'at most 150 requests, 30,000 tokens',
  },
  {
    name: 'both',
    figure: 'full run, profile tokenhub-intl, both dialects (at most 8 s)',
    args: ['--profile', 'tokenhub-intl'],
    limits: 'no bound of its own',
  },
  {
    name: 'messages-must',
    figure: 'MUST level, profile anthropic',
    args: ['--profile', 'anthropic', '--level', 'must'],
    limits: 'at most 120 requests',
  },
]

interface Summary {
  cost: { requests: number; tokens: number }
  totals: Record<string, number>
}

function summary(dir: string): Summary {
  return JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8')) as Summary
}

try {
  await rounds('assay --help (at most 0.15 s)', () => ['--help'])
  for (const { name, figure, args } of RUNS) {
    await rounds(figure, (round) => ['run', ...args, '--out', join(folder, `${name}${round}`)])
  }
  for (const { name, limits } of RUNS) {
    const { cost, totals } = summary(join(folder, `${name}0`))
    const checks = Object.values(totals).reduce((sum, one) => sum + one, 0)
    console.log(
      `${name} (${limits}): ${cost.requests} requests, ${cost.tokens} tokens, ${checks} checks and rules`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
