import type { Figure } from '../figure.ts'

/** How one figure of many requests differs between two groups. */
export interface Shift {
  /** Chance that one of the second group is larger than one of the first (equal ones count half): 0.5 is no shift. */
  larger: number
  /** 99.9 % interval of it. */
  low: number
  high: number
  /** Of no shift at all, two-sided. */
  p: number
  /** Medians, µs. */
  before: number
  after: number
  counts: [number, number]
}

/** Of a normal distribution, 99.9 %, two-sided. */
const Z999 = 3.2905

/**
 * The Mann-Whitney test, with ties, over two histograms, and the probability of superiority (Vargha and Delaney's A) as
 * size of the effect. Needs no shape of the distributions; both groups need a handful of values.
 */
export function compare(first: Figure, second: Figure): Shift {
  const [a, b] = [first.buckets(), second.buckets()]
  const [n, m] = [first.count, second.count]
  let below = 0
  let wins = 0
  let ties = 0
  let i = 0
  const total = n + m
  const tie = (count: number) => {
    ties += count * (count - 1) * (count + 1)
  }
  for (const { value, count } of b) {
    for (; i < a.length && a[i]!.value < value; i += 1) {
      below += a[i]!.count
      tie(a[i]!.count)
    }
    const same = a[i]?.value === value ? a[i]!.count : 0
    wins += count * (below + same / 2)
    tie(count + same)
    if (same > 0) {
      below += same
      i += 1
    }
  }
  for (; i < a.length; i += 1) tie(a[i]!.count)
  const larger = n * m === 0 ? 0.5 : wins / (n * m)
  const variance = n * m === 0 ? 0 : ((n * m) / 12) * (total + 1 - ties / (total * Math.max(1, total - 1)))
  const z = variance > 0 ? Math.abs(wins - (n * m) / 2) / Math.sqrt(variance) : 0
  // The test's variance holds where there is no shift. That of A itself is no larger than A (1 − A) / min(n, m).
  const error = Math.sqrt(Math.max((larger * (1 - larger)) / Math.max(1, Math.min(n, m)), 1e-9))
  return {
    larger,
    low: Math.max(0, larger - Z999 * error),
    high: Math.min(1, larger + Z999 * error),
    p: 2 * (1 - normal(z)),
    before: first.quantile(0.5).high,
    after: second.quantile(0.5).high,
    counts: [n, m],
  }
}

/** Cumulative standard normal distribution, within 1e-7 (Abramowitz and Stegun 26.2.17). */
export function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = Math.exp((-z * z) / 2) * 0.3989422804014327 * poly
  return z >= 0 ? 1 - tail : tail
}

/**
 * Fisher's exact test, one-sided: the chance of at least `b` failures of `m`, beside `a` of `n`, if both groups fail
 * equally often.
 */
export function fisher(a: number, n: number, b: number, m: number): number {
  const failed = a + b
  const most = Math.min(failed, m)
  const whole = logChoose(n + m, failed)
  let sum = 0
  for (let k = b; k <= most; k += 1) {
    if (failed - k > n) continue
    const chance = Math.exp(logChoose(m, k) + logChoose(n, failed - k) - whole)
    sum += chance
    // Far in the tail nothing is added any more.
    if (k > (failed * m) / (n + m) && chance < sum * 1e-12) break
  }
  return Math.min(1, sum)
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

/** Lanczos' approximation; 15 digits. */
function logGamma(x: number): number {
  const c = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ]
  const y = x - 1
  let sum = 0.9999999999998099
  for (const [i, value] of c.entries()) sum += value / (y + i + 1)
  const t = y + c.length - 0.5
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum)
}
