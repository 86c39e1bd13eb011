/** The limit comes back bit by bit: buckets and sliding counters. */

import {
  ask,
  believe,
  type Course,
  left,
  limitOf,
  little,
  others,
  refusedIn,
  unitsIn,
  watch,
} from './course.ts'
import type { Sending } from './desk.ts'
import { extra, fill, hangUp, skew, whole } from './fill.ts'
import { look } from './look.ts'
import { PLAIN } from './sizes.ts'

/** `brim`: when all had been used up; `opened`: when something was let in again for the first time. */
export function* gradual(course: Course, brim: number, opened: number): Sending<void> {
  course.flows = true
  yield* slope(course, brim, opened)
  yield* parts(course, opened)
}

/** What is to be found out, as far as there is time for it. */
export function* parts(course: Course, opened: number): Sending<void> {
  const { desk } = course
  // By no algorithm it stays shut much longer than its window, even when as much again was let in beyond the limit.
  const least = 0.62 * (opened - course.begin)
  believe(course, Math.max(course.window, least), Math.max(course.shortest, least))
  const list: [windows: number, part: () => Sending<void>][] = [
    [0.75, () => hung(course)],
    [0.9, () => skewed(course)],
    [1.7, () => fresh(course, opened)],
    [0.7, () => plain(course)],
    [0.7, () => plain(course)],
  ]
  let sure = false
  for (const [windows, part] of list) {
    // Until it is known how fast it comes back: after each part there is more to tell it from.
    if (!sure) sure = settle(course, least)
    if (desk.exhausted === 'requests' || desk.exhausted === 'tokens') return
    if (left(course) >= windows * course.window) yield* part()
  }
}

/** Looks for the window near its estimate; a counter that was filled beyond its limit seems twice as fast. */
function settle(course: Course, least: number): boolean {
  const { window } = course
  const seen = look(course, ['token-bucket', 'sliding-counter', 'sliding-log'], {
    least: Math.max(0.5 * window, least),
    most: (course.atEnd ? 2.4 : 1.6) * window,
  })
  if (!seen) return false
  believe(course, seen.window, Math.max(least, 0.98 * seen.shortest))
  // It only seemed so: what was spent slowly comes back slowly.
  course.flows = seen.algorithm !== 'sliding-log'
  return true
}

/**
 * Takes all that there is, in small batches. Charged at the end, the first beyond the limit is let in as a whole: then
 * something little shows that nothing is left, at the least cost where refused requests are charged.
 */
function* drain(course: Course): Sending<void> {
  const { desk, sizes } = course
  for (let n = 0; n < 10 && !desk.exhausted; n++) {
    if (refusedIn(yield* ask(course, sizes.many(PLAIN, Math.max(1, limitOf(course) * 0.12), 4)))) return
    if (course.atEnd && refusedIn(yield* ask(course, sizes.many(PLAIN, little(course), 1)))) return
  }
}

/** The moment at which nothing is left or owed: after a brim, or, charged at the end, when it opens again. */
function* level(course: Course): Sending<number | undefined> {
  const { desk, options } = course
  if (!course.atEnd) return desk.now
  return yield* watch(course, { since: desk.now, until: desk.now + options.windowAtMost })
}

/**
 * How fast does it come back? Rests that double until a good part of the limit was back. The fastest of them counts: a
 * counter that still waits for its turn gives nothing, and one whose last window was not full gives less.
 */
