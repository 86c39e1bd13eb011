/**
 * Runs the kill matrix once and prints totals and times. `--fields`: every question about fields under the variations
 * too. `--singly`: each variation alone.
 */
import { runMatrix } from '../tests/matrix/matrix.ts'
import { siteName } from '../tests/matrix/sites.ts'

const matrix = await runMatrix({
  fieldsUnderVariations: process.argv.includes('--fields'),
  singly: process.argv.includes('--singly'),
})
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const { start, baselines, rest, all } = matrix.times
const subjects = new Set([...matrix.baselines.values()].flatMap(({ subjects: { ids } }) => ids))
console.log(
  `faults       ${matrix.faults.length}, ${matrix.faults.filter(({ problems }) => problems.length > 0).length} with problems`,
)
console.log(
  `variations   ${matrix.variations.length}, ${matrix.variations.filter(({ changed }) => changed.length > 0).length} that change a verdict, ${matrix.variations.filter(({ inCompany }) => inCompany).length} in company`,
)
console.log(`subjects     ${subjects.size}, ${matrix.killed.size} killed`)
console.log(`requests     ${matrix.sent} over the wire`)
console.log(
  `time         ${seconds(all)}: threads ${seconds(start)}, baselines ${seconds(baselines)}, faults and variations ${seconds(rest)}`,
)
for (const { id, problems } of matrix.faults)
  for (const problem of problems) console.log(`fault        ${id}: ${problem}`)
for (const { id, site, changed } of matrix.variations)
  for (const change of changed) console.log(`variation    ${id} on ${siteName(site)}: ${change}`)
console.log(`slowest      ${matrix.slowest.map(({ id, ms }) => `${id} ${ms} ms`).join(', ')}`)
