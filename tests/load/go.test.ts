/**
 * The Go half of stream reading, held to the reading of the conformance side: its own tests, with the reference made here,
 * so that no comparison can be passed over.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MODULE = join(ROOT, 'load/k6')
/** A first build compiles what it needs of Go's own library. */
const BUILD = 300_000

const run = promisify(execFile)

function hasGo(): boolean {
  try {
    execFileSync('go', ['version'])
    return true
  } catch {
    return false
  }
}

const go = hasGo()

it.runIf(process.env.CI)('CI has Go', () => expect(go).toBe(true))

describe.runIf(go)('load/k6 (needs Go)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'assay-reference-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  beforeAll(async () => {
    for (const kind of ['grammar', 'sse', 'redact']) {
      const args = [join(ROOT, 'tests/load/reference.ts'), kind]
      const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 28 })
      writeFileSync(join(dir, `${kind}.jsonl`), stdout)
    }
  })

  const inModule = (args: string[], env: Record<string, string> = {}) =>
    run('go', args, { cwd: MODULE, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 }).then(
      ({ stdout }) => ({ failed: false, said: stdout }),
      (error: { stdout?: string; stderr?: string }) => ({
        failed: true,
        said: `${error.stdout}${error.stderr}`,
      }),
    )

  it(
    'passes its tests, with both references',
    async () => {
      const { failed, said } = await inModule(['test', './...'], { ASSAY_REFERENCE: dir })
      expect(failed, said).toBe(false)
    },
    BUILD,
  )

  it(
    'says where it differs from the reference',
    async () => {
      const wrong = mkdtempSync(join(tmpdir(), 'assay-reference-'))
      const event = { type: 'message', data: '[DONE]' }
      const line = { dialect: 'openai-chat', name: 'wrong', events: [event], ended: 'clean', findings: [] }
      writeFileSync(join(wrong, 'grammar.jsonl'), `${JSON.stringify(line)}\n`)
      const args = ['test', '-run', 'TestReference', './grammar']
      const { failed, said } = await inModule(args, { ASSAY_REFERENCE: wrong })
      rmSync(wrong, { recursive: true })
      expect(failed).toBe(true)
      expect(said).toContain('openai-chat/grammar/no-chunks')
    },
    BUILD,
  )

  it(
    'is formatted and vetted',
    async () => {
      const { stdout } = await run('gofmt', ['-l', '.'], { cwd: MODULE })
      expect(stdout).toBe('')
      const { failed, said } = await inModule(['vet', './...'])
      expect(failed, said).toBe(false)
    },
    BUILD,
  )

  // k6 itself is not built again: it takes minutes, and builds for all of them.
  it.each([
    ['darwin', 'arm64'],
    ['windows', 'amd64'],
    ['linux', '386'],
  ])(
    'what it adds to k6 builds for %s on %s, which gives no receive times',
    async (system, machine) => {
      const listed = await inModule(['list', '-f', '{{if .GoFiles}}{{.ImportPath}}{{end}}', './...'])
      expect(listed.failed, listed.said).toBe(false)
      const ours = listed.said.split('\n').filter((path) => path && !/k6$|extension$/.test(path))
      expect(ours).toContain('assay/load/k6/exchange')
      const env = { GOOS: system, GOARCH: machine, CGO_ENABLED: '0' }
      const { failed, said } = await inModule(['build', ...ours], env)
      expect(failed, said).toBe(false)
    },
    BUILD,
  )
})
