/**
 * What load figures are worth: `npm run bench load`, or
 *
 *   node bench/load.ts [--streams 50,500] [--clients assay,aiperf,guidellm] [--repeats 3] [--seconds 20] [--json FILE]
 *                      [--without many,rows] [--keep FOLDER]
 *
 * assay, AIPerf and GuideLLM in turn, with the reference gateway's journal of true send times as the truth; then 10,000
 * streams held by assay for a minute; then a million rows summarised (bench/rows.ts). The other tools come from
 * `node bench/load/others.ts`; without them assay is measured alone. See docs/bench.md.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { beside, CLIENTS } from './load/beside.ts'
import { many } from './load/many.ts'
import { broken, brokenByMany, machineText, noisyText, outcomeText, table } from './load/report.ts'

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '50,500' },
    clients: { type: 'string', default: Object.keys(CLIENTS).join(',') },
    repeats: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    without: { type: 'string', default: '' },
    json: { type: 'string' },
    keep: { type: 'string' },
  },
})
if (process.platform !== 'linux')
  throw new Error('CPU time and memory are read from /proc: this bench needs Linux')
const without = values.without.split(',')
const scratch = values.keep ?? mkdtempSync(join(tmpdir(), 'assay-bench-load-'))
mkdirSync(scratch, { recursive: true })
try {
  console.log(machineText())
  const plan = {
    clients: values.clients.split(','),
    streams: values.streams.split(',').map(Number),
    repeats: Number(values.repeats),
    seconds: Number(values.seconds),
    scratch,
  }
  const outcomes = await beside(
    plan,
    (outcome) => console.log(`\n${outcomeText(outcome)}`),
    (client) => console.log(`\n${client} is not installed: node bench/load/others.ts`),
  )
  console.log(`\n${table(outcomes)}`)
  const bad = broken(outcomes)
  const held = without.includes('many') ? undefined : await many(scratch)
  if (held !== undefined) {
    console.log(`\n${outcomeText(held)}\n  all open for          ${held.full_s.toFixed(0)} s`)
    bad.push(...brokenByMany(held))
  }
  const noisy = noisyText(held === undefined ? outcomes : [...outcomes, held])
  if (noisy !== undefined) console.log(`\n${noisy}`)
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine: machineText(), outcomes, many: held }, null, 2)}\n`,
    )
  }
  if (!without.includes('rows')) {
    console.log('')
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'rows.ts')], {
      stdio: 'inherit',
    })
    if (status !== 0) bad.push('a million rows summarised')
  }
  for (const what of bad) console.log(`NOT HELD  ${what}`)
  if (bad.length > 0) process.exitCode = 1
} finally {
  if (values.keep === undefined) rmSync(scratch, { recursive: true })
}
