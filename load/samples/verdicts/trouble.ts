import type { Deadlines, Order } from '../../order.ts'
import type { Tally } from '../tally.ts'
import type { Standing } from './invariants.ts'

/** The deadline behind each class of time-out. */
const DEADLINES: Record<string, keyof Deadlines> = {
  'connect-timeout': 'connect_ms',
  'headers-timeout': 'headers_ms',
  'first-token-timeout': 'first_token_ms',
  'between-timeout': 'between_ms',
  'total-timeout': 'total_ms',
}
/** A meter that was late by this share of a deadline may have missed it by itself. */
const SHARE = 0.1

/**
 * Whether a time-out may be the meter's own: it is saturated, and its reads or timers were late by a tenth of the deadline
 * at least once. A meter that is some milliseconds late does not excuse silence of a minute.
 */
export function lateness(
  { deadlines }: Pick<Order, 'deadlines'>,
  tally: Pick<Tally, 'groups' | 'seconds'>,
  doubts: readonly string[],
): Standing['late'] {
  if (doubts.length === 0) return () => false
  let late_us = 0
  for (const { heartbeat_max_us } of tally.seconds.all) late_us = Math.max(late_us, heartbeat_max_us)
  for (const models of tally.groups.values())
    for (const { lag } of models.values())
      if (lag.count > 0) late_us = Math.max(late_us, lag.quantile(1).high)
  return (kind) => {
    const deadline = DEADLINES[/\(([a-z-]+)\)$/.exec(kind)?.[1] ?? '']
    return deadline !== undefined && late_us / 1000 >= SHARE * deadlines[deadline]
  }
}

/** The gateway's own words, by what came of the request: `cut-off (garbled)`, `unfinished`, or the status of a refusal. */
export function firstWords({ notes }: Pick<Tally, 'notes'>): Standing['said'] {
  const words = new Map<string, string>()
  for (const { name, value } of notes) {
    const { outcome, error, status, said } = value
    if (name !== 'trouble' || typeof outcome !== 'string' || typeof said !== 'string') continue
    const kind =
      outcome === 'refused' ? String(status) : error === null ? outcome : `${outcome} (${String(error)})`
    if (!words.has(kind)) words.set(kind, said)
  }
  return (kind) => words.get(kind)
}
