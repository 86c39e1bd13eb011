import { tokensAsked } from './groups.ts'
import type { Timeline } from './timeline.ts'
import type { Fit, Sample, What } from './types.ts'

const COSTS: [What, (sample: Sample) => number][] = [
  ['request', () => 1],
  ['prompt', (sample) => sample.promptTokens],
  ['prompt+max', tokensAsked],
]

interface Pace {
  rate: number
  /** Median distance of the waits from what the queue makes of them, ms. */
  off: number
}

/**
 * A queue that drains evenly: undefined where no wait is longer than the network explains. First bytes of streams and
 * ends of short answers both show the wait; the least of each kind is taken as its base.
 */
export function queueFit(line: Timeline): Fit | undefined {
  // A stream's first byte shows the wait; the end of a whole answer only where there are no streams.
  const streams = line.samples.filter(({ stream }) => stream)
  const order = (streams.length >= 4 ? streams : line.samples)
    .map((sample, index) => ({ sample, index, turn: sample.firstAt ?? sample.endedAt }))
    .slice(1)
    // Of those sent at once the refused came when the queue was full: after those that were let in.
    .sort(
      (a, b) =>
        a.sample.sentAt - b.sample.sentAt ||
        Number(b.sample.admitted) - Number(a.sample.admitted) ||
        a.turn - b.turn,
    )
  const waits = order.filter(({ sample }) => sample.admitted).map(({ sample, turn }) => turn - sample.sentAt)
  const base = Math.min(...waits)
  // The third longest: one slow call is no queue.
  const longest = waits.toSorted((a, b) => b - a)[2] ?? 0
  if (waits.length < 4 || longest < 4 * line.latency + 400 || longest < 3 * base) return undefined
  let best: { what: What; pace: Pace; cost: (sample: Sample) => number } | undefined
  for (const [what, cost] of COSTS) {
    const pace = paceOf(order, base, cost)
    if (!best || pace.off < best.pace.off * 0.98) best = { what, pace, cost }
  }
  if (!best || best.pace.off > Math.max(line.latency, 0.1 * longest)) return undefined
  const { what, pace, cost } = best
  const lows: number[] = []
  const highs: number[] = []
  replay(order, pace.rate, cost, (level, { sample }) => {
    if (sample.admitted) lows.push(level + cost(sample))
    else highs.push(level + cost(sample))
  })
  const low = Math.max(...lows)
  const high = highs.length ? Math.min(...highs) : low
  const limit = Math.max(1, Math.round((low + high) / 2))
  return {
    algorithm: 'leaky-bucket',
    charge: { what, when: 'admission', refused: 'unknown', cancelled: 'unknown' },
    low,
    high,
    limit,
    window_s: limit / pace.rate / 1000,
    over: [],
    under: [],
    overshoot: 0,
  }
}

type Turn = { sample: Sample; index: number; turn: number }

function paceOf(order: Turn[], base: number, cost: (sample: Sample) => number): Pace {
  const total = order.reduce((sum, { sample }) => sum + (sample.admitted ? cost(sample) : 0), 0)
  const last = Math.max(...order.map(({ turn }) => turn))
  const first = order[0]?.sample.sentAt ?? 0
  let best: Pace = { rate: 0, off: Number.POSITIVE_INFINITY }
  const around = (middle: number, factor: number, steps: number) => {
    for (let n = -steps; n <= steps; n++) {
      const rate = middle * factor ** n
      const offs: number[] = []
      replay(order, rate, cost, (level, { sample, turn }) => {
        if (sample.admitted) offs.push(Math.abs(turn - sample.sentAt - base - level / rate))
      })
      const off = offs.reduce((sum, value) => sum + value, 0) / Math.max(1, offs.length)
      if (off < best.off) best = { rate, off }
    }
  }
  around(total / Math.max(1, last - first), 1.06, 40)
  around(best.rate, 1.004, 16)
  return best
}

/** Plays the queue; `see` gets the level before each sample. */
function replay(
  order: Turn[],
  rate: number,
  cost: (sample: Sample) => number,
  see: (level: number, turn: Turn) => void,
) {
  let level = 0
  let at = Number.NEGATIVE_INFINITY
  for (const entry of order) {
    const { sentAt, admitted } = entry.sample
    level = at === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, level - (sentAt - at) * rate)
    at = sentAt
    see(level, entry)
    if (admitted) level += cost(entry.sample)
  }
}
