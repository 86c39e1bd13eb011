import type { ScenarioFigures } from '../../../reports/record/load.ts'
import type { VerdictLine } from '../../../reports/record/types.ts'
import type { Order } from '../../order.ts'
import { merged } from '../group.ts'
import type { Phase } from '../phases.ts'
import { fileFinding } from '../places.ts'
import { percent } from '../saturation.ts'
import { type Overview, phaseDoubts } from '../summary.ts'
import { harmed } from './harm.ts'
import type { Knee } from './knee.ts'
import { type Answer, lineOf, plural } from './line.ts'
import { drift, memory } from './soak.ts'

/** Waiting longer than this for a place is told, ms. */
const SOON_MS = 1000
/** A refusal that asks to wait so long beyond the last probe was not heeded, s. */
const ASKED_S = 5

/** The question that the scenario asks, beside objectives and invariants. */
export function scenarioLines(
  order: Order,
  view: Overview,
  doubts: readonly string[],
  knee?: Knee,
): VerdictLine[] {
  switch (order.scenario) {
    case 'cancel':
      return [lineOf('load/cancel/slot-free', cancel(view))]
    case 'isolation':
      return [
        lineOf(
          'load/isolation/healthy-key',
          compared(view, doubts, ['before', 'beside', 'after'], isolation(view)),
        ),
      ]
    case 'burst':
      return [
        lineOf(
          'load/burst/recovered',
          compared(view, doubts, ['quiet', lastAfter(view)?.name ?? ''], burst(view)),
        ),
      ]
    case 'soak':
      return [
        lineOf('load/soak/drift', unless(doubts, drift(view))),
        lineOf('load/soak/memory', memory(view.tally.memory)),
      ]
    case 'sweep':
      return knee === undefined ? [] : [lineOf('load/sweep/knee', knee.answer)]
    default:
      return []
  }
}

export function scenarioFigures(knee?: Knee): ScenarioFigures {
  return knee?.figures === undefined ? {} : { knee: knee.figures }
}

/** A comparison of times says nothing where the meter was late. */
function unless(doubts: readonly string[], answer: Answer): Answer {
  if (doubts.length === 0 || answer.verdict === 'inconclusive') return answer
  return { verdict: 'inconclusive', message: `${answer.message}, but the meter was saturated` }
}

/** The same for phases that are compared: each of them must be sound. */
function compared(
  view: Overview,
  doubts: readonly string[],
  phases: readonly string[],
  answer: Answer,
): Answer {
  return unless([...doubts, ...phaseDoubts(view, phases)], answer)
}

function lastAfter({ phases }: Overview): Phase | undefined {
  return phases.findLast(({ name }) => /^after-\d+$/.test(name))
}

interface Recovered {
  wave: number
  hung_up: number
  ms: number | null
  at_once?: number
  held?: number
  /** Nobody was refused, but the answers were over before all were there at one time. */
  too_soon: boolean
}

function recoveries({ tally }: Overview): Recovered[] {
  return tally.notes.flatMap(({ name, value }) => {
    const { wave, hung_up, ms, admitted_at_once, held, too_soon } = value
    if (name !== 'recovered' || typeof wave !== 'number' || typeof hung_up !== 'number') return []
    if (typeof ms !== 'number' && ms !== null) return []
    return [
      {
        wave,
        hung_up,
        ms,
        too_soon: too_soon === true,
        ...(typeof admitted_at_once === 'number' ? { at_once: admitted_at_once } : {}),
        ...(typeof held === 'number' ? { held } : {}),
      },
    ]
  })
}

