/**
 * `npm test`: everything that CI does, in order. Every step runs, whatever became of those before it, so that one run
 * tells all; a step that did not run to its end has failed. The closing line is the last line.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { add, type Counts, closingLine, countStep, countTests } from './closing-line.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const INTERRUPTED = 130

const scratch = mkdtempSync(join(tmpdir(), 'assay-ci-'))
const reportFile = join(scratch, 'vitest.json')

interface Step {
  name: string
  /** A script of package.json, with what is added to its command line. */
  script: string[]
  count(status: number | undefined): Counts
}

const STEPS: Step[] = [
  {
    name: 'format and lint',
    script: ['lint', '--', ...(process.stdout.isTTY ? [] : ['--colors=off'])],
    count: countStep,
  },
  { name: 'types', script: ['check:types'], count: countStep },
  { name: 'import arrows', script: ['check:arrows'], count: countStep },
  { name: 'generated types', script: ['check:generated'], count: countStep },
  { name: 'build', script: ['build'], count: countStep },
  // Once, with visible progress: tests that start the engine find it in the cache.
  { name: 'load engine', script: ['build:engine'], count: countStep },
  {
    name: 'tests',
    script: ['vitest', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
    count: (status) => countTests(readReport(), status),
  },
]

let interrupted = false
let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true
    // The whole group: npm does not always hand a signal on to what it runs.
    if (running?.pid !== undefined) process.kill(-running.pid, signal)
  })
}

let total: Counts = { passed: 0, failed: 0, skipped: 0 }
const table: string[] = []
for (const step of STEPS) {
  console.log(`\n── ${step.name}`)
  const status = interrupted ? undefined : await run(step.script)
  const counts = step.count(status)
  total = add(total, counts)
  table.push(
    `${status === 0 ? 'ok    ' : 'FAILED'}  ${step.name}${status === undefined ? ' (did not run to its end)' : ''}`,
  )
  // A step that failed without saying so in its counts would turn the closing line green.
  if (status !== 0 && counts.failed === 0) total = add(total, countStep(status))
}
rmSync(scratch, { recursive: true, force: true })

console.log(`\n${table.join('\n')}\n`)
console.log(closingLine(total))
process.exitCode = interrupted ? INTERRUPTED : total.failed > 0 ? 1 : 0

/** Exit status of a script of package.json; undefined where it could not be started or was killed. */
function run(script: string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', ...script], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CI: 'true' },
      detached: true,
    })
    running = child
    child.on('error', (error) => {
      console.error(error.message)
      resolve(undefined)
    })
    child.on('exit', (status) => {
      running = undefined
      resolve(status ?? undefined)
    })
  })
}

function readReport(): string | undefined {
  try {
    return readFileSync(reportFile, 'utf8')
  } catch {
    return undefined
  }
}
