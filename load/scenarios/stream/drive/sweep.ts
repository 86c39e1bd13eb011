/** The sweep: step after step of an open model until the highest rate that meets the SLO is known well enough. */
import type { Order } from '../../../order.ts'
import { type Figures, missed, quantile, quantileOf } from '../knee/figures.ts'
import { Search } from '../knee/search.ts'
import { optionsOf } from '../plan/defaults.ts'
import { DEFAULT_KEY, type Lane } from '../plan/timetable.ts'
import type { Drive } from './drive.ts'
import type { Result } from './engine.ts'

/** A step is made longer for the sake of enough requests, but no longer than this many times. */
const LONGEST = 4
/** Arrivals are drawn: some more than a quantile needs, so that a step seldom has too few. */
const NEEDED = 1.3

/**
 * Notes `step` {step, rate, met, missed, …} after each step, and `knee` at the end: {met, missed, why}, rates in
 * requests a second, null where there is none. `why`: see `Ended`; besides `time`, `capped`, `stopped`.
 */
export async function sweep(drive: Drive, start: number): Promise<void> {
  const { order, engine } = drive
  const options = optionsOf(order, 'sweep')
  const search = new Search({ ...options, to: Math.min(options.to, order.caps.rate) })
  const last = start + Math.min(order.load.duration_s, order.caps.duration_s) * 1000
  let why: string | undefined
  let rate = search.next()
  for (; typeof rate === 'number' && why === undefined; rate = search.next()) {
    const number = search.tried + 1
    const lane = stepOf(order, number, rate)
    const begin = engine.now()
    if (begin + lane.to_ms > last) {
      why = 'time'
      break
    }
    const tally = new Tally(`step-${number}`)
    await drive.lane(lane, begin, number, tally)
    if (drive.over || tally.capped > 0) {
      why = drive.ended ?? 'capped'
      break
    }
    const seconds = options.step_s * stretch(order, rate)
    const misses = missed(
      {
        results: tally.results,
        dropped: tally.starved,
        seconds,
        gap: (kind, q) => milliseconds(engine.gap(kind, tally.phase, q)),
      },
      order.slo,
    )
    const met = misses.length === 0
    engine.note('step', {
      step: number,
      phase: tally.phase,
      rate,
      met,
      missed: misses.map(({ slo, got }) => ({ ...slo, got: got === Number.POSITIVE_INFINITY ? null : got })),
      requests: tally.results.length,
      dropped: tally.starved,
      few: tally.results.length + tally.starved < options.at_least,
      start_delay_p99_ms: quantile(
        tally.results.flatMap(({ times }) => times.start_delay ?? []),
        0.99,
      ),
    })
    search.tell(rate, met)
  }
  const ended = why ?? (typeof rate === 'string' ? rate : 'steps')
  engine.note('knee', { met: search.met, missed: search.missed, steps: search.tried, why: ended })
}

/** One step: what starts while it settles is of a phase of its own. */
export function stepOf(order: Order, number: number, rate: number): Lane {
  const { settle_s, step_s } = optionsOf(order, 'sweep')
  const settle = settle_s * 1000
  return {
    name: `step-${number}`,
    arrivals: order.load.arrivals === 'constant' ? 'constant' : 'poisson',
    streams: order.load.streams,
    rate,
    from_ms: 0,
    to_ms: settle + step_s * 1000 * stretch(order, rate),
    key: DEFAULT_KEY,
    phases: [
      ...(settle > 0 ? [{ name: `settle-${number}`, from_ms: 0 }] : []),
      { name: `step-${number}`, from_ms: settle },
    ],
  }
}

/** How many times longer a step is, for `at_least` requests, and for those that the objectives' quantiles need. */
function stretch(order: Order, rate: number): number {
  const { step_s, at_least } = optionsOf(order, 'sweep')
  const needed = order.slo.map(({ quantile = '' }) => {
    const q = quantileOf(quantile)
    return q === null || q === 1 ? 0 : NEEDED / (1 - q)
  })
  return Math.min(LONGEST, Math.max(1, Math.max(at_least, ...needed) / (rate * step_s)))
}

/** What one step's own phase gave. */
class Tally {
  readonly phase: string
  readonly results: Figures[] = []
  /** Found no free stream. */
  starved = 0
  /** Were not sent for a cap: the step says nothing. */
  capped = 0

  constructor(phase: string) {
    this.phase = phase
  }

  answered(phase: string, result: Result): void {
    if (phase === this.phase) this.results.push(figuresOf(result))
  }

  dropped(phase: string, why: 'streams' | 'cap'): void {
    if (why === 'cap') this.capped += 1
    else if (phase === this.phase) this.starved += 1
  }
}

function figuresOf(result: Result): Figures {
  return {
    finished: result.outcome === 'finished',
    times: {
      ttfb: milliseconds(result.ttfb_us),
      ttft: milliseconds(result.ttft_us),
      ttfat: milliseconds(result.ttfat_us),
      tpot: milliseconds(result.tpot_us),
      e2e: milliseconds(result.e2e_us),
      stall: milliseconds(result.stall_us),
      start_delay: milliseconds(result.planned_us === null ? null : result.start_us - result.planned_us),
    },
    tokens: result.completion_tokens ?? result.tokens ?? 0,
  }
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000
}
