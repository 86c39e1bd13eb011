import type { Sample } from '../types.ts'
import { ask, type Bracket, type Course, limitOf, little, refusedIn, unitsIn } from './course.ts'
import type { Kind, Sending } from './desk.ts'
import { type Flavour, PLAIN, type Sizes, SKEWED } from './sizes.ts'

/** Doubles what is in until something is refused. Returns the samples of the last batch. */
export function* ramp(course: Course): Sending {
  const { desk, sizes, options } = course
  let total = unitsIn(sizes, desk.samples)
  let size = sizes.aim === 'requests' ? 2 : Math.max(64, options.limitAtMost / 512)
  for (;;) {
    const came = yield* ask(course, sizes.many(PLAIN, size, 8))
    total += unitsIn(sizes, came)
    if (desk.exhausted || refusedIn(came)) return came
    // Charged at the end, only what comes after it meets the limit.
    if (total >= options.limitAtMost) return yield* ask(course, sizes.many(PLAIN, size / 64, 2))
    pace(sizes, desk.samples)
    size = Math.min(total, Math.max(1, options.limitAtMost - total))
  }
}

/** Answers are made long enough to outlast the jitter: what is charged at the end is then charged after all came in. */
export function pace(sizes: Sizes, samples: readonly Sample[]): void {
  const known = samples.slice(1)
  const trips = known.map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt)
  const spread = Math.max(...trips) - Math.min(...trips)
  sizes.lasting = Math.max(1, Math.min(40, Math.ceil((spread * 0.7) / perToken(samples))))
}

/** ms per token of the model, as seen. */
export function perToken(samples: readonly Sample[]): number {
  const long = samples.find(
    ({ completionTokens, firstAt }) => completionTokens >= 12 && firstAt !== undefined,
  )
  return long ? Math.max(1, (long.endedAt - long.firstAt!) / long.completionTokens) : 20
}

/** What is left after a batch of tokens was cut: in pieces an eighth as large. */
export function* rest(course: Course, flavour: Flavour, piece: number): Sending<void> {
  const { sizes } = course
  const least = sizes.step(course.bracket.low)
  if (sizes.aim === 'requests' || piece <= least) return
  const came = yield* ask(
    course,
    sizes.many(flavour, piece, Math.max(2, Math.min(8, Math.floor(piece / least)))),
  )
  // Charged at the end: in as a whole, so once more.
  if (!refusedIn(came)) yield* ask(course, sizes.many(flavour, piece, 4))
}

/**
 * Goes through the brackets in rising order, in one leap to just below each and in small steps over it, until
 * something is refused. `already`: units that are in. Returns true when a refusal was met.
 */
export function* fill(
  course: Course,
  flavour: Flavour,
  brackets: Bracket[],
  already = 0,
  until = Number.POSITIVE_INFINITY,
): Sending<boolean> {
  const { desk, sizes } = course
  let total = already
  const sorted = brackets.toSorted((a, b) => a.low - b.low)
  for (const [n, { low, high }] of sorted.entries()) {
    const leap = low * (high < 1.1 * low ? 0.97 : 0.93) - total
    const least = sizes.step(low)
    if (leap >= least) {
      const came = yield* ask(course, sizes.many(flavour, leap))
      total += unitsIn(sizes, came)
      if (refusedIn(came)) {
        yield* rest(course, flavour, largest(sizes, came))
        return true
      }
    }
    const rounds = Math.max(
      3,
      Math.min(course.atEnd ? 12 : 4, (0.2 * course.window) / Math.max(1, course.round)),
    )
    // More than comes back meanwhile, where it comes back bit by bit.
    const flow = course.flows ? (2.5 * limitOf(course) * course.round) / Math.max(1, course.window) : 0
    let step = Math.max(least, flow, (high * 1.07 - Math.min(total, high)) / rounds)
    // Past the last of them something was wrong with the estimate: on, for a while.
    const most = n === sorted.length - 1 ? high * 1.07 + 8 * step : high * 1.07
    while (total < most && !desk.exhausted && desk.now < until) {
      const came = yield* ask(
        course,
        sizes.many(flavour, step, sizes.aim === 'requests' ? step : course.atEnd ? 2 : 4),
      )
      total += unitsIn(sizes, came)
      if (refusedIn(came)) {
        yield* rest(course, flavour, largest(sizes, came))
        return true
      }
      if (total > high) step *= 1.3
    }
  }
  return false
}

