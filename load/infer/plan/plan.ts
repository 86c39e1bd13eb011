/** The experiment: each batch is planned from the samples so far. Pure; the caller sends, and brings the samples. */
import type { Sample } from '../types.ts'
import { ask, type Course, little, refusedIn, unitsIn, watch } from './course.ts'
import { Desk } from './desk.ts'
import { crumbs, hangUp, pace, ramp, rest } from './fill.ts'
import { gradual } from './gradual.ts'
import { holdsSlots, queueing, queues } from './short.ts'
import { PLAIN, sizes } from './sizes.ts'
import { sudden } from './sudden.ts'
import type { Batch, PlanOptions, Reply } from './types.ts'

/** Yields batches, takes replies, returns all samples. */
export function* plan(options: PlanOptions): Generator<Batch, Sample[], Reply> {
  const desk = new Desk(options)
  const unit = sizes(options.aim)
  const bracket = { low: 1, high: options.limitAtMost }
  const state = {
    begin: 0,
    bracket,
    window: 0,
    shortest: 0,
    atEnd: true,
    flows: false,
    round: 300,
    hints: true,
  }
  const course: Course = { desk, sizes: unit, options, ...state }
  // The first call may be slow for reasons of its own.
  yield* ask(course, unit.many(PLAIN, 1))
  course.begin = desk.samples[0]?.sentAt ?? 0
  // A stream of some length, for the model's pace.
  yield* ask(course, [{ promptTokens: 8, completionTokens: 24, maxTokens: 24, stream: true }])
  pace(unit, desk.samples)
  const last = yield* ramp(course)
  if (!refusedIn(last)) return desk.samples
  const total = unitsIn(unit, desk.samples)
  const lastIn = unitsIn(unit, last)
  const piece = Math.max(...last.map((sample) => unit.units(sample)))
  course.bracket = course.atEnd
    ? { low: Math.max(1, total / 2), high: Math.max(1, total) }
    : { low: total, high: total + (options.aim === 'tokens' ? piece : 0) }
  if (options.aim === 'requests')
    desk.maxRequests = Math.min(options.maxRequests, Math.max(60, 38 * course.bracket.low))
  if (queues(last)) {
    yield* queueing(course, last)
    return desk.samples
  }
  if (lastIn > 0 && (yield* holdsSlots(course, last))) return desk.samples
  yield* rest(course, PLAIN, piece)
  yield* crumbs(course)
  const brim = desk.now
  if (lastIn > 0 && options.aim === 'tokens') {
    const all = unitsIn(unit, desk.samples)
    course.bracket = { low: all, high: Math.max(all, Math.min(course.bracket.high, all * 1.01)) }
  }
  const until = brim + options.windowAtMost * 1.1
  let opened = yield* watch(course, { since: brim, until })
  if (opened === undefined) {
    // Perhaps it was the asking that kept it shut: one more after silence.
    desk.wait(options.windowAtMost * 1.1)
    const sent = desk.now
    const [came] = yield* ask(course, unit.many(PLAIN, 1))
    if (!came?.admitted) return desk.samples
    opened = sent
  }
  // What was spent during the ramp may come back as slowly as it was spent.
  const lasted = brim - course.begin
  const soon = Math.max(opened + lasted * 1.1, desk.now)
  course.window = opened - course.begin
  const { low, high } = course.bracket
  const limit = course.atEnd ? (low + high) / 2 : low
  const some = () => ask(course, unit.many(PLAIN, Math.max(1, limit * 0.15), 4))
  const first = desk.samples.length
  yield* some()
  // Once more: charged at the end, the first is let in on the least bit of room.
  const more = course.atEnd ? ask(course, unit.many(PLAIN, little(course), 1)) : some()
  if (refusedIn(yield* more)) desk.now = Math.max(desk.now, soon)
  const from = unitsIn(unit, desk.samples.slice(first)) > 0.25 * limit ? first : desk.samples.length
  // A part of it is given up early: whether that is charged shows where the rest is met.
  yield* hangUp(course, limit * 0.25)
  for (let n = 0; n < 3; n++) {
    const all = unitsIn(unit, desk.samples.slice(from))
    if (all >= 0.6 * limit || refusedIn(yield* some())) break
  }
  if (unitsIn(unit, desk.samples.slice(from)) >= 0.6 * limit) yield* sudden(course, opened)
  else yield* gradual(course, brim, opened)
  return desk.samples
}
