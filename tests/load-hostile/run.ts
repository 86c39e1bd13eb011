import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Behaviour, type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { type RunRecord, readRecord } from '../../reports/record/read.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { engine } from '../load-cli/engine.ts'

const DOOR = fileURLToPath(new URL('../../bin/assay.js', import.meta.url))
const PEAK = new URL('../bad-input/peak.mjs', import.meta.url).href
/** An obvious fake that must never show up anywhere. */
export const CANARY = 'sk-canary-3Jw8PzQk5VtX1mRy6NfB9uHe'

/** Two streams for a second; every deadline well above what a busy machine takes. */
const LOAD = {
  streams: 2,
  duration: '1s',
  warmup: '0s',
  calibrate: 0,
  prompt_tokens: 20,
  max_tokens: [24, 24],
  deadlines: { connect: 3000, headers: 3000, first_token: 3000, between: 3000, total: 6000, drain: 3000 },
  caps: { requests: 12 },
}

/** What of the config's `load` is to differ. */
export type Load = Record<string, unknown> & {
  deadlines?: Partial<Record<keyof typeof LOAD.deadlines, number>>
}

export interface How {
  scenario?: string
  load?: Load
  /** The rest of the config. */
  config?: Record<string, unknown>
  args?: string[]
  /** What happens while it runs. `samples`: the rows that are written so far. */
  meanwhile?(stage: { samples(): string }): Promise<void>
}

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface Ran extends Ended {
  /** Highest resident memory of the command line and of the engine, in MiB. */
  peak: { assay: number; engine: number }
  /** Command lines of both. */
  commands: string[]
  /** All files of the record and what they hold. */
  files: Map<string, Buffer>
  record: RunRecord
  rows: Record<string, unknown>[]
  /** A verdict by its id. */
  verdict(id: string): VerdictLine
  /** What `assay judge` said of the record. */
  judged: Ended
}

/** A process that runs for longer than this has hung. */
const HUNG_MS = 60_000
/** How often the engine is looked at. Its peak never falls, so that only the last look counts. */
const LOOK_MS = 50

/** Runs the real `assay load` against `url`, and `assay judge` over what it leaves. */
export async function run(url: string, how: How = {}): Promise<Ran> {
  const home = mkdtempSync(path.join(tmpdir(), 'assay-load-'))
  try {
    const dir = path.join(home, 'out')
    const file = path.join(home, 'config.yaml')
    const deadlines = { ...LOAD.deadlines, ...how.load?.deadlines }
    writeFileSync(file, JSON.stringify({ ...how.config, load: { ...LOAD, ...how.load, deadlines } }))
    const args = [
      'load',
      how.scenario ?? 'latency',
      '--url',
      url,
      '--config',
      file,
      '--out',
      dir,
      '--key-env',
      'KEY',
    ]
    const { child, ended } = await start([...args, ...(how.args ?? [])], home)
    const commands = [command(child)]
    let peak = 0
    const looking = setInterval(() => {
      for (const engine of childrenOf(child)) {
        const kept = command(engine)
        if (kept !== '' && !commands.includes(kept)) commands.push(kept)
        peak = Math.max(peak, peakOf(engine) ?? 0)
      }
    }, LOOK_MS)
    const during = how.meanwhile?.({ samples: () => read(path.join(dir, 'samples.jsonl')) })
    const end = await Promise.race([ended, during?.then(() => ended) ?? ended]).finally(() =>
      clearInterval(looking),
    )
    if (!existsSync(dir)) throw new Error(`no record was written: ${end.stdout}${end.stderr}`)
    const record = await readRecord(dir)
    const files = new Map(readdirSync(dir).map((name) => [name, readFileSync(path.join(dir, name))]))
    return {
      ...end,
      commands,
      peak: { assay: Number(readFileSync(path.join(home, 'peak'), 'utf8')), engine: peak },
      files,
      record,
      rows: rowsOf(files.get('samples.jsonl')?.toString() ?? ''),
      verdict(id) {
        const found = record.verdicts.find((line) => line.id === id)
        if (found === undefined) throw new Error(`no verdict ${id}: ${end.stdout}${end.stderr}`)
        return found
      },
      judged: await (await start(['judge', dir], home)).ended,
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** The same against a hostile server, which is closed afterwards. */
export async function against(
  behaviour: Behaviour,
  how: How & { tls?: boolean; greet?: boolean; scheme?: 'http' | 'https' } = {},
): Promise<{ ran: Ran; server: Hostile }> {
  const server = await hostile(behaviour, how)
  try {
    const origin = how.scheme ? server.origin.replace(/^https?/, how.scheme) : server.origin
    return { ran: await run(`${origin}/v1`, how), server }
  } finally {
    await server.close()
  }
}

/** Starts the real command line. Its environment is empty but for what it needs; one that hangs is killed. */
async function start(args: string[], home: string): Promise<{ child: number; ended: Promise<Ended> }> {
  const env = {
    PATH: process.env.PATH ?? '',
    NO_COLOR: '1',
    ASSAY_K6: await engine(),
    KEY: CANARY,
    PEAK_FILE: path.join(home, 'peak'),
  }
  const child = spawn(process.execPath, ['--import', PEAK, DOOR, ...args], {
    cwd: home,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
    })
  }
  const hung = setTimeout(() => child.kill('SIGKILL'), HUNG_MS)
  const ended = new Promise<Ended>((resolve, reject) =>
    child.once('close', (status, signal) => {
      clearTimeout(hung)
      if (signal === null) resolve({ status, ...out })
      else reject(new Error(`it was killed as hung: ${out.stdout}${out.stderr}`))
    }),
  )
  return { child: child.pid ?? 0, ended }
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`).trim()
  return text === '' ? [] : text.split(/\s+/).map(Number)
}

function command(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

function peakOf(pid: number): number | undefined {
  const size = /^VmHWM:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]
  return size === undefined ? undefined : Number(size) / 1024
}

/** '' where it is no more. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

function rowsOf(text: string): Record<string, unknown>[] {
  const [first, ...lines] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
  const { columns } = first as { columns: string[] }
  return lines
    .filter((line): line is unknown[] => Array.isArray(line))
    .map((row) => Object.fromEntries(row.map((value, i) => [columns[i]!, value])))
}
