/**
 * Requests that were open when the run ended, or when we left: their times are longer than they had waited by then. A row is
 * written when its request has ended, so the latest time that the file told before it is a lower bound of that moment.
 */
import { type Cell, flagAt, type Layout, numberAt } from './columns.ts'
import type { Group } from './group.ts'
import type { RequestTimes } from './objectives.ts'

/**
 * The run ended before the request: its open times go into the group, and into `times` as lower bounds. Gives for how long it
 * had been silent, at least, in µs. undefined: it was not sent.
 */
export function stoppedOpen(
  row: readonly Cell[],
  layout: Layout,
  group: Group,
  times: RequestTimes,
  now_us: number,
): number | undefined {
  const sent = sentAt(row, layout)
  if (sent === undefined || numberAt(row, layout.write_us, 'write_us') === undefined) return undefined
  const heard = Math.max(times.e2e ?? times.ttft ?? times.ttfb ?? 0, 0)
  const waited = Math.max(now_us - sent, heard)
  before(row, layout, group, times, waited)
  group.recordOpen('e2e', waited)
  times.ttfb ??= waited
  if (flagAt(row, layout.stream, 'stream') ?? true) {
    times.ttft_low ??= waited
    times.ttft ??= waited
    times.ttfat ??= waited
  }
  times.e2e = waited
  return waited - heard
}

/** We left before the first token: it would have come later. Whoever waits longer is more often left. */
export function leftOpen(
  row: readonly Cell[],
  layout: Layout,
  group: Group,
  times: RequestTimes,
  now_us: number,
): void {
  const sent = sentAt(row, layout)
  if (sent === undefined || times.ttft !== undefined) return
  before(row, layout, group, times, Math.max(now_us - sent, times.ttfb ?? 0))
}

/** What had not come when it was over. */
function before(
  row: readonly Cell[],
  layout: Layout,
  group: Group,
  times: RequestTimes,
  waited: number,
): void {
  if (times.ttfb === undefined) group.recordOpen('ttfb', waited)
  if (!(flagAt(row, layout.stream, 'stream') ?? true)) return
  if (times.ttft === undefined) group.recordOpen('ttft', waited)
  if (times.ttfat === undefined) group.recordOpen('ttfat', waited)
}

/** Since the run's start, µs. */
function sentAt(row: readonly Cell[], layout: Layout): number | undefined {
  const start = numberAt(row, layout.start_us, 'start_us')
  if (start === undefined) return undefined
  const connect = numberAt(row, layout.connect_us, 'connect_us') ?? 0
  return start + connect + (numberAt(row, layout.write_us, 'write_us') ?? 0)
}
