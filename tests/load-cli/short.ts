import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type GatewayOptions, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { loadSpecs } from '../../specs/load.ts'
import { type Running, recordLines, start, temporary } from '../cli/assay.ts'
import { engine } from './engine.ts'

const SHORT = {
  streams: 2,
  duration: '1s',
  warmup: '0s',
  calibrate: 0,
  prompt_tokens: 20,
  max_tokens: [16, 20],
}

/** A config file for a run of about a second; `load` goes over it. */
export function shortConfig(load: Record<string, unknown> = {}): string {
  const file = path.join(temporary(), 'assay.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ load: { ...SHORT, ...load } }))
  return file
}

export interface LoadRun extends Running {
  dir: string
  /** Waits for something that is to happen while it runs; rejects when it ends before. */
  during<T>(event: Promise<T>): Promise<T>
}

/** Starts the real command line on a short run. */
export async function startLoad(
  scenario: string,
  args: string[],
  more: { load?: Record<string, unknown>; env?: Record<string, string> } = {},
): Promise<LoadRun> {
  const dir = path.join(temporary(), 'out')
  const config = shortConfig(more.load)
  const env = { ASSAY_K6: await engine(), ASSAY_KEY: KEYS.default ?? '', ...more.env }
  const running = start(['load', scenario, '--config', config, '--out', dir, ...args], { env })
  return {
    ...running,
    dir,
    during: (event) =>
      Promise.race([
        event,
        running.ended.then(({ status, stderr }): never => {
          throw new Error(`it ended with ${status}: ${stderr}`)
        }),
      ]),
  }
}

export interface Waiting {
  url: string
  /** Requests that came so far. */
  received(): number
  /** Resolves when so many requests have come. */
  until(count: number): Promise<void>
}

/** The reference gateway in the test's process, which tells when requests come. `silent`: it answers none. */
export async function pacedGateway(
  options: Partial<GatewayOptions> & { silent?: boolean } = {},
): Promise<Waiting> {
  const { silent = false, ...rest } = options
  let count = 0
  const waiting = new Set<() => void>()
  const gateway = await startGateway({
    profile: loadSpecs().profiles.get('openai')!,
    ...rest,
    twist: {
      raw() {
        count += 1
        for (const look of waiting) look()
        return silent
      },
    },
  })
  onTestFinished(() => gateway.close())
  return {
    url: gateway.url,
    received: () => count,
    until: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (count < wanted) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Ids of the processes that a process has started (Linux). */
export function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number),
  )
}

/** The k6 that a running command has started. */
export function engineOf({ child }: Running): number {
  const [pid] = childrenOf(child.pid ?? 0)
  if (pid === undefined) throw new Error('the engine does not run')
  return pid
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process that has ended and that nobody has waited for is no process any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** `id verdict` of every verdict in the record. */
export function verdictsOf(dir: string): string[] {
  return recordLines(dir).flatMap((line) =>
    line.type === 'verdict' ? [`${String(line.id)} ${String(line.verdict)}`] : [],
  )
}

/** The rows of a stream run as objects. */
export function rowsOf(dir: string): Record<string, unknown>[] {
  const lines = readFileSync(path.join(dir, 'samples.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown]
      } catch {
        return []
      }
    })
  const { columns } = lines[0] as { columns: string[] }
  return lines
    .filter((line) => Array.isArray(line))
    .map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])))
}
