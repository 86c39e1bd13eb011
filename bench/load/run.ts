/** One tool under one load: started, watched, and its figures held against the gateway's journal. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Client, Command, Reported, Workload } from './clients/client.ts'
import type { ServedGateway } from './gateway.ts'
import { busyCores, endedChildren, type Moment, Watch } from './processes.ts'
import { quantileOf } from './quantile.ts'
import {
  firstTokens,
  gaps,
  type JournalReader,
  meanGaps,
  type Openness,
  openness,
  sentBetween,
  type TrueRequest,
} from './truth.ts'

export interface Outcome {
  client: string
  streams: number
  /** Of the last minute, and cores at work in the second before the tool was started. */
  load_average: number
  busy_before: number
  exit: number | null
  seconds: number
  /** Requests that the tool reports as finished, those among them that the gateway wrote to their end, and the others. */
  requests: number
  written: number
  failed: number
  most_open: number
  /** Seconds for which all streams were open, but for the moments between one request of a stream and its next. */
  full_s: number
  ttft: Compared
  itl: Compared & { of: Reported['itl_of'] }
  /** p99 of the true gaps, whatever the tool reports. */
  true_gap_p99_ms: number
  /** (The client's time of the first token − the true one) by real time; NaN: unknown. */
  first_token_late_ms: { p50: number; p99: number }
  /** In the time when nearly as many streams were open as the tool ever held; undefined where that was too short. */
  cpu: Cpu | undefined
  /** From the tool's start to its end, microseconds. */
  cpu_whole_us: number
  /** The most of all its processes together, and of the largest. */
  peak_mib: number
  largest_mib: number
  saturated: boolean | undefined
  /** Length of the longest write of a token in a request, 99th percentile: the truth is off by at most half of it. */
  blur_p99_ms: number
  remarks: string[]
}

export interface Compared {
  reported_ms: number
  true_ms: number
  error_ms: number
}

export interface Cpu {
  seconds: number
  chunks: number
  client_us_per_chunk: number
  gateway_us_per_chunk: number
  /** Cores that worked for neither the client nor the gateway. */
  other_cores: number
}

/** How long after a tool's end the gateway may take to write its last requests down. */
const JOURNAL_MS = 5_000
/** After nearly as many streams are open as ever, before CPU time is counted. */
const SETTLE_NS = 1e9
const SHORTEST_S = 2

export interface Place {
  gateway: ServedGateway
  journal: JournalReader
  /** Folder in which each run gets one of its own. */
  scratch: string
}

/** Undefined where the tool is not installed. */
export async function runClient(
  client: Client,
  load: Omit<Workload, 'folder' | 'url' | 'key'>,
  { gateway, journal, scratch }: Place,
): Promise<Outcome | undefined> {
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(join(scratch, `${client.name.split(' ')[0]}-${load.streams}-`))
  const workload: Workload = { ...load, folder, url: gateway.url, key: gateway.key }
  const command = client.command(workload)
  if (command === undefined) return undefined
  const load_average = loadavg()[0]!
  const busy_before = await busyCores(1000)
  const ran = await watched(command, folder, gateway.pid)
  const reported = client.reported(workload, ran.exit)
  journal.forget()
  await journal.until(reported.nonces, JOURNAL_MS)
  const all = [...journal.requests.values()]
  const asked = reported.nonces.flatMap((nonce) => journal.requests.get(nonce) ?? [])
  const open = openness(all, load.streams)
  const own = reported.itl_of === 'gaps' ? gaps(asked) : meanGaps(asked)
  const most = (memory: (moment: Moment) => number) =>
    ran.moments.reduce((peak, moment) => Math.max(peak, memory(moment)), 0) / 2 ** 20
  return {
    client: client.name,
    streams: load.streams,
    load_average,
    busy_before,
    exit: ran.exit,
    seconds: ran.seconds,
    requests: reported.nonces.length,
    written: asked.filter(({ finished }) => finished).length,
    failed: reported.failed,
    most_open: open.most,
    full_s: open.full_s,
    ttft: compared(reported.ttft_p50_ms, quantileOf(firstTokens(asked), 0.5)),
    itl: { ...compared(reported.itl_p99_ms, quantileOf(own, 0.99)), of: reported.itl_of },
    true_gap_p99_ms: quantileOf(gaps(asked), 0.99),
    first_token_late_ms: lateness(asked, reported, journal),
    cpu: steady(ran.moments, all, open, journal),
    cpu_whole_us: ran.cpu_us,
    peak_mib: most((moment) => moment.client.rss_bytes),
    largest_mib: most((moment) => moment.client.largest_bytes),
    saturated: reported.saturated,
    blur_p99_ms: quantileOf(
      asked.map(({ blur_ns }) => blur_ns / 1e6),
      0.99,
    ),
    remarks: reported.remarks,
  }
}

