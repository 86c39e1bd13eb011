import type { VerdictLine } from '../../../reports/record/types.ts'
import type { Slo } from '../../order.ts'
import { Figure } from '../figure.ts'
import type { FigureName, Group, OpenTime } from '../group.ts'
import { fileFinding, type Places, rowFindings } from '../places.ts'
import { percent } from '../saturation.ts'
import { line, plural } from './line.ts'
import { SLO_VERDICT } from './list.ts'

/** Where a figure lies: a quantile in its bucket, between the two bounds of each request. Infinite: it never came. */
export interface Range {
  low: number
  high: number
  /** Requests that it is of. */
  of: number
}

/** What an objective makes of a group. */
export interface Met {
  word: 'met' | 'missed' | 'unknown'
  /** What was seen, in the objective's unit. */
  range: Range
  text: string
}

export interface Measured {
  group: Group
  seconds: number
}

const LOWER: Record<string, FigureName> = { ttft: 'ttft_low', stall: 'stall_low' }
/** What only a stream has: an answer that is none and failed is not missing here. */
const OF_STREAMS: ReadonlySet<string> = new Set(['ttft', 'ttfat', 'tpot', 'stall'])
/** Of all tokens or reads of a phase: no request's own. */
const OF_GAPS: ReadonlySet<string> = new Set(['itl', 'icl'])

/** `p99.9` → 0.999, `max` → 1; undefined: no quantile. */
export function quantileOf(name: string): number | undefined {
  if (name === 'max') return 1
  const match = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name)
  return match === null ? undefined : Number(match[1]) / 100
}

/** How an objective stands to what was measured. */
export function stands(slo: Slo, measured: Measured): Met {
  const { group, seconds } = measured
  const { metric } = slo
  if (metric === 'errors') {
    const lost = group.lost_streams + group.lost_plain
    const of = group.could + group.silent
    const part = (failed: number) => (of === 0 ? 0 : failed / of)
    const range = { low: part(lost), high: part(lost + group.silent), of }
    const open = group.silent > 0 ? `, ${group.silent} more were silent when the run ended` : ''
    const share = between(percent(range.low), percent(range.high))
    return told(slo, range, `${share} failed (${lost} of ${plural(of, 'request')}${open})`)
  }
  if (metric === 'goodput') {
    const of = group.could + group.could_not
    const part = (met: number) => (of === 0 ? 0 : met / of)
    const range = { low: part(group.met), high: part(group.met_at_most), of }
    const share = between(percent(range.low), percent(range.high))
    return told(slo, range, `${share} of ${plural(of, 'request')} met every objective of their own`)
  }
  if (metric === 'requests_per_s') return told(slo, rate(group.ended('finished')), '')
  if (metric === 'tokens_per_s') return told(slo, rate(group.output), '')
  return time(slo, group)

  /**
   * From the first start to the last end, in which the last answers come one by one: the least that it was. Requests
   * started over less than that, at the rate that was sustained if the gateway kept pace: the most.
   */
  function rate(count: number): Range {
    const low = seconds > 0 ? count / seconds : 0
    const started = (group.last_start_us - group.from_us) / 1e6
    const high = started > 0 && group.requests > 1 ? (count * (1 - 1 / group.requests)) / started : low
    return { low: Math.min(low, high), high: Math.max(low, high), of: count }
  }
}

function time(slo: Slo, group: Group): Met {
  const { metric, quantile = '' } = slo
  const q = quantileOf(quantile)
  const name = metric as FigureName
  const figure = group.figures[name]
  const lost = OF_GAPS.has(metric) || metric === 'start_delay' ? 0 : lostOf(metric, group)
  const open = group.open[metric as OpenTime]
  const of = (figure?.count ?? 0) + lost + (open?.count ?? 0)
  if (q === undefined) return unknown(`${quantile} is no quantile`, of)
  if (of === 0) return unknown(`no request had a ${metric}`, 0)
  const range = quantileIn(group, name, q, lost)
  const what = OF_GAPS.has(metric) ? plural(of, 'gap') : plural(of, 'request')
  const failed = lost > 0 ? `, ${lost} of which failed` : ''
  const cut =
    open !== undefined && open.count > 0
      ? `, ${open.count} of which had none when we left or the run ended`
      : ''
  const text = `${metric} ${quantile} ${between(ms(range.low), ms(range.high))} over ${what}${failed}${cut}`
  const needed = Math.ceil(1 / (1 - q) - 1e-9)
  if (Number.isFinite(needed) && of < needed) {
    const most = slo.max_ms
    const beyond = most === undefined ? 0 : lost + beyondOf(group, name, most * 1000)
    if (beyond > 0 && chanceOf(beyond, of, 1 - q) < SURE) {
      return { word: 'missed', range, text: `${text}; ${beyond} of them took longer than ${most} ms` }
    }
    return { ...unknown(`${text}: too few, ${quantile} needs ${needed}`, of), range }
  }
  return told(slo, range, text)
}

