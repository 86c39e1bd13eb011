import { fileFinding } from '../places.ts'
import type { TargetLine } from '../read.ts'
import { median, percent } from '../saturation.ts'
import { FEWEST, type Trend, trend } from '../stats/trend.ts'
import type { Overview } from '../summary.ts'
import { type Answer, plural } from './line.ts'

/** From where on a growth over the whole run is drift. docs/metrics.md has the reasons. */
export const DRIFT = {
  /** Of the value at the start. */
  growth: 0.1,
  /** The lower end of the interval must stay above this. */
  sure: 0.05,
  /** Of no trend, Mann-Kendall: three figures are looked at, in every run. */
  p: 0.005,
  /** Least growth in ms. */
  least_ms: { ttft: 1, itl: 0.2, tpot: 0.2 },
  /** A window with fewer values has no median. */
  enough: 20,
  memory_mib: 16,
  /** A heap settles for a while; growth in so short a run says little. */
  memory_s: 600,
} as const

const TIMES = ['ttft', 'itl', 'tpot'] as const

interface Growth {
  word: 'grows' | 'steady' | 'unknown'
  text: string
}

export function drift({ phases }: Overview): Answer {
  const id = 'load/soak/drift'
  const windows = phases.flatMap(({ name, group }) => {
    const number = /^window-(\d+)$/.exec(name)?.[1]
    return number === undefined ? [] : [{ x: Number(number), group }]
  })
  if (windows.length < FEWEST) {
    return {
      verdict: 'inconclusive',
      message: `${plural(windows.length, 'window')}: a trend needs ${FEWEST}`,
    }
  }
  const told = TIMES.flatMap((name) => {
    const points = windows.flatMap(({ x, group }) => {
      const figure = group.figures[name]
      if (figure === undefined || figure.count < DRIFT.enough) return []
      return [{ x, y: figure.quantile(0.5).high / 1000 }]
    })
    const found = trend(points)
    if (found === undefined) {
      // Where no answer has such a time (no stream), there is none to miss.
      if (windows.every(({ group }) => (group.figures[name]?.count ?? 0) === 0)) return []
      return [
        { name, word: 'unknown' as const, text: `${name}: fewer than ${DRIFT.enough} in too many windows` },
      ]
    }
    return [{ name, ...growth(found, DRIFT.least_ms[name], name, 'ms') }]
  })
  if (told.length === 0) return { verdict: 'inconclusive', message: 'too few answers in each window' }
  const text = (all: readonly Growth[]) => all.map((one) => one.text).join('; ')
  const grown = told.filter(({ word }) => word === 'grows')
  if (grown.length > 0) {
    const findings = grown.map(({ name, text: got }) =>
      fileFinding({ id, by: 'should', expected: `${name} that stays as it is`, got }),
    )
    return { verdict: 'fail', message: text(grown), findings }
  }
  const open = told.filter(({ word }) => word === 'unknown')
  if (open.length > 0)
    return { verdict: 'inconclusive', message: `${text(open)}: too few or too uneven to tell` }
  return { verdict: 'pass', message: text(told) }
}

export function growth(found: Trend, least: number, name: string, unit: string): Growth {
  const { slope, low, high, first, last, p, points } = found
  const span = slope === 0 ? points - 1 : (last - first) / slope
  const share = (value: number) => (first > 0 ? (value * span) / first : 0)
  const interval = `95 % of ${percent(share(low))} to ${percent(share(high))}`
  const shown = (value: number) => Number(value.toPrecision(3))
  const text = `${name} ${shown(first)} → ${shown(last)} ${unit} over the run (${percent(share(slope))}, ${interval}, p ${p < 0.001 ? '< 0.001' : p.toFixed(3)})`
  const enough = share(slope) >= DRIFT.growth && last - first >= least
  if (enough && share(low) > DRIFT.sure && p < DRIFT.p) return { word: 'grows', text }
  if (share(high) >= DRIFT.growth && high * span >= least) return { word: 'unknown', text }
  return { word: 'steady', text }
}

/** Memory of the process that was watched. */
export function memory(lines: readonly TargetLine[]): Answer {
  const id = 'load/soak/memory'
  if (lines.length === 0) {
    return { verdict: 'skip', reason: 'idle', message: 'the memory of the gateway was not watched' }
  }
  const [first, last] = [lines[0]!.at_us, lines.at(-1)!.at_us]
  const from = first + (last - first) / 3
  const settled = lines.filter(({ at_us }) => at_us >= from)
  const points = binned(settled, 60)
  const found = trend(points)
  if (found === undefined) {
    return { verdict: 'inconclusive', message: `${plural(settled.length, 'value')} of memory: too few` }
  }
  const { word, text } = growth(found, DRIFT.memory_mib, 'memory', 'MiB')
  if (word === 'steady') return { verdict: 'pass', message: text }
  if (word === 'unknown') return { verdict: 'inconclusive', message: `${text}: too uneven to tell` }
  const long = last - first >= DRIFT.memory_s * 1e6
  const finding = fileFinding({ id, by: 'should', expected: 'memory that stays as it is', got: text })
  return { verdict: long ? 'fail' : 'warn', message: text, findings: [finding] }
}

/** Medians of up to `most` equal parts. x: seconds; y: MiB. */
function binned(lines: readonly TargetLine[], most: number): { x: number; y: number }[] {
  const size = Math.ceil(lines.length / most)
  const points: { x: number; y: number }[] = []
  for (let i = 0; i < lines.length; i += size) {
    const part = lines.slice(i, i + size)
    points.push({
      x: median(part.map(({ at_us }) => at_us / 1e6)),
      y: median(part.map(({ rss_bytes }) => rss_bytes / 2 ** 20)),
    })
  }
  return points
}