const largest = (sizes: Sizes, came: readonly Sample[]): number =>
  Math.max(...came.map((sample) => sizes.units(sample)))

/** What little was left at the brim: or its being let in would look like an opening. */
export function* crumbs(course: Course): Sending<void> {
  for (let n = 0; n < 2; n++) {
    const came = yield* ask(course, course.sizes.many(PLAIN, 4 * little(course), 4))
    if (!came.some(({ admitted }) => admitted)) return
  }
}

/** Some that is refused for sure, to see later whether it was charged. */
export function* extra(course: Course): Sending<void> {
  yield* ask(course, course.sizes.many(PLAIN, Math.max(3, limitOf(course) * 0.08), 3))
}

/** Streams of about `amount` units that are given up after two tokens. */
export function* hangUp(course: Course, amount: number): Sending {
  const { desk, sizes } = course
  const tokens = Math.max(12, Math.min(400, Math.ceil(1500 / perToken(desk.samples))))
  const count = sizes.aim === 'requests' ? Math.max(1, Math.round(amount)) : 4
  const kind: Kind = {
    promptTokens: 8,
    completionTokens: tokens,
    maxTokens: tokens,
    stream: true,
    cancelAfter: 2,
  }
  if (sizes.aim === 'tokens') {
    // The reservation is not to be the larger part: what was made by then is known from below only.
    const max = Math.max(12, Math.min(tokens, Math.round((amount / count) * 0.3)))
    Object.assign(kind, { maxTokens: max, completionTokens: max })
    kind.promptTokens = Math.max(1, Math.round(amount / count) - max)
  }
  return yield* ask(
    course,
    Array.from({ length: count }, () => kind),
  )
}

/** The limit, or a share of it, as a bracket. */
export const whole = ({ bracket: { low, high } }: Course, share = 1): Bracket => ({
  low: Math.max(1, low * share),
  high: Math.max(1, high * share),
})

/**
 * Most of the room in requests whose prompt, answer and reservation cost differently, then to the brim: where that is
 * met tells which of them is charged.
 */
export function* skew(course: Course, room: Bracket): Sending<boolean> {
  const { sizes } = course
  const longest = (0.04 * course.window) / perToken(course.desk.samples)
  sizes.longest = Math.max(16, Math.min(120, Math.floor(longest)))
  if (sizes.aim === 'requests') {
    yield* ask(course, sizes.many(SKEWED, Math.max(1, 0.6 * room.low)))
    return yield* fill(course, PLAIN, [room], Math.max(1, Math.round(0.6 * room.low)))
  }
  const came = yield* ask(course, sizes.many(SKEWED, 0.8 * room.low))
  const { prompt, completion } = SKEWED
  const spent = unitsIn(sizes, came)
  const left = [1, prompt + completion, prompt].map((share) => ({
    low: Math.max(1, room.low - spent * share),
    high: Math.max(1, room.high - spent * share),
  }))
  return yield* fill(course, PLAIN, left)
}

/** After a fill from a fresh start: the limit is where it ended. */
export function learned(course: Course, came: readonly Sample[]): void {
  const { sizes, bracket } = course
  const high = unitsIn(sizes, came)
  if (high < bracket.low * 0.8 || !refusedIn(came)) return
  const last = came.findLast((sample) => sample.admitted)
  const batch = came.filter(({ sentAt }) => sentAt === last?.sentAt)
  const low = refusedIn(batch) && batch.length > 2 ? high : high - unitsIn(sizes, batch)
  // Known before, and now: what both allow.
  const next = {
    low: Math.max(1, Math.max(low, bracket.low * 0.98)),
    high: Math.min(high, bracket.high * 1.02),
  }
  // Not both: by a log it was not all of the limit.
  if (next.low <= next.high) course.bracket = next
}
