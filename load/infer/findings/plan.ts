/**
 * The second plan: which fault, if any? It runs after the experiment of `plan/`, which has met a limit, and asks for
 * what that does not: more than the limit at once, exactly Retry-After, asking while shut, streams given up, streams of
 * many chunks, two bounds that disagree. What looks wrong is asked again. Pure: the caller sends and brings samples.
 */
import type { Batch, Reply } from '../plan/types.ts'
import type { Sample } from '../types.ts'
import { Course, type ProbeOptions, type Sending } from './course.ts'
import { type Brim, FEW, fill, learnPace, poll, reopen, rested, retryAfter } from './moves.ts'
import type { Ask } from './units.ts'

/** Below so many units no share of a limit can be told from another. */
const TELLING = 6

/** Yields batches, takes replies, returns the labelled samples: none where the experiment met no limit. */
export function* probes(options: ProbeOptions, before: readonly Sample[]): Generator<Batch, Sample[], Reply> {
  const course = new Course(options, before)
  if (course.size > 0) yield* rounds(course)
  return course.samples
}

function* rounds(course: Course): Sending<void> {
  if (!(yield* acquaint(course))) return
  const plain = yield* measured(course)
  if (!plain) return
  course.size = plain.units
  course.known = true
  if (!(yield* shutWhileAsked(course, plain))) return
  if (course.options.aim === 'requests' && course.size < TELLING) return
  const extra = course.options.aim === 'requests' ? chunks : conflicts
  for (const part of [extra, hangUps, bursts]) if (course.exhausted || !(yield* part(course))) return
}

/** Fills from wherever the experiment left it, obeys Retry-After, and sees how it comes back. False: no use to go on. */
function* acquaint(course: Course): Sending<boolean> {
  let brim = yield* fill(course)
  if (brim === 'unbounded') {
    // Perhaps nobody was counting just then, or the experiment took the limit for much smaller than it is.
    course.wait(Math.min(5000, course.options.windowAtMost * 0.3))
    if (course.size < FEW / 3) course.size += FEW
    course.round++
    brim = yield* fill(course)
  }
  if (brim === undefined || brim === 'unbounded') return false
  course.size = Math.max(course.size, brim.units)
  const shut = course.now
  const opened = yield* reopen(course, brim)
  if (opened === undefined) return yield* silence(course)
  yield* learnPace(course, shut)
  if (course.rest === undefined) {
    // The leap has taken a part: it is filled up and opens anew, so that the next round begins with all of it.
    course.round++
    const again = yield* fill(course, { preloaded: course.size })
    if (again === undefined) return false
    if (again === 'unbounded') {
      course.size += FEW
      return true
    }
    return (yield* reopen(course, again)) !== undefined
  }
  return !course.exhausted
}

/**
 * What a rested limiter lets in. As much as when the experiment met the limit first is all; else it rests ever longer,
 * until twice the rest brings no more. (Where a race or charging at the end let in too much, the experiment has taken
 * the limit for more than it is.)
 */
function* measured(course: Course): Sending<Brim | undefined> {
  const { rest, period, size } = course
  const first = yield* brimmed(course, { name: 'size' })
  if (!first || first.units >= 0.9 * size) return first
  const longest = 1.2 * course.options.windowAtMost
  const all = first.units + course.units.piece(size)
  // All came at once, and it was shut for long: a silence of that length brings all back, and the two may be compared.
  const sudden = rest === undefined && course.firstShut > Math.max(2000, 3 * first.took)
  let before = sudden ? all : 0
  for (let pause = Math.max(1000, period ?? 0, 1.1 * course.firstShut); ; ) {
    course.rest = Math.min(longest, pause)
    course.period = course.rest
    course.wait(course.rest)
    const brim = yield* brimmed(course, { name: 'size' })
    if (!brim) return undefined
    // Twice running, or it may be that little had been taken the time before.
    const same = brim.units <= 1.15 * before && brim.units >= 0.87 * Math.max(before, sudden ? all : 0)
    const enough = brim.units >= 0.9 * size
    if (!same && pause < longest) {
      before = brim.units
      if (!enough) pause *= 2
      continue
    }
    // Almost half of it was enough, then.
    if (same && !enough && !sudden) course.rest = Math.max(1000, 0.7 * course.rest)
    course.period = course.rest
    // It had been all from the beginning: what comes back at once is better asked right after it came.
    if (rest === undefined && all >= 0.92 * brim.units) {
      course.rest = undefined
      course.period = period
    }
    return brim
  }
}

