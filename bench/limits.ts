/**
 * The seeded experiment: random limiters in virtual time, what was inferred against the truth, as a confusion matrix.
 * `npx tsx bench/limits.ts [configurations] [first seed]`. Exits 1 where algorithm and charge
 * together are right in fewer than 95 %; the other aims of docs/limits.md are printed only.
 */
import { type Mark, mark, setup, trial } from '../tests/infer/experiment.ts'

const [count = 200, from = 0] = process.argv.slice(2).map(Number)
const marks: Mark[] = []
for (let seed = from; seed < from + count; seed++) marks.push(mark(trial(setup(seed))))

const share = (test: (one: Mark) => boolean, of = marks): string => {
  const hits = of.filter(test).length
  return `${((100 * hits) / Math.max(1, of.length)).toFixed(1)} % (${hits} of ${of.length})`
}

function matrix(title: string, pick: (one: Mark) => { truth: string; seen: string }): void {
  const cells = new Map<string, number>()
  for (const one of marks) {
    const { truth, seen } = pick(one)
    cells.set(`${truth.padEnd(28)} as ${seen}`, (cells.get(`${truth.padEnd(28)} as ${seen}`) ?? 0) + 1)
  }
  console.log(`\n${title}`)
  for (const [name, n] of [...cells].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${String(n).padStart(5)}  ${name}`)
}

matrix('algorithm: truth, as it was seen', ({ truth, seen }) => ({
  truth: truth.algorithm,
  seen: seen.algorithm,
}))
matrix('charging: truth, as it was seen', ({ truth, seen }) => ({
  truth: truth.charging,
  seen: seen.charging,
}))
console.log(`\nalgorithm          ${share(({ algorithm }) => algorithm)}`)
console.log(`charging           ${share(({ charging }) => charging)}`)
console.log(`both               ${share(({ algorithm, charging }) => algorithm && charging)}`)
console.log(`scope              ${share(({ scope }) => scope)}`)
const limited = marks.filter(({ limitOff }) => limitOff !== undefined)
const windowed = marks.filter(({ windowOff }) => windowOff !== undefined)
console.log(`limit within 2 %   ${share(({ limitOff = 1 }) => limitOff <= 0.02, limited)}`)
console.log(`window within 5 %  ${share(({ windowOff = 1 }) => windowOff <= 0.05, windowed)}`)
console.log(`within 6 windows   ${share(({ windows = 0 }) => windows <= 6, windowed)}`)
console.log(`within 40 × limit  ${share(({ requestsPerLimit = 0 }) => requestsPerLimit <= 40, limited)}`)
const missed = marks.filter(({ algorithm, charging }) => !algorithm || !charging)
console.log(`\nmissed: ${missed.map(({ seed }) => seed).join(', ') || 'none'}`)
if (marks.length - missed.length < 0.95 * marks.length) process.exitCode = 1
