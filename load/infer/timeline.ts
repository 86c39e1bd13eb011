import type { Sample } from './types.ts'

/** Samples in the order in which they were sent. */
export interface Timeline {
  samples: readonly Sample[]
  /** What the network takes at most, there and back, ms. */
  latency: number
}

export function timeline(unsorted: readonly Sample[]): Timeline {
  const samples = unsorted.toSorted((a, b) => a.sentAt - b.sentAt)
  return { samples, latency: roundTrip(samples) }
}

/** Refusals take no thinking: the slowest of them, of those that are not outliers, bounds the network. */
function roundTrip(samples: readonly Sample[]): number {
  const rising = (list: readonly Sample[]) =>
    list.map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt).sort((a, b) => a - b)
  const refused = rising(samples.filter(({ admitted }) => !admitted))
  if (refused.length >= 5) return 1.15 * (refused[Math.floor((refused.length - 1) * 0.98)] ?? 0) + 1
  const all = rising(samples)
  return (all[Math.floor(all.length * 0.75)] ?? 0) + 1
}
