import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const DOOR = fileURLToPath(new URL('../../bin/assay.js', import.meta.url))
/** Compiled code of the children: without it each of them strips the types of the same files again. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/assay-tests', import.meta.url))

export interface Ended {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcessWithoutNullStreams
  /** What it has said so far. */
  output: Readonly<{ stdout: string; stderr: string }>
  /** Resolves when standard output or error holds `text`; rejects when the process ends before. */
  shows(text: string): Promise<void>
  ended: Promise<Ended>
}

interface How {
  env?: Record<string, string>
  cwd?: string
  input?: string
}

/** Starts the real command line as a process of its own. Its environment is empty but for what is given. */
export function start(args: string[], how: How = {}): Running {
  const child = spawn(process.execPath, [DOOR, ...args], {
    cwd: how.cwd ?? temporary(),
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILED, ...how.env },
  })
  const out = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
      for (const look of waiting) look()
    })
  }
  // A child that does not read its input closes it: that is its right.
  child.stdin.on('error', () => undefined)
  child.stdin.end(how.input ?? '')
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve({ status, signal, ...out }))
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    output: out,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!out.stdout.includes(text) && !out.stderr.includes(text)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        void ended.then(() => reject(new Error(`it ended without ${text}: ${out.stdout}${out.stderr}`)))
        look()
      }),
  }
}

/** Runs a command to its end. */
export function assay(args: string[], how: How = {}): Promise<Ended> {
  return start(args, how).ended
}

/** A directory that goes away with the test. */
export function temporary(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'assay-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The lines of a record, as plain JSON; a line that a kill cut short is left out. */
export function recordLines(dir: string): Record<string, unknown>[] {
  const file = path.join(dir, 'record.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>]
      } catch {
        return []
      }
    })
}
