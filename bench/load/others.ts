/**
 * `npx node bench/load/others.ts [FOLDER]`: installs the tools that the load bench is compared with, AIPerf and
 * GuideLLM, from PyPI into Python environments of their own (about 2.5 GB), and a word-level tokenizer into a local
 * Hugging Face cache. Nothing else in assay needs them: not the package, not its tests, not CI.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const VERSIONS = { aiperf: '0.13.0', guidellm: '0.8.1' } as const
export type Other = keyof typeof VERSIONS

/** Where they are: `ASSAY_BENCH_OTHERS`, else a folder of the user's cache. */
export function othersFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return process.env.ASSAY_BENCH_OTHERS ?? join(cache, 'assay', 'bench-others')
}

/** Path of the tool's own program, or undefined where it is not installed. */
export function programOf(other: Other, folder = othersFolder()): string | undefined {
  const path = join(folder, other, 'bin', other)
  return existsSync(path) && existsSync(hubOf(folder)) ? path : undefined
}

function hubOf(folder: string): string {
  return join(folder, 'hf', 'hub', 'models--local--tok', 'refs', 'main')
}

/** The environment in which they find their tokenizer and ask no host for anything. */
export function offlineEnv(folder = othersFolder()): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    LANG: LANG ?? 'C.UTF-8',
    HF_HOME: join(folder, 'hf'),
    HF_HUB_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
    NO_PROXY: '*',
  }
}

function run(file: string, args: string[]): void {
  console.log(`${file} ${args.join(' ')}`)
  const { status, error } = spawnSync(file, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} ended with ${error?.message ?? `status ${status}`}`)
}

function install(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, version] of Object.entries(VERSIONS)) {
    const home = join(folder, name)
    if (!existsSync(join(home, 'bin', 'pip'))) run('python3', ['-m', 'venv', home])
    run(join(home, 'bin', 'pip'), ['install', '--quiet', '--no-input', `${name}==${version}`])
  }
  const python = join(folder, 'aiperf', 'bin', 'python')
  run(python, [join(import.meta.dirname, 'tokenizer.py'), join(folder, 'hf')])
  console.log(`AIPerf ${VERSIONS.aiperf} and GuideLLM ${VERSIONS.guidellm} are in ${folder}`)
}

if (import.meta.main) install(process.argv[2] ?? othersFolder())
