import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const LOOPBACK = fileURLToPath(new URL('./loopback-only.mjs', import.meta.url))

/** A gateway that others wrote, as a process of its own that cannot leave this machine. */
export interface Foreign {
  /** `http://127.0.0.1:PORT` */
  origin: string
  pid: number
  /** Hosts beyond loopback that it tried to reach, in vain. */
  refused: string[]
  /** All that it printed so far. */
  printed(): string
  /** Ends the process group and waits for its end. May be called twice. */
  stop(): Promise<void>
}

/** Runs `script` with `args`. Resolves when it listens, on a free port of 127.0.0.1; rejects with what it printed when it ends before. */
export async function startForeign(
  name: string,
  script: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Foreign> {
  const child = spawn(process.execPath, ['--import', LOOPBACK, script, ...args], {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  const refused: string[] = []
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const stop = async (): Promise<void> => {
    killGroup(child)
    await ended
  }
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: { port?: number; refused?: string }) => {
      if (message.port !== undefined) resolve(message.port)
      if (message.refused !== undefined) refused.push(message.refused)
    })
    child.once('error', reject)
    void ended.then(() => reject(new Error(`${name} ended before it listened: ${printed}`)))
  })
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid!, refused, printed: () => printed, stop }
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It ended between the look and the shot.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
