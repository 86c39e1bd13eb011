import { spawn } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { keyOf, placeOf, prepareFolder, sweep } from './cache.ts'
import { locked } from './lock.ts'
import { moduleDigest } from './module.ts'
import { EngineProblem } from './problem.ts'
import type { Toolchain } from './toolchain.ts'

/** How far a build is. `modules`: sources fetched so far; `packages`: compiled, out of those that there are. */
export type BuildStep =
  | { kind: 'modules'; fetched: number }
  | { kind: 'packages'; done: number; total: number }
  | { kind: 'waiting'; pid: number }

export interface BuildOptions {
  module: string
  digest: string
  /** The build cache. */
  folder: string
  toolchain: Toolchain
  /** Ends the build and what it started. */
  signal?: AbortSignal | undefined
  onStep?: ((step: BuildStep) => void) | undefined
}

/** Builds the engine with plain `go build` and puts it into the cache in one step. Returns its path. */
export async function buildEngine(options: BuildOptions): Promise<string> {
  const { folder, digest, toolchain } = options
  const key = keyOf(digest, toolchain)
  const place = placeOf(folder, key)
  const lock = `${writable(folder, key)}.lock`
  let there = false
  await locked(lock, () => build(options, place), {
    ready: () => {
      there = existsSync(place)
      return there
    },
    onWaiting: (pid) => options.onStep?.({ kind: 'waiting', pid }),
    signal: options.signal,
  })
  if (!there) sweep(folder, key)
  return place
}

function writable(folder: string, key: string): string {
  try {
    return prepareFolder(folder, key)
  } catch (error) {
    throw new EngineProblem(
      `the load engine cannot be kept in ${folder}: ${(error as Error).message}; XDG_CACHE_HOME names another place for caches`,
    )
  }
}

async function build(
  { module, digest, toolchain, signal, onStep }: BuildOptions,
  place: string,
): Promise<void> {
  const fresh = join(dirname(place), `.fresh-${process.pid}`)
  let fetched = 0
  let total = 0
  let done = 0
  const run = (args: string[], onLine: (line: string) => void) =>
    goCommand(toolchain, args, module, signal, onLine)
  try {
    onStep?.({ kind: 'modules', fetched })
    const listed = await run(['list', '-mod=readonly', '-deps', '.'], (line) => {
      if (!line.startsWith('go: downloading ')) return
      fetched += 1
      onStep?.({ kind: 'modules', fetched })
    })
    total = listed.split('\n').length - 1
    onStep?.({ kind: 'packages', done, total })
    const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w']
    await run(['build', ...flags, '-v', '-o', fresh, '.'], (line) => {
      if (line.startsWith('go: ') || line.startsWith('#')) return
      done = Math.min(done + 1, total)
      onStep?.({ kind: 'packages', done, total })
    })
    if (moduleDigest(module) !== digest) {
      throw new EngineProblem(`${module} was changed while the engine was built from it: build it again`)
    }
    renameSync(fresh, place)
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** Runs one command of Go in a group of its own, so that its compilers end with it. Resolves to its standard output. */
function goCommand(
  { go, env }: Toolchain,
  args: string[],
  cwd: string,
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const child = spawn(go, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let stdout = ''
    const told: string[] = []
    const stop = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
      } catch {
        // It has ended by itself.
      }
    }
    signal?.addEventListener('abort', stop, { once: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    createInterface({ input: child.stderr }).on('line', (line) => {
      told.push(line)
      onLine(line)
    })
    child.once('error', reject)
    child.once('close', (status) => {
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) reject(signal.reason)
      else if (status === 0) resolve(stdout)
      else
        reject(new EngineProblem(`the load engine cannot be built (${go} ${args[0]}):\n${whatGoSaid(told)}`))
    })
  })
}

/** The end of what Go said, without the packages that it went through. */
function whatGoSaid(lines: readonly string[]): string {
  const most = 20
  const telling = lines.filter((line) => /[\s:]/.test(line) && !line.startsWith('go: downloading '))
  const shown = telling.length > 0 ? telling : lines
  return shown
    .slice(-most)
    .map((line) => `  ${line}`)
    .join('\n')
}