function cancel(view: Overview): Answer {
  const id = 'load/cancel/slot-free'
  const waves = recoveries(view).filter(({ hung_up }) => hung_up > 0)
  if (waves.length === 0) {
    return { verdict: 'inconclusive', message: 'nobody hung up in the middle of an answer' }
  }
  const left = waves.reduce((sum, { hung_up }) => sum + hung_up, 0)
  const never = waves.filter(({ ms, too_soon }) => ms === null && !too_soon)
  if (never.length > 0) {
    const waved = `after ${never.length} of ${plural(waves.length, 'wave')} the places were not free again`
    // Who is told to come back later than anybody did has not learnt whether the place was free.
    const later = never.flatMap(({ wave }) => {
      const group = view.phases.find(({ name }) => name === `recovery-${wave}`)?.group
      return group === undefined ? [] : [(group.told_until_us - group.last_start_us) / 1e6]
    })
    const longest = Math.max(...later)
    if (later.length === never.length && Math.min(...later) > ASKED_S) {
      const wait = `${Math.round(longest)} s after the last one`
      return {
        verdict: 'inconclusive',
        message: `${waved}, but the refused probes were told to wait longer than they did, up to ${wait}: a limit on requests or tokens looks the same`,
      }
    }
    const findings = never.map(({ wave, hung_up, held }) => {
      const refused = view.phases.find(({ name }) => name === `recovery-${wave}`)?.group.ended('refused') ?? 0
      return fileFinding({
        id,
        by: 'should',
        expected: `${plural(hung_up, 'request')} let in at one time after as many clients had hung up`,
        got: `wave ${wave}: ${held === undefined ? 'not all' : `${held} at most`} were, ${plural(refused, 'probe was', 'probes were')} refused`,
      })
    })
    return {
      verdict: 'fail',
      message: waved,
      findings,
    }
  }
  const unsure = waves.find(({ ms }) => ms === null)
  if (unsure !== undefined) {
    const { wave, hung_up, held = 0 } = unsure
    return {
      verdict: 'inconclusive',
      message: `answers end too soon to tell: in wave ${wave} no probe was refused, but at most ${held} of ${hung_up} were being answered at one time (longer answers, load: requests: max_tokens, would hold their places)`,
    }
  }
  const slowest = waves.reduce((top, one) => ((one.ms ?? 0) > (top.ms ?? 0) ? one : top))
  const longest = Math.round(slowest.ms ?? 0)
  const message = `${plural(left, 'client')} hung up in ${plural(waves.length, 'wave')}; the last place was free after ${longest} ms at most`
  const refused = waves.some(({ hung_up, at_once }) => at_once !== undefined && at_once < hung_up)
  if (longest <= SOON_MS || !refused) return { verdict: 'pass', message }
  const finding = fileFinding({
    id,
    by: 'should',
    expected: `a place within ${SOON_MS} ms`,
    got: `after ${longest} ms in wave ${slowest.wave}`,
  })
  return { verdict: 'warn', message, findings: [finding] }
}

/** Fewer requests of the other key are no hammering: what else ran on the machine explains a difference as well. */
const HAMMERED = 10

function isolation(view: Overview): Answer {
  const id = 'load/isolation/healthy-key'
  const group = (name: string) => view.phases.find((phase) => phase.name === name)?.group
  const [before, beside, after, hammer] = ['before', 'beside', 'after', 'hammer'].map(group)
  if (before === undefined || beside === undefined || hammer === undefined) {
    return { verdict: 'inconclusive', message: 'the run ended before both keys had asked beside each other' }
  }
  const refused = hammer.ended('refused')
  if (refused === 0) {
    const asked = plural(hammer.requests, 'request')
    return {
      verdict: 'inconclusive',
      message: `the other key was not exhausted: none of its ${asked} was refused`,
    }
  }
  const setting = `beside ${plural(hammer.requests, 'request')} of the other key, ${percent(refused / hammer.requests)} refused`
  const alone = after === undefined ? before : merged([before, after])
  const harm = harmed(alone, beside)
  if (harm.word === 'none') return { verdict: 'pass', message: `${setting}: ${harm.text}` }
  if (harm.word === 'unknown') return { verdict: 'inconclusive', message: `${setting}: ${harm.text}` }
  if (hammer.requests < HAMMERED) {
    const few = `${harm.text}; but the other key asked too little to be the cause for certain`
    return { verdict: 'inconclusive', message: `${setting}: ${few}` }
  }
  // What is as different after as it was beside is drift, or harm that lasts: nobody can tell.
  const lasting = after === undefined ? undefined : harmed(before, after)
  if (lasting?.word === 'harm') {
    return {
      verdict: 'inconclusive',
      message: `${setting}: ${harm.text}; but it was as bad afterwards (${lasting.text}), so that it may be drift`,
    }
  }
  return {
    verdict: 'fail',
    message: `${setting}: ${harm.text}`,
    findings: [fileFinding({ id, by: 'should', expected: 'as alone', got: harm.text })],
  }
}

function burst(view: Overview): Answer {
  const id = 'load/burst/recovered'
  const quiet = view.phases.find(({ name }) => name === 'quiet')?.group
  const last = lastAfter(view)
  const bursts = view.phases.filter(({ name }) => name.startsWith('burst-')).length
  if (quiet === undefined || last === undefined) {
    return { verdict: 'inconclusive', message: 'the run ended before a burst was over' }
  }
  const harm = harmed(quiet, last.group)
  const message = `after ${plural(bursts, 'burst')}: ${harm.text}`
  if (harm.word === 'none') return { verdict: 'pass', message }
  if (harm.word === 'unknown') return { verdict: 'inconclusive', message }
  return {
    verdict: 'fail',
    message,
    findings: [fileFinding({ id, by: 'should', expected: 'as before the first burst', got: harm.text })],
  }
}
