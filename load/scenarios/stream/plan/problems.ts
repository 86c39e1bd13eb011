/** What makes no sense in an order of a stream scenario, said before anything is sent. Pure. */
import type { Order, Slo, StreamScenario } from '../../../order.ts'
import { SLO_RATES, SLO_SHARES, SLO_TIMES, STREAM_SCENARIOS } from '../../../order.ts'
import { quantileOf } from '../knee/figures.ts'
import { isAmount, isRange, optionProblems } from './defaults.ts'

/** One sentence for each problem, with the path of what is wrong; none: the order can be carried out. */
export function problemsOf(order: Order): string[] {
  const scenario = STREAM_SCENARIOS.find((known) => known === order.scenario)
  if (scenario === undefined) return [`scenario: ${order.scenario} is not a stream scenario`]
  const knobs = optionProblems(order.options, scenario)
  return [
    ...knobs,
    ...(knobs.length === 0 ? scenarioProblems(order, scenario) : []),
    ...loadProblems(order),
    ...requestProblems(order),
    ...order.slo.flatMap(sloProblems),
  ]
}

function loadProblems({ load, caps, scenario, target, run, seed }: Order): string[] {
  return [
    ...whole('load.streams', load.streams, 1),
    ...whole('load.streams_per_vu', load.streams_per_vu, 1),
    ...whole('load.calibrate', load.calibrate, 0),
    ...unless(load.duration_s > 0, 'load.duration_s must be more than 0'),
    ...unless(isAmount(load.warmup_s), 'load.warmup_s must be a number from 0'),
    ...unless(
      load.arrivals === 'closed' || scenario === 'sweep' || (load.rate ?? 0) > 0,
      `load.rate must be there: arrivals are ${load.arrivals}`,
    ),
    ...whole('caps.requests', caps.requests, 1),
    ...whole('caps.tokens', caps.tokens, 1),
    ...unless(caps.duration_s > 0, 'caps.duration_s must be more than 0'),
    ...unless(caps.rate > 0, 'caps.rate must be more than 0'),
    ...unless(target.keys.default !== undefined, 'target.keys.default must be there'),
    ...unless(target.models.length > 0, 'target.models must name a model'),
    ...unless(/^[0-9a-f]{8}$/.test(run), 'run must be 8 hex digits'),
    ...unless(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, 'seed must be a 32-bit whole number'),
  ]
}

function requestProblems({ requests }: Order): string[] {
  const share = (name: 'stream_share' | 'tools_share') =>
    unless(isAmount(requests[name]) && requests[name] <= 1, `requests.${name} must be from 0 to 1`)
  return [
    ...unless(isRange(requests.prompt_tokens), 'requests.prompt_tokens must be two numbers, lower first'),
    ...unless(
      isRange(requests.max_tokens) && requests.max_tokens[0] >= 16,
      'requests.max_tokens must be two numbers from 16, lower first: the nonce has to fit into the answer',
    ),
    ...share('stream_share'),
    ...share('tools_share'),
  ]
}

function scenarioProblems(order: Order, scenario: StreamScenario): string[] {
  const { load, options, slo, requests, target } = order
  const amount = (name: string) => Number(options[name])
  switch (scenario) {
    case 'sweep':
      return [
        ...unless(slo.length > 0, 'slo: a sweep looks for the highest rate that meets the SLO: name one'),
        ...unless(load.arrivals !== 'closed', 'load.arrivals: a sweep is of an open model'),
        ...unless(amount('from') > 0, 'options.from must be more than 0'),
        ...unless(amount('to') >= amount('from'), 'options.to must not be less than options.from'),
        ...unless(amount('factor') > 1, 'options.factor must be more than 1'),
        ...unless(amount('within') > 0, 'options.within must be more than 0'),
        ...unless(amount('step_s') > 0, 'options.step_s must be more than 0'),
        ...whole('options.steps', amount('steps'), 1),
      ]
    case 'soak':
      return whole('options.windows', amount('windows'), 1)
    case 'burst':
      return [...whole('options.bursts', amount('bursts'), 1), ...whole('options.size', amount('size'), 1)]
    case 'cancel':
      return [
        ...whole('options.waves', amount('waves'), 1),
        ...unless(amount('share') > 0 && amount('share') <= 1, 'options.share must be above 0, at most 1'),
        ...unless(amount('probe_every_ms') >= 1, 'options.probe_every_ms must be at least 1'),
        ...unless(
          requests.stream_share > 0,
          'requests.stream_share: only a stream can be hung up on in the middle',
        ),
      ]
    case 'isolation': {
      const role = String(options.role)
      return [
        ...unless(
          target.keys[role] !== undefined,
          `target.keys.${role} must be there: options.role names it`,
        ),
        ...unless(role !== 'default', 'options.role must be another than default'),
        ...whole('options.streams', amount('streams'), 1),
        ...unless(amount('rate') > 0, 'options.rate must be more than 0'),
        ...unless(
          amount('rate') < order.caps.rate,
          'options.rate must be below caps.rate: the healthy key needs its part of it',
        ),
      ]
    }
    case 'mixed':
      return unless(amount('long_share') <= 1, 'options.long_share must be from 0 to 1')
    case 'selftest':
      return unless(amount('stalled_share') <= 1, 'options.stalled_share must be from 0 to 1')
    default:
      return []
  }
}

/** Also which of quantile, max_ms, max and min an objective takes. */
function sloProblems(slo: Slo, i: number): string[] {
  const place = `slo[${i}]`
  const among = (metrics: readonly string[]) => metrics.includes(slo.metric)
  if (among(SLO_TIMES)) {
    const { quantile = '' } = slo
    return [
      ...unless(quantileOf(quantile) !== null, `${place}.quantile must be p50, p99, p99.9, max …`),
      ...unless(isAmount(slo.max_ms), `${place}.max_ms must be a number from 0`),
    ]
  }
  if (slo.metric === 'errors') return unless(isAmount(slo.max), `${place}.max must be a number from 0`)
  if (among(SLO_SHARES) || among(SLO_RATES))
    return unless(isAmount(slo.min), `${place}.min must be a number from 0`)
  const known = [...SLO_TIMES, ...SLO_SHARES, ...SLO_RATES].join(', ')
  return [`${place}.metric: ${slo.metric} is not known; known: ${known}`]
}

function whole(name: string, value: number, least: number): string[] {
  return unless(Number.isSafeInteger(value) && value >= least, `${name} must be a whole number from ${least}`)
}

function unless(fine: boolean, problem: string): string[] {
  return fine ? [] : [problem]
}
