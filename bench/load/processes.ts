/** CPU time and memory of a process with all that it started, read from /proc: Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second of the times in /proc, on every Linux that Node runs on. */
const TICKS = 100
const PAGE = 4096

interface Stat {
  parent: number
  /** Microseconds of CPU: its threads and those children that it has waited for. */
  cpu_us: number
  /** The part of it that is its ended children's. */
  waited_us: number
  rss_bytes: number
}

/** CPU time since the processes began, and memory now. */
export interface Reading {
  at_ns: bigint
  cpu_us: number
  rss_bytes: number
  /** Memory of the largest of them. */
  largest_bytes: number
}

function statOf(pid: number | 'self'): Stat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name in brackets may hold spaces and brackets: fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (i: number) => Number(fields[i])
  const us = (ticks: number) => (ticks * 1_000_000) / TICKS
  const waited_us = us(number(13) + number(14))
  return {
    parent: number(1),
    cpu_us: us(number(11) + number(12)) + waited_us,
    waited_us,
    rss_bytes: number(21) * PAGE,
  }
}

/** CPU time of all children of this process that have ended, microseconds, with what they had waited for. */
export function endedChildren(): number {
  return statOf('self')?.waited_us ?? Number.NaN
}

/** What the process and its descendants have used so far. A process that has ended counts through its parent. */
export function readTree(root: number): Reading {
  const stats = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined
    if (stat) stats.set(pid, stat)
  }
  const inside = new Map<number, boolean>([[root, true]])
  const belongs = (pid: number): boolean => {
    const known = inside.get(pid)
    if (known !== undefined) return known
    const parent = stats.get(pid)?.parent ?? 0
    const found = parent > 0 && belongs(parent)
    inside.set(pid, found)
    return found
  }
  const reading: Reading = { at_ns: process.hrtime.bigint(), cpu_us: 0, rss_bytes: 0, largest_bytes: 0 }
  for (const [pid, stat] of stats) {
    if (!belongs(pid)) continue
    reading.cpu_us += stat.cpu_us
    reading.rss_bytes += stat.rss_bytes
    reading.largest_bytes = Math.max(reading.largest_bytes, stat.rss_bytes)
  }
  return reading
}

/** CPU time that all processors of the machine spent working, in microseconds since it was started. */
export function readMachine(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return ((user + nice + system + irq + softirq) * 1_000_000) / TICKS
}

/** How many cores work now, on average over the time. */
export async function busyCores(ms: number): Promise<number> {
  const before = readMachine()
  const from = performance.now()
  await new Promise((resolve) => setTimeout(resolve, ms))
  return (readMachine() - before) / ((performance.now() - from) * 1000)
}

export interface Moment {
  client: Reading
  gateway: Reading
  machine_us: number
}

/** Reads client, gateway and machine several times a second until stopped. */
export class Watch {
  readonly moments: Moment[] = []
  private readonly timer: NodeJS.Timeout
  private readonly client: number
  private readonly gateway: number

  constructor(client: number, gateway: number, every_ms = 250) {
    this.client = client
    this.gateway = gateway
    this.timer = setInterval(() => this.look(), every_ms)
    this.look()
  }

  private look(): void {
    const client = readTree(this.client)
    if (client.rss_bytes === 0) return
    this.moments.push({ client, gateway: readTree(this.gateway), machine_us: readMachine() })
  }

  stop(): void {
    clearInterval(this.timer)
  }
}
