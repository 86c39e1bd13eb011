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

interface Summary {
  cost: { requests: number; tokens: number }
  totals: Record<string, number>
}

function summary(dir: string): Summary {
  return JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8')) as Summary
}

try {
  await rounds('assay --help (at most 0.15 s)', () => ['--help'])
  const out = (kind: string, round: number): string => join(folder, `${kind}${round}`)
  await rounds('full run, profile openai, embedded (at most 5 s, 300 MiB)', (round) => [
    'run',
    '--out',
    out('full', round),
  ])
  await rounds('MUST level, profile openai', (round) => [
    'run',
    '--level',
    'must',
    '--out',
    out('must', round),
  ])
  for (const [name, limits] of [
    ['full', 'at most 400 requests'],
    ['must', 'at most 150 requests, 30,000 tokens'],
  ] as const) {
    const { cost, totals } = summary(out(name, 0))
    const checks = Object.values(totals).reduce((sum, one) => sum + one, 0)
    console.log(
      `${name} (${limits}): ${cost.requests} requests, ${cost.tokens} tokens, ${checks} checks and rules`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
