/** What a limits run is told to look for, and the most that it can cost. Pure: the command shows it, the scenario keeps it. */
import type { ProbeOptions } from '../../infer/findings/course.ts'
import type { PlanOptions } from '../../infer/plan/types.ts'
import type { Json, Order } from '../../order.ts'

/** Knobs of `rpm` and `tpm`: `order.options` with every default filled in. */
export interface LimitOptions {
  /** The longest window that is looked for, s. */
  window_at_most_s: number
  /** "None found up to": requests or tokens. */
  limit_at_most: number
  /** What the config expects: the limit within `expect_window_s`; absent: the profile's word, or none. */
  expect_limit?: number
  expect_window_s: number
  /** The role whose key is examined. */
  key_role: string
  /** Whether the second part is run: which fault, if any? */
  probes: boolean
}

const LIMIT_AT_MOST = { rpm: 1000, tpm: 200_000 }

const numberOr = (value: Json | undefined, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise

export function limitOptions({ scenario, options }: Order): LimitOptions {
  const { expect_limit: expected } = options
  return {
    window_at_most_s: numberOr(options.window_at_most_s, 75),
    limit_at_most: numberOr(
      options.limit_at_most,
      scenario === 'tpm' ? LIMIT_AT_MOST.tpm : LIMIT_AT_MOST.rpm,
    ),
    ...(typeof expected === 'number' && expected > 0 && { expect_limit: expected }),
    expect_window_s: numberOr(options.expect_window_s, 60),
    key_role: typeof options.key_role === 'string' ? options.key_role : 'default',
    probes: options.probes !== false,
  }
}

/** The roles whose keys are used, the examined one first: others that are the same key are none. */
export function rolesOf(order: Order): string[] {
  const { key_role } = limitOptions(order)
  const others = Object.keys(order.target.keys).filter((role) => role !== key_role && USABLE.has(role))
  return [key_role, ...others].slice(0, 2)
}

/** Keys that a gateway lets in: of the others a refusal says nothing about limits. */
const USABLE = new Set(['default', 'free', 'limited'])

const modelsOf = ({ target }: Order): number => Math.min(2, Math.max(1, target.models.length))

/** How many times the limit the experiment and the probes may send, and the least that either needs. */
const MOST = { plan: 40, probes: 16, least: 120 }
/** Windows that each part takes at most. */
const WINDOWS = { plan: 9, probes: 14 }

/** From which longest window on the experiment may look at what it has, and how many explanations it tries each time. */
const LOOKING = { from_s: 30, trials: 800 }

/** Prompts are filled to the size that is wanted, and never smaller than their fixed words. */
const FIXED_TOKENS = 64

export interface Cost {
  requests: number
  tokens: number
  /** Requests a second, at most. */
  peak_rate: number
  duration_s: number
}

/** Upper bounds, which are kept: the run stops where the next request would pass one. Caps of the order are never passed. */
export function costOf(order: Order): Cost {
  const { window_at_most_s, limit_at_most, probes } = limitOptions(order)
  const factor = MOST.plan + (probes ? MOST.probes : 0)
  const rpm = order.scenario === 'rpm'
  const requests = rpm ? MOST.least + factor * limit_at_most : 3000
  const tokens = rpm ? requests * (FIXED_TOKENS + 8) + 0.6 * limit_at_most * 400 : factor * limit_at_most
  const windows = WINDOWS.plan + (probes ? WINDOWS.probes : 0)
  const { caps } = order
  return {
    requests: Math.min(caps.requests, Math.ceil(requests)),
    tokens: Math.min(caps.tokens, Math.ceil(tokens)),
    peak_rate: Math.min(caps.rate, rpm ? Math.ceil(3 * limit_at_most) : 100),
    duration_s: Math.min(caps.duration_s, Math.ceil(windows * window_at_most_s)),
  }
}

/** How many times the expected limit an experiment sends at the least, so that it says anything. */
const LEAST = 8

/** Why the caps leave no room for an experiment; empty: they do. One clause each, with the least that would. */
export function shortOf(order: Order): string[] {
  const { caps, scenario } = order
  const { expect_limit: expected = 0, expect_window_s } = limitOptions(order)
  const rpm = scenario === 'rpm'
  const requests = Math.max(MOST.least, rpm ? LEAST * expected : 0)
  const tokens = rpm ? requests * (FIXED_TOKENS + 8) : Math.max(MOST.least * FIXED_TOKENS, LEAST * expected)
  const rate = rpm ? Math.ceil((1.2 * expected) / expect_window_s) : 1
  const seconds = expected > 0 ? 6 * expect_window_s : 0
  const least = (what: string, needs: number, cap: number, way: string): string[] =>
    cap >= needs ? [] : [`at least ${needs} ${what}, the cap is ${cap} (${way})`]
  return [
    ...least('requests', requests, caps.requests, `--max-requests ${requests} allows it`),
    ...least('tokens', tokens, caps.tokens, `--max-tokens ${tokens} allows it`),
    ...least('requests a second', rate, caps.rate, 'load.caps.rate'),
    ...least('seconds', seconds, caps.duration_s, 'load.caps.duration'),
  ]
}

export function planOptions(order: Order): PlanOptions {
  const { window_at_most_s, limit_at_most } = limitOptions(order)
  const cost = costOf(order)
  return {
    aim: order.scenario === 'rpm' ? 'requests' : 'tokens',
    windowAtMost: window_at_most_s * 1000,
    limitAtMost: limit_at_most,
    maxRequests: cost.requests,
    maxTokens: cost.tokens,
    // What k6's engine computes it computes slowly: a trial takes it some milliseconds, during which nothing is sent.
    looks: window_at_most_s < LOOKING.from_s ? 0 : LOOKING.trials,
    keys: rolesOf(order).length,
    models: modelsOf(order),
  }
}

/** What is left for the probes after so many requests, tokens and ms. */
export function probeOptions(
  order: Order,
  used: { requests: number; tokens: number; ms: number },
): ProbeOptions {
  const all = planOptions(order)
  const cost = costOf(order)
  return {
    ...all,
    maxRequests: cost.requests - used.requests,
    maxTokens: cost.tokens - used.tokens,
    timeAtMost: Math.min(WINDOWS.probes * all.windowAtMost, cost.duration_s * 1000 - used.ms),
    twoBounds: order.target.dialect === 'openai-chat',
  }
}
