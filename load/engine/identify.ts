import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { EngineProblem } from './problem.ts'
import { type Env, isProgram } from './toolchain.ts'

/** What a k6 binary says of itself. */
export interface Identity {
  /** `v1.8.1`. */
  version: string
  /** `go1.26.8`; empty where it does not say. */
  go: string
  /** Whether `k6/x/assay` and the output `assay` are in it. */
  extension: boolean
}

/** The scenarios are written for this k6. Version 2 has another interface. */
const MAJOR = 1
const LEAST_MINOR = 8
const WORDS = `k6 ${MAJOR}.${LEAST_MINOR} or a later ${MAJOR}.x`
const ANSWERS_WITHIN_MS = 10_000

/** Runs `k6 version --json`. Throws EngineProblem where the file is no k6 that the scenarios can run on. */
export async function identify(file: string, name: string, env: Env): Promise<Identity> {
  if (!isProgram(file)) throw new EngineProblem(`${name}: ${file} is not a program that can be run`)
  const text = await versionText(file, name, env)
  const identity = parse(text)
  if (identity === undefined) {
    throw new EngineProblem(`${name}: ${file} is not k6: \`k6 version --json\` gave ${shown(text)}`)
  }
  const [major = 0, minor = 0] = identity.version.replace(/^v/, '').split('.').map(Number)
  if (major !== MAJOR || minor < LEAST_MINOR) {
    throw new EngineProblem(`${name}: ${file} is k6 ${identity.version}; the scenarios need ${WORDS}`)
  }
  return identity
}

/** Throws EngineProblem unless the extension is there. */
export function assertExtension(identity: Identity, file: string, name: string): void {
  if (identity.extension) return
  throw new EngineProblem(
    `${name}: ${file} is a k6 ${identity.version} without assay's extension (k6/x/assay), which all scenarios but rpm and tpm need; ` +
      'leave the variable out, then assay builds one that has it (assay load --build)',
  )
}

function versionText(file: string, name: string, env: Env): Promise<string> {
  const own = { PATH: env.PATH ?? '', HOME: env.HOME ?? homedir(), K6_AUTO_EXTENSION_RESOLUTION: 'false' }
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      ['version', '--json'],
      { env: own, timeout: ANSWERS_WITHIN_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 20 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        const why = error.killed ? `no answer within ${ANSWERS_WITHIN_MS} ms` : shown(stderr || error.message)
        reject(new EngineProblem(`${name}: ${file} is not k6: \`k6 version --json\` gave ${why}`))
      },
    )
    child.stdin?.end()
  })
}

function parse(text: string): Identity | undefined {
  let told: unknown
  try {
    told = JSON.parse(text)
  } catch {
    return undefined
  }
  const { version, go_version: go, extensions } = asObject(told)
  if (typeof version !== 'string' || !/^v?\d+\.\d+/.test(version)) return undefined
  const all = Array.isArray(extensions) ? extensions.map(asObject) : []
  const holds = (key: string, word: string) =>
    all.some(({ [key]: list }) => Array.isArray(list) && list.includes(word))
  return {
    version: version.startsWith('v') ? version : `v${version}`,
    go: typeof go === 'string' ? go : '',
    extension: holds('imports', 'k6/x/assay') && holds('outputs', 'assay'),
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function shown(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line === '' ? 'nothing' : JSON.stringify(line.slice(0, 120))
}