/** Shut for as long as it was asked: and after a silence longer than any window that is looked for? */
function* silence(course: Course): Sending<boolean> {
  const longest = course.options.windowAtMost * 1.1
  course.wait(longest)
  const came = yield* course.one('longest')
  if (!came?.admitted) return false
  // It was the asking that kept it shut, or the window is longer than that: a shorter silence tells.
  for (let turn = 0; turn < 2; turn++) {
    const brim = yield* brimmed(course)
    if (brim === undefined) return false
    course.wait(course.options.windowAtMost * 0.6)
    yield* course.one('silent')
  }
  return false
}

interface Filling {
  /** Units that are in already, and what puts them there. */
  preloaded?: number
  before?: () => Sending<Sample[]>
  name?: 'fill' | 'size'
}

/** A round: to the brim; twice more, later, where nothing stops it. */
function* brimmed(
  course: Course,
  { preloaded = 0, before, name = 'fill' }: Filling = {},
): Sending<Brim | undefined> {
  for (let turn = 0; turn < 3; turn++) {
    course.round++
    const begun = course.now
    const sent = before ? yield* before() : []
    const refusals = sent.filter(course.refused)
    if (refusals.length > 0) {
      // Not all of it is back: it opens a bit more, and the round begins anew.
      if ((yield* reopen(course, { units: 0, refusals, took: course.now - begun })) === undefined)
        return undefined
      continue
    }
    const brim = yield* fill(course, { preloaded, name })
    if (brim !== 'unbounded') return brim && { ...brim, took: course.now - begun }
    course.wait(Math.max(2000, 1.3 * (course.period ?? 0)))
    // What was let in meanwhile may have been counted: it is filled up, and opens again.
    course.round++
    const full = yield* fill(course)
    if (full === undefined) return undefined
    if (full !== 'unbounded' && (yield* reopen(course, full)) === undefined) return undefined
  }
  return undefined
}

/** Half of Retry-After; then asks while it is shut. A window that refusals extend opens only in silence. */
function* shutWhileAsked(course: Course, brim: Brim): Sending<boolean> {
  const named = retryAfter(course, brim)
  const few = course.options.aim === 'requests' && course.size < TELLING
  if (named === undefined || named < 3000 || few) return (yield* reopen(course, brim)) !== undefined
  if (yield* early(course, brim, named)) return yield* openedEarly(course, named)
  let filled: Brim | undefined = brim
  for (let turn = 0; filled; turn++) {
    const shut = course.now
    const opened = (yield* asking(course, named)) ?? 'never'
    if (opened !== 'polled' || turn === 1) {
      const open = opened !== 'never' || (yield* poll(course, shut)) !== undefined
      course.wait(course.rest ?? filled.took * 1.2 + course.latency)
      return open
    }
    course.wait(course.rest ?? filled.took * 1.2 + course.latency)
    filled = yield* brimmed(course)
  }
  return false
}

/** Asks, rarely and for little, for much longer than was named; then once after a silence that long. */
function* asking(course: Course, named: number): Sending<'open' | 'polled' | undefined> {
  for (let turn = 0; turn < 3; turn++) {
    course.wait(named * 0.9)
    if ((yield* course.one('polled'))?.admitted) return 'open'
  }
  course.wait(named * 1.05)
  return (yield* course.one('silent'))?.admitted ? 'polled' : undefined
}

/** Open long before its time: once more, and by asking, since what it says is not to be trusted. */
function* openedEarly(course: Course, named: number): Sending<boolean> {
  const again = yield* brimmed(course)
  if (!again) return false
  const since = course.now
  if (!(yield* early(course, again, named)) && !(yield* poll(course, since))) return false
  const last = yield* brimmed(course)
  if (!last || !(yield* poll(course, course.now))) return false
  course.wait(course.rest ?? last.took * 1.2 + course.latency)
  return true
}

/** One request after less than half of the time that was named; true: it was let in. */
function* early(course: Course, brim: Brim, named: number): Sending<boolean> {
  const ended = Math.max(...brim.refusals.map(({ endedAt }) => endedAt))
  course.until(ended + named * 0.45)
  return (yield* course.one('early'))?.admitted === true
}

