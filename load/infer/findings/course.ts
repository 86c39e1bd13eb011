import type { Batch, Planned, PlanOptions, Reply } from '../plan/types.ts'
import type { Sample } from '../types.ts'
import { decisive, type ProbeName } from './probes.ts'
import { type Ask, UNITS, type Units } from './units.ts'

export type Sending<T> = Generator<Batch, T, Reply>

/** As `PlanOptions`; the caps are for the probes alone. */
export interface ProbeOptions extends PlanOptions {
  /** No probe begins later than so many ms after the first. */
  timeAtMost: number
  /** The dialect has max_tokens and max_completion_tokens. */
  twoBounds: boolean
}

interface Sent {
  name: ProbeName
  ask: Ask
  /** ms from now. */
  after?: number
}

/** How far one series of probes has come: the time, the samples, what is known of the limiter, the caps. */
export class Course {
  now: number
  round = 0
  readonly samples: Sample[] = []
  readonly units: Units
  readonly options: ProbeOptions
  /** A cap or the time is used up: nothing is sent any more. */
  exhausted = false
  /** About how many units fill the limiter. */
  size: number
  /** Whether that has been measured. */
  known = false
  /** How long it was shut when it opened last, or how long it takes to come back where that is gradual; ms. */
  period: number | undefined
  /** Whether all comes back at once, and how long a rest brings all back where it does not (ms). */
  rest: number | undefined
  /** ms per token of a stream, and the longest way through the network and back. */
  readonly perToken: number
  readonly latency: number
  /** How long it was shut when the experiment filled it first, ms. */
  readonly firstShut: number
  readonly #end: number
  #tokens = 0
  /** Refused by the limiter; other failures decide nothing. */
  readonly refused: (sample: Sample) => boolean

  constructor(options: ProbeOptions, before: readonly Sample[]) {
    this.options = options
    this.units = UNITS[options.aim]
    const decides = decisive(before)
    this.refused = (sample) => !sample.admitted && decides(sample)
    const sorted = before.toSorted((a, b) => a.sentAt - b.sentAt)
    const own = sorted.filter(({ key, model }) => key === sorted[0]?.key && model === sorted[0]?.model)
    this.now = Math.max(0, ...before.map(({ endedAt }) => endedAt))
    this.#end = this.now + options.timeAtMost
    this.size = admittedBeforeTheFirstRefusal(own, decides, this.units)
    this.perToken = paceOf(own)
    this.latency = slowest(own)
    this.firstShut = shutFor(own, decides)
  }

  admittedIn(samples: readonly Sample[]): number {
    return samples.reduce((sum, sample) => sum + (sample.admitted ? this.units.of(sample) : 0), 0)
  }

  /** Sends all at their offsets and waits for all. */
  *send(list: Sent[]): Sending<Sample[]> {
    const batch: Planned[] = []
    for (const { name, ask, after = 0 } of list) {
      const tokens = ask.promptTokens + Math.max(ask.maxTokens, ask.maxCompletionTokens ?? 0)
      const { maxRequests, maxTokens } = this.options
      if (this.samples.length + batch.length >= maxRequests || this.#tokens + tokens > maxTokens)
        this.exhausted = true
      if (this.now + after > this.#end) this.exhausted = true
      if (this.exhausted) break
      this.#tokens += tokens
      batch.push({ ...ask, key: 0, model: 0, at: this.now + after, probe: `${name}-${this.round}` })
    }
    if (batch.length === 0) return []
    const { now, samples } = yield batch
    this.now = Math.max(this.now, now)
    const named = samples.map((sample, i) => ({ ...sample, probe: batch[i]?.probe ?? '' }))
    this.samples.push(...named)
    return named
  }

  together(name: ProbeName, asks: Ask[]): Sending<Sample[]> {
    return this.send(asks.map((ask) => ({ name, ask })))
  }

  /** One small plain request alone. Undefined: not sent, or nothing was decided about it. */
  *one(name: ProbeName, amount = this.units.piece(this.size)): Sending<Sample | undefined> {
    const [came] = yield* this.together(name, this.units.plain(amount, 1))
    return came && (came.admitted || this.refused(came)) ? came : undefined
  }

  wait(ms: number): void {
    this.now += Math.max(0, ms)
  }

  until(at: number): void {
    this.now = Math.max(this.now, at)
  }
}

function admittedBeforeTheFirstRefusal(
  own: readonly Sample[],
  decides: (sample: Sample) => boolean,
  units: Units,
): number {
  const first = own.find((sample) => !sample.admitted && decides(sample))
  if (!first) return 0
  const before = own.filter(({ admitted, sentAt }) => admitted && sentAt <= first.sentAt)
  return before.reduce((sum, sample) => sum + units.of(sample), 0)
}

function shutFor(own: readonly Sample[], decides: (sample: Sample) => boolean): number {
  const first = own.find((sample) => !sample.admitted && decides(sample))
  const open = own.find(({ admitted, sentAt }) => admitted && first && sentAt > first.endedAt)
  return first && open ? open.sentAt - first.sentAt : 0
}

function paceOf(own: readonly Sample[]): number {
  const paces = own
    .filter(({ admitted, stream, completionTokens }) => admitted && stream && completionTokens >= 8)
    .map(
      ({ firstAt, sentAt, endedAt, completionTokens }) => (endedAt - (firstAt ?? sentAt)) / completionTokens,
    )
    .toSorted((a, b) => a - b)
  return Math.max(1, paces[paces.length >> 1] ?? 20)
}

function slowest(own: readonly Sample[]): number {
  const trips = own
    .filter(({ admitted, status }) => !admitted && status > 0)
    .map(({ sentAt, endedAt }) => endedAt - sentAt)
    .toSorted((a, b) => a - b)
  return trips[Math.floor((trips.length - 1) * 0.98)] ?? 50
}