function* slope(course: Course, brim: number, opened: number): Sending<void> {
  const { desk, sizes } = course
  const limit = limitOf(course)
  let pause = Math.max(300, 2 * course.round)
  let start = yield* level(course)
  let fastest = 0
  for (let round = 0; round < 9 && start !== undefined && !desk.exhausted; round++) {
    // What was let in at the moment of the level itself is part of what comes back after it.
    const from = desk.samples.length - (course.atEnd ? 1 : 0)
    desk.wait(pause)
    yield* drain(course)
    const taken = unitsIn(sizes, desk.samples.slice(from))
    const now: number | undefined = yield* level(course)
    if (now === undefined) return
    const rate = taken / (now - start)
    if (taken >= 0.12 * limit || fastest === 0) fastest = Math.max(fastest, rate)
    // Charged at the end, the times of opening tell enough.
    if (taken >= (course.atEnd ? 0.1 : 0.25) * limit) break
    pause *= 2
    start = now
  }
  if (fastest === 0) return
  // Charged at the end, what was let in beyond the limit was owed until it opened.
  if (course.atEnd) {
    const { low, high } = course.bracket
    const owed = Math.min(high, Math.max(low, high - fastest * (opened - brim)))
    course.bracket = { low: 0.93 * owed, high: 1.07 * owed }
  }
  course.window = limitOf(course) / fastest
  course.shortest = 0.93 * course.window
}

/**
 * About half of it comes back in half a window. Before more is asked, something little shows that it did: refused
 * requests that are charged would else keep it shut. Returns the share that should be back.
 */
function* halfway(course: Course): Sending<number> {
  const { desk, sizes } = course
  const start = desk.now
  for (let turn = 0; turn < 3; turn++) {
    desk.wait((course.flows ? 0.5 : 1) * course.window)
    if (!refusedIn(yield* ask(course, sizes.many(PLAIN, little(course), 1)))) break
  }
  return Math.min(1, (desk.now - start) / course.window)
}

function* hung(course: Course): Sending<void> {
  const share = yield* halfway(course)
  const amount = limitOf(course) * 0.2
  const came = yield* hangUp(course, amount)
  const got = unitsIn(course.sizes, came)
  const room = limitOf(course) * share
  yield* fill(course, PLAIN, [
    { low: Math.max(1, (room - got) * 0.85), high: Math.max(1, (room - got) * 1.15) },
    { low: Math.max(1, room * 0.85), high: Math.max(1, room * 1.15) },
  ])
  yield* extra(course)
}

function* skewed(course: Course): Sending<void> {
  const share = yield* halfway(course)
  const { sizes } = course
  const { low, high } = whole(course, share)
  if (yield* skew(course, { low: low * 0.92, high: high * 1.08 })) yield* others(course)
  if (sizes.aim === 'requests') yield* train(course)
  else if (!course.atEnd) yield* ask(course, sizes.many(PLAIN, limitOf(course) * 0.3, 1))
}

/** Asks twice as often as one comes back: refused requests that are charged keep an empty bucket empty. */
function* train(course: Course): Sending<void> {
  const { desk, sizes } = course
  const gap = (0.5 * course.window) / limitOf(course)
  const [kind] = sizes.many(PLAIN, 1)
  if (kind) yield* desk.send(Array.from({ length: 10 }, (_, n) => ({ after: n * gap, kind })))
}

/** Filled from fresh just after a turn of what may be a clock: a counter then gives nothing for a window. */
function* fresh(course: Course, opened: number): Sending<void> {
  const { desk, sizes, window } = course
  const turns = Math.ceil((desk.now - opened) / window)
  const due = opened + turns * window + 1.06 * window
  desk.now = Math.max(
    desk.now + Math.min(1.1 * window, left(course)),
    due - desk.now > 1.6 * window ? 0 : due,
  )
  if (yield* fill(course, PLAIN, [whole(course)])) yield* others(course)
  const shut = desk.now
  for (const share of [0.12, 0.25, 0.4]) {
    desk.now = Math.max(desk.now, shut + share * window)
    yield* ask(course, sizes.many(PLAIN, Math.max(1, limitOf(course) * 0.05), 1))
  }
}

function* plain(course: Course): Sending<void> {
  const share = yield* halfway(course)
  yield* fill(course, PLAIN, [{ low: limitOf(course) * share * 0.85, high: limitOf(course) * share * 1.15 }])
}
