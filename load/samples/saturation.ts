import type { PhaseMeter } from '../../reports/record/load.ts'
import { type Figure, rounded } from './figure.ts'
import type { Group } from './group.ts'
import type { MeterSecond, MeterSeconds } from './meter-seconds.ts'
import { phasesOf } from './phases.ts'
import type { Tally } from './tally.ts'

/** From where on the meter's own figures are doubtful. docs/metrics.md has the reasons. */
export const SATURATED = {
  /** Half of all reads came later than this, ms. */
  lag_p50_ms: 2,
  /** One read in a hundred came later than this, ms. */
  lag_p99_ms: 25,
  /** Reads with several tokens, as a share, above the share at low load. */
  coalesced_above: 0.05,
  /** Of the reads that make that difference, half lay in the system for longer than this, ms: else the sender merged. */
  coalesced_lag_ms: 1,
  /** In half of the seconds a timer woke later than this once in a hundred times, ms. */
  heartbeat_p99_ms: 20,
  /** A timer woke later than `heartbeat_max_ms` in more than this share of the seconds. */
  heartbeat_max_ms: 100,
  heartbeat_share: 0.05,
  /** Of all cores, in half of the seconds. */
  cpu: 0.85,
  /** One request in a hundred of an open model began later than this, ms: these are not the arrivals that were ordered. */
  start_p99_ms: 100,
} as const

/** Fewer values decide nothing. */
const ENOUGH = 100
const SECONDS = 3
const STARTS = 100
/** A second counts as one of low load where no more than this share of the most streams are open. */
const LOW = 0.1

export interface LowLoad {
  share: number
  from: string
}

/** The share of reads with several tokens at low load; undefined: nobody knows. */
export function lowLoadOf(tally: Pick<Tally, 'groups' | 'notes' | 'seconds'>): LowLoad | undefined {
  const alone = phasesOf(tally).find(({ name }) => name === 'calibrate')?.group
  if (alone !== undefined && alone.token_chunks >= 20) {
    const { coalesced_chunks, token_chunks } = alone
    return { share: coalesced_chunks / token_chunks, from: `${alone.requests} requests alone` }
  }
  const { all } = tally.seconds
  const most = all.reduce((top, { open }) => Math.max(top, open), 0)
  const few = all.filter(({ open, chunks }) => open > 0 && open <= LOW * most && chunks > 0)
  const chunks = sum(few, 'chunks')
  if (chunks < ENOUGH) return undefined
  return { share: sum(few, 'coalesced') / chunks, from: `${few.length} s with few open streams` }
}

function sum(seconds: readonly MeterSecond[], key: 'chunks' | 'coalesced'): number {
  return seconds.reduce((total, second) => total + second[key], 0)
}

/** What the meter was like during a phase, and why its figures are doubtful there. */
export function phaseMeter(
  group: Group,
  seconds: MeterSeconds,
  cpus: number,
  low: LowLoad | undefined,
): PhaseMeter {
  const reasons: string[] = []
  const { lag } = group
  const ms = (us: number) => Number((us / 1000).toPrecision(3))
  if (lag.count >= ENOUGH) {
    const [p50, p99] = [ms(lag.quantile(0.5).low), ms(lag.quantile(0.99).low)]
    if (p50 > SATURATED.lag_p50_ms) reasons.push(`half of all reads came at least ${p50} ms late`)
    if (p99 > SATURATED.lag_p99_ms) reasons.push(`one read in a hundred came at least ${p99} ms late`)
  }
  if (group.late.count >= STARTS) {
    const p99 = ms(group.late.quantile(0.99).low)
    if (p99 > SATURATED.start_p99_ms) reasons.push(`one request in a hundred began at least ${p99} ms late`)
  }
  const share = group.token_chunks === 0 ? 0 : group.coalesced_chunks / group.token_chunks
  const above = low === undefined ? 0 : share - low.share
  if (
    low !== undefined &&
    group.token_chunks >= ENOUGH &&
    above > SATURATED.coalesced_above &&
    piledUp(lag, above)
  ) {
    reasons.push(`${percent(share)} of the reads brought several tokens, ${percent(low.share)} at low load`)
  }
  const during = seconds.between(group.from_us, group.to_us)
  const heartbeat = {
    p99: ms(median(during.map(({ heartbeat_p99_us }) => heartbeat_p99_us))),
    max: ms(during.reduce((top, { heartbeat_max_us }) => Math.max(top, heartbeat_max_us), 0)),
  }
  const cpu = median(during.map(({ cpu_us, lasted_us }) => (lasted_us > 0 ? cpu_us / lasted_us / cpus : 0)))
  if (during.length >= SECONDS) {
    if (heartbeat.p99 > SATURATED.heartbeat_p99_ms) {
      reasons.push(`a timer of the meter woke ${heartbeat.p99} ms late (99th percentile of a second)`)
    }
    const late = during.filter(({ heartbeat_max_us }) => heartbeat_max_us > SATURATED.heartbeat_max_ms * 1000)
    if (late.length > Math.max(1, SATURATED.heartbeat_share * during.length)) {
      const times = `${late.length} of ${during.length} seconds`
      reasons.push(`a timer of the meter woke more than ${SATURATED.heartbeat_max_ms} ms late in ${times}`)
    }
    if (cpu > SATURATED.cpu) {
      reasons.push(`the meter used ${percent(cpu)} of the ${cpus} ${cpus === 1 ? 'core' : 'cores'}`)
    }
  }
  return {
    ...(lag.count > 0 ? { lag_ms: lag.quantiles() } : {}),
    coalesced: rounded(share),
    ...(during.length > 0 ? { heartbeat_ms: heartbeat, cpu: rounded(cpu) } : {}),
    reasons,
  }
}

/** Whether reads with several tokens, `above` more of them than at low load, are the late reader's and not the sender's. */
function piledUp(lag: Figure, above: number): boolean {
  if (lag.count < ENOUGH) return true
  return lag.quantile(1 - above / 2).low > SATURATED.coalesced_lag_ms * 1000
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `3 %`, `3.4 %`, `0.03 %`. */
export function percent(share: number): string {
  const value = share * 100
  return `${Number(value.toPrecision(value >= 10 ? 3 : 2))} %`
}
