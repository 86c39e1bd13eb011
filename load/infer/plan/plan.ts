/** The experiment: each batch is planned from the samples so far. Pure; the caller sends, and brings the samples. */
import type { Sample } from '../types.ts'
import { Desk, type Kind, type Sending } from './desk.ts'
import { type Bracket, descend, fill, poll, ramp, refusedIn, toTheBrim, unitsIn } from './fill.ts'
import { PLAIN, type Sizes, SKEWED, sizes } from './sizes.ts'
import type { Batch, PlanOptions, Reply } from './types.ts'

/** What the plan thinks of the limiter while it runs; only inference says what it is. */
interface Course {
  desk: Desk
  sizes: Sizes
  options: PlanOptions
  start: number
  /** Units that filled it, and between which the limit is. */
  bracket: Bracket
  /** Estimate of the window, ms. */
  window: number
  /** Index of the first sample that was let in after the last brim, and when it was sent. */
  since: number
  /** ms per token of the model, as seen. */
  perToken: number
}

/** Yields batches, takes replies, returns all samples. */
export function* plan(options: PlanOptions): Generator<Batch, Sample[], Reply> {
  const desk = new Desk(options)
  const unit = sizes(options.aim)
  // The first call may be slow for reasons of its own.
  yield* desk.together(unit.many(PLAIN, 1))
  const perToken = yield* warmUp(desk)
  const start = desk.now
  const last = yield* ramp(desk, unit, options.limitAtMost)
  if (!refusedIn(last)) return desk.samples
  const total = unitsIn(unit, desk.samples)
  const lastIn = unitsIn(unit, last)
  const bracket =
    lastIn > 0 ? { low: total, high: total } : { low: Math.max(1, total / 2), high: Math.max(1, total) }
  desk.maxRequests = Math.min(
    options.maxRequests,
    options.aim === 'requests' ? Math.max(60, 38 * bracket.low) : options.maxRequests,
  )
  const course: Course = { desk, sizes: unit, options, start, bracket, window: 0, since: 0, perToken }
  if (queues(last)) {
    yield* queueing(course, last)
    return desk.samples
  }
  if (lastIn > 0 && (yield* holdsSlots(course, last))) return desk.samples
  if (options.aim === 'tokens') {
    const refused = last.find(({ admitted }) => !admitted)
    if (refused) yield* descend(desk, unit, PLAIN, unit.units(refused), unit.step(total))
  }
  yield* windows(course)
  return desk.samples
}

/** A stream of some length, for the model's pace. Returns ms per token. */
function* warmUp(desk: Desk): Sending<number> {
  const [came] = yield* desk.together([
    { promptTokens: 8, completionTokens: 24, maxTokens: 24, stream: true },
  ])
  const ms = came?.admitted ? (came.endedAt - (came.firstAt ?? came.sentAt)) / came.completionTokens : 20
  return Math.max(1, ms)
}

/** Later places in one batch waited much longer than early ones: there is a queue. */
function queues(batch: readonly Sample[]): boolean {
  const waits = batch
    .filter(({ admitted }) => admitted)
    .map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt)
    .toSorted((a, b) => a - b)
  const [least, most] = [waits[0] ?? 0, waits.at(-1) ?? 0]
  return waits.length >= 3 && most - least > 900 && most > 3 * least
}

function* queueing({ desk, sizes }: Course, last: Sample[]): Sending<void> {
  const amount = Math.max(4, unitsIn(sizes, last) * 1.2)
  yield* desk.together(sizes.many(PLAIN, amount, last.length + 4))
  desk.wait(500)
  yield* desk.together(sizes.many(PLAIN, amount, last.length + 4))
}

/** The same number is let in again at once, and again, while a full batch is refused in part: slots, not a window. */
function* holdsSlots({ desk, sizes, perToken }: Course, last: Sample[]): Sending<boolean> {
  const before = last.filter(({ admitted }) => admitted).length
  const again = last
    .filter(({ admitted }) => admitted)
    .map(
      ({ promptTokens, maxTokens, stream }): Kind => ({
        promptTokens,
        completionTokens: maxTokens,
        maxTokens,
        stream,
      }),
    )
  for (let round = 0; round < 2; round++) {
    const came = yield* desk.together(again)
    const admitted = came.filter((sample) => sample.admitted).length
    if (admitted < before * 0.7) return false
  }
  // One alone is let in again by anything that refills fast.
  if (before === 1 && !(yield* desk.together([...again, ...again])).some(({ admitted }) => !admitted))
    return false
  const long = lasting(perToken, 1500, 400)
  const small = sizes.many(PLAIN, 1)[0] as Kind
  const held = Array.from({ length: before + Math.max(2, Math.ceil(before * 0.3)) }, () => ({
    after: 0,
    kind: long,
  }))
  yield* desk.send([...held, { after: 600, kind: small }])
  yield* desk.together(again)
  return true
}

