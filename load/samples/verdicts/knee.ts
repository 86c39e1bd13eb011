import type { Order } from '../../order.ts'
import { fileFinding } from '../places.ts'
import type { Overview } from '../summary.ts'
import { covered } from '../summary.ts'
import type { Answer } from './line.ts'
import { objectiveText, stands } from './slo.ts'

/** What a sweep found. */
export interface Knee {
  answer: Answer
  /** Why the steps that decided it are doubtful. */
  doubts: readonly string[]
  figures?: { rate: number; phase: string; next?: number; missed?: string }
}

interface Step {
  phase: string
  rate: number
  word: 'met' | 'missed' | 'unknown'
  /** The first objective that was missed, with what was seen. */
  missed?: string
  doubts: readonly string[]
}

/** Each step of a sweep against every objective, and the highest rate that met them all. */
export function kneeOf(order: Order, view: Overview): Knee {
  const steps = byRate(stepsOf(order, view)).sort((a, b) => a.rate - b.rate)
  const id = 'load/sweep/knee'
  if (steps.length === 0)
    return { doubts: [], answer: { verdict: 'inconclusive', message: 'no step was completed' } }
  const firstMissed = steps.findIndex(({ word }) => word === 'missed')
  const below = firstMissed < 0 ? steps : steps.slice(0, firstMissed)
  const knee = below.findLast(({ word }) => word === 'met')
  const next = firstMissed < 0 ? undefined : steps[firstMissed]
  const per = (rate: number) => `${Number(rate.toPrecision(3))} requests a second`
  const doubtful = [knee, next].find((step) => step !== undefined && step.doubts.length > 0)
  const figures = knee && {
    rate: knee.rate,
    phase: knee.phase,
    ...(next === undefined ? {} : { next: next.rate, missed: next.missed ?? '' }),
  }
  const doubts = doubtful?.doubts.map((reason) => `${doubtful.phase}: ${reason}`) ?? []
  const found = { doubts, ...(figures === undefined ? {} : { figures }) }
  if (doubtful !== undefined) {
    const message = `the meter was saturated at ${per(doubtful.rate)}: ${doubtful.doubts[0]}`
    return { ...found, answer: { verdict: 'inconclusive', message } }
  }
  if (knee === undefined && next !== undefined) {
    const got = `${per(next.rate)}: ${next.missed}`
    const finding = fileFinding({ id, by: 'documented', expected: 'a rate that meets every objective', got })
    const message = `no rate met every objective; at ${got}`
    return { doubts, answer: { verdict: 'fail', message, findings: [finding] } }
  }
  if (knee === undefined) {
    return {
      doubts,
      answer: { verdict: 'inconclusive', message: 'no step had enough requests to be judged' },
    }
  }
  const end =
    next === undefined ? 'no rate that was tried missed one' : `at ${per(next.rate)}: ${next.missed}`
  const least = next === undefined ? 'at least ' : ''
  return {
    ...found,
    answer: { verdict: 'pass', message: `${least}${per(knee.rate)} meet every objective; ${end}` },
  }
}

/** What missed was tried again: a rate is missed where no try met. */
function byRate(steps: readonly Step[]): Step[] {
  return [...Map.groupBy(steps, ({ rate }) => rate).values()].flatMap((tries) => {
    const best = tries.find(({ word }) => word === 'met') ?? tries.find(({ word }) => word === 'missed')
    return best ?? tries.slice(0, 1)
  })
}

function stepsOf(order: Order, view: Overview): Step[] {
  const whole = new Set(view.tally.notes.flatMap(({ name, value }) => (name === 'step' ? [value.phase] : [])))
  return view.phases.flatMap(({ name, group, rate }) => {
    // A step that did not come to its end has no note: what was slow in it is not there.
    if (!whole.has(name) || rate === undefined || group.could === 0) return []
    const measured = { group, seconds: covered([group]) }
    const all = order.slo.map((slo) => ({ slo, ...stands(slo, measured) }))
    const miss = all.find(({ word }) => word === 'missed')
    const word = miss !== undefined ? 'missed' : all.every((one) => one.word === 'met') ? 'met' : 'unknown'
    return [
      {
        phase: name,
        rate,
        word,
        ...(miss === undefined ? {} : { missed: `${miss.text} (${objectiveText(miss.slo)})` }),
        doubts: view.doubts.get(name) ?? [],
      },
    ]
  })
}
