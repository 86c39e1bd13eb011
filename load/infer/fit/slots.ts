import type { Timeline } from '../timeline.ts'

/** What every sample says about the number of requests that may be open at once. */
export function slotBounds(line: Timeline): Float64Array {
  const { samples, from, to, endFrom, endTo } = line
  const bound = new Float64Array(samples.length).fill(Number.NaN)
  for (const i of line.telling) {
    const sample = samples[i]
    if (!sample) continue
    const [f, t] = [from[i] ?? 0, to[i] ?? 0]
    let open = 0
    for (const [j, other] of samples.entries()) {
      if (!other.admitted) continue
      // Least: decided by then and surely not over. Most: may have been decided, not surely over.
      if (
        sample.admitted
          ? (to[j] ?? 0) <= t && (endFrom[j] ?? 0) > t
          : (from[j] ?? 0) <= t && (endTo[j] ?? 0) >= f
      )
        open++
    }
    bound[i] = open
  }
  return bound
}