/** A stream that lasts about `ms`, of at most `most` tokens. */
function lasting(perToken: number, ms: number, most: number): Kind {
  const tokens = Math.max(8, Math.min(most, Math.ceil(ms / perToken)))
  return { promptTokens: 8, completionTokens: tokens, maxTokens: tokens, stream: true }
}

const growthFor = ({ sizes, bracket }: Course): number =>
  sizes.aim === 'requests' ? Math.min(0.25, Math.max(0.05, 2 / bracket.low)) : 0.05

/** Amount of a poll, units: little, and enough to be seen. */
const pollAmount = ({ sizes, bracket }: Course): number =>
  sizes.aim === 'requests' ? 1 : Math.max(8, bracket.low * 0.02)

function* windows(course: Course): Sending<void> {
  const { desk, sizes, options } = course
  const horizon = options.windowAtMost * 1.1
  const growth = growthFor(course)
  const first = yield* poll(desk, sizes, { amount: pollAmount(course), growth, horizon })
  if (first === undefined) {
    // Perhaps it was the asking that kept it shut: one more after silence.
    desk.wait(horizon)
    yield* desk.together(sizes.many(PLAIN, pollAmount(course), 1))
    return
  }
  course.since = desk.samples.length - 1
  // Twice: what is charged at the end lets the first lot in on the least bit of room.
  let sudden = true
  for (const share of [0.25, 0.1]) {
    const test = yield* desk.together(sizes.many(PLAIN, Math.max(3, course.bracket.low * share)))
    sudden &&= unitsIn(sizes, test) >= 0.8 * test.reduce((sum, sample) => sum + sizes.units(sample), 0)
  }
  course.window = sudden ? desk.now - course.start : yield* gradual(course, first)
  if (course.bracket.high > course.bracket.low * 1.15) yield* closer(course, sudden)
  yield* skewedFill(course, sudden)
  if (!time(course, 0.6)) return
  yield* crowd(course, sudden)
  if (!time(course, 0.4)) return
  yield* hangUps(course, sudden)
  if (!time(course, 0.4)) return
  yield* lastFill(course, sudden)
}

/** Is there time for something of `length` windows within six? */
const time = ({ desk, start, window }: Course, length: number): boolean =>
  !desk.exhausted && desk.now - start + length * window < 5.9 * window

/** Capacity comes back bit by bit: how fast? Returns the time in which all of it would come back, ms. */
function* gradual({ desk, sizes, bracket }: Course, first: number): Sending<number> {
  let rest = Math.max(400, first)
  for (let round = 0; ; round++) {
    desk.wait(rest)
    const came = yield* desk.together(sizes.many(PLAIN, Math.max(4, bracket.low * 0.5)))
    const got = unitsIn(sizes, came)
    if (got >= 0.2 * bracket.low || round === 6 || desk.exhausted)
      return (rest * bracket.low) / Math.max(got, 0.05 * bracket.low)
    rest *= 2
  }
}

const inSince = ({ desk, sizes, since }: Course): number => unitsIn(sizes, desk.samples.slice(since))

/** Waits, asking, until the window that began with sample `since` is over; a slow refill is simply waited for. */
function* opened(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, window, since } = course
  if (!sudden) {
    desk.wait(window)
    course.since = desk.samples.length
    return
  }
  const begin = desk.samples[since]?.sentAt ?? desk.now
  const took = yield* poll(desk, sizes, {
    amount: pollAmount(course),
    growth: growthFor(course),
    horizon: course.options.windowAtMost * 1.1,
    expected: Math.max(window * 0.3, begin + window - desk.now),
  })
  course.since = desk.samples.length - 1
  if (took !== undefined) course.window = Math.max(window, Math.min(desk.now - begin, window * 20))
}

/** All of the last batch was let in, and nothing after it: once more in smaller steps. */
function* closer(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, window } = course
  if (!sudden) {
    desk.wait(window)
    course.since = desk.samples.length
  }
  yield* fill(desk, sizes, PLAIN, [course.bracket], inSince(course))
  const before = desk.samples.slice(course.since)
  rested(course, before, sudden)
  course.bracket = narrower(course, before)
  yield* opened(course, sudden)
}

