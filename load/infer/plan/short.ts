/** Limits without a window: places in a queue, and requests that are open at once. */
import type { Sample } from '../types.ts'
import { type Course, unitsIn } from './course.ts'
import type { Kind, Sending } from './desk.ts'
import { perToken } from './fill.ts'
import { PLAIN } from './sizes.ts'

/** Later places in one batch waited much longer than early ones: there is a queue. */
export function queues(batch: readonly Sample[]): boolean {
  const waits = batch
    .filter(({ admitted }) => admitted)
    .map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt)
    .toSorted((a, b) => a - b)
  const [least, most] = [waits[0] ?? 0, waits.at(-1) ?? 0]
  return waits.length >= 3 && most - least > 900 && most > 3 * least
}

export function* queueing({ desk, sizes, options }: Course, last: Sample[]): Sending<void> {
  const amount = Math.max(4, unitsIn(sizes, last) * 1.2)
  const kinds = sizes.many(PLAIN, amount, last.length + 4)
  const full = (after: number) => kinds.map((kind) => ({ after, kind }))
  // While it is full, what drains is taken at once; then other models and keys are asked.
  const [kind] = sizes.many(PLAIN, amount / (last.length + 4), 1)
  if (!kind) return
  const few = (after: number, count: number, key: number, model: number) =>
    Array.from({ length: count }, () => ({ after, kind: { ...kind, key, model } }))
  const others = [
    ...few(300, Math.max(3, Math.ceil(kinds.length * 0.1)), 0, 0),
    ...(options.models > 1 ? few(330, 2, 0, 1) : []),
    ...(options.keys > 1 ? few(360, 2, 1, 0) : []),
    ...few(390, 2, 0, 0),
  ]
  yield* desk.send([...full(0), ...others])
  desk.wait(500)
  yield* desk.send(full(0))
}

/** The same number is let in again at once, and again, while a full batch is refused in part: slots, not a window. */
export function* holdsSlots({ desk, sizes }: Course, last: Sample[]): Sending<boolean> {
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
  const tokens = Math.max(8, Math.min(400, Math.ceil(1500 / perToken(desk.samples))))
  const long: Kind = { promptTokens: 8, completionTokens: tokens, maxTokens: tokens, stream: true }
  const small = sizes.many(PLAIN, 1)[0] as Kind
  const held = Array.from({ length: before + Math.max(2, Math.ceil(before * 0.3)) }, () => ({
    after: 0,
    kind: long,
  }))
  yield* desk.send([...held, { after: 600, kind: small }])
  yield* desk.together(again)
  return true
}
