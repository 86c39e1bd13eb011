/** What a scenario does when, as far as it is known beforehand: lanes of requests with phases. Pure. */
import type { Load, Order } from '../../../order.ts'
import { optionsOf } from './defaults.ts'

/** Requests of one kind from `from_ms` up to, not including, `to_ms`, counted from the timetable's start. */
export interface Lane {
  name: string
  arrivals: Load['arrivals'] | 'at-once'
  /** In flight at most; `at-once`: so many start at `from_ms`. */
  streams: number
  /** Requests a second: of an open model, or those that a closed lane does not exceed. */
  rate?: number
  from_ms: number
  to_ms: number
  /** Key role. */
  key: string
  /** A request belongs to the last phase that begins no later than its (planned) start. */
  phases: Phase[]
  /** It asks again at once where others would wait a little after a refusal. */
  relentless?: true
}

export interface Phase {
  name: string
  from_ms: number
  /** The name of the phase for requests that begin while a burst is still being answered. */
  during?: string
  /** Share of this phase's requests whose reader sleeps so long: the meter's own test. */
  stalls?: { share: number; ms: number }
}

export const DEFAULT_KEY = 'default'

/** Lanes of the scenarios that follow a timetable; sweep and cancel decide as they go and have none. */
export function timetableOf(order: Order): Lane[] {
  const { load, caps } = order
  const warm = load.warmup_s * 1000
  const end = warm + load.duration_s * 1000
  const base: Lane = {
    name: 'load',
    arrivals: load.arrivals,
    streams: load.streams,
    ...(load.rate === undefined ? {} : { rate: load.rate }),
    from_ms: 0,
    to_ms: end,
    key: DEFAULT_KEY,
    phases: [],
  }
  const lanes = lanesOf(order, base, warm, end)
  const most = caps.duration_s * 1000
  return lanes.flatMap((lane) => {
    if (lane.from_ms >= most) return []
    const to_ms = Math.min(lane.to_ms, most)
    const phases = lane.phases.filter((phase) => phase.from_ms < to_ms)
    return [{ ...lane, to_ms, phases: lane === lanes[0] ? warmed(phases, warm) : phases }]
  })
}

/** The phase of a request that starts `at` milliseconds after the timetable's start. */
export function phaseAt(lane: Lane, at: number): Phase {
  const phase = lane.phases.findLast((candidate) => candidate.from_ms <= at) ?? lane.phases[0]
  if (phase === undefined) throw new Error(`lane ${lane.name} has no phase`)
  return phase
}

/** When the last request may start. */
export function endOf(lanes: readonly Lane[]): number {
  return Math.max(0, ...lanes.map((lane) => lane.to_ms))
}

/** The base lane comes first. */
function lanesOf(order: Order, base: Lane, from: number, to: number): Lane[] {
  const third = (to - from) / 3
  switch (order.scenario) {
    case 'soak': {
      const { windows } = optionsOf(order, 'soak')
      return [{ ...base, phases: numbered('window', windows, from, to) }]
    }
    case 'burst': {
      const { bursts, size } = optionsOf(order, 'burst')
      const quiet = (to - from) / (bursts + 1)
      const after = numbered('after', bursts, from + quiet, to)
      const salvos = after.map(
        ({ from_ms }, i): Lane => ({
          name: `burst-${i + 1}`,
          arrivals: 'at-once',
          streams: size,
          from_ms,
          to_ms: from_ms + 1,
          key: DEFAULT_KEY,
          phases: [{ name: `burst-${i + 1}`, from_ms }],
        }),
      )
      const phases = after.map((phase, i) => ({ ...phase, during: `during-${i + 1}` }))
      return [{ ...base, phases: [{ name: 'quiet', from_ms: from }, ...phases] }, ...salvos]
    }
    case 'isolation': {
      const { role, streams, rate } = optionsOf(order, 'isolation')
      const beside = { from_ms: from + third, to_ms: from + 2 * third }
      const phases = [
        { name: 'before', from_ms: from },
        { name: 'beside', from_ms: beside.from_ms },
        { name: 'after', from_ms: beside.to_ms },
      ]
      const hammer: Lane = {
        name: 'hammer',
        arrivals: 'closed',
        streams,
        rate,
        ...beside,
        key: role,
        phases: [{ name: 'hammer', from_ms: beside.from_ms }],
        relentless: true,
      }
      return [{ ...base, phases }, hammer]
    }
    case 'selftest': {
      const { stall_ms, stalled_share } = optionsOf(order, 'selftest')
      const stalls = { share: stalled_share, ms: stall_ms }
      const phases = [
        { name: 'plain', from_ms: from },
        { name: 'stalled', from_ms: (from + to) / 2, stalls },
      ]
      return [{ ...base, phases }]
    }
    case 'latency':
    case 'mixed':
      return [{ ...base, phases: [{ name: 'main', from_ms: from }] }]
    default:
      throw new Error(`the scenario ${order.scenario} has no timetable`)
  }
}

function numbered(name: string, count: number, from: number, to: number): Phase[] {
  const length = (to - from) / count
  return Array.from({ length: count }, (_, i) => ({ name: `${name}-${i + 1}`, from_ms: from + i * length }))
}

function warmed(phases: Phase[], warm: number): Phase[] {
  return warm > 0 ? [{ name: 'warmup', from_ms: 0 }, ...phases] : phases
}
