import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Launch {
  entry(root: URL): URL
}

/** Seconds since the epoch. */
const BEFORE = 1_000_000
const BUILT = 2_000_000
const AFTER = 3_000_000

describe('the door', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'assay-door-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function write(file: string, text: string, time: number): void {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    utimesSync(path, time, time)
    // Writing touched the folders above as well.
    for (let folder = dirname(path); folder !== root; folder = dirname(folder))
      utimesSync(folder, BEFORE, BEFORE)
  }

  async function chosen(): Promise<string> {
    const launch: Launch = await import(join(ROOT, 'bin/launch.js'))
    const base = pathToFileURL(`${root}/`)
    return launch.entry(base).href.slice(base.href.length)
  }

  it('runs what was compiled, in a package that has no sources', async () => {
    write('dist/cli/main.js', '', BUILT)
    expect(await chosen()).toBe('dist/cli/main.js')
  })

  it('runs the sources of a clone that was never built', async () => {
    write('cli/main.ts', '', BEFORE)
    expect(await chosen()).toBe('cli/main.ts')
  })

  it('runs what was compiled, in a clone whose build is up to date', async () => {
    write('cli/main.ts', '', BEFORE)
    write('suites/rules/deep/er.ts', '', BEFORE)
    write('dist/.built', '', BUILT)
    expect(await chosen()).toBe('dist/cli/main.js')
  })

  it.each([
    'cli/main.ts',
    'suites/rules/deep/er.ts',
    'specs/profiles/a.yaml',
    'fixtures/faults/a b%20c.yaml',
  ])('runs the sources after an edit of %s', async (file) => {
    write('cli/main.ts', '', BEFORE)
    write(file, '', AFTER)
    write('dist/.built', '', BUILT)
    expect(await chosen()).toBe('cli/main.ts')
  })

  it('runs the sources after a file was removed', async () => {
    write('cli/main.ts', '', BEFORE)
    write('specs/profiles/a.yaml', '', BEFORE)
    write('dist/.built', '', BUILT)
    rmSync(join(root, 'specs/profiles/a.yaml'))
    expect(await chosen()).toBe('cli/main.ts')
  })

  it('hands the arguments over and takes the exit status', async () => {
    copyDoor()
    write(
      'dist/cli/main.js',
      `export async function main(argv) { console.log(argv.join('|')); return 4 }`,
      BUILT,
    )
    expect(await run('run', '--plan')).toEqual({ status: 4, stdout: 'run|--plan\n', stderr: '' })
  })

  it('calls a defect of its own 3, the status of an error verdict', async () => {
    copyDoor()
    write('dist/cli/main.js', `export async function main() { throw new Error('planted') }`, BUILT)
    const { status, stdout, stderr } = await run('run')
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toMatch(/^assay: a defect of assay itself/)
    expect(stderr).toContain('planted')
  })

  function copyDoor(): void {
    write('package.json', '{ "type": "module" }', BEFORE)
    for (const file of ['bin/assay.js', 'bin/launch.js'])
      write(file, readFileSync(join(ROOT, file), 'utf8'), BEFORE)
  }

  function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const door = join(root, 'bin/assay.js')
      const child = execFile(process.execPath, [door, ...args], (_, stdout, stderr) =>
        resolve({ status: child.exitCode ?? -1, stdout, stderr }),
      )
    })
  }

  it('watches the same folders that the build compiles', () => {
    const list = (file: string) =>
      /(?:const SOURCES = |"include": )(\[.*\])/.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1]
    const folders = list('tsconfig.build.json')?.replaceAll('"', "'")
    expect(folders).toBeDefined()
    expect(list('bin/launch.js')).toBe(folders)
    expect(list('scripts/build.ts')).toBe(folders)
  })
})
