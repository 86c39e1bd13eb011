/** The figures of the load bench as text, with what they were promised to be. */
import { cpus, release, totalmem } from 'node:os'
import Table from 'cli-table3'
import { quantileOf } from './quantile.ts'
import type { Outcome } from './run.ts'

/** What assay undertakes, by the number of streams. */
const PROMISED: Record<number, { ttft_ms: number; itl_ms: number }> = {
  50: { ttft_ms: 1, itl_ms: 2 },
  500: { ttft_ms: 3, itl_ms: 5 },
}
const CPU_US = 20
const MANY = { cpu_us: 25, mib: 1024, seconds: 60 }
/** Cores at work before a tool was started, or beside it, from which on a figure is marked. */
const QUIET = 0.15

export function machineText(): string {
  const all = cpus()
  return `${all.length} cores (${all[0]?.model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}`
}

export function outcomeText(outcome: Outcome): string {
  const { ttft, itl, cpu, first_token_late_ms: late } = outcome
  const lines = [
    `${outcome.client}, ${outcome.streams} streams: ${outcome.requests} requests in ${outcome.seconds.toFixed(0)} s, ${outcome.failed} not finished, at most ${outcome.most_open} open`,
    `  first token, median   ${ms(ttft.reported_ms)} ms reported, ${ms(ttft.true_ms)} ms true: ${signed(ttft.error_ms)} ms`,
    `  between tokens, p99   ${ms(itl.reported_ms)} ms reported, ${ms(itl.true_ms)} ms true${itl.of === 'means' ? ` of the requests' means (of gaps: ${ms(outcome.true_gap_p99_ms)} ms)` : ''}: ${signed(itl.error_ms)} ms`,
    `  first token stamped   ${signed(late.p50)} ms after it was sent at the median, ${signed(late.p99)} ms at p99`,
    `  CPU                   ${cpuText(outcome)}; ${(outcome.cpu_whole_us / 1e6).toFixed(1)} s from start to end`,
    `  memory                ${outcome.peak_mib.toFixed(0)} MiB at most, ${outcome.largest_mib.toFixed(0)} MiB its largest process`,
    `  could it keep up      ${outcome.saturated === undefined ? 'says nothing' : outcome.saturated ? 'says NO' : 'says yes'}`,
    `  machine               load average ${outcome.load_average.toFixed(1)}, ${outcome.busy_before.toFixed(2)} cores busy before, ${cpu?.other_cores.toFixed(2) ?? '?'} beside; truth to ±${ms(outcome.blur_p99_ms / 2)} ms`,
    ...outcome.remarks.map((remark) => `  remark                ${remark}`),
  ]
  return lines.join('\n')
}

function cpuText({ cpu }: Outcome): string {
  if (cpu === undefined) return 'its streams were not open for long enough'
  return `${cpu.client_us_per_chunk.toFixed(1)} µs a chunk over ${cpu.seconds.toFixed(0)} s and ${cpu.chunks} chunks (gateway ${cpu.gateway_us_per_chunk.toFixed(1)})`
}

/** One row for each tool and number of streams: medians over its runs, and the worst. */
export function table(outcomes: Outcome[]): string {
  const head = [
    'streams',
    'tool',
    'runs',
    'median TTFT off, ms',
    'p99 between tokens off, ms',
    'CPU a chunk, µs',
  ]
  const shown = new Table({
    head: [...head, 'keeps up?', 'other work, cores'],
    style: { head: [], border: [] },
  })
  for (const group of groups(outcomes)) {
    const [{ streams, client, itl }] = group as [Outcome]
    const off = (of: (one: Outcome) => number) => {
      const all = group.map(of)
      const worst = all.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a))
      return `${signed(quantileOf(all, 0.5))} (worst ${signed(worst)})`
    }
    const cpu = group.flatMap((one) => one.cpu?.client_us_per_chunk ?? [])
    const said = new Set(group.map(({ saturated }) => saturated))
    shown.push([
      streams,
      client,
      group.length,
      off((one) => one.ttft.error_ms),
      off((one) => one.itl.error_ms) + (itl.of === 'means' ? ' of means' : ''),
      cpu.length === 0 ? '?' : `${quantileOf(cpu, 0.5).toFixed(1)} (worst ${Math.max(...cpu).toFixed(1)})`,
      [...said].map((one) => (one === undefined ? 'silent' : one ? 'says no' : 'says yes')).join(', '),
      quantileOf(group.map(otherWork), 0.5).toFixed(2),
    ])
  }
  return shown.toString()
}

function groups(outcomes: Outcome[]): Outcome[][] {
  return [...Map.groupBy(outcomes, ({ streams, client }) => `${streams} ${client}`).values()]
}

function otherWork({ busy_before, cpu }: Outcome): number {
  return Math.max(busy_before, cpu?.other_cores ?? 0)
}

/** What assay undertakes and did not hold: medians over the runs. Empty: all held. */
export function broken(outcomes: Outcome[]): string[] {
  return groups(outcomes.filter(({ client }) => client === 'assay')).flatMap((group) => {
    const streams = group[0]!.streams
    const promised = PROMISED[streams]
    const middle = (of: (one: Outcome) => number) => quantileOf(group.map(of), 0.5)
    const held = [
      promised &&
        over(
          `${streams} streams: median TTFT off by`,
          middle((one) => Math.abs(one.ttft.error_ms)),
          promised.ttft_ms,
          'ms',
        ),
      promised &&
        over(
          `${streams} streams: p99 between tokens off by`,
          middle((one) => Math.abs(one.itl.error_ms)),
          promised.itl_ms,
          'ms',
        ),
      over(
        `${streams} streams: CPU a chunk`,
        middle((one) => one.cpu?.client_us_per_chunk ?? Number.NaN),
        CPU_US,
        'µs',
      ),
      over(
        `${streams} streams: requests not finished`,
        middle((one) => one.failed),
        0,
        '',
      ),
    ]
    return held.flatMap((text) => text ?? [])
  })
}

export function brokenByMany(outcome: Outcome): string[] {
  const { streams, cpu, largest_mib, failed, requests, written, full_s } = outcome
  return [
    over(`${streams} streams: memory of the largest process`, largest_mib, MANY.mib, 'MiB'),
    over(`${streams} streams: CPU a chunk`, cpu?.client_us_per_chunk ?? Number.NaN, MANY.cpu_us, 'µs'),
    over(
      `${streams} streams: lost`,
      failed + Math.abs(streams - requests) + Math.abs(requests - written),
      0,
      '',
    ),
    over(
      `${streams} streams: seconds short of a minute with all open`,
      Math.max(0, MANY.seconds - full_s),
      0,
      's',
    ),
  ].flatMap((text) => text ?? [])
}

/** What is not known is not held. */
function over(what: string, found: number, most: number, unit: string): string | undefined {
  return found <= most
    ? undefined
    : `${what} ${found.toFixed(2)} ${unit}, not at most ${most}`.replace('  ', ' ')
}

/** Said where the machine was not left to the bench. */
export function noisyText(outcomes: Outcome[]): string | undefined {
  const noisy = outcomes.filter((one) => otherWork(one) > QUIET)
  if (noisy.length === 0) return undefined
  return `In ${noisy.length} of ${outcomes.length} runs more than ${QUIET} cores were busy with other work: those figures are of a machine that was not quiet.`
}

function ms(value: number): string {
  return value.toFixed(2)
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
}
