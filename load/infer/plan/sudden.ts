/** All of the limit comes back at once, or as it was spent: windows of a clock, of a first request, a log. */

import { WINDOWED } from '../model/search.ts'
import { ask, believe, type Course, left, little, others, unitsIn, watch } from './course.ts'
import type { Sending } from './desk.ts'
import { crumbs, extra, fill, learned, skew, whole } from './fill.ts'
import { parts } from './gradual.ts'
import { look } from './look.ts'
import { PLAIN } from './sizes.ts'

/** Units let in since sample `from`. */
const since = ({ desk, sizes }: Course, from: number): number => unitsIn(sizes, desk.samples.slice(from))

/** `opened`: when the limit was seen to be open again for the first time. */
export function* sudden(course: Course, opened: number): Sending<void> {
  const { desk, sizes } = course
  const first = desk.samples.findIndex(({ sentAt }) => sentAt >= opened)
  // Some was taken now, the rest is half a window later: what is remembered singly comes back in two parts.
  const early = since(course, first)
  desk.now = Math.max(desk.now, opened + 0.5 * course.window)
  const { low, high } = whole(course)
  const given = unitsIn(
    sizes,
    desk.samples.slice(first).filter(({ cancelledAfter }) => cancelledAfter !== undefined),
  )
  const free = { low: low + given, high: high + given }
  if (yield* fill(course, PLAIN, [{ low, high }, free], early)) {
    yield* others(course)
    yield* extra(course)
  }
  if (sizes.aim === 'tokens' && !course.atEnd) yield* crumbs(course)
  const second = yield* again(course, opened)
  if (second === undefined) return
  const firstLength = opened - course.begin
  const length = second - opened
  course.window = Math.max(length, firstLength * 0.9)
  course.shortest = Math.min(length, firstLength)
  const from = desk.samples.length - 1
  // By a log only the early part comes back, and what is refused may cost.
  yield* fill(course, PLAIN, [{ low: 0.95 * early, high: early }, whole(course)], since(course, from))
  learned(course, desk.samples.slice(from))
  const seen = look(course, WINDOWED, {
    least: Math.max(0.6 * length, 0.62 * firstLength),
    most: 1.15 * course.window,
  })
  // A clock shows itself by a first opening that came too soon; if it did not, out of step with it after silence.
  const soon = firstLength < 0.85 * length
  const clock = soon && (seen ? seen.algorithm === 'fixed-clock' : true)
  const flows = seen?.algorithm === 'token-bucket' || seen?.algorithm === 'sliding-counter'
  if (flows || (!seen && course.options.looks !== 0)) {
    // No window explains this: it only seemed to come back at once.
    course.flows = true
    return yield* parts(course, opened)
  }
  if (seen) believe(course, seen.window, seen.shortest)
  else believe(course, course.window, clock ? length : course.shortest)
  desk.now = Math.max(desk.now, second + course.window * (clock ? 1.03 : 1.35))
  const third = desk.now
  if (left(course) < 0.3 * course.window) return
  yield* skewed(course, third)
  if (left(course) < 0.3 * course.window) return
  const until = desk.now + left(course)
  yield* watch(course, { since: third, until, expected: third + (clock ? 0.97 : 0.65) * course.window })
  if (left(course) < 0.25 * course.window) return
  const fourth = desk.samples.length - 1
  yield* fill(course, PLAIN, [whole(course)], since(course, fourth))
  yield* watch(course, {
    since: third,
    until: desk.now + left(course),
    expected: third + 1.97 * course.window,
  })
}

/** Waits for the next opening after `opened`, asking where it is expected and then ever more rarely. */
function* again(course: Course, opened: number): Sending<number | undefined> {
  const { desk, options } = course
  const expected = opened + course.window
  return yield* watch(course, {
    since: opened,
    until: opened + options.windowAtMost * 1.1,
    ...(expected > desk.now && { expected }),
  })
}

function* skewed(course: Course, begin: number): Sending<void> {
  const { desk, sizes } = course
  // Something small first, sure to be let in: it begins the window.
  yield* ask(course, sizes.many(PLAIN, little(course), 1))
  if ((yield* skew(course, whole(course))) && desk.now < begin + 0.6 * course.window) yield* others(course)
}
