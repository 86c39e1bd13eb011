import type { VerdictLine } from '../../../reports/record/types.ts'
import { merged } from '../group.ts'
import { apart, isBurst } from '../phases.ts'
import { fileFinding } from '../places.ts'
import { percent } from '../saturation.ts'
import type { Overview } from '../summary.ts'
import { type Answer, lineOf, plural } from './line.ts'

/** The start of a request may be so late, 99th percentile, ms. */
const LATE_MS = 10

/** Whether the run may be believed at all. `doubts`: why the headline's figures are the meter's own. */
export function meterLines(view: Overview, doubts: readonly string[]): VerdictLine[] {
  return [
    lineOf('load/meter/saturated', saturated(view, doubts)),
    lineOf('load/meter/complete', complete(view)),
    lineOf('load/meter/schedule', schedule(view)),
    lineOf('load/meter/clock', clock(view)),
  ]
}

function saturated({ tally, headline }: Overview, doubts: readonly string[]): Answer {
  const id = 'load/meter/saturated'
  if (doubts.length > 0) {
    const expected = 'a meter that keeps pace'
    return {
      verdict: 'error',
      message: `SATURATED: ${doubts.join('; ')}. The figures may be the meter's, not the gateway's`,
      findings: doubts.map((got) => fileFinding({ id, by: 'official', expected, got })),
    }
  }
  if (headline.group.chunks > 0 && tally.seconds.all.length === 0) {
    return { verdict: 'inconclusive', message: 'the meter said nothing of itself' }
  }
  if (headline.group.requests === 0)
    return { verdict: 'skip', reason: 'idle', message: 'nothing was measured' }
  const { lag, reads } = headline.group
  const late =
    lag.count > 0
      ? `reads came ${Number((lag.quantile(0.99).high / 1000).toPrecision(3))} ms late at the 99th percentile`
      : reads === 0
        ? 'nothing came that could have been read late'
        : 'the system does not say how late reads came'
  return { verdict: 'pass', message: late }
}

function complete({ file }: Overview): Answer {
  if (file.complete) return { verdict: 'pass', message: `${plural(file.rows, 'row')}, and the end` }
  const finding = fileFinding({
    id: 'load/meter/complete',
    by: 'official',
    expected: 'a whole file',
    got: file.torn ?? 'a file that is cut short',
  })
  return { verdict: 'inconclusive', message: file.torn ?? 'cut short', findings: [finding] }
}

function schedule({ phases }: Overview): Answer {
  const id = 'load/meter/schedule'
  const timed = phases.filter(({ name }) => apart(name) === undefined && !isBurst(name))
  const group = merged(timed.map((phase) => phase.group))
  const delay = group.figures.start_delay
  const dropped = group.dropped.get('streams') ?? 0
  const capped = group.dropped.get('cap') ?? 0
  if (delay === undefined && dropped === 0) {
    return { verdict: 'skip', reason: 'idle', message: 'no request had a planned time' }
  }
  const planned = (delay?.count ?? 0) + dropped
  const p99 = Number(((delay?.quantile(0.99).high ?? 0) / 1000).toPrecision(3))
  const told: string[] = []
  if (dropped > 0) {
    told.push(
      `${dropped} of ${plural(planned, 'request')} (${percent(dropped / planned)}) found no free stream and were never sent`,
    )
  }
  // Of fewer than a hundred the 99th percentile is the latest one: one alone is no lateness.
  const late = delay?.above(LATE_MS * 1000) ?? 0
  if (p99 > LATE_MS && late > 1) told.push(`requests began ${p99} ms late at the 99th percentile`)
  const rest = capped > 0 ? `; ${capped} more were not sent because of a cap` : ''
  if (told.length === 0) {
    return {
      verdict: 'pass',
      message: `${plural(planned, 'request')}, begun ${p99} ms late at the 99th percentile${rest}`,
    }
  }
  const expected = 'requests that are sent when they are planned'
  return {
    verdict: 'warn',
    message: `${told.join('; ')}${rest}`,
    findings: told.map((got) => fileFinding({ id, by: 'should', expected, got })),
  }
}

function clock({ tally, phases }: Overview): Answer {
  const rows = phases.reduce((sum, { group }) => sum + group.clock_steps, 0)
  const steps = Math.max(tally.seconds.clock_steps, rows)
  if (steps === 0) return { verdict: 'pass', message: 'the clock was not set' }
  const got = `set ${plural(steps, 'time')}`
  return {
    verdict: 'warn',
    message: `the clock was ${got}; arrivals over that are taken from user space`,
    findings: [
      fileFinding({ id: 'load/meter/clock', by: 'should', expected: 'a clock that is not set', got }),
    ],
  }
}
