/**
 * Every limiter fault of `fixtures/faults/load/limits.yaml`, and sound limiters beside them, live: `assay serve` in one
 * process, `assay load` in others, over loopback. Each fault must turn the verdicts that it names red and nothing else,
 * and a sound limiter none. Takes about twenty minutes; exits 1 where one does not hold. `ASSAY_K6` names a k6 to use.
 * `node bench/limit-faults.ts [--at-once N] [part of a name …]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type LoadFault, loadFaultsUnderLoad } from '../fixtures/faults/under-load.ts'
import { type Case, expectation, type Seen, SOUND, seenIn, wrongIn } from './limit-faults/cases.ts'
import { type Ran, run, type Served, serve } from './limit-faults/processes.ts'

const faults = loadFaultsUnderLoad()
  .filter(({ scenario }) => scenario === 'rpm' || scenario === 'tpm')
  .map(faultCase)

function faultCase({ id, scenario, must, may }: LoadFault): Case {
  const name = scenario === 'tpm' ? 'tpm' : 'rpm'
  return { name: id, scenario: name, serve: ['--fault', id], expect: name === 'rpm' ? 30 : 3000, must, may }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'at-once': { type: 'string', default: '1' }, keep: { type: 'string' } },
})
const chosen = [...faults, ...SOUND].filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
)
const root = values.keep ?? mkdtempSync(path.join(tmpdir(), 'assay-limit-faults-'))
const waiting = [...chosen]
let held = 0
console.log(`${chosen.length} limiters; ${values['at-once']} at a time`)
await Promise.all(Array.from({ length: Number(values['at-once']) }, work))
console.log(`\n${held} of ${chosen.length} as they must be`)
if (values.keep === undefined) rmSync(root, { recursive: true, force: true })
if (held < chosen.length) process.exitCode = 1

async function work(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const began = performance.now()
    const { seen, wrong } = await tried(next)
    if (wrong.length === 0) held++
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    const red = Object.entries(seen.verdicts)
      .filter(([, verdict]) => verdict === 'fail' || verdict === 'warn' || verdict === 'error')
      .map(([id, verdict]) => `${id} ${verdict}`)
    console.log(
      `${wrong.length === 0 ? 'holds' : 'WRONG'}  ${next.name.padEnd(44)} exit ${seen.exit}; ${seconds} s; ${seen.requests} requests; ${red.join(', ') || 'nothing red'}`,
    )
    console.log(`       ${seen.said}; named: ${seen.faults.join(', ') || 'no fault'}`)
    for (const one of wrong) console.log(`       !! ${one}`)
  }
}

async function tried(one: Case): Promise<{ seen: Seen; wrong: string[] }> {
  const dir = path.join(root, one.name.replace(/\W+/g, '-'))
  const config = `${dir}.yaml`
  writeFileSync(config, expectation(one))
  let served: Served | undefined
  try {
    served = one.serve === undefined ? undefined : await serve(one.serve)
    const target = served ? ['--url', served.url] : []
    const ran: Ran = await run(
      ['load', one.scenario, '--config', config, '--out', dir, ...target, ...(one.load ?? [])],
      served?.key,
    )
    const seen = seenIn(readFileSync(path.join(dir, 'record.jsonl'), 'utf8'), ran)
    return { seen, wrong: wrongIn(one, seen) }
  } finally {
    await served?.close()
  }
}
