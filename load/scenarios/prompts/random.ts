/** Seeded numbers: the same on every machine and in k6, and any one of them without the ones before. */

/** A bijection of 32-bit numbers whose neighbours look unrelated (the finaliser of MurmurHash3). */
export function scramble(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The number that was scrambled to this one. */
export function unscramble(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x7ed1b41d)
  h = Math.imul(h ^ (h >>> 13) ^ (h >>> 26), 0xa5cb9243)
  return (h ^ (h >>> 16)) >>> 0
}

/** A seed of its own for one purpose, lane or request. */
export function seedOf(seed: number, ...parts: number[]): number {
  return parts.reduce((mixed, part) => scramble((mixed + 0x9e3779b9) ^ scramble(part)), scramble(seed))
}

/** Uniform numbers from 0 up to, not including, 1 (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A whole number from `low` to `high`, both included. */
export function between([low, high]: readonly [number, number], drawn: number): number {
  return low + Math.floor(drawn * (high - low + 1))
}

/**
 * Whether the `index`th of many belongs to a share of them. Not drawn but spread evenly: among any n in a row there
 * are share × n, give or take one or two; shares with different `salt` do not move together.
 */
export function inShare(share: number, index: number, salt: number): boolean {
  if (share >= 1) return true
  const position = (index * (SPREADS[salt % SPREADS.length] ?? 0) + salt * 0.37) % 1
  return position < share
}

/** Fractional parts of irrational numbers: their multiples fill 0 to 1 evenly. */
const SPREADS = [0.6180339887498949, 0.4142135623730951, 0.7320508075688772, 0.23606797749979]
