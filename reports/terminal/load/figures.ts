import { type GroupFigures, type StreamFigures, TIMES, type TimeName } from '../../record/load.ts'
import { safeText } from '../safe-text.ts'
import { heading, labelled, number, plural, type Screen } from '../screen.ts'
import { percent, short, table } from './table.ts'

const NAMES: Record<TimeName, string> = {
  ttfb: 'first byte (ttfb)',
  ttft: 'first token (ttft)',
  ttfat: 'first answer token (ttfat)',
  itl: 'between tokens (itl)',
  icl: 'between reads (icl)',
  tpot: 'per output token (tpot)',
  e2e: 'end to end (e2e)',
  stall: 'longest stall (stall)',
  start_delay: 'start delay',
  ttft_planned: 'ttft from planned start',
  e2e_planned: 'e2e from planned start',
}
const QUANTILES = ['p50', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean'] as const

/** The figures of the headline: times, outcomes, throughput. */
export function figures(screen: Screen, stream: StreamFigures): string[] {
  const { headline } = stream
  const only = headline.excluded.length > 0 ? `: ${phaseNames(headline.phases)}` : ''
  return [
    heading(screen, `FIGURES${only}`),
    '',
    ...times(screen, headline),
    ...counts(screen, headline),
    ...throughput(screen, headline),
    ...left(screen, stream),
    '',
  ]
}

function times(screen: Screen, { times: all }: GroupFigures): string[] {
  const rows: string[][] = []
  for (const name of TIMES) {
    const figure = all[name]
    // What says the same as the line above it only takes room.
    if (figure === undefined || (name === 'ttfat' && same(figure, all.ttft))) continue
    rows.push([NAMES[name], ...QUANTILES.map((key) => short(figure[key]))])
    const { low } = figure
    if (
      low !== undefined &&
      (screen.whole || QUANTILES.some((key) => short(low[key]) !== short(figure[key])))
    ) {
      rows.push(['  at least', ...QUANTILES.map((key) => short(low[key]))])
    }
  }
  if (rows.length === 0) return ['  no answer finished: there are no times', '']
  const lines = table([['milliseconds', ...QUANTILES], ...rows], screen.width)
  return [...lines.map((line, i) => (i === 0 ? screen.style.dim(line) : line)), '']
}

function same(a: { count: number; mean: number }, b: { count: number; mean: number } | undefined): boolean {
  return a.count === b?.count && a.mean === b.mean
}

function counts(screen: Screen, group: GroupFigures): string[] {
  const { requests, outcomes, errors, statuses, dropped } = group
  const ends = Object.entries(outcomes).map(([outcome, count]) => `${number(count)} ${outcome}`)
  const out = labelled(screen, 'requests', `${number(requests)}: ${ends.join(', ') || 'none'}`)
  const odd = Object.entries(statuses).filter(([status]) => !status.startsWith('2'))
  if (odd.length > 0) {
    out.push(
      ...labelled(screen, 'status', odd.map(([status, count]) => `${status} ${times1(count)}`).join(', ')),
    )
  }
  const classes = Object.entries(errors).map(([name, count]) => `${name} ${times1(count)}`)
  if (classes.length > 0) out.push(...labelled(screen, 'errors', classes.join(', ')))
  const { streams = 0, cap = 0 } = dropped
  if (streams > 0) {
    out.push(
      ...labelled(
        screen,
        'never sent',
        `${plural(streams, 'request')} found no free stream; they count as lost`,
      ),
    )
  }
  if (cap > 0) out.push(...labelled(screen, 'not sent', `${plural(cap, 'request')}, because of a cap`))
  return out
}

function times1(count: number): string {
  return count === 1 ? 'once' : `${number(count)} times`
}

function throughput(screen: Screen, group: GroupFigures): string[] {
  const { tokens, requests_per_s, seconds, goodput } = group
  const user = tokens.output_per_s_per_user
  const out = [
    ...labelled(
      screen,
      'throughput',
      `${short(requests_per_s)} requests/s finished, ${short(tokens.output_per_s)} output tokens/s over ${short(seconds)} s` +
        (user === undefined ? '' : `; each user ${short(user.p50)} tokens/s at the median`),
    ),
  ]
  const billed =
    tokens.with_usage > 0
      ? `${number(tokens.prompt)} prompt and ${number(tokens.completion)} completion billed by ${plural(tokens.with_usage, 'answer')}` +
        (tokens.reasoning > 0 ? ` (${number(tokens.reasoning)} of reasoning)` : '')
      : 'no usage came'
  out.push(...labelled(screen, 'tokens', `${billed}; ${number(tokens.counted)} counted in streams`))
  if (goodput !== undefined) {
    const most = goodput.met_at_most > goodput.met ? ` (at most ${number(goodput.met_at_most)})` : ''
    out.push(
      ...labelled(
        screen,
        'goodput',
        `${number(goodput.met)}${most} of ${plural(goodput.of, 'request')} met every objective (${percent(goodput.share)}), ${short(goodput.per_s)}/s`,
      ),
    )
  }
  return out
}

function left(screen: Screen, { headline, file }: StreamFigures): string[] {
  const out: string[] = []
  if (headline.excluded.length > 0) {
    out.push(...labelled(screen, 'left out', `${phaseNames(headline.excluded)}: in no figure above`))
  }
  if (file.torn !== undefined) out.push(...labelled(screen, 'note', file.torn))
  return out
}

/** Phase names, the numbered ones together: `window-1 … window-10`. */
export function phaseNames(names: readonly string[]): string {
  const told: string[] = []
  const seen = new Map<string, string[]>()
  for (const name of names) {
    const stem = name.replace(/-\d+$/, '')
    const group = seen.get(stem)
    if (group === undefined) {
      seen.set(stem, [name])
      told.push(stem)
    } else group.push(name)
  }
  const parts = told.map((stem) => {
    const group = seen.get(stem) ?? []
    return group.length > 2 ? `${group[0]} … ${group.at(-1)}` : group.join(', ')
  })
  return safeText(parts.join(', '))
}
