import { type Ledger, leastUsed, mostUsed } from '../ledger.ts'
import type { Timeline } from '../timeline.ts'
import { startOf } from './windows.ts'

/** Two windows on the clock; the older one counts by the share of it that still reaches into the sliding window. */
export function counterBounds(book: Ledger, line: Timeline, window: number, phase: number): Float64Array {
  const bound = new Float64Array(line.samples.length).fill(Number.NaN)
  const atEnd = book.charge.when === 'end'
  for (const i of line.telling) {
    const admitted = line.samples[i]?.admitted ?? false
    const from = line.from[i] ?? 0
    const to = line.to[i] ?? 0
    const start = startOf(from, window, phase)
    // Across a boundary both readings are possible: such a sample says nothing.
    if (startOf(to, window, phase) !== start) continue
    const rest = (at: number): number => Math.max(0, Math.min(1, 1 - (at - start) / window))
    if (admitted) {
      const older = leastUsed(book, from, to, start - window) - leastUsed(book, from, to, start)
      bound[i] = leastUsed(book, from, to, start) + Math.max(0, older) * rest(to)
    } else {
      const current = mostUsed(book, i, from, to, start)
      const older = mostUsed(book, i, from, to, start - window) - current
      bound[i] = current + Math.max(0, older) * rest(from) + (atEnd ? 0 : (book.costs[i] ?? 0))
    }
  }
  return bound
}