interface Ran {
  exit: number | null
  seconds: number
  cpu_us: number
  moments: Moment[]
}

async function watched({ file, args, env }: Command, folder: string, gateway: number): Promise<Ran> {
  const log = openSync(join(folder, 'log.txt'), 'w')
  const before = endedChildren()
  const started = performance.now()
  const child = spawn(file, args, { cwd: folder, env, stdio: ['ignore', log, log] })
  const closed = once(child, 'close') as Promise<[number | null]>
  const kill = () => child.kill()
  process.once('exit', kill)
  const watch = new Watch(child.pid!, gateway)
  try {
    const [exit] = await closed
    const seconds = (performance.now() - started) / 1000
    return { exit, seconds, cpu_us: endedChildren() - before, moments: watch.moments }
  } finally {
    watch.stop()
    closeSync(log)
    process.off('exit', kill)
  }
}

function compared(reported_ms: number, true_ms: number): Compared {
  return { reported_ms, true_ms, error_ms: reported_ms - true_ms }
}

/** By real time, since that is what the tools write down; the gateway's pairing of both clocks maps it. */
function lateness(
  asked: TrueRequest[],
  reported: Reported,
  journal: JournalReader,
): { p50: number; p99: number } {
  const base = Number(journal.clock?.realtime_ns ?? Number.NaN)
  const late = asked.flatMap(({ nonce, token_ns }) => {
    const seen = reported.first_token_realtime_ns?.get(nonce)
    return seen === undefined || token_ns.length === 0 ? [] : [(seen - base - token_ns[0]!) / 1e6]
  })
  return { p50: quantileOf(late, 0.5), p99: quantileOf(late, 0.99) }
}

/** From a second after nearly as many streams were open as ever, to the last time that they were. */
function steady(
  moments: Moment[],
  all: TrueRequest[],
  { nearly_ns }: Openness,
  journal: JournalReader,
): Cpu | undefined {
  if (nearly_ns === undefined) return undefined
  const zero = BigInt(journal.clock?.monotonic_ns ?? 0)
  const timeOf = ({ client }: Moment) => Number(client.at_ns - zero)
  const inside = moments.filter(
    (moment) => timeOf(moment) >= nearly_ns[0] + SETTLE_NS && timeOf(moment) <= nearly_ns[1],
  )
  const [first] = inside
  const last = inside.at(-1)
  if (!first || !last) return undefined
  const seconds = (timeOf(last) - timeOf(first)) / 1e9
  if (seconds < SHORTEST_S) return undefined
  const chunks = sentBetween(all, timeOf(first), timeOf(last))
  const client = last.client.cpu_us - first.client.cpu_us
  const gateway = last.gateway.cpu_us - first.gateway.cpu_us
  return {
    seconds,
    chunks,
    client_us_per_chunk: client / chunks,
    gateway_us_per_chunk: gateway / chunks,
    other_cores: (last.machine_us - first.machine_us - client - gateway) / (seconds * 1e6),
  }
}
