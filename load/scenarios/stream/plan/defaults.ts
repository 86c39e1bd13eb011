/** What the command puts into an order where the user says nothing. Pure. */
import type { Json, Load, OptionsOf, Order, Requests, StreamScenario } from '../../../order.ts'

export interface Defaults<S extends StreamScenario = StreamScenario> {
  load: Load
  requests: Requests
  options: OptionsOf[S]
}

const LOAD: Load = {
  arrivals: 'closed',
  streams: 10,
  calibrate: 3,
  duration_s: 30,
  warmup_s: 5,
  streams_per_vu: 2000,
}

const REQUESTS: Requests = {
  prompt_tokens: [128, 256],
  max_tokens: [64, 128],
  stream_share: 1,
  tools_share: 0,
}

export const DEFAULTS: { [S in StreamScenario]: Defaults<S> } = {
  latency: { load: LOAD, requests: REQUESTS, options: {} },
  sweep: {
    // The most that a sweep takes; streams bound what a gateway that is too slow piles up.
    load: { ...LOAD, arrivals: 'poisson', rate: 1, streams: 200, duration_s: 420, warmup_s: 0 },
    requests: REQUESTS,
    options: { from: 1, to: 64, factor: 2, within: 0.1, step_s: 15, settle_s: 5, steps: 16, at_least: 30 },
  },
  soak: { load: { ...LOAD, duration_s: 1800 }, requests: REQUESTS, options: { windows: 10 } },
  burst: { load: { ...LOAD, duration_s: 60 }, requests: REQUESTS, options: { bursts: 3, size: 40 } },
  cancel: {
    load: { ...LOAD, duration_s: 120, warmup_s: 0 },
    requests: { ...REQUESTS, max_tokens: [256, 256] },
    options: {
      waves: 3,
      share: 1,
      after_tokens: [1, 16],
      after_ms: [50, 1000],
      probe_every_ms: 250,
      probe_for_s: 20,
    },
  },
  isolation: {
    load: { ...LOAD, duration_s: 45 },
    requests: REQUESTS,
    options: { role: 'exhausted', streams: 10, rate: 50 },
  },
  mixed: {
    load: LOAD,
    requests: {
      prompt_tokens: [128, 2048],
      max_tokens: [16, 256],
      stream_share: 0.7,
      tools_share: 0.3,
    },
    options: { long_share: 0.3 },
  },
  selftest: {
    load: { ...LOAD, streams: 50, duration_s: 20, warmup_s: 3 },
    requests: { ...REQUESTS, prompt_tokens: [128, 128], max_tokens: [100, 100] },
    options: { stall_ms: 50, stalled_share: 0.1 },
  },
}

/**
 * The knobs of the scenario that the order is for. Throws where the order is for another one, and where a knob is
 * missing, not known or of another shape than its default.
 */
export function optionsOf<S extends StreamScenario>(order: Order, scenario: S): OptionsOf[S] {
  if (order.scenario !== scenario) throw new Error(`the order is for ${order.scenario}, not for ${scenario}`)
  const problem = optionProblems(order.options, scenario)[0]
  if (problem !== undefined) throw new Error(problem)
  return order.options as OptionsOf[S]
}

/** One sentence for each knob that is missing, not known or of the wrong shape. */
export function optionProblems(options: Record<string, Json>, scenario: StreamScenario): string[] {
  const model: Record<string, Json> = { ...DEFAULTS[scenario].options }
  const unknown = Object.keys(options)
    .filter((name) => !(name in model))
    .map((name) => `options.${name} is not known to ${scenario}; known: ${Object.keys(model).join(', ')}`)
  const wrong = Object.entries(model).flatMap(([name, shape]) => {
    const value = options[name]
    if (typeof shape === 'number') return isAmount(value) ? [] : [`options.${name} must be a number from 0`]
    if (typeof shape === 'string') return typeof value === 'string' ? [] : [`options.${name} must be a text`]
    return isRange(value) ? [] : [`options.${name} must be two numbers from 0, the lower one first`]
  })
  return [...unknown, ...wrong]
}

export function isAmount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

export function isRange(value: Json | undefined): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [low, high] = value
  return isAmount(low) && isAmount(high) && low <= high
}
