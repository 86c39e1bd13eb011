/** The value below which a share `q` (0 to 1) of the sorted values lies, interpolated between neighbours; NaN if none. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  const below = sorted[low]!
  const above = sorted[Math.min(low + 1, sorted.length - 1)]!
  return below + (above - below) * (at - low)
}

/** The same of values in any order. */
export function quantileOf(values: Iterable<number>, q: number): number {
  return quantile(Float64Array.from(values).sort(), q)
}
