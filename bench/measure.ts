import { spawn } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

export interface Measured {
  seconds: number
  /** Peak resident memory of the process, MiB. */
  peak: number
  exit: number | null
  stdout: string
}

/** Runs the command line once in a process of its own, and measures it from outside. */
export function measure(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Measured> {
  const hook = join(import.meta.dirname, 'peak.mjs')
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', hook, join(ROOT, 'bin/assay.js'), ...args], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stdout = ''
  let peak = ''
  child.stdout?.on('data', (text: Buffer) => {
    stdout += text.toString()
  })
  child.stdio[3]?.on('data', (text: Buffer) => {
    peak += text.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) =>
      resolve({ seconds: (performance.now() - started) / 1000, peak: Number(peak) / 1024, exit, stdout }),
    )
  })
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