/** Where the same limit would be met by each way of charging, in units of the skewed flavour. */
function* skewedFill(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, bracket, window } = course
  if (!sudden && course.since < desk.samples.length) {
    desk.wait(window)
    course.since = desk.samples.length
  }
  const begin = desk.samples[course.since]?.sentAt ?? desk.now
  const { prompt, completion } = SKEWED
  const per = sizes.aim === 'requests' ? [1] : [1, 1 / (prompt + completion), 0.98 / prompt]
  const brackets = per.map((factor) => ({ low: bracket.low * factor, high: bracket.high * factor }))
  if (sudden) {
    // In two parts: what is remembered singly comes back in two parts.
    const half = bracket.low * 0.45 - inSince(course)
    if (half >= sizes.step(bracket.low)) yield* desk.together(sizes.many(SKEWED, half))
    desk.now = Math.max(desk.now, begin + window * 0.55)
  }
  yield* fill(desk, sizes, SKEWED, brackets, inSince(course))
  const filled = desk.samples.slice(course.since)
  rested(course, filled, sudden)
  course.bracket = sizes.aim === 'requests' ? narrower(course, filled) : course.bracket
  yield* others(course)
  // Silent for longer than a window: one that begins with a request then falls out of step with the clock.
  if (sudden) desk.now = Math.max(desk.now, begin + window * 1.4)
  else desk.wait(window)
  course.since = desk.samples.length
}

/** After the rest that should have been enough, less came back: it takes longer. */
function rested(course: Course, filled: readonly Sample[], sudden: boolean): void {
  const share = unitsIn(course.sizes, filled) / course.bracket.low
  if (!sudden && share < 0.8)
    course.window = Math.min(course.options.windowAtMost, course.window / Math.max(0.4, share))
}

/** What was let in, and whether the last batch went over the limit as a whole or was cut where the limit is. */
function narrower({ sizes, bracket }: Course, filled: readonly Sample[]): Bracket {
  const high = unitsIn(sizes, filled)
  // Far less than before: it had not come back in full, and says nothing of the whole.
  if (high < bracket.low * 0.6) return bracket
  if (!refusedIn(filled)) return { low: Math.max(bracket.low, high), high: Math.max(bracket.high, high) }
  const last = filled.findLast((sample) => sample.admitted)
  const batch = filled.filter(({ sentAt }) => sentAt === last?.sentAt)
  if (refusedIn(batch)) return { low: Math.max(1, high), high: Math.max(1, high) }
  return { low: Math.max(1, high - unitsIn(sizes, batch)), high: Math.max(1, high) }
}

/** At the brim: are other keys and models shut too? Between two of our own, so that the brim is known to be there. */
function* others(course: Course): Sending<void> {
  const { desk, sizes, options } = course
  const [small] = sizes.many(PLAIN, pollAmount(course), 1)
  if (!small) return
  const probes: Kind[] = [small]
  if (options.models > 1) probes.push({ ...small, model: 1 })
  if (options.keys > 1) probes.push({ ...small, key: 1 })
  if (probes.length > 1) yield* desk.send([...probes, small].map((kind, n) => ({ after: n * 30, kind })))
}

/** More than the limit at once, each lasting a while; then a few while they last: charged at admission or at the end? */
function* crowd(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, bracket, perToken } = course
  const cap = bracket.high
  const long = lasting(perToken, 1500, sizes.aim === 'requests' ? 400 : Math.max(8, cap * 0.05))
  const [small] = sizes.many(PLAIN, pollAmount(course), 1)
  if (!small) return
  const count = sizes.aim === 'requests' ? Math.ceil(cap * 1.25) : 10
  const kind = sizes.aim === 'requests' ? long : { ...long, promptTokens: Math.round(cap * 0.14) }
  yield* desk.send([
    ...Array.from({ length: count }, () => ({ after: 0, kind })),
    { after: 450, kind: small },
    { after: 650, kind: small },
  ])
  yield* toTheBrim(desk, sizes, cap * 0.3, pollAmount(course))
  yield* opened(course, sudden)
}

/** Half the limit in streams that are given up early, then to the brim. */
function* hangUps(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, bracket, perToken } = course
  const cap = (bracket.low + bracket.high) / 2
  const long = lasting(perToken, 2500, sizes.aim === 'requests' ? 400 : Math.max(8, cap * 0.05))
  const count = sizes.aim === 'requests' ? Math.max(1, Math.round(cap * 0.5)) : 5
  const kind: Kind = {
    ...long,
    cancelAfter: 2,
    ...(sizes.aim === 'tokens' && { promptTokens: Math.round(cap * 0.1) }),
  }
  yield* desk.together(Array.from({ length: count }, () => kind))
  desk.wait(400)
  yield* fill(
    desk,
    sizes,
    PLAIN,
    [
      { low: cap * 0.48, high: cap * 0.52 },
      { low: bracket.low, high: bracket.high },
    ],
    sizes.aim === 'requests' ? count : cap * 0.45,
  )
  if (sizes.aim === 'requests') yield* desk.together(sizes.many(PLAIN, Math.min(40, cap * 0.5)))
  if (time(course, 1)) yield* opened(course, sudden)
}

/** One more brim, and how it opens. */
function* lastFill(course: Course, sudden: boolean): Sending<void> {
  const { desk, sizes, bracket } = course
  yield* fill(desk, sizes, PLAIN, [bracket], inSince(course))
  if (sudden && time(course, 0.9)) yield* opened(course, sudden)
}
