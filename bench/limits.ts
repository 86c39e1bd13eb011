/**
 * The seeded experiment: random limiters in virtual time, what was inferred against the truth, as a confusion matrix.
 * `npm run bench:limits -- [configurations] [first seed]`: 200 from seed 5000 on, which nothing was tuned on. Then some
 * with others on the same key, and some without Retry-After. Exits 1 where one of the aims of docs/limits.md is missed.
 */
import { crowded, type Mark, mark, type Setup, setup, silent, trial } from '../tests/infer/experiment.ts'

const [count = 200, from = 5000] = process.argv.slice(2).map(Number)

interface Timed {
  marks: Mark[]
  /** Plan and inference of each, ms of this machine. */
  took: number[]
}

function run(setups: readonly Setup[]): Timed {
  const took: number[] = []
  const marks = setups.map((given) => {
    const begin = performance.now()
    const one = mark(trial(given))
    took.push(performance.now() - begin)
    return one
  })
  return { marks, took }
}

const seeds = (n: number): number[] => Array.from({ length: n }, (_, i) => from + i)

const shareOf = (marks: readonly Mark[], test: (one: Mark) => boolean): number =>
  marks.filter(test).length / Math.max(1, marks.length)

let missed = false
function say(name: string, marks: readonly Mark[], test: (one: Mark) => boolean, aim?: number): void {
  const share = shareOf(marks, test)
  if (aim !== undefined && share < aim) missed = true
  const hits = marks.filter(test).length
  const said = aim === undefined ? '' : `  aim ${(100 * aim).toFixed(0)} %${share < aim ? ', MISSED' : ''}`
  console.log(`${name.padEnd(30)} ${(100 * share).toFixed(1)} % (${hits} of ${marks.length})${said}`)
}

function matrix(title: string, marks: readonly Mark[], pick: (one: Mark) => { truth: string; seen: string }) {
  const cells = new Map<string, number>()
  for (const one of marks) {
    const { truth, seen } = pick(one)
    const name = `${truth.padEnd(28)} as ${seen}`
    cells.set(name, (cells.get(name) ?? 0) + 1)
  }
  console.log(`\n${title}`)
  for (const [name, n] of [...cells].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${String(n).padStart(5)}  ${name}`)
}

const right = ({ algorithm, charging }: Mark): boolean => algorithm && charging
const { marks, took } = run(seeds(count).map(setup))
matrix('algorithm: truth, as it was seen', marks, ({ truth, seen }) => ({
  truth: truth.algorithm,
  seen: seen.algorithm,
}))
matrix('charging: truth, as it was seen', marks, ({ truth, seen }) => ({
  truth: truth.charging,
  seen: seen.charging,
}))
const limited = marks.filter(({ limitOff }) => limitOff !== undefined)
const windowed = marks.filter(({ windowOff }) => windowOff !== undefined)
console.log('')
say('algorithm', marks, ({ algorithm }) => algorithm, 0.95)
say('charging, with both flags', marks, ({ charging }) => charging)
say('algorithm and charging', marks, right, 0.95)
say('scope', marks, ({ scope }) => scope)
say('limit within 2 %', limited, ({ limitOff = 1 }) => limitOff <= 0.02, 1)
say('window within 5 %', windowed, ({ windowOff = 1 }) => windowOff <= 0.05, 1)
say('within 6 windows', windowed, ({ windows = 0 }) => windows <= 6, 1)
say('within 40 × limit', limited, ({ requestsPerLimit = 0 }) => requestsPerLimit <= 40, 1)
say('false alarm of others', marks, ({ otherTraffic }) => otherTraffic)
const rising = took.toSorted((a, b) => a - b)
const quantile = (q: number): string => (rising[Math.floor(q * (rising.length - 1))] ?? 0).toFixed(0)
console.log(`plan and inference             p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms`)
console.log(
  `missed: ${
    marks
      .filter((one) => !right(one))
      .map(({ seed }) => seed)
      .join(', ') || 'none'
  }`,
)

const few = seeds(Math.ceil(count / 4))
console.log('\nwith others on the same key, who use about a fifth of the limit')
const busy = run(few.map(crowded).filter((given) => given !== undefined)).marks
say('others are stated', busy, ({ otherTraffic }) => otherTraffic)
say('algorithm', busy, ({ algorithm }) => algorithm)
say('a smaller limit, unsaid', busy, ({ otherTraffic, limitOff = 0 }) => !otherTraffic && limitOff > 0.05)

console.log('\nwithout Retry-After')
const alone = run(few.map(silent)).marks
say('algorithm', alone, ({ algorithm }) => algorithm)
say('algorithm and charging', alone, right)
say(
  'within 6 windows',
  alone.filter(({ windows }) => windows !== undefined),
  ({ windows = 0 }) => windows <= 6,
)

if (missed) process.exitCode = 1
