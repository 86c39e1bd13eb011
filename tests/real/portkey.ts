import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const START = fileURLToPath(import.meta.resolve('@portkey-ai/gateway/build/start-server.js'))
const LOOPBACK = fileURLToPath(new URL('./loopback-only.mjs', import.meta.url))

/** Portkey's gateway as a process of its own. */
export interface Portkey {
  /** `http://127.0.0.1:PORT/v1` */
  base: string
  pid: number
  /** Hosts beyond loopback that it tried to reach, in vain. */
  refused: string[]
  /** All that it printed so far. */
  printed(): string
  /** Ends the process group and waits for its end. May be called twice. */
  stop(): Promise<void>
}

/** Resolves when it listens, on a free port of 127.0.0.1; rejects with what it printed when it ends before. */
export async function startPortkey(): Promise<Portkey> {
  const child = spawn(process.execPath, ['--import', LOOPBACK, START, '--headless'], {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
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
    void ended.then(() => reject(new Error(`Portkey ended before it listened: ${printed}`)))
  })
  return {
    base: `http://127.0.0.1:${port}/v1`,
    pid: child.pid!,
    refused,
    printed: () => printed,
    stop,
  }
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
