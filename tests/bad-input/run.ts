import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { judgeRecord } from '../../cli/judge-session.ts'
import { openSpecs } from '../../cli/open-specs.ts'
import { type Behaviour, type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { type RunRecord, readRecord } from '../../reports/record/read.ts'
import type { Exchange, VerdictLine } from '../../reports/record/types.ts'
import { dialects } from '../../suites/dialects.ts'
import { inside } from '../cli/inside.ts'

const DOOR = fileURLToPath(new URL('../../bin/assay.js', import.meta.url))
const PEAK = new URL('./peak.mjs', import.meta.url).href
/** An obvious fake that must never show up anywhere. */
export const CANARY = 'sk-canary-7f3Q9xLw2ZbT5vKe8RmYc4Uj'

/** The plain questions and the standing laws of bytes: two requests. */
const CHECKS = ['plain', 'http', 'sse', 'json', 'security', 'shape', 'grammar', 'reasoning']

const specs = openSpecs()

export interface Config {
  deadlines?: Partial<Record<'connect' | 'headers' | 'first_byte' | 'between_bytes' | 'total', number>>
  limits?: { head_bytes?: number; body_bytes?: number }
  tls?: { insecure?: boolean }
  checks?: string[]
  [key: string]: unknown
}

export const CONFIG = {
  checks: CHECKS.map((subject) => `openai-chat/${subject}/*`),
  deadlines: { connect: 2_000, headers: 3_000, first_byte: 3_000, between_bytes: 3_000, total: 6_000 },
  limits: { head_bytes: 16_384, body_bytes: 262_144 },
} satisfies Config

export interface Ended {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  cmdline: string
}

export interface Ran extends Ended {
  /** Highest resident memory of the process, in MiB. */
  peak: number
  dir: string
  /** All files in `dir` and what they hold. */
  files: Map<string, Buffer>
  record: RunRecord
  exchanges: Exchange[]
  /** A verdict by the end of its id. */
  verdict(id: string): VerdictLine
  /** What judging the record again says otherwise. */
  differences: string[]
  dispose(): void
}

/** Starts the real command line as a process of its own, in `home`. Its environment is empty but for what it needs. */
export function start(args: string[], home: string): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--import', PEAK, DOOR, ...args], {
    cwd: home,
    env: {
      PATH: process.env.PATH ?? '',
      NO_COLOR: '1',
      ASSAY_KEY: CANARY,
      PEAK_FILE: path.join(home, 'peak'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const cmdline = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1')
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
    })
  }
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (status, signal) => resolve({ status, signal, ...out, cmdline })),
  )
  return { child, ended }
}

async function startBounded(args: string[], home: string): Promise<Ended> {
  const { child, ended } = start(args, home)
  const hung = setTimeout(() => child.kill('SIGKILL'), 30_000)
  try {
    return await ended
  } finally {
    clearTimeout(hung)
  }
}

/** The real command line in this process, without its door: for what needs no process of its own. One at a time. */
async function startInside(args: string[], home: string): Promise<Ended> {
  vi.stubEnv('ASSAY_KEY', CANARY)
  vi.stubEnv('NO_COLOR', '1')
  writeFileSync(path.join(home, 'peak'), '0')
  return { ...(await inside(...args)), signal: null, cmdline: '' }
}

/** Runs the real command line against `url` and looks at everything that it leaves behind. `own`: in its own process. */
export async function run(url: string, config: Config = {}, own = true): Promise<Ran> {
  const home = mkdtempSync(path.join(tmpdir(), 'assay-bad-'))
  const dir = path.join(home, 'out')
  const file = path.join(home, 'config.yaml')
  writeFileSync(file, JSON.stringify({ ...CONFIG, ...config }))
  const args = ['run', '--url', url, '--config', file, '--out', dir]
  const end = own ? await startBounded(args, home) : await startInside(args, home)
  const { status, signal, stdout, stderr } = end
  if (signal !== null) throw new Error(`the run was killed as hung: ${stdout}${stderr}`)
  if (!existsSync(dir)) throw new Error(`no record was written: ${stdout}${stderr}`)
  const record = await readRecord(dir)
  const again = await judgeRecord(record, { specs, dialects })
  return {
    ...end,
    peak: Number(readFileSync(path.join(home, 'peak'), 'utf8')),
    dir,
    files: new Map(readdirSync(dir).map((name) => [name, readFileSync(path.join(dir, name))])),
    record,
    exchanges: [...record.exchanges.values()],
    verdict(id) {
      const found = record.verdicts.find((line) => line.id === `openai-chat/${id}`)
      if (found === undefined) throw new Error(`no verdict ${id}: ${stdout}${stderr}`)
      return found
    },
    differences: again.exit === status ? again.differences : [...again.differences, `exit ${again.exit}`],
    dispose: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** The same against a hostile server, which is closed afterwards. */
export async function against(
  behaviour: Behaviour,
  config: Config = {},
  how: { tls?: boolean; greet?: boolean; scheme?: 'http' | 'https'; own?: boolean } = {},
): Promise<{ ran: Ran; server: Hostile }> {
  const server = await hostile(behaviour, how)
  try {
    const origin = how.scheme ? server.origin.replace(/^https?/, how.scheme) : server.origin
    return { ran: await run(`${origin}/v1`, config, how.own), server }
  } finally {
    await server.close()
  }
}
