import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface EngineEnd {
  /** Exit status; null where a signal ended it. */
  status: number | null
  signal: NodeJS.Signals | null
}

/** A k6 that runs. */
export interface RunningEngine {
  pid: number
  /** Asks it once to end: requests in flight drain, rows are written. */
  stop(): void
  /** Ends it and all of its group at once. */
  kill(): void
  ended: Promise<EngineEnd>
}

export interface EngineStart {
  path: string
  args: string[]
  env: Record<string, string>
  cwd: string
  /** Every line of its standard output and error. */
  onLine(line: string): void
}

/**
 * Starts k6 in a process group of its own, so that a terminal's Ctrl-C reaches assay alone, which then asks k6 to end. It
 * never outlives this process: whatever ends it takes k6 along.
 */
export async function startEngine({ path, args, env, cwd, onLine }: EngineStart): Promise<RunningEngine> {
  const child = spawn(path, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const { pid } = child
  if (pid === undefined) throw new Error('a process without an id')
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', onLine)
  const kill = () => signalGroup(child, pid)
  process.once('exit', kill)
  let asked = false
  return {
    pid,
    stop() {
      if (asked || !isRunning(child)) return
      asked = true
      child.kill('SIGINT')
    },
    kill,
    ended: new Promise((resolve) => {
      child.once('close', (status, signal) => {
        process.off('exit', kill)
        resolve({ status, signal })
      })
    }),
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function signalGroup(child: ChildProcess, pid: number): void {
  if (!isRunning(child)) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
