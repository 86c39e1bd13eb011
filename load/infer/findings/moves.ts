/** What every round of probes is made of: to the brim, and until it is open again. */
import type { Sample } from '../types.ts'
import type { Course, Sending } from './course.ts'

/** It is full: what was let in until then, and the refusals that said so. */
export interface Brim {
  units: number
  refusals: Sample[]
  /** ms that it took. */
  took: number
}

/** Shares of the limit: of what it is thought to be, and of what it is known to be. */
const ROUGH = { leap: 0.45, step: 0.07 }
const KNOWN = { leap: 0.8, step: 0.12 }

/** Fills with plain requests until a small batch, which nothing else runs beside, is refused in part. */
export function* fill(
  course: Course,
  { preloaded = 0, name = 'fill' }: { preloaded?: number; name?: 'fill' | 'size' } = {},
): Sending<Brim | 'unbounded' | undefined> {
  const { units, size } = course
  const begun = course.now
  const share = course.known ? KNOWN : ROUGH
  const step = Math.max(units.piece(size), size * share.step)
  let total = 0
  let amount = Math.max(step, share.leap * size - preloaded)
  for (let leap = amount > step; ; leap = false) {
    const came = yield* course.together(name, units.plain(amount, leap ? 6 : 1))
    total += course.admittedIn(came)
    const refusals = came.filter(course.refused)
    // Refused beside many others, it may have been only too many at once.
    if (refusals.length > 0 && !leap) {
      const [rest, small] = yield* theRest(course, step, name)
      // Where more was let in after a refusal, its Retry-After says nothing any more.
      const last = small ? [small] : rest > 0 ? [] : refusals
      return { units: total + rest, refusals: last, took: course.now - begun }
    }
    if (course.exhausted) return undefined
    if (total > enough(course, course.now - begun)) {
      yield* course.one('unbounded')
      return 'unbounded'
    }
    amount = total > 1.3 * size ? 3 * step : step
  }
}

/** What is left of the room for small requests, and the refusal of one: what is asked while it is shut is no smaller. */
function* theRest(
  course: Course,
  step: number,
  name: 'fill' | 'size',
): Sending<[number, Sample | undefined]> {
  let units = 0
  for (let turn = 0; turn <= step / course.units.piece(course.size); turn++) {
    const came = yield* course.one(name)
    if (!came) break
    if (!came.admitted) return [units, came]
    units += course.units.of(came)
  }
  return [units, undefined]
}

/** The experiment can have taken a small limit for a much smaller one, where streams cost more than it thought. */
export const FEW = 60

/** More than any limiter of this size lets in within so many ms, a window's edge in the middle included. */
function enough({ size, period, known }: Course, ms: number): number {
  return period === undefined || !known ? Math.max(4 * size, size + FEW) : size * (2.4 + (1.5 * ms) / period)
}

/** Retry-After of the brim, ms; undefined where it is missing, or longer than anything that is looked for. */
export function retryAfter({ options }: Course, { refusals }: Brim): number | undefined {
  const named = refusals.flatMap(({ retryAfter_s }) =>
    retryAfter_s === undefined ? [] : [retryAfter_s * 1000],
  )
  const most = Math.max(...named)
  return named.length > 0 && most <= 1.2 * options.windowAtMost ? most : undefined
}

/** Clocks of two machines do not run alike to the last millisecond. */
const GRACE = 30

/** Waits exactly as long as Retry-After says, in silence, and asks once. Undefined: it could not be asked. */
export function* obey(course: Course, brim: Brim): Sending<Sample | undefined> {
  const wait = retryAfter(course, brim)
  if (wait === undefined) return undefined
  const ended = Math.max(...brim.refusals.map(({ endedAt }) => endedAt))
  course.until(ended + wait + GRACE)
  // No more than what was refused: that is what the wait was named for.
  const asked = Math.min(...brim.refusals.map((sample) => course.units.of(sample)))
  return yield* course.one('waited', Math.min(asked, course.units.piece(course.size)))
}

/** Asks ever more rarely until it is open, from `since` on. Undefined: shut up to the longest window. */
export function* poll(course: Course, since: number): Sending<Sample | undefined> {
  const horizon = course.options.windowAtMost * 1.1
  let elapsed = Math.max(course.now - since, Math.max(150, course.latency))
  while (elapsed <= horizon && !course.exhausted) {
    course.until(since + elapsed)
    const came = yield* course.one('polled')
    if (came?.admitted) return came
    elapsed = Math.max(course.now - since, elapsed * (elapsed < 2000 ? 1.1 : 1.05), elapsed + 40)
  }
  return undefined
}

/** Until it is open again: as Retry-After says, else by asking. Undefined: it stays shut. */
export function* reopen(course: Course, brim: Brim): Sending<Sample | undefined> {
  const shut = course.now
  const obeyed = yield* obey(course, brim)
  const opened = obeyed?.admitted ? obeyed : yield* poll(course, shut)
  if (opened && course.rest === undefined) course.period = opened.sentAt - shut + brim.took
  // A log gives back in the time in which it was filled.
  course.wait(course.rest ?? brim.took * 1.2 + course.latency)
  return opened
}

/** Waits until all is back: after an opening nothing more where that is sudden. */
export function rested(course: Course, factor = 1): void {
  if (course.rest !== undefined) course.wait(course.rest * (factor - 1))
}

/** After an opening: has all come back, or only a bit? Sets `rest` where it comes bit by bit. */
export function* learnPace(course: Course, shut: number): Sending<void> {
  const amount = course.size * 0.5
  const came = yield* course.together('leap', course.units.plain(amount))
  const back = course.admittedIn(came)
  const asked = came.reduce((sum, sample) => sum + course.units.of(sample), 0)
  if (back >= 0.85 * asked) return
  let share = back / course.size
  let since = course.now - shut
  for (let turn = 0; share < 0.15 && turn < 5 && !course.exhausted; turn++) {
    const rest = Math.max(500, since)
    course.wait(rest)
    const more = yield* course.together('leap', course.units.plain(amount))
    share = course.admittedIn(more) / course.size
    since = rest
  }
  course.rest = Math.min(2 * course.options.windowAtMost, (1.3 * since) / Math.max(share, 0.1))
  course.period = course.rest
  course.wait(course.rest)
}
