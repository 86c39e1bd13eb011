import {
  type GroupFigures,
  type MeterFigures,
  type PhaseFigures,
  type ScenarioFigures,
  type StreamFigures,
  TIMES,
  type TimeFigure,
  type TimeName,
} from '../../reports/record/load.ts'
import type { Order } from '../order.ts'
import { QUANTILE_ERROR, rounded } from './figure.ts'
import { type FigureName, type Group, merged } from './group.ts'
import { headlineOf, type Phase, phasesOf } from './phases.ts'
import type { SamplesFile } from './read.ts'
import { lowLoadOf, median, phaseMeter } from './saturation.ts'
import type { Tally } from './tally.ts'

/** Where a time has two bounds, the figure with the lower one. */
const LOWER: Partial<Record<TimeName, FigureName>> = { ttft: 'ttft_low', stall: 'stall_low' }

/** The tally as the judges see it: phases in order, those of the headline as one. */
export interface Overview {
  tally: Tally
  file: SamplesFile
  phases: Phase[]
  headline: { names: string[]; group: Group; seconds: number }
  /** By name of the phase: why its figures are doubtful. */
  doubts: Map<string, string[]>
  cpus: number
}

export function overview(
  order: Pick<Order, 'scenario'>,
  tally: Tally,
  file: SamplesFile,
  knee?: string,
): Overview {
  const phases = phasesOf(tally)
  const names = headlineOf(order, phases, knee)
  const chosen = phases.filter(({ name }) => names.includes(name))
  const low = lowLoadOf(tally)
  const cpus = Math.max(1, tally.facts?.cpus ?? 1)
  return {
    tally,
    file,
    phases,
    headline: {
      names,
      group: merged(chosen.map(({ group }) => group)),
      seconds: covered(chosen.map(({ group }) => group)),
    },
    doubts: new Map(
      phases.map(({ name, group }) => [name, phaseMeter(group, tally.seconds, cpus, low).reasons]),
    ),
    cpus,
  }
}

/** Why the headline's figures are doubtful: its phases as one, since a single short one has a bad second easily. */
export function headlineDoubts({ headline, tally, cpus }: Overview): string[] {
  return phaseMeter(headline.group, tally.seconds, cpus, lowLoadOf(tally)).reasons
}

/** Why figures of these phases, each by itself, are doubtful. */
export function phaseDoubts({ doubts }: Overview, names: readonly string[]): string[] {
  return names.flatMap((name) => (doubts.get(name) ?? []).map((reason) => `${name}: ${reason}`))
}

/** `doubts`: why the meter is saturated; none: it is not. */
export function streamFigures(
  view: Overview,
  scenario: ScenarioFigures,
  doubts: readonly string[],
): StreamFigures {
  const { tally, file, phases, headline } = view
  const goals = !tally.objectives.none
  const facts = tally.facts
  const excluded = phases.map(({ name }) => name).filter((name) => !headline.names.includes(name))
  const models = new Map<string, Group[]>()
  for (const phase of headline.names) {
    for (const [model, group] of tally.groups.get(phase) ?? []) {
      if (group.requests > 0) models.set(model, [...(models.get(model) ?? []), group])
    }
  }
  const low = lowLoadOf(tally)
  return {
    headline: { ...groupFigures(headline.group, headline.seconds, goals), phases: headline.names, excluded },
    phases: phases.map(({ name, group, rate, role }): PhaseFigures => {
      return {
        name,
        headline: headline.names.includes(name),
        ...(rate === undefined ? {} : { rate }),
        ...(role === undefined ? {} : { role }),
        from_s: seconds(group.from_us),
        to_s: seconds(group.to_us),
        meter: phaseMeter(group, tally.seconds, view.cpus, low),
        ...groupFigures(group, covered([group]), goals),
      }
    }),
    models: [...models].map(([name, groups]) => ({
      name,
      ...groupFigures(merged(groups), covered(groups), goals),
    })),
    meter: meterFigures(view, [...doubts]),
    scenario,
    file: {
      rows: file.rows,
      ...(file.torn === undefined ? {} : { torn: file.torn }),
      complete: file.complete,
      stopped: file.stopped,
      unknown: file.unknown,
      ...(facts?.go === undefined ? {} : { go: facts.go }),
      ...(facts?.k6 === undefined ? {} : { k6: facts.k6 }),
      cpus: facts?.cpus ?? 0,
      kernel_stamps: facts?.kernel_stamps ?? false,
    },
    answered: phases.reduce((sum, { group }) => sum + group.answered, 0),
    quantile_error: QUANTILE_ERROR,
  }
}

