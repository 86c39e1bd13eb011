/** The command line in processes of its own, as a user starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

const ASSAY = path.join(import.meta.dirname, '../../bin/assay.js')

const running = new Set<ChildProcess>()
// Whoever ends the bench ends what it has started, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const child of running) child.kill('SIGINT')
    process.exit(130)
  })

function start(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [ASSAY, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

export interface Served {
  url: string
  key: string
  close(): Promise<void>
}

/** `assay serve`, until `close`: the address and the key are those that it prints. */
export async function serve(options: string[]): Promise<Served> {
  const child = start(['serve', ...options])
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const text = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (piece: Buffer) => {
      said += piece.toString()
      if (said.includes('Ctrl-C')) resolve(said)
    })
    child.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString()
    })
    child.once('close', () => reject(new Error(`assay serve has ended: ${said}`)))
  })
  const url = /http:\/\/127\.0\.0\.1:\S+/.exec(text)?.[0]
  const key = /^key +(\S+)/m.exec(text)?.[1]
  if (url === undefined || key === undefined) throw new Error(`assay serve names no address: ${text}`)
  return {
    url,
    key,
    close: () => {
      child.kill('SIGINT')
      return ended
    },
  }
}

export interface Ran {
  exit: number | null
  stdout: string
  stderr: string
}

/** Runs to its end; the key goes by the environment. */
export async function run(args: string[], key?: string): Promise<Ran> {
  const child = start(args, key === undefined ? {} : { ASSAY_KEY: key })
  const ran: Ran = { exit: null, stdout: '', stderr: '' }
  child.stdout?.on('data', (piece: Buffer) => {
    ran.stdout += piece.toString()
  })
  child.stderr?.on('data', (piece: Buffer) => {
    ran.stderr += piece.toString()
  })
  return new Promise((resolve) => child.once('close', (exit) => resolve({ ...ran, exit })))
}
