/** What is shown, what must be seen of it, and what was. */
import { EXPECTED } from '../../load/limits/expected.ts'
import type { Ran } from './processes.ts'

export interface Case {
  name: string
  scenario: 'rpm' | 'tpm'
  /** Options of `assay serve`; absent: the embedded gateway. */
  serve?: string[]
  /** Further options of `assay load`. */
  load?: string[]
  /** Expected units within 3 s; absent: it is only observed. */
  expect?: number
  must: string[]
  may: string[]
  /** For a sound limiter: what has to be found. */
  algorithm?: string
  limit?: number
}

export interface Seen {
  exit: number | null
  /** Verdict by id. */
  verdicts: Record<string, string>
  faults: string[]
  algorithm: string
  limit: number
  said: string
  requests: number
  screen: string
  complaints: string
}

const sound = (
  name: string,
  scenario: Case['scenario'],
  limiter: string,
  found: { algorithm: string; limit: number; expect?: number },
  profile?: string,
): Case => ({
  name: `sound ${name}`,
  scenario,
  serve: ['--limiter', limiter, ...(profile === undefined ? [] : ['--profile', profile])],
  ...(profile !== undefined && { load: ['--profile', profile] }),
  must: [],
  may: [],
  ...found,
})

/** Sound limiters: the ones that the faults are shown on, and others, in both dialects. */
export const SOUND: readonly Case[] = [
  sound('fixed-first, requests', 'rpm', 'requests=30/3s', {
    algorithm: 'fixed-first',
    limit: 30,
    expect: 30,
  }),
  sound('fixed-first, tokens', 'tpm', 'tokens=3000/3s', {
    algorithm: 'fixed-first',
    limit: 3000,
    expect: 3000,
  }),
  sound('token-bucket', 'rpm', 'requests=30/3s,algorithm=token-bucket', {
    algorithm: 'token-bucket',
    limit: 30,
    expect: 30,
  }),
  sound('leaky-bucket', 'rpm', 'requests=20/4s,algorithm=leaky-bucket', {
    algorithm: 'leaky-bucket',
    limit: 20,
  }),
  sound(
    'sliding-log, anthropic-messages',
    'rpm',
    'requests=30/3s,algorithm=sliding-log',
    { algorithm: 'sliding-log', limit: 30, expect: 30 },
    'anthropic',
  ),
  sound(
    'concurrency, anthropic-messages',
    'rpm',
    'concurrency=8',
    { algorithm: 'concurrency', limit: 8 },
    'anthropic',
  ),
  sound(
    'sliding-log, tokens, anthropic-messages',
    'tpm',
    'tokens=3000/3s,algorithm=sliding-log',
    { algorithm: 'sliding-log', limit: 3000, expect: 3000 },
    'anthropic',
  ),
  {
    name: 'sound embedded gateway, tokens',
    scenario: 'tpm',
    expect: 3000,
    must: [],
    may: [],
    algorithm: 'fixed-first',
    limit: 3000,
  },
]

/** A config that looks for short windows. */
export function expectation({ scenario, expect }: Case): string {
  const most = scenario === 'rpm' ? 400 : 30_000
  return JSON.stringify({
    load: {
      ...(expect !== undefined && { limits: { [scenario]: expect, window: '3s' } }),
      scenarios: { [scenario]: { window_at_most_s: 6, limit_at_most: most } },
    },
  })
}

export function seenIn(record: string, { exit, stdout, stderr }: Ran): Seen {
  const lines = record
    .split('\n')
    .flatMap((line): Record<string, unknown>[] => (line ? [JSON.parse(line)] : []))
  const verdicts = lines.filter(({ type }) => type === 'verdict')
  const summary = lines.find(({ type }) => type === 'summary') as
    | { load?: { limiter?: Record<string, unknown> } }
    | undefined
  const limiter = summary?.load?.limiter ?? {}
  return {
    exit,
    verdicts: Object.fromEntries(verdicts.map(({ id, verdict }) => [String(id), String(verdict)])),
    faults: Array.isArray(limiter.faults) ? limiter.faults.map(String) : [],
    algorithm: String(limiter.algorithm ?? 'none told'),
    limit: Number(limiter.limit),
    said: String(limiter.said),
    requests: Number(limiter.requests),
    screen: stdout.replace(/\s+/g, ' '),
    complaints: stderr,
  }
}

/** With the word of the config these fail; what is good practice warns. */
const FAILS = /\/(?:enforcement|reset|bypass|limit)$/
const isRed = (verdict: string | undefined): boolean => ['fail', 'warn', 'error'].includes(verdict ?? '')

export function wrongIn({ must, may, algorithm, limit = 0, expect }: Case, seen: Seen): string[] {
  const { verdicts, exit, screen } = seen
  const allowed = new Set([...must, ...may])
  const missing = must
    .filter((id) => !isRed(verdicts[id]))
    .map((id) => `${id} is ${verdicts[id] ?? 'not there'}`)
  const weak = must
    .filter((id) => FAILS.test(id) && verdicts[id] === 'warn')
    .map((id) => `${id} only warns, against a promised limit`)
  const more = Object.entries(verdicts)
    .filter(([id, verdict]) => isRed(verdict) && !allowed.has(id))
    .map(([id, verdict]) => `${id} is ${verdict}`)
  const unnamed =
    must.length > 0 &&
    !seen.faults.some(
      (id) => id in EXPECTED && screen.includes(String(EXPECTED[id as keyof typeof EXPECTED])),
    )
      ? ['the screen names no fault in words']
      : []
  const failed = Object.values(verdicts).includes('fail')
  const found =
    algorithm === undefined || (seen.algorithm === algorithm && Math.abs(seen.limit / limit - 1) <= 0.02)
  return [
    ...missing,
    ...weak,
    ...more,
    ...unnamed,
    ...(found ? [] : [`a ${algorithm} of ${limit} was taken for ${seen.said}`]),
    ...(failed === (exit === 1) ? [] : [`exit ${exit}`]),
    ...(algorithm !== undefined && expect !== undefined && exit !== 0
      ? [`exit ${exit}: ${seen.complaints.slice(-200)}`]
      : []),
  ]
}
