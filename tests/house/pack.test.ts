/**
 * The package as its users get it: packed from a copy of this tree, installed from the registry into an empty
 * directory, started with Node 24 and with an older one. Nothing here is skipped: a machine without an older Node
 * gets one from the registry.
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NOT_COPIED = new Set(['node_modules', '.git', 'dist', '.assay', 'coverage', 'assay-out'])
const MAX_BYTES = 2_000_000
const NODE_24 = dirname(process.execPath)
const OLD_MAJOR = 20

interface Ended {
  status: number
  stdout: string
  stderr: string
}

/** Runs a program; `path`: a directory that goes first on the PATH. */
function run(program: string, args: string[], cwd: string, path = NODE_24): Promise<Ended> {
  const env = { ...process.env, PATH: `${path}${delimiter}${process.env.PATH ?? ''}` }
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env, maxBuffer: 64e6 }, (error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr: error && !stderr ? error.message : stderr }),
    )
  })
}

async function npm(args: string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await run(
    'npm',
    [...args, '--loglevel=error', '--no-audit', '--no-fund'],
    cwd,
  )
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** The directory of a Node that is too old: one of this machine, else one from the registry. */
async function oldNode(scratch: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && existsSync(join(folder, 'node')) && (await major(folder)) < 24) return folder
  }
  const home = join(scratch, 'old-node')
  mkdirSync(home)
  const name = `node-${process.platform}-${process.arch}`
  await npm(['install', '--ignore-scripts', '--prefer-offline', `${name}@${OLD_MAJOR}`], home)
  return join(home, 'node_modules', name, 'bin')
}

async function major(folder: string): Promise<number> {
  const { stdout } = await run(join(folder, 'node'), ['-p', 'process.versions.node'], folder)
  return Number(stdout.split('.')[0])
}

describe('the packed package', () => {
  let scratch: string
  let home: string
  let assay: string
  let files: string[]
  let bytes: number

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'assay-pack-'))
    const stage = join(scratch, 'stage')
    cpSync(ROOT, stage, {
      recursive: true,
      filter: (path) => !NOT_COPIED.has(relative(ROOT, path).split(sep)[0] ?? ''),
    })
    symlinkSync(join(ROOT, 'node_modules'), join(stage, 'node_modules'), 'dir')
    // The package's own `prepack` builds it.
    await npm(['pack', '--pack-destination', scratch], stage)
    const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error('npm pack left no tarball')
    bytes = readFileSync(join(scratch, tarball)).byteLength

    home = join(scratch, 'home')
    mkdirSync(home)
    await npm(['install', '--ignore-scripts', '--prefer-offline', join(scratch, tarball)], home)
    assay = join(home, 'node_modules/.bin/assay')
    const installed = join(home, 'node_modules/assay')
    files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)).split(sep).join('/'))
  }, 120_000)

  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  it('holds the door, compiled code with its data, and the papers: nothing else', () => {
    expect([...new Set(files.map((file) => file.split('/')[0]))].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'package.json',
    ])
    expect(files).toContain('dist/cli/main.js')
    const strange = files.filter(
      (file) =>
        /^(?:dist\/)?(?:tests?|bench|scripts|tools)\/|(?:^|\/)(?:hostile|recordings|transcripts|node_modules)\//.test(
          file,
        ) ||
        /\.(?:tsx?|mts|cts|map|tgz|jsonl|log)$/.test(file) ||
        /\.suite\.js$|vitest\.config/.test(file),
    )
    expect(strange).toEqual([])
  })

  it('carries every data file of what it ships', () => {
    const data = (folder: string) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter(
          (file) => /\.(?:ya?ml|json)$/.test(file) && !/\/(?:hostile|recordings|transcripts)\//.test(file),
        )
    const wanted = ['specs', 'schemas', 'suites', 'fixtures', 'reports', 'cli'].flatMap(data)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.filter((file) => !files.includes(`dist/${file}`))).toEqual([])
  })

  it('carries the load engine as source with its licence, and the scenarios as k6 reads them', () => {
    const wanted = ['k6/LICENSE', 'k6/go.mod', 'k6/go.sum', 'k6/main.go', 'scenarios/stream/latency.js']
    for (const file of [...wanted, 'scenarios/limits/rpm.js', 'scenarios/prompts/words.json'])
      expect(files).toContain(`dist/load/${file}`)
    expect(files.filter((file) => file.endsWith('_test.go'))).toEqual([])
  })

  it(`is at most ${MAX_BYTES / 1e6} MB`, () => {
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  })

  it('installs no development dependency', () => {
    const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    )
    const there = Object.keys(devDependencies).filter((name) => existsSync(join(home, 'node_modules', name)))
    expect(there).toEqual([])
  })

  it('helps with Node 24', async () => {
    const { status, stdout, stderr } = await run(assay, ['--help'], home)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const command of ['run', 'load', 'judge', 'check-transcript', 'serve', 'list', 'explain']) {
      expect(stdout).toContain(command)
    }
  })

  it('runs on the embedded gateway with Node 24', async () => {
    const { status, stderr } = await run(assay, ['run', '--out', 'out'], home)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    expect(readdirSync(join(home, 'out')).sort()).toEqual(
      expect.arrayContaining(['junit.xml', 'record.jsonl', 'summary.json']),
    )
    const summary: { totals: { pass: number; fail: number } } = JSON.parse(
      readFileSync(join(home, 'out/summary.json'), 'utf8'),
    )
    expect(summary.totals.pass).toBeGreaterThan(0)
    expect(summary.totals.fail).toBe(0)
  })

  it('says with an older Node which one it needs, and exits 2', async () => {
    const folder = await oldNode(scratch)
    expect(await major(folder)).toBeLessThan(24)
    for (const args of [['--help'], ['run']]) {
      const { status, stdout, stderr } = await run(assay, args, home, folder)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(
        /^assay needs Node\.js 24 or newer\. This is v\d+\.\d+\.\d+ \(.+\)\.\nGet it from /,
      )
    }
  })
})
