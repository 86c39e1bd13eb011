/** What an order costs at most, shown before anything is sent. Pure. */
import type { Order } from '../../../order.ts'
import { type Bodies, boundOf } from '../../prompts/body.ts'
import type { OwnPrompt } from '../../prompts/jsonl.ts'
import { seedOf } from '../../prompts/random.ts'
import { type Arrivals, constantArrivals, poissonArrivals } from '../drive/arrivals.ts'
import { optionsOf } from './defaults.ts'
import { lengthOf } from './k6-options.ts'
import { type Lane, timetableOf } from './timetable.ts'

export interface Plan {
  /** At most, under the caps. */
  requests: number
  /** Prompt and bound on the answer, at most, under the caps. */
  tokens: number
  /** Starts in any one second, at most, under the cap. An open model with a lower cap drops what exceeds it. */
  peak_rate: number
  /** From the first request after calibration to the last start. */
  duration_s: number
  /** The number of requests is known; else it depends on how fast the gateway is, and only bounded. */
  exact: boolean
}

/** So many standard deviations above the mean is the busiest second of Poisson arrivals, in hours of them. */
const CROWD = 5

/** `own`: the user's prompts, where the order names a file of them. */
export function planOf(order: Order, bodies: Bodies, own?: readonly OwnPrompt[]): Plan {
  const { caps, load } = order
  const { requests, peak, exact } = bound(order)
  const most = Math.min(caps.requests, load.calibrate + requests)
  return {
    requests: most,
    tokens: Math.min(caps.tokens, most * tokensOf(order, bodies, own)),
    peak_rate: Math.min(caps.rate, peak),
    duration_s: lengthOf(order),
    exact: exact && most === load.calibrate + requests,
  }
}

/** The most that one request costs. */
function tokensOf({ requests, target }: Order, bodies: Bodies, own: readonly OwnPrompt[] = []): number {
  const tools = requests.tools_share > 0 ? bodies.tools_tokens : 0
  const fixed = bodies.overhead_tokens + tools
  const bound = (ours: number, fields = {}) =>
    boundOf({ [target.limit_field]: ours, ...fields, ...requests.extra }, target.limit_field, ours)
  const answer = Math.max(requests.max_tokens[1], 0)
  const costs = own.map((prompt) => fixed + prompt.tokens + bound(prompt.max_tokens ?? answer, prompt.fields))
  return costs.length > 0
    ? costs.reduce((most, cost) => Math.max(most, cost))
    : Math.max(fixed + 1, requests.prompt_tokens[1]) + bound(answer)
}

interface Bound {
  requests: number
  peak: number
  exact: boolean
}

function bound(order: Order): Bound {
  const { caps, load } = order
  const seconds = lengthOf(order)
  if (order.scenario === 'sweep') {
    const { to } = optionsOf(order, 'sweep')
    const most = Math.min(to, caps.rate)
    const crowd = load.arrivals === 'constant' ? to : to + CROWD * Math.sqrt(to)
    return { requests: Math.ceil(seconds * most), peak: withLate(crowd), exact: false }
  }
  if (order.scenario === 'cancel') {
    const { waves, probe_for_s, probe_every_ms } = optionsOf(order, 'cancel')
    const probes = 1 + Math.ceil((probe_for_s * 1000) / probe_every_ms)
    return { requests: waves * load.streams * (1 + probes), peak: caps.rate, exact: false }
  }
  const lanes = timetableOf(order)
  const bounds = lanes.map((lane, i) => laneBound(order, lane, i))
  return {
    requests: bounds.reduce((sum, { requests }) => sum + requests, 0),
    peak: bounds.reduce((sum, { peak }) => sum + peak, 0),
    exact: bounds.every(({ exact }) => exact),
  }
}

function laneBound({ caps, seed }: Order, lane: Lane, salt: number): Bound {
  const { from_ms, to_ms, rate = caps.rate } = lane
  switch (lane.arrivals) {
    case 'at-once':
      return { requests: lane.streams, peak: lane.streams, exact: true }
    case 'closed':
      return { requests: Math.ceil((rate * (to_ms - from_ms)) / 1000), peak: rate, exact: false }
    case 'constant':
      return { ...counted(constantArrivals(rate, from_ms, to_ms)), exact: true }
    case 'poisson':
      return { ...counted(poissonArrivals(rate, from_ms, to_ms, seedOf(seed, salt))), exact: true }
  }
}

/** How many arrivals there are, and in the busiest second. */
function counted(arrivals: Arrivals): { requests: number; peak: number } {
  const recent: number[] = []
  let requests = 0
  let peak = 0
  let first = 0
  for (let at = arrivals(); at !== undefined; at = arrivals()) {
    requests += 1
    recent.push(at)
    while ((recent[first] ?? at) <= at - 1000) first += 1
    peak = Math.max(peak, recent.length - first)
  }
  return { requests, peak: withLate(peak) }
}

/** Starts that are a little late fall into the next second. */
function withLate(peak: number): number {
  return Math.ceil(peak * 1.1) + 2
}
