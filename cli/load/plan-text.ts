import type { Order } from '../../load/order.ts'
import { durationText } from './duration.ts'
import { hostOf } from './hosts.ts'
import type { Cost } from './prepare.ts'
import { isLimits } from './scenarios.ts'
import { SCENARIOS } from './titles.ts'

/** What a run will ask and cost, for a person, before anything is sent. `needs`: a host that must be allowed first. */
export function planText(order: Order, cost: Cost, more: { embedded: boolean; needs: boolean }): string[] {
  const { scenario, target, caps, deadlines } = order
  const host = hostOf(target.url)
  const where = more.embedded ? 'the embedded reference gateway' : target.url
  return [
    `load ${scenario}: ${SCENARIOS[scenario]}`,
    ...rows([
      [
        'target',
        `${where} (${target.dialect}, ${target.models.length === 1 ? 'model' : 'models'} ${target.models.join(', ')})`,
      ],
      ['arrivals', isLimits(scenario) ? 'what the search for the limit needs' : arrivalsText(order)],
      ['requests', `${cost.exact ? '' : 'at most '}${number(cost.requests)}`],
      [
        'tokens',
        `at most ${number(cost.tokens)}${isLimits(scenario) ? '' : ` (prompt ${spanText(order.requests.prompt_tokens)}, answer up to ${number(order.requests.max_tokens[1])})`}`,
      ],
      ['peak rate', `at most ${number(cost.peak_rate)} requests a second`],
      [
        'duration',
        `about ${durationText(cost.duration_s)}, then up to ${durationText(deadlines.drain_ms / 1000)} for what is in flight`,
      ],
      [
        'caps',
        `${number(caps.requests)} requests, ${number(caps.tokens)} tokens, ${number(caps.rate)} requests a second, ${durationText(caps.duration_s)}`,
      ],
      [
        'host',
        more.embedded
          ? 'this machine'
          : `${host}${more.needs ? ` (it has to be allowed: --i-may-load ${host})` : ''}`,
      ],
      ['keys', Object.keys(target.keys).join(', ') || 'none'],
      ...(order.slo.length === 0 ? [] : [['objectives', order.slo.map(sloText).join(', ')] as Row]),
    ]),
  ]
}

type Row = [label: string, text: string]

function rows(all: Row[]): string[] {
  const width = Math.max(...all.map(([label]) => label.length))
  return all.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)
}

function arrivalsText({ scenario, load, options }: Order): string {
  const streams = `${number(load.streams)} stream${load.streams === 1 ? '' : 's'}`
  if (scenario === 'sweep')
    return `Poisson, from ${String(options.from)} to ${String(options.to)} requests a second, at most ${streams} in flight`
  if (load.arrivals === 'closed') return `closed: ${streams}, each followed at once by the next`
  const how = load.arrivals === 'poisson' ? 'Poisson' : 'constant'
  return `${how}: ${load.rate} requests a second whether or not answers come, at most ${streams} in flight`
}

function sloText({ metric, quantile, max_ms, max, min }: Order['slo'][number]): string {
  const bound = max_ms !== undefined ? `≤ ${max_ms} ms` : max !== undefined ? `≤ ${max}` : `≥ ${min}`
  return `${metric}${quantile === undefined ? '' : ` ${quantile}`} ${bound}`
}

function spanText([least, most]: [number, number]): string {
  return least === most ? number(least) : `${number(least)} to ${number(most)}`
}

function number(value: number): string {
  return (Math.round(value * 10) / 10).toLocaleString('en-US')
}