export function groupFigures(group: Group, span: number, goals: boolean): GroupFigures {
  const times: Partial<Record<TimeName, TimeFigure>> = {}
  for (const name of TIMES) {
    const figure = group.figures[name]
    if (figure === undefined || figure.count === 0) continue
    const lower = LOWER[name]
    const low = lower === undefined ? undefined : group.figures[lower]?.quantiles()
    const own = figure.quantiles()
    times[name] = { ...own, ...(low !== undefined && low.mean !== own.mean ? { low } : {}) }
  }
  const user = group.figures.user
  const could = group.could + group.could_not
  const per = (count: number) => (span > 0 ? rounded(count / span) : 0)
  return {
    requests: group.requests,
    outcomes: sorted(group.outcomes),
    errors: sorted(group.errors),
    statuses: sorted(group.statuses),
    dropped: sorted(group.dropped),
    times,
    tokens: {
      prompt: group.prompt,
      completion: group.completion,
      reasoning: group.reasoning,
      with_usage: group.with_usage,
      counted: group.counted,
      output_per_s: per(group.output),
      ...(user === undefined || user.count === 0 ? {} : { output_per_s_per_user: user.quantiles() }),
      coalesced: group.token_chunks === 0 ? 0 : rounded(group.coalesced_chunks / group.token_chunks),
    },
    seconds: rounded(span),
    requests_per_s: per(group.ended('finished')),
    ...(goals
      ? {
          goodput: {
            of: could,
            met: group.met,
            met_at_most: group.met_at_most,
            share: could === 0 ? 0 : rounded(group.met / could),
            per_s: per(group.met),
          },
        }
      : {}),
  }
}

function meterFigures(view: Overview, reasons: string[]): MeterFigures {
  const { tally, phases, headline, cpus } = view
  const all = merged(phases.map(({ group }) => group))
  const { lag } = headline.group
  const { seconds: meter } = tally
  // What loading, compiling and calibrating cost is none of the reads' cost.
  const during = meter.between(headline.group.from_us, headline.group.to_us)
  const chunks = during.reduce((sum, second) => sum + second.chunks, 0)
  const loads = during.map(({ cpu_us, lasted_us }) => (lasted_us > 0 ? cpu_us / lasted_us / cpus : 0))
  const low = lowLoadOf(tally)
  const { group } = headline
  const own = phaseMeter(group, meter, cpus, low)
  const pauses = meter.pauses.quantiles()
  return {
    saturated: reasons.length > 0,
    reasons,
    ...(lag.count > 0 ? { lag_ms: lag.quantiles() } : {}),
    stamped: all.reads === 0 ? 0 : rounded(all.stamped / all.reads),
    coalesced: own.coalesced,
    ...(low === undefined ? {} : { coalesced_low: { share: rounded(low.share), from: low.from } }),
    ...(own.heartbeat_ms === undefined ? {} : { heartbeat_ms: own.heartbeat_ms }),
    ...(loads.length === 0
      ? {}
      : {
          cpu: {
            median: rounded(median(loads)),
            max: rounded(loads.reduce((top, one) => Math.max(top, one), 0)),
          },
        }),
    ...(chunks > 0
      ? { cpu_us_per_chunk: rounded(during.reduce((sum, { cpu_us }) => sum + cpu_us, 0) / chunks) }
      : {}),
    ...(pauses.count > 0 ? { gc_pause_ms: { p99: pauses.p99, max: pauses.max, count: pauses.count } } : {}),
    ...(meter.all.length > 0
      ? { goroutines: meter.goroutines, rss_mib: rounded(meter.rss_bytes / 2 ** 20) }
      : {}),
    clock_steps: Math.max(meter.clock_steps, all.clock_steps),
  }
}

/** Seconds that the groups cover together; where they overlap, once. */
export function covered(groups: readonly Group[]): number {
  const spans = groups
    .filter(({ from_us, to_us }) => to_us > from_us)
    .map(({ from_us, to_us }) => [from_us, to_us] as const)
    .sort(([a], [b]) => a - b)
  let sum = 0
  let end = Number.NEGATIVE_INFINITY
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return sum / 1e6
}

function seconds(us: number): number {
  return Number.isFinite(us) ? rounded(us / 1e6) : 0
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}
