/** The reference gateway in a process of its own, paced, with its journal of true send times in a file. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KEYS } from '../../fixtures/gateway/access.ts'

export const ASSAY = join(import.meta.dirname, '../../bin/assay.js')
const START_MS = 20_000

export interface Pace {
  /** From a request to its first token. */
  first_ms: number
  tokens_per_s: number
}

export interface ServedGateway {
  /** Base URL with the path prefix, such as `http://127.0.0.1:40123/v1`. */
  url: string
  key: string
  pid: number
  /** Path of the journal. */
  journal: string
  close(): Promise<void>
}

export async function serveGateway(pace: Pace, journal: string): Promise<ServedGateway> {
  const args = ['serve', '--profile', 'openai', '--port', '0', '--journal', journal]
  const given = `first_ms=${pace.first_ms},tokens_per_s=${pace.tokens_per_s}`
  const child = spawn(process.execPath, [ASSAY, ...args, '--pace', given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await baseUrl(child)
  return {
    url,
    key: KEYS.default!,
    pid: child.pid!,
    journal,
    close: async () => {
      const closed = once(child, 'close')
      child.kill('SIGINT')
      await closed
    },
  }
}

async function baseUrl(child: ChildProcess): Promise<string> {
  const late = setTimeout(() => child.kill(), START_MS)
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      const found = /^base URL\s+(http:\S+)/.exec(line)?.[1]
      if (found === undefined) continue
      // What it says after that is of no interest here, but must be read.
      child.stdout!.resume()
      return found
    }
  } finally {
    clearTimeout(late)
  }
  throw new Error(`the reference gateway did not come up (exit ${child.exitCode})`)
}