/** One round: something first, then to the brim. Returns what was still let in; undefined: it led nowhere. */
function* round(
  course: Course,
  preloaded: number,
  first: () => Sending<Sample[]>,
): Sending<number | undefined> {
  const brim = yield* brimmed(course, { preloaded, before: first })
  if (!brim || (yield* reopen(course, brim)) === undefined) return undefined
  return brim.units
}

function* chunks(course: Course): Sending<boolean> {
  const tokens = Math.max(8, Math.round(course.size * 0.3))
  const asked = (stream: boolean): Ask[] =>
    [0, 1].map(() => ({ promptTokens: 8, completionTokens: tokens, maxTokens: tokens, stream }))
  const send = (stream: boolean) =>
    function* (): Sending<Sample[]> {
      return yield* course.together(stream ? 'chunks' : 'whole', asked(stream))
    }
  const left = yield* round(course, 0, send(true))
  if (left === undefined) return false
  if (left > course.size - 2 - Math.max(2, 0.3 * course.size)) return true
  for (const stream of [false, true]) {
    rested(course, 2)
    if ((yield* round(course, 0, send(stream))) === undefined) return false
  }
  return true
}

function* conflicts(course: Course): Sending<boolean> {
  if (!course.options.twoBounds) return true
  const great = Math.max(16, Math.round(course.size * 0.12))
  const base = { promptTokens: 8, completionTokens: 2, stream: false }
  const send = (conflict: boolean) =>
    function* (): Sending<Sample[]> {
      const asks: Ask[] = [0, 1, 2, 3, 4, 5].map((n) =>
        conflict
          ? n % 2
            ? { ...base, maxTokens: great, maxCompletionTokens: 1 }
            : { ...base, maxTokens: 1, maxCompletionTokens: great }
          : { ...base, maxTokens: great },
      )
      return yield* course.together(conflict ? 'conflict' : 'control', asks)
    }
  const left = yield* round(course, 0.72 * course.size, send(true))
  if (left === undefined) return false
  if (left < 0.45 * course.size) return true
  return (yield* round(course, 0.72 * course.size, send(false))) !== undefined
}

function* hangUps(course: Course): Sending<boolean> {
  const { size, perToken, units, latency } = course
  const tokens = Math.max(20, Math.min(400, Math.ceil(1500 / perToken)))
  const send = function* (): Sending<Sample[]> {
    const asks = units.streams(size * 0.6, 6, tokens).map((ask) => ({ ...ask, cancelAfter: 1 }))
    const came = yield* course.together('hang-up', asks)
    course.wait(latency + 150)
    return came
  }
  const left = yield* round(course, 0.6 * size, send)
  if (left === undefined) return false
  if (left < 0.7 * size) return true
  return (yield* round(course, 0.6 * size, send)) !== undefined
}

/** More than the limit at once, in streams that last a while; a request while they last, another when they are over. */
function* bursts(course: Course): Sending<boolean> {
  const { size, perToken, units, options, latency } = course
  const last = Math.max(300, 2.5 * latency, Math.min(1500, 0.15 * (course.period ?? 10_000)))
  const tokens = Math.max(4, Math.min(400, Math.ceil(last / perToken)))
  const factor = options.aim === 'tokens' || size <= 150 ? 3 : 2
  const [small] = units.plain(units.piece(size), 1)
  if (!small) return false
  let over = 0
  for (let turn = 0; turn < 4 && over !== 2; turn++) {
    course.round++
    const many = units
      .streams(size * factor, 7 * factor, tokens)
      .map((ask) => ({ name: 'burst' as const, ask }))
    const came = yield* course.send([
      ...many,
      { name: 'while', ask: small, after: last * 0.6 },
      { name: 'while', ask: small, after: last * 0.75 },
    ])
    const burst = came.filter(({ probe }) => probe?.startsWith('burst'))
    const after = [yield* course.one('after'), yield* course.one('after')]
    const share = course.admittedIn(burst) / size
    if ((share >= 0.85 && share < 1.2) || course.exhausted) return true
    if (share >= 1.2) over++
    const refusals = [...came, ...after.filter((one) => one !== undefined)].filter(course.refused)
    const brim = refusals.length ? { units: 0, refusals, took: last } : yield* brimmed(course)
    if (!brim || over === 2) return true
    // What was let in too much may have to come back too.
    if (course.rest !== undefined) course.wait(course.rest * Math.min(3.5, Math.max(1, share) + 0.3))
    else if ((yield* reopen(course, brim)) === undefined) return true
  }
  return true
}

export type { ProbeOptions }
