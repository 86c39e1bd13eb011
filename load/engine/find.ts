import path from 'node:path'
import { type BuildStep, buildEngine } from './build.ts'
import { cached, cachedByAnyGo, cacheFolder, keyOf } from './cache.ts'
import { assertExtension, type Identity, identify } from './identify.ts'
import { MODULE, moduleDigest } from './module.ts'
import { EngineProblem } from './problem.ts'
import { type Env, findGo, toolchain } from './toolchain.ts'

/** The variable that names a k6 to be used instead of our own. */
export const ENGINE_VARIABLE = 'ASSAY_K6'

export interface Engine extends Identity {
  path: string
  from: 'variable' | 'cache' | 'build'
}

export interface Search {
  env: Env
  /** Whether `k6/x/assay` is needed: all scenarios but those on `k6/http` alone. */
  extension: boolean
  /** Only the build counts: `ASSAY_K6` is not looked at. */
  ownOnly?: boolean
  signal?: AbortSignal
  onStep?(step: BuildStep): void
  module?: string
  /** Where Go is looked for beside the PATH. */
  usual?: readonly string[]
}

/** Finds k6: `ASSAY_K6`, the build cache, or a build. Throws EngineProblem with what to do. */
export async function findEngine(search: Search): Promise<Engine> {
  const { env, module = MODULE } = search
  const named = env[ENGINE_VARIABLE]
  if (named !== undefined && named !== '' && search.ownOnly !== true) {
    const file = path.resolve(named)
    const identity = await identify(file, ENGINE_VARIABLE, env)
    if (search.extension) assertExtension(identity, file, ENGINE_VARIABLE)
    return { ...identity, path: file, from: 'variable' }
  }
  const folder = cacheFolder(env)
  const digest = moduleDigest(module)
  const go = findGo(env, search.usual)
  if (go === undefined) {
    const file = cachedByAnyGo(folder, digest)
    if (file === undefined) throw new EngineProblem(noGo())
    return { ...(await ours(file, env)), path: file, from: 'cache' }
  }
  const chain = await toolchain(go, module, env)
  const there = cached(folder, keyOf(digest, chain))
  if (there !== undefined) return { ...(await ours(there, env)), path: there, from: 'cache' }
  const { signal, onStep } = search
  const built = await buildEngine({ module, digest, folder, toolchain: chain, signal, onStep })
  return { ...(await ours(built, env)), path: built, from: 'build' }
}

async function ours(file: string, env: Env): Promise<Identity> {
  const identity = await identify(file, 'the build cache', env)
  assertExtension(identity, file, 'the build cache')
  return identity
}

function noGo(): string {
  return (
    'the load engine is a Go program that is built once, and there is no Go here. ' +
    'Install Go 1.26 or newer (https://go.dev/doc/install; the PATH is searched, and /usr/local/go/bin), ' +
    `or name a k6 with assay's extension that was built elsewhere: ${ENGINE_VARIABLE}=/path/to/k6 (assay load --build tells where it puts one); ` +
    'for rpm and tpm any k6 1.8 will do'
  )
}
