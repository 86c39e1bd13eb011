import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BuildStep } from '../../load/engine/build.ts'
import { cachedByAnyGo, cacheFolder, keyOf, placeOf, sweep } from '../../load/engine/cache.ts'
import { findEngine } from '../../load/engine/find.ts'
import { locked } from '../../load/engine/lock.ts'
import { MODULE, moduleDigest, moduleFiles } from '../../load/engine/module.ts'
import { findGo } from '../../load/engine/toolchain.ts'
import { assay, temporary } from '../cli/assay.ts'

const OURS = JSON.stringify({
  version: 'v1.8.1',
  go_version: 'go1.26.8',
  extensions: [{ imports: ['k6/x/assay'] }, { outputs: ['assay'] }],
})

/** A program of one shell script. */
function program(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

const k6 = (told: string): string => program(temporary(), 'k6', `cat <<'END'\n${told}\nEND`)

/** A Go that writes down what it is asked, and builds a k6 that says what ours says. */
function fakeGo(build = 'true'): { folder: string; asked(): string[] } {
  const folder = temporary()
  const log = path.join(folder, 'asked.txt')
  writeFileSync(log, '')
  program(
    path.join(folder, 'bin'),
    'go',
    `echo "$*" >> ${log}
case "$1" in
env) echo '{"GOVERSION":"go1.26.8","GOHOSTOS":"linux","GOHOSTARCH":"amd64"}';;
list) echo "go: downloading example.com/a v1.0.0" >&2; printf 'a\\nb\\nc\\n';;
build)
  printf 'a\\nb\\n' >&2
  ${build}
  while [ "$1" != -o ]; do shift; done
  { echo '#!/bin/sh'; echo "cat <<'END'"; echo '${OURS}'; echo END; } > "$2"; chmod +x "$2";;
esac`,
  )
  return { folder, asked: () => readFileSync(log, 'utf8').trim().split('\n') }
}

/** A search that sees nothing of this machine but the shell's own tools. */
const searching = (more: Record<string, string> = {}, go?: { folder: string }) => ({
  env: {
    XDG_CACHE_HOME: more.XDG_CACHE_HOME ?? temporary(),
    PATH: `${go === undefined ? '' : `${go.folder}/bin:`}/usr/bin:/bin`,
    ...more,
  },
  usual: [],
  extension: true,
})

describe('ASSAY_K6', () => {
  test('goes first', async () => {
    const file = k6(OURS)
    expect(await findEngine(searching({ ASSAY_K6: file }))).toEqual({
      path: file,
      from: 'variable',
      version: 'v1.8.1',
      go: 'go1.26.8',
      extension: true,
    })
  })

  test('may be a stock k6 where the extension is not needed', async () => {
    const stock = k6('{"version":"1.8.0"}')
    const search = searching({ ASSAY_K6: stock })
    expect(await findEngine({ ...search, extension: false })).toMatchObject({
      version: 'v1.8.0',
      extension: false,
    })
    await expect(findEngine(search)).rejects.toThrow("is a k6 v1.8.0 without assay's extension (k6/x/assay)")
  })

  test.each([
    ['an older k6', '{"version":"v1.7.2"}', 'is k6 v1.7.2; the scenarios need k6 1.8'],
    ['k6 2', '{"version":"v2.0.0"}', 'is k6 v2.0.0; the scenarios need k6 1.8'],
    ['something else', 'hello', 'is not k6: `k6 version --json` gave "hello"'],
    ['something silent', '', 'gave nothing'],
    ['other JSON', '{"v":1}', 'is not k6'],
  ])('that is %s', async (_, told, message) => {
    await expect(findEngine(searching({ ASSAY_K6: k6(told) }))).rejects.toThrow(message)
  })

  test('that is no program, or fails, is exit 2 on the command line', async () => {
    const plain = path.join(temporary(), 'k6')
    writeFileSync(plain, 'x')
    const failing = program(temporary(), 'k6', 'echo "no such thing" >&2; exit 1')
    for (const [file, told] of [
      [plain, 'is not a program that can be run'],
      ['/nowhere/k6', 'is not a program that can be run'],
      [failing, '"no such thing"'],
    ] as const) {
      const cwd = temporary()
      const { status, stderr } = await assay(['load', 'latency'], { cwd, env: { ASSAY_K6: file } })
      expect(stderr).toContain(told)
      expect(status).toBe(2)
      expect(readdirSync(cwd)).toEqual([])
    }
  })
})

test('without Go and without a build: what to install, and where from', async () => {
  await expect(findEngine(searching())).rejects.toThrow(
    /there is no Go here\. Install Go 1\.26 or newer \(https:\/\/go\.dev/,
  )
})

describe('building', () => {
  test('is told step by step, done once, and kept', async () => {
    const go = fakeGo()
    const search = searching({}, go)
    const steps: BuildStep[] = []
    const built = await findEngine({ ...search, onStep: (step) => steps.push(step) })
    expect(built.from).toBe('build')
    expect(steps).toContainEqual({ kind: 'modules', fetched: 1 })
    expect(steps.at(-1)).toEqual({ kind: 'packages', done: 2, total: 3 })
    expect(await findEngine(search)).toEqual({ ...built, from: 'cache' })
    expect(go.asked().filter((line) => line.startsWith('build'))).toHaveLength(1)
    expect(go.asked().find((line) => line.startsWith('build'))).toMatch(/^build -mod=readonly -trimpath/)
    // Go may go: what it built stays.
    expect(await findEngine({ ...search, env: { ...search.env, PATH: '/usr/bin:/bin' } })).toEqual({
      ...built,
      from: 'cache',
    })
  })

  test('of two at the same time the second waits for the first', async () => {
    const go = fakeGo('while [ ! -e "$XDG_CACHE_HOME/go-on" ]; do sleep 0.02; done')
    const search = searching({}, go)
    const cache = search.env.XDG_CACHE_HOME
    const waiting = Promise.withResolvers<void>()
    const find = () =>
      findEngine({ ...search, onStep: ({ kind }) => kind === 'waiting' && waiting.resolve() })
    const both = Promise.all([find(), find()])
    await waiting.promise
    writeFileSync(path.join(cache, 'go-on'), '')
    const found = await both
    expect(found.map(({ from }) => from).sort()).toEqual(['build', 'build'])
    expect(new Set(found.map((one) => one.path)).size).toBe(1)
    expect(go.asked().filter((line) => line.startsWith('build'))).toHaveLength(1)
  })

  test('that is interrupted ends the compiler and leaves nothing', async () => {
    const go = fakeGo('echo started >> "$XDG_CACHE_HOME/started"; sleep 600 & wait')
    const search = searching({}, go)
    const controller = new AbortController()
    const building = findEngine({
      ...search,
      signal: controller.signal,
      onStep: (step) => step.kind === 'packages' && step.done === 2 && controller.abort(),
    })
    await expect(building).rejects.toThrow('aborted')
    const [folder = ''] = readdirSync(path.join(search.env.XDG_CACHE_HOME, 'assay/k6'))
    expect(readdirSync(path.join(search.env.XDG_CACHE_HOME, 'assay/k6'))).toEqual([folder])
    expect(readdirSync(path.join(search.env.XDG_CACHE_HOME, 'assay/k6', folder))).toEqual([])
  })

  test('that fails tells what Go said', async () => {
    const go = fakeGo('echo "main.go:3:1: syntax error" >&2; exit 1')
    await expect(findEngine(searching({}, go))).rejects.toThrow(
      /cannot be built[\s\S]*main\.go:3:1: syntax error/,
    )
  })

  test('into a cache that cannot be written says how to name another', async () => {
    const file = path.join(temporary(), 'file')
    writeFileSync(file, '')
    await expect(findEngine(searching({ XDG_CACHE_HOME: file }, fakeGo()))).rejects.toThrow(
      'XDG_CACHE_HOME names another',
    )
  })
})

describe('the key of the cache', () => {
  test('changes with the sources, not with the papers and tests', () => {
    const module = temporary()
    writeFileSync(path.join(module, 'go.mod'), 'module x')
    writeFileSync(path.join(module, 'main.go'), 'package main')
    const before = moduleDigest(module)
    for (const file of ['README.md', 'LICENSE', 'x_test.go', 'testdata/x.json']) {
      mkdirSync(path.dirname(path.join(module, file)), { recursive: true })
      writeFileSync(path.join(module, file), 'x')
    }
    expect(moduleDigest(module)).toBe(before)
    writeFileSync(path.join(module, 'go.sum'), 'x')
    expect(moduleDigest(module)).not.toBe(before)
  })

  test('is the same for the copy that is shipped', () => {
    const copy = temporary()
    for (const file of moduleFiles()) cpSync(path.join(MODULE, file), path.join(copy, file))
    expect(moduleDigest(copy)).toBe(moduleDigest())
    expect(moduleFiles()).toEqual(expect.arrayContaining(['LICENSE', 'go.mod', 'go.sum', 'main.go']))
  })

  test('has Go, system and processor in it', () => {
    expect(keyOf('abc', { version: 'go1.26.8 X:y', os: 'linux', arch: 'amd64' })).toBe(
      'abc-go1.26.8_X_y-linux-amd64',
    )
  })
})

test('the place of the cache is that of the system', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/assay/k6')
  if (process.platform === 'linux')
    expect(cacheFolder({ HOME: '/h', XDG_CACHE_HOME: 'relative' })).toBe('/h/.cache/assay/k6')
})

test('old builds go, but for the newest few, the one in use, and those of today', () => {
  const folder = temporary()
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    mkdirSync(path.join(folder, key))
    writeFileSync(placeOf(folder, key), '')
  }
  sweep(folder, 'a')
  expect(readdirSync(folder)).toHaveLength(6)
  sweep(folder, 'a', Date.now() + 2 * 24 * 3600 * 1000)
  expect(readdirSync(folder)).toHaveLength(4)
  expect(existsSync(placeOf(folder, 'a'))).toBe(true)
  expect(cachedByAnyGo(folder, 'zzz')).toBeUndefined()
})

test('a lock whose process has died holds nobody up', async () => {
  const file = path.join(temporary(), 'lock')
  // No system gives out this id.
  writeFileSync(file, '4194305999\n')
  const wait = { ready: () => false, onWaiting: () => undefined, signal: undefined }
  expect(await locked(file, async () => 7, wait)).toBe(7)
  expect(existsSync(file)).toBe(false)
})

test('Go is looked for on the PATH, then in the usual places', () => {
  const go = fakeGo()
  const bin = path.join(go.folder, 'bin')
  expect(findGo({ PATH: `relative:${bin}` }, [])).toBe(path.join(bin, 'go'))
  expect(findGo({ PATH: '' }, [bin])).toBe(path.join(bin, 'go'))
  expect(findGo({ PATH: '/nowhere' }, ['/nowhere/else'])).toBeUndefined()
})
