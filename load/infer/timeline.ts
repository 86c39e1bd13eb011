import type { Sample } from './types.ts'

/** When, on our clock, the gateway can have decided about each sample, and when it can have seen its end. ms. */
export interface Timeline {
  samples: readonly Sample[]
  /** Decision between `from` and `to`. */
  from: Float64Array
  to: Float64Array
  /** End between `endFrom` and `endTo`. */
  endFrom: Float64Array
  endTo: Float64Array
  /** What the network takes at most, there and back, ms. */
  latency: number
  /**
   * Samples whose outcome is asked about: of equal requests sent at once, the last that was let in and the first that
   * were refused say all that the others say.
   */
  telling: number[]
}

export function timeline(unsorted: readonly Sample[]): Timeline {
  const samples = unsorted.toSorted((a, b) => a.sentAt - b.sentAt)
  const count = samples.length
  const latency = roundTrip(samples)
  const line: Timeline = {
    samples,
    from: new Float64Array(count),
    to: new Float64Array(count),
    endFrom: new Float64Array(count),
    endTo: new Float64Array(count),
    latency,
    telling: [],
  }
  for (const [i, { sentAt, firstAt, endedAt, admitted, cancelledAfter }] of samples.entries()) {
    line.from[i] = sentAt
    // The reply's first byte comes after the model's thinking: the network's bound is the tighter one.
    line.to[i] = admitted ? Math.min(firstAt ?? endedAt, sentAt + latency) : endedAt
    line.endFrom[i] = cancelledAfter === undefined ? Math.max(sentAt, endedAt - latency) : endedAt
    line.endTo[i] = cancelledAfter === undefined ? endedAt : endedAt + latency
  }
  line.telling = telling(line)
  return line
}

function telling({ samples, to }: Timeline): number[] {
  const alike = new Map<string, number[]>()
  for (const [i, { sentAt, admitted, promptTokens, maxTokens, stream }] of samples.entries()) {
    const name = [Math.round(sentAt / 5), admitted, promptTokens, maxTokens, stream].join()
    const list = alike.get(name) ?? []
    list.push(i)
    alike.set(name, list)
  }
  const kept: number[] = []
  for (const list of alike.values()) {
    const byTime = list.toSorted((a, b) => (to[a] ?? 0) - (to[b] ?? 0))
    kept.push(...(samples[list[0] ?? 0]?.admitted ? byTime.slice(-1) : byTime.slice(0, 2)))
  }
  return kept.sort((a, b) => a - b)
}

/** Refusals take no thinking: the slowest of them, of those that are not outliers, bounds the network. */
function roundTrip(samples: readonly Sample[]): number {
  const refused = samples
    .filter(({ admitted }) => !admitted)
    .map(({ sentAt, endedAt }) => endedAt - sentAt)
    .toSorted((a, b) => a - b)
  if (refused.length >= 5) return 1.15 * (refused[Math.floor((refused.length - 1) * 0.98)] ?? 0) + 1
  const all = samples
    .map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt)
    .toSorted((a, b) => a - b)
  return (all[Math.floor(all.length * 0.75)] ?? 0) + 1
}
