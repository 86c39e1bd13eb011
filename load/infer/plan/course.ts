/** What the plan thinks of the limiter while it runs; only inference says what it is. Times in ms. */
import type { Sample } from '../types.ts'
import type { Desk, Kind, Sending } from './desk.ts'
import { PLAIN, type Sizes } from './sizes.ts'
import type { PlanOptions } from './types.ts'

/** Between these many units the limit is expected. */
export interface Bracket {
  low: number
  high: number
}

export interface Course {
  desk: Desk
  sizes: Sizes
  options: PlanOptions
  /** When the first request was sent; six windows count from there. */
  begin: number
  bracket: Bracket
  /** Estimate of the window; it is certainly not much shorter than `shortest`. */
  window: number
  shortest: number
  /** Nothing was ever cut within one batch: what is charged may be charged at the end. */
  atEnd: boolean
  /** It comes back bit by bit. */
  flows: boolean
  /** Time that a batch takes. */
  round: number
  /** `Retry-After` is heeded, as a hint of when to ask, until it was seen to be wrong. */
  hints: boolean
}

/** Windows that the whole plan may take, by its own estimate of the window. */
const WINDOWS = 5.8

export const left = ({ desk, begin, shortest }: Course): number => begin + WINDOWS * shortest - desk.now

/** The window is now thought to be so long: what is left of six of them bounds the plan. */
export function believe(course: Course, window: number, shortest: number): void {
  course.window = window
  course.shortest = shortest
  course.desk.deadline = course.begin + WINDOWS * shortest
  if (course.desk.exhausted === 'time') course.desk.exhausted = undefined
}

export const limitOf = ({ bracket: { low, high } }: Course): number => (low + high) / 2

export const refusedIn = (samples: readonly Sample[]): boolean => samples.some(({ admitted }) => !admitted)

export function unitsIn(sizes: Sizes, samples: readonly Sample[]): number {
  return samples.reduce((sum, sample) => sum + (sample.admitted ? sizes.units(sample) : 0), 0)
}

/** Sends a batch and learns from it: what it takes, and whether it was cut. */
export function* ask(course: Course, kinds: Kind[]): Sending {
  const { desk } = course
  const before = desk.now
  const came = yield* desk.together(kinds)
  if (came.length > 0) course.round = 0.5 * course.round + 0.5 * (desk.now - before)
  const admitted = came.filter((sample) => sample.admitted).length
  if (came.length >= 3 && admitted > 0 && admitted < came.length) course.atEnd = false
  return came
}

/** Amount of a poll, units: little, and enough to be seen. */
export const little = ({ sizes, bracket }: Course): number =>
  sizes.aim === 'requests' ? 1 : Math.max(4, bracket.low * 0.005)

/** How much rarer polls get each time: refused ones that are charged must not fill what they wait for. */
const growthFor = ({ sizes, bracket }: Course): number =>
  sizes.aim === 'requests' ? Math.min(0.2, Math.max(0.04, 1.5 / bracket.low)) : 0.04

export interface Watch {
  /** When it is expected to open, on the clock; polls begin shortly before. Absent: at once, ever more rarely. */
  expected?: number
  /** Since when it has been shut: polls get rarer with the time since then. */
  since: number
  /** No longer than until then. */
  until: number
}

/**
 * Asks for little until it is let in. Returns when that was sent, or undefined. Where a refusal says when to come back,
 * it is asked seldom before and often around then; once that was found to be too short, it is not heeded any more.
 */
export function* watch(course: Course, { expected, since, until }: Watch): Sending<number | undefined> {
  const { desk, sizes } = course
  const growth = growthFor(course)
  let at = expected === undefined ? desk.now + 100 : Math.max(desk.now, since + (expected - since) * 0.9)
  let due: number | undefined
  while (at <= until && !desk.exhausted) {
    desk.now = Math.max(desk.now, at)
    const sent = desk.now
    const [came] = yield* desk.together(sizes.many(PLAIN, little(course), 1))
    if (!came) return undefined
    if (came.admitted) return sent
    if (due !== undefined && sent > due + 100) course.hints = false
    due = course.hints && came.retryAfter_s ? came.endedAt + came.retryAfter_s * 1000 : undefined
    const near = expected !== undefined && sent < since + (expected - since) * 1.12
    const plain = near ? (expected - since) * 0.025 : Math.max(100, (sent - since) * growth)
    at = Math.max(desk.now, sent + plain, due === undefined ? 0 : beside(desk.now, since, due))
  }
  return undefined
}

/** The next time to ask where `due` was said: in whole seconds, so it may be up to one before. */
function beside(now: number, since: number, due: number): number {
  const early = due - 1000 - 0.02 * (due - since)
  if (now < early) return Math.min(early, now + Math.max(0.3 * (early - now), 0.1 * (due - since)))
  return Math.min(now + Math.max(100, 0.012 * (due - since)), Math.max(now, due + 20))
}

/** At the brim: are other keys and models shut too? Between two of our own, so that the brim is known to be there. */
export function* others(course: Course): Sending<void> {
  const { desk, sizes, options } = course
  const amount = sizes.aim === 'requests' ? Math.max(2, limitOf(course) * 0.04) : limitOf(course) * 0.05
  const kinds = sizes.many(PLAIN, amount, 1)
  const from = (key: number, model: number) => kinds.map((kind) => ({ ...kind, key, model }))
  const turns = [from(0, 0)]
  if (options.models > 1) turns.push(from(0, 1))
  if (options.keys > 1) turns.push(from(1, 0))
  if (turns.length > 1)
    yield* desk.send(
      [...turns, from(0, 0)].flatMap((turn, n) => turn.map((kind) => ({ after: n * 25, kind }))),
    )
}
