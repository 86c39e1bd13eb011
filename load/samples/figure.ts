import { inflateSync } from 'node:zlib'
import { build, type Histogram, JsHistogram } from 'hdr-histogram-js'
import type { Quantiles } from '../../reports/record/load.ts'
import { BadSample } from './columns.ts'

/** Significant digits of every histogram: a bucket is at most a thousandth of its value wide. */
export const DIGITS = 3
/** What a quantile may be too large by, as a share of itself. */
export const QUANTILE_ERROR = 10 ** -DIGITS
/** The largest value that is told apart, in µs: an hour. */
const MOST = 3_600_000_000
/** Bytes of a histogram's counts, at most, unpacked: all buckets, nine bytes each. */
const MOST_BYTES = 1 << 20

/**
 * One figure of many requests: a mergeable HdrHistogram of whole numbers (µs) with the exact count, mean and maximum.
 * Negative values (an answer that began before the request was out) count as 0, those above an hour as an hour.
 *
 * Of values that came in a histogram, mean and maximum are as exact as its buckets.
 */
export class Figure {
  readonly #histogram: Histogram = empty()
  /** Values that the histogram has yet to be given, counted by bucket: a million rows have a dozen million of them. */
  #fresh: Uint32Array | undefined
  #isFresh = false
  #sum = 0
  #max = 0
  /** The sum is not known: values came in a histogram. */
  #rough = false

  get count(): number {
    return this.#settled().totalCount
  }

  record(value: number): void {
    const whole = value <= 0 ? 0 : value >= MOST ? MOST : Math.round(value)
    const at = bucketOf(whole)
    let fresh = this.#fresh
    if (fresh === undefined || at >= fresh.length) {
      const more = new Uint32Array(Math.max(4096, 2 ** Math.ceil(Math.log2(at + 1))))
      if (fresh !== undefined) more.set(fresh)
      fresh = more
      this.#fresh = more
    }
    fresh[at]! += 1
    this.#isFresh = true
    this.#sum += whole
    if (whole > this.#max) this.#max = whole
  }

  merge(other: Figure): void {
    const more = other.#settled()
    if (more.totalCount === 0) return
    this.#settled().add(more)
    this.#sum += other.#sum
    this.#rough ||= other.#rough
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Adds what one line of the file holds: base64 of an HdrHistogram, V2, compressed. */
  mergeEncoded(base64: string): void {
    const more = decode(base64)
    if (more.totalCount === 0) return
    this.#settled().add(more)
    this.#rough = true
    this.#max = Math.max(this.#max, Math.min(more.maxValue, MOST))
  }

  /** The histogram with all values. */
  #settled(): Histogram {
    const fresh = this.#fresh
    if (this.#isFresh && fresh !== undefined) {
      for (let at = 0; at < fresh.length; at += 1) {
        const count = fresh[at]!
        if (count > 0) this.#histogram.recordValueWithCount(bucketStart(at), count)
      }
      fresh.fill(0)
      this.#isFresh = false
    }
    return this.#histogram
  }

  mean(): number {
    const histogram = this.#settled()
    if (this.#rough) return histogram.mean
    return histogram.totalCount === 0 ? 0 : this.#sum / histogram.totalCount
  }

  /**
   * The value that the share `q` (0 to 1) of all values do not exceed: the rank is the least whole number of values that
   * is at least q × count. The value is between `low` and `high`, the ends of its bucket, and no more than the maximum.
   */
  quantile(q: number): { low: number; high: number } {
    return this.atRank(Math.ceil(q * this.count - 1e-9))
  }

  /** The value that so many of all do not exceed, from 1. */
  atRank(rank: number): { low: number; high: number } {
    const { count } = this
    if (count === 0) return { low: 0, high: 0 }
    // From the middle between two ranks: a share that is a rounding error too large would be of the next one.
    const share = (Math.min(count, Math.max(1, rank)) - 0.5) / count
    const high = Math.min(this.#settled().getValueAtPercentile(share * 100), this.#max)
    return { low: bucketFloor(high), high }
  }

  /** How many values are above this one for sure: their whole bucket is. */
  above(value: number): number {
    let count = 0
    for (const bucket of this.buckets()) if (bucketFloor(bucket.value) > value) count += bucket.count
    return count
  }

  /** Each bucket that holds values, from the smallest: its largest value and its count. */
  buckets(): { value: number; count: number }[] {
    const out: { value: number; count: number }[] = []
    const histogram = this.#settled()
    if (histogram.totalCount === 0 || !(histogram instanceof JsHistogram)) return out
    const all = histogram.recordedValuesIterator
    all.reset()
    while (all.hasNext()) {
      const { valueIteratedTo, countAtValueIteratedTo } = all.next()
      out.push({ value: valueIteratedTo, count: countAtValueIteratedTo })
    }
    return out
  }

  /** All quantiles, each value divided by `unit` (1000: µs to ms), rounded to three decimals. */
  quantiles(unit = 1000): Quantiles {
    const at = (q: number) => rounded(this.quantile(q).high / unit)
    return {
      count: this.count,
      mean: rounded(this.mean() / unit),
      p50: at(0.5),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
      'p99.9': at(0.999),
      max: rounded(this.#max / unit),
    }
  }
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/**
 * The number of the bucket that a whole value below 2^32 falls into: 2048 buckets of 1, then 1024 of each doubled width,
 * as HdrHistogram has them for three digits.
 */
function bucketOf(value: number): number {
  const doublings = Math.max(0, 21 - Math.clz32(value))
  return doublings * 1024 + (value >>> doublings)
}

/** The least value of a bucket. */
function bucketStart(at: number): number {
  const doublings = Math.max(0, (at >>> 10) - 1)
  return (at - doublings * 1024) * 2 ** doublings
}

/** The least value of the bucket that a value falls into. */
export function bucketFloor(value: number): number {
  return bucketStart(bucketOf(value))
}

function empty(): Histogram {
  // It grows as it needs to. Counts are floats: a run of days has more gaps than an Int32 holds.
  return build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: DIGITS })
}

const COOKIE = 0x1c849304
/** The package has this, but its types lose it on the way out. It takes the bytes unpacked, so that we bound them. */
const decoder = JsHistogram as typeof JsHistogram & { decode(bytes: Uint8Array, bits: 64): JsHistogram }

function decode(base64: string): Histogram {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length < 8 || (bytes.readInt32BE(0) & ~0xf0) !== COOKIE) {
    throw new BadSample('hdr is no HdrHistogram (V2, compressed) in base64')
  }
  let plain: Buffer
  try {
    plain = inflateSync(bytes.subarray(8), { maxOutputLength: MOST_BYTES })
  } catch (error) {
    throw new BadSample(`hdr cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`)
  }
  // Cookie, length of the counts, offset, digits, least and greatest value, ratio: then the counts.
  if (plain.length < 40) throw new BadSample('hdr is cut short')
  const digits = plain.readInt32BE(12)
  const [low, high] = [plain.readBigInt64BE(16), plain.readBigInt64BE(24)]
  if (digits !== DIGITS || low !== 1n || high < 2n || high > BigInt(2 * MOST)) {
    throw new BadSample(
      `hdr has ${digits} digits from ${low} to ${high}, not ${DIGITS} from 1 to an hour in µs`,
    )
  }
  if (plain.readInt32BE(4) !== plain.length - 40) throw new BadSample('hdr is cut short')
  try {
    return decoder.decode(plain, 64)
  } catch (error) {
    throw new BadSample(`hdr cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
