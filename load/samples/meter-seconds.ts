import { Figure } from './figure.ts'
import type { MeterLine } from './read.ts'

/** Seconds that are kept: two days. */
const MOST = 200_000

/** A second of the meter. Times in µs. */
export interface MeterSecond {
  at_us: number
  /** Since the line before, or since the run's start. */
  lasted_us: number
  cpu_us: number
  heartbeat_p99_us: number
  heartbeat_max_us: number
  open: number
  chunks: number
  coalesced: number
}

/** What the meter said of itself, second by second. */
export class MeterSeconds {
  readonly all: MeterSecond[] = []
  readonly pauses = new Figure()
  goroutines = 0
  rss_bytes = 0
  cpu_us = 0
  chunks = 0
  clock_steps = 0
  #last_us = 0

  add(line: MeterLine): void {
    const lasted_us = line.at_us - this.#last_us
    this.#last_us = line.at_us
    for (const pause of line.gc_pauses_us) this.pauses.record(pause)
    this.goroutines = Math.max(this.goroutines, line.goroutines)
    this.rss_bytes = Math.max(this.rss_bytes, line.rss_bytes)
    this.cpu_us += line.cpu_us
    this.chunks += line.chunks
    this.clock_steps += line.clock_steps
    if (this.all.length >= MOST) return
    this.all.push({
      at_us: line.at_us,
      lasted_us,
      cpu_us: line.cpu_us,
      heartbeat_p99_us: line.heartbeat.p99_us,
      heartbeat_max_us: line.heartbeat.max_us,
      open: line.open,
      chunks: line.chunks,
      coalesced: line.coalesced_chunks,
    })
  }

  /** The seconds that lie wholly between two times of the run; where there are none, those that touch them. */
  between(from_us: number, to_us: number): MeterSecond[] {
    const inside = this.all.filter(
      ({ at_us, lasted_us }) => at_us - lasted_us >= from_us - 1000 && at_us <= to_us + 1000,
    )
    if (inside.length > 0) return inside
    return this.all.filter(({ at_us, lasted_us }) => at_us > from_us && at_us - lasted_us < to_us)
  }
}
