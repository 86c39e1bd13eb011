import type { TimeName } from '../../reports/record/load.ts'
import { Figure } from './figure.ts'

/** A figure that rows give; `_low`: its lower bound, where it has two. `user`: tokens a second × 1000, after the first. */
export type FigureName = TimeName | 'ttft_low' | 'stall_low' | 'user'

/** Times that have a lower bound while a request is open. */
export const OPEN_TIMES = ['ttfb', 'ttft', 'ttfat', 'e2e'] as const
export type OpenTime = (typeof OPEN_TIMES)[number]

/** All that is known of the requests of one phase and model. Mergeable: nothing is averaged away. */
export class Group {
  requests = 0
  readonly outcomes = new Map<string, number>()
  readonly errors = new Map<string, number>()
  readonly statuses = new Map<string, number>()
  readonly dropped = new Map<string, number>()
  readonly figures: Partial<Record<FigureName, Figure>> = {}
  /** Of requests that were open when the run ended, or when we left: a time that would have been longer than this, µs. */
  readonly open: Partial<Record<OpenTime, Figure>> = {}
  /** How late requests of a timetable began, but for those of a burst, which cannot all be first. */
  readonly late = new Figure()
  /** How long bytes lay in the system; of the histogram lines. */
  readonly lag = new Figure()

  prompt = 0
  completion = 0
  reasoning = 0
  with_usage = 0
  counted = 0
  /** Billed completion tokens, counted ones where nothing was billed. */
  output = 0

  reads = 0
  stamped = 0
  chunks = 0
  token_chunks = 0
  coalesced_chunks = 0
  clock_steps = 0

  /** Requests that could meet the objectives, and those that did: surely (high), or at most (low). */
  could = 0
  /** Of those that could, what did not finish: of streams (with what was never sent), and of others. */
  lost_streams = 0
  lost_plain = 0
  met = 0
  met_at_most = 0
  /** Open when the run ended, and too slow by then: none of `could`, but a miss. */
  could_not = 0
  /** Open when the run ended, and silent for longer than any slowness explains: perhaps a failure. */
  silent = 0

  answered = 0
  from_us = Number.POSITIVE_INFINITY
  to_us = Number.NEGATIVE_INFINITY
  last_start_us = Number.NEGATIVE_INFINITY
  /** Until when a refusal said to wait, at most. */
  told_until_us = Number.NEGATIVE_INFINITY

  record(name: FigureName, value: number): void {
    const figure = this.figures[name]
    if (figure) figure.record(value)
    else this.figure(name).record(value)
  }

  figure(name: FigureName): Figure {
    const figure = this.figures[name] ?? new Figure()
    this.figures[name] = figure
    return figure
  }

  /** The time of an open request is at least so long. */
  recordOpen(name: OpenTime, least: number): void {
    const figure = this.open[name] ?? new Figure()
    this.open[name] = figure
    figure.record(least)
  }

  merge(other: Group): void {
    for (const [mine, theirs] of [
      [this.outcomes, other.outcomes],
      [this.errors, other.errors],
      [this.statuses, other.statuses],
      [this.dropped, other.dropped],
    ] as const) {
      for (const [key, count] of theirs) add(mine, key, count)
    }
    for (const [name, figure] of Object.entries(other.figures)) this.figure(name as FigureName).merge(figure)
    for (const name of OPEN_TIMES) {
      const theirs = other.open[name]
      if (theirs === undefined) continue
      const mine = this.open[name] ?? new Figure()
      this.open[name] = mine
      mine.merge(theirs)
    }
    this.late.merge(other.late)
    this.lag.merge(other.lag)
    for (const name of SUMS) this[name] += other[name]
    this.from_us = Math.min(this.from_us, other.from_us)
    this.to_us = Math.max(this.to_us, other.to_us)
    this.last_start_us = Math.max(this.last_start_us, other.last_start_us)
    this.told_until_us = Math.max(this.told_until_us, other.told_until_us)
  }

  /** Requests of an outcome. */
  ended(outcome: string): number {
    return this.outcomes.get(outcome) ?? 0
  }
}

const SUMS = [
  'requests',
  'prompt',
  'completion',
  'reasoning',
  'with_usage',
  'counted',
  'output',
  'reads',
  'stamped',
  'chunks',
  'token_chunks',
  'coalesced_chunks',
  'clock_steps',
  'could',
  'lost_streams',
  'lost_plain',
  'met',
  'met_at_most',
  'could_not',
  'silent',
  'answered',
] as const

export function add(counts: Map<string, number>, key: string, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

/** All groups as one. */
export function merged(groups: Iterable<Group>): Group {
  const whole = new Group()
  for (const group of groups) whole.merge(group)
  return whole
}
