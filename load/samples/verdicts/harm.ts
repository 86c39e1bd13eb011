import type { Group } from '../group.ts'
import { percent } from '../saturation.ts'
import { compare, fisher, type Shift } from '../stats/compare.ts'

/** From where on a difference between two groups of requests is harm. docs/metrics.md has the reasons. */
export const HARM = {
  /** Of no difference at all. */
  p: 0.001,
  /** Share of failures, in points. */
  failures: 0.01,
  /** Chance that a request of the second group is slower: a large effect by Vargha and Delaney. */
  larger: 0.71,
  /** The median grew by so much of itself, and by so many µs. */
  median: 0.1,
  median_us: 2000,
  /** Fewer requests in a group decide nothing. */
  enough: 30,
} as const

const TIMES = ['ttft', 'tpot', 'e2e'] as const

export interface Harm {
  word: 'harm' | 'none' | 'unknown'
  /** What decided, with the sizes of the effects. */
  text: string
}

/** Whether the requests of the second group fared worse than those of the first. */
export function harmed(before: Group, after: Group): Harm {
  if (before.could < HARM.enough || after.could < HARM.enough) {
    const counts = `${before.could} and ${after.could}`
    return {
      word: 'unknown',
      text: `too few requests to compare: ${counts}, ${HARM.enough} are needed of each`,
    }
  }
  const failures = failing(before, after)
  const slower = TIMES.flatMap((name) => {
    const [a, b] = [before.figures[name], after.figures[name]]
    if (a === undefined || b === undefined || a.count < HARM.enough || b.count < HARM.enough) return []
    return [{ name, shift: compare(a, b) }]
  })
  const bad = slower.filter(({ shift }) => isHarm(shift))
  const told = slower.map(({ name, shift }) => `${name} ${shiftText(shift)}`)
  if (failures.word === 'harm' || bad.length > 0) {
    const reasons = [
      ...(failures.word === 'harm' ? [failures.text] : []),
      ...bad.map(({ name, shift }) => `${name} ${shiftText(shift)}`),
    ]
    return { word: 'harm', text: reasons.join('; ') }
  }
  const text = [failures.text, ...told].join('; ')
  if (slower.length === 0)
    return { word: 'unknown', text: `${text}; too few finished to compare their times` }
  const open = slower.filter(({ shift }) => couldBeHarm(shift))
  if (open.length > 0 || failures.word === 'unknown') {
    return { word: 'unknown', text: `${text}: more requests are needed to tell` }
  }
  return { word: 'none', text }
}

function failing(before: Group, after: Group): Harm {
  const failed = (group: Group) => group.lost_streams + group.lost_plain
  const [a, b] = [failed(before), failed(after)]
  const [n, m] = [before.could, after.could]
  const more = b / m - a / n
  const p = fisher(a, n, b, m)
  const text = `failed ${percent(a / n)} of ${n} before, ${percent(b / m)} of ${m} then (p ${pText(p)})`
  if (more >= HARM.failures && p < HARM.p) return { word: 'harm', text }
  // Failures that are many more, but of too few requests to be sure.
  if (more >= 5 * HARM.failures && p < 0.05) return { word: 'unknown', text }
  return { word: 'none', text }
}

function isHarm(shift: Shift): boolean {
  return shift.p < HARM.p && shift.larger >= HARM.larger && grew(shift)
}

/** The data could hide harm: the median grew enough, and the interval of the effect reaches far enough. */
function couldBeHarm(shift: Shift): boolean {
  return grew(shift) && shift.high >= HARM.larger
}

function grew({ before, after }: Shift): boolean {
  return after - before >= Math.max(HARM.median_us, HARM.median * before)
}

function shiftText({ before, after, larger, p }: Shift): string {
  const ms = (us: number) => Number((us / 1000).toPrecision(3))
  return `median ${ms(before)} → ${ms(after)} ms, slower with a chance of ${larger.toFixed(2)} (p ${pText(p)})`
}

function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}
