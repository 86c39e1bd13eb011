import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { makeFolder } from '../../reports/record/folder.ts'
import type { Env, Toolchain } from './toolchain.ts'

const BINARY = process.platform === 'win32' ? 'k6.exe' : 'k6'
/** Older builds that are kept, and for how long at least: another assay may be about to start one. */
const KEPT = 3
const DAY_MS = 24 * 60 * 60 * 1000

/** Where built engines are kept: `$XDG_CACHE_HOME/assay/k6`, or the system's place for caches. */
export function cacheFolder(env: Env): string {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local } = env
  if (named !== undefined && isAbsolute(named)) return join(named, 'assay', 'k6')
  const home = env.HOME ?? homedir()
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'assay', 'k6')
  if (process.platform === 'win32') return join(local ?? join(home, 'AppData', 'Local'), 'assay', 'k6')
  return join(home, '.cache', 'assay', 'k6')
}

/** `<digest of the sources>-<version of Go>-<system>-<processor>`. */
export function keyOf(
  digest: string,
  { version, os, arch }: Pick<Toolchain, 'version' | 'os' | 'arch'>,
): string {
  return `${digest}-${version.replaceAll(/[^\w.]/g, '_')}-${os}-${arch}`
}

/** Path of the engine of a key, whether it is there or not. */
export function placeOf(folder: string, key: string): string {
  return join(folder, key, BINARY)
}

/** The engine of a key, if it has been built. */
export function cached(folder: string, key: string): string | undefined {
  const file = placeOf(folder, key)
  if (!existsSync(file)) return undefined
  try {
    const now = new Date()
    utimesSync(join(folder, key), now, now)
  } catch {
    // A cache that others own is used as it is.
  }
  return file
}

/** The engine of these sources by whatever Go, newest first: what can be had where there is no Go any more. */
export function cachedByAnyGo(folder: string, digest: string): string | undefined {
  const { os, arch } = here()
  const fitting = entries(folder).filter(
    ({ key }) => key.startsWith(`${digest}-`) && key.endsWith(`-${os}-${arch}`),
  )
  const first = fitting.find(({ key }) => existsSync(placeOf(folder, key)))
  return first === undefined ? undefined : cached(folder, first.key)
}

/** This machine in Go's words. */
function here(): { os: string; arch: string } {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const arch = { x64: 'amd64', ia32: '386' }[process.arch as 'x64' | 'ia32'] ?? process.arch
  return { os, arch }
}

/** Removes builds of older sources that nobody has used for a day, but for the newest few. */
export function sweep(folder: string, current: string, now = Date.now()): void {
  const others = entries(folder).filter(({ key }) => key !== current)
  for (const { key, used } of others.slice(KEPT)) {
    if (now - used > DAY_MS) rmSync(join(folder, key), { recursive: true, force: true })
  }
}

/** Folders of builds, the last used first. */
function entries(folder: string): { key: string; used: number }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: key }) => ({ key, used: statSync(join(folder, key)).mtimeMs }))
    .sort((a, b) => b.used - a.used)
}

/** Makes the folder of a key, so that a build can be put there. */
export function prepareFolder(folder: string, key: string): string {
  const made = join(folder, key)
  makeFolder(made)
  return made
}
