import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { EngineProblem } from './problem.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** A Go that can build, and what it builds for. */
export interface Toolchain {
  /** Path of the `go` command. */
  go: string
  /** `go1.26.8`. */
  version: string
  os: string
  arch: string
  /** Environment for its commands. */
  env: Record<string, string>
}

/** Where the installers of go.dev put it, for shells that do not have it on the PATH. */
const USUAL = process.platform === 'win32' ? ['C:\\Program Files\\Go\\bin'] : ['/usr/local/go/bin']

/** The first `go` of the PATH, else of the usual places; undefined where there is none. */
export function findGo(env: Env, usual: readonly string[] = USUAL): string | undefined {
  const name = process.platform === 'win32' ? 'go.exe' : 'go'
  const folders = [...(env.PATH ?? '').split(delimiter), ...usual].filter(isAbsolute)
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

/** Whether a file can be run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Asks Go what it is. `module`: the folder with go.mod, which may ask for another toolchain. */
export async function toolchain(go: string, module: string, env: Env): Promise<Toolchain> {
  const clean = goEnvironment(env)
  const text = await new Promise<string>((resolve, reject) => {
    execFile(
      go,
      ['env', '-json', 'GOVERSION', 'GOHOSTOS', 'GOHOSTARCH'],
      { cwd: module, env: clean },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(new EngineProblem(`${go} does not work: ${(stderr || error.message).trim()}`)),
    )
  })
  const told = toldBy(go, text)
  const { GOVERSION: version = '', GOHOSTOS: os = '', GOHOSTARCH: arch = '' } = told
  return { go, version, os, arch, env: { ...clean, GOOS: os, GOARCH: arch } }
}

function toldBy(go: string, text: string): Record<string, string | undefined> {
  try {
    return JSON.parse(text) as Record<string, string | undefined>
  } catch {
    throw new EngineProblem(
      `${go} does not work: "go env -json" printed ${JSON.stringify(text.slice(0, 60))}`,
    )
  }
}

/**
 * The user's own environment, proxies of modules included, without what would build something else: another platform, a
 * workspace around the module, C code. Keys of assay's are nothing that a compiler needs.
 */
function goEnvironment(env: Env): Record<string, string> {
  const kept = Object.entries(env).filter(
    (pair): pair is [string, string] =>
      pair[1] !== undefined && !/^(?:ASSAY_|K6_|GO(?:OS|ARCH)$)/.test(pair[0]),
  )
  return { HOME: homedir(), ...Object.fromEntries(kept), GOWORK: 'off', CGO_ENABLED: '0' }
}