/** A chance that is none: so many of so few that a gateway which meets the objective does not do that. */
const SURE = 0.001

/** Requests that took longer than this for sure, µs. */
function beyondOf(group: Group, name: FigureName, most_us: number): number {
  const lower = group.figures[LOWER[name] ?? name] ?? group.figures[name]
  return (lower?.above(most_us) ?? 0) + (group.open[name as OpenTime]?.above(most_us) ?? 0)
}

/** The chance of `k` or more of `n` where each has the chance `p`. */
export function chanceOf(k: number, n: number, p: number): number {
  let term = (1 - p) ** n
  let below = 0
  for (let i = 0; i < k; i += 1) {
    below += term
    term *= ((n - i) / (i + 1)) * (p / (1 - p))
  }
  return Math.max(0, 1 - below)
}

function lostOf(metric: string, group: Group): number {
  return OF_STREAMS.has(metric) ? group.lost_streams : group.lost_streams + group.lost_plain
}

/**
 * A quantile in ms over the values and `lost` endless ones. What was open when the run ended took longer than it had
 * waited, perhaps for ever.
 */
export function quantileIn(group: Group, name: FigureName, q: number, lost: number): Range {
  const upper = group.figures[name]
  const lower = LOWER[name] === undefined ? upper : (group.figures[LOWER[name]] ?? upper)
  const open = group.open[name as OpenTime]
  const least = new Figure()
  if (lower !== undefined) least.merge(lower)
  if (open !== undefined) least.merge(open)
  const of = least.count + lost
  const rank = Math.max(1, Math.ceil(q * of - 1e-9))
  const endless = Number.POSITIVE_INFINITY
  return {
    low: rank > least.count ? endless : least.atRank(rank).low / 1000,
    high: upper === undefined || rank > upper.count ? endless : upper.atRank(rank).high / 1000,
    of,
  }
}

function told(slo: Slo, range: Range, text: string): Met {
  const { low, high } = range
  const { min } = slo
  const most = slo.max_ms ?? slo.max
  const shown = text === '' ? `${between(plain(low), plain(high))} a second` : text
  const missed = (most !== undefined && low > most) || (min !== undefined && high < min)
  const met = (most === undefined || high <= most) && (min === undefined || low >= min)
  return { word: missed ? 'missed' : met ? 'met' : 'unknown', range, text: shown }
}

function unknown(text: string, of: number): Met {
  return { word: 'unknown', range: { low: 0, high: Number.POSITIVE_INFINITY, of }, text }
}

/** `ttft p99 at most 800 ms`. */
export function objectiveText({ metric, quantile, max_ms, max, min }: Slo): string {
  const name = quantile === undefined ? metric : `${metric} ${quantile}`
  if (max_ms !== undefined) return `${name} at most ${max_ms} ms`
  const share = metric === 'errors' || metric === 'goodput'
  const shown = (value: number) => (share ? percent(value) : String(value))
  if (max !== undefined) return `${name} at most ${shown(max)}`
  return `${name} at least ${shown(min ?? 0)}`
}

/** A verdict for each objective. `doubts`: why the meter cannot answer. */
export function sloLines(
  slo: readonly Slo[],
  measured: Measured,
  doubts: readonly string[],
  misses: Places,
  where = '',
): VerdictLine[] {
  const ids = new Map<string, number>()
  return slo.map((objective) => {
    const { metric, quantile } = objective
    const base = `load/slo/${metric}${quantile === undefined ? '' : `-${quantile}`}`
    const times = (ids.get(base) ?? 0) + 1
    ids.set(base, times)
    const id = times === 1 ? base : `${base}-${times}`
    const about = { ...SLO_VERDICT, id, title: objectiveText(objective) }
    const { word, text, range } = stands(objective, measured)
    const message = `${text}${where}`
    if (range.of === 0)
      return line(about, { verdict: 'inconclusive', message: `${message}: nothing to judge` })
    const finding = { id, by: 'documented' as const, expected: objectiveText(objective), got: text }
    if (word === 'met' && doubts.length === 0) return line(about, { verdict: 'pass', message })
    if (doubts.length > 0) {
      return line(about, { verdict: 'inconclusive', message: `${message}, but the meter was saturated` })
    }
    if (word === 'unknown') return line(about, { verdict: 'inconclusive', message })
    const seen = misses.kinds.get(metric)
    const rows = seen === undefined ? [] : rowFindings({ ...finding, got: 'a request that missed it' }, seen)
    return line(about, { verdict: 'fail', message, findings: [fileFinding(finding), ...rows] })
  })
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${plain(value)} ms` : 'endless'
}

function plain(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

function between(low: string, high: string): string {
  return low === high ? high : `${low} to ${high}`
}
