import type { Order } from '../order.ts'
import { BadSample, type Cell, flagAt, type Layout, numberAt, shown, textAt } from './columns.ts'
import { add, Group } from './group.ts'
import { Invariants } from './invariants.ts'
import { MeterSeconds } from './meter-seconds.ts'
import { Objectives, type RequestTimes } from './objectives.ts'
import { leftOpen, stoppedOpen } from './open.ts'
import { apart, isBurst } from './phases.ts'
import { Places } from './places.ts'
import type {
  DroppedLine,
  HistogramLine,
  MeterLine,
  NoteLine,
  SampleSink,
  SamplesHeader,
  TargetLine,
} from './read.ts'

/** Phases times models that are told apart: more is no run of ours. */
const GROUPS = 5000
const NOTES = 10_000
const OUTCOMES: ReadonlySet<string> = new Set([
  'finished',
  'failed',
  'unfinished',
  'cut-off',
  'hung-up',
  'refused',
  'error',
  'stopped',
])

/** Everything that verdicts and figures are made of, in memory that does not grow with the number of rows. */
export class Tally implements SampleSink {
  /** By phase, then model. */
  readonly groups = new Map<string, Map<string, Group>>()
  readonly invariants: Invariants
  /** Rows of the headline that missed an objective for sure, by its metric. */
  readonly misses = new Places()
  readonly seconds = new MeterSeconds()
  readonly notes: NoteLine[] = []
  readonly memory: TargetLine[] = []
  facts: SamplesHeader | undefined
  readonly objectives: Objectives
  #size = 0
  /** The latest time that the file has told so far: what is told after it ended after it. */
  #now_us = 0
  /** A row's figures: one object for all rows. */
  readonly #times: RequestTimes = {
    ttfb: undefined,
    ttft_low: undefined,
    ttft: undefined,
    ttfat: undefined,
    tpot: undefined,
    e2e: undefined,
    stall_low: undefined,
    stall: undefined,
    start_delay: undefined,
  }

  constructor(order: Pick<Order, 'slo' | 'deadlines'>) {
    this.objectives = new Objectives(order.slo)
    this.invariants = new Invariants(order.deadlines.drain_ms * 1000)
  }

  header(header: SamplesHeader): void {
    this.facts = header
  }

  group(phase: string, model: string): Group {
    let models = this.groups.get(phase)
    if (models === undefined) {
      models = new Map()
      this.groups.set(phase, models)
    }
    let group = models.get(model)
    if (group === undefined) {
      this.#size += 1
      if (this.#size > GROUPS) throw new BadSample(`more than ${GROUPS} phases and models`)
      group = new Group()
      models.set(model, group)
    }
    return group
  }

  row(row: readonly Cell[]): void {
    const { layout } = this.facts!
    const outcome = textAt(row, layout.outcome, 'outcome') ?? ''
    if (!OUTCOMES.has(outcome)) throw new BadSample(`outcome is ${shown(row[layout.outcome])}`)
    const group = this.group(
      textAt(row, layout.phase, 'phase') ?? 'main',
      textAt(row, layout.model, 'model') ?? '',
    )
    const error = textAt(row, layout.error, 'error')
    if (error === 'capped') {
      // It was never sent: neither a request nor an error.
      add(group.dropped, 'cap')
      return
    }
    const status = numberAt(row, layout.status, 'status') ?? 0
    group.requests += 1
    add(group.outcomes, outcome)
    if (error !== undefined) add(group.errors, error)
    if (status > 0) {
      group.answered += 1
      add(group.statuses, String(status))
    }
    const times = this.#read(row, layout)
    this.#place(row, layout, group, times)
    if (status >= 200 && status < 300) this.#figures(row, layout, group, times, outcome)
    const silent_us = outcome === 'stopped' ? this.#stopped(row, group, times) : undefined
    if (outcome === 'hung-up') leftOpen(row, layout, group, times, this.#now_us)
    this.#goodput(row, layout, group, times, outcome, error)
    this.#reads(row, layout, group)
    this.invariants.row(row, layout, { outcome, error, status, silent_us })
    if (outcome === 'finished') this.invariants.heard(times)
  }

  #read(row: readonly Cell[], layout: Layout): RequestTimes {
    const times = this.#times
    times.ttfb = numberAt(row, layout.ttfb_us, 'ttfb_us')
    times.ttft = numberAt(row, layout.ttft_us, 'ttft_us')
    times.ttft_low = numberAt(row, layout.ttft_low_us, 'ttft_low_us') ?? times.ttft
    times.ttfat = numberAt(row, layout.ttfat_us, 'ttfat_us')
    times.tpot = numberAt(row, layout.tpot_us, 'tpot_us')
    times.e2e = numberAt(row, layout.e2e_us, 'e2e_us')
    times.stall = numberAt(row, layout.stall_us, 'stall_us')
    times.stall_low = numberAt(row, layout.stall_low_us, 'stall_low_us') ?? times.stall
    return times
  }

  /** When the request was: planned, begun, ended. */
  #place(row: readonly Cell[], layout: Layout, group: Group, times: RequestTimes): void {
    const start = numberAt(row, layout.start_us, 'start_us')
    const planned = numberAt(row, layout.planned_us, 'planned_us')
    times.start_delay = undefined
    if (start === undefined) return
    const sent =
      (numberAt(row, layout.connect_us, 'connect_us') ?? 0) +
      (numberAt(row, layout.write_us, 'write_us') ?? 0)
    const last = Math.max(times.e2e ?? times.ttft ?? times.ttfb ?? 0, 0)
    if (start < group.from_us) group.from_us = start
    if (start > group.last_start_us) group.last_start_us = start
    const wait = numberAt(row, layout.retry_after_s, 'retry_after_s')
    if (wait !== undefined) group.told_until_us = Math.max(group.told_until_us, start + wait * 1e6)
    if (start + sent + last > group.to_us) group.to_us = start + sent + last
    if (planned === undefined) return
    times.start_delay = start - planned
    group.record('start_delay', times.start_delay)
    if (!isBurst(String(row[layout.phase]))) group.late.record(times.start_delay)
    if (row[layout.outcome] !== 'finished') return
    const late = times.start_delay + sent
    if (times.ttft !== undefined) group.record('ttft_planned', late + times.ttft)
    if (times.e2e !== undefined) group.record('e2e_planned', late + times.e2e)
  }

  /** Those that are open at the end come last in the file: by then it is known how long answers take. */
  #stopped(row: readonly Cell[], group: Group, times: RequestTimes): number | undefined {
    const silent = stoppedOpen(row, this.facts!.layout, group, times, this.#now_us)
    if (silent !== undefined && silent >= this.invariants.overdue_us) group.silent += 1
    return silent
  }

  /** An answer's tokens, and its times if it finished, or got as far before we left. */
  #figures(row: readonly Cell[], layout: Layout, group: Group, times: RequestTimes, outcome: string): void {
    const tokens = numberAt(row, layout.tokens, 'tokens') ?? 0
    const completion = numberAt(row, layout.completion_tokens, 'completion_tokens')
    group.counted += tokens
    group.output += completion ?? tokens
    if (completion !== undefined) {
      group.with_usage += 1
      group.completion += completion
      group.prompt += numberAt(row, layout.prompt_tokens, 'prompt_tokens') ?? 0
      group.reasoning += numberAt(row, layout.reasoning_tokens, 'reasoning_tokens') ?? 0
    }
    const finished = outcome === 'finished'
    if (!finished && outcome !== 'hung-up' && outcome !== 'stopped') return
    const { ttfb, ttft, ttft_low, ttfat, tpot, e2e, stall, stall_low } = times
    if (ttfb !== undefined) group.record('ttfb', ttfb)
    if (ttft !== undefined) {
      group.record('ttft', ttft)
      group.record('ttft_low', ttft_low ?? ttft)
    }
    if (ttfat !== undefined) group.record('ttfat', ttfat)
    if (stall !== undefined) {
      group.record('stall', stall)
      group.record('stall_low', stall_low ?? stall)
    }
    if (!finished) return
    if (e2e !== undefined) group.record('e2e', e2e)
    if (tpot !== undefined) {
      group.record('tpot', tpot)
      if (tpot > 0) group.record('user', 1e9 / tpot)
    }
  }

  #goodput(
    row: readonly Cell[],
    layout: Layout,
    group: Group,
    times: RequestTimes,
    outcome: string,
    error: string | undefined,
  ): void {
    if (outcome === 'stopped') {
      // Open at the end, and by then too slow already: whatever would have come, it missed.
      const missed = this.objectives.missed(times)
      if (missed.length > 0) group.could_not += 1
      this.#missed(row, layout, missed)
      return
    }
    // What we left or did not send says nothing about the gateway.
    if (outcome === 'hung-up' || error === 'capped' || error === 'stopped') return
    const streamed = flagAt(row, layout.stream, 'stream') ?? true
    group.could += 1
    if (outcome !== 'finished') {
      if (streamed) group.lost_streams += 1
      else group.lost_plain += 1
      return
    }
    const { sure, maybe } = this.objectives.met(times, streamed)
    if (sure) group.met += 1
    if (maybe) group.met_at_most += 1
    else this.#missed(row, layout, this.objectives.missed(times))
  }

  #missed(row: readonly Cell[], layout: Layout, metrics: readonly string[]): void {
    if (metrics.length === 0 || apart(textAt(row, layout.phase, 'phase') ?? 'main') !== undefined) return
    for (const metric of metrics) this.misses.add(metric, String(row[layout.id]))
  }

  #reads(row: readonly Cell[], layout: Layout, group: Group): void {
    const { reads, stamped, chunks, token_chunks, coalesced_chunks, clock_steps } = layout
    group.reads += numberAt(row, reads, 'reads') ?? 0
    group.stamped += numberAt(row, stamped, 'stamped') ?? 0
    group.chunks += numberAt(row, chunks, 'chunks') ?? 0
    group.token_chunks += numberAt(row, token_chunks, 'token_chunks') ?? 0
    group.coalesced_chunks += numberAt(row, coalesced_chunks, 'coalesced_chunks') ?? 0
    group.clock_steps += numberAt(row, clock_steps, 'clock_steps') ?? 0
  }

  histogram({ histogram, phase, model, hdr }: HistogramLine): void {
    const group = this.group(phase, model)
    if (histogram === 'lag') group.lag.mergeEncoded(hdr)
    else group.figure(histogram).mergeEncoded(hdr)
  }

  meter(line: MeterLine): void {
    this.#now_us = Math.max(this.#now_us, line.at_us)
    this.seconds.add(line)
  }

  dropped({ why, phase }: DroppedLine): void {
    const group = this.group(phase ?? 'main', '')
    add(group.dropped, why)
    // Nobody was there to send it because too many were still waiting for their answers: a user would have got none.
    if (why !== 'streams') return
    group.could += 1
    group.lost_streams += 1
  }

  note(line: NoteLine): void {
    if (line.name === 'foreign') this.invariants.word(line.value)
    else if (this.notes.length < NOTES) this.notes.push(line)
  }

  target(line: TargetLine): void {
    if (this.memory.length < 200_000) this.memory.push(line)
  }
}
