/** Makes one verdict line of each question: what was found, by whose word it weighs, or why the question stays open. */

import type { By, Finding, Level, VerdictLine } from '../../reports/record/types.ts'
import { holds, levelOf } from '../../specs/level.ts'
import type { Contradiction, Profile, Requirement } from '../../specs/types.ts'
import { labelled, type ProbeName, refusalStatus } from '../infer/findings/probes.ts'
import type { FindingId, LimitFinding } from '../infer/findings/types.ts'
import type { Inference } from '../infer/types.ts'
import type { Order } from '../order.ts'
import type { Compared } from './compare.ts'
import { EXPECTED, FAULTS_OF } from './expected.ts'
import type { Promised } from './promised.ts'
import type { Question, QuestionName } from './questions.ts'
import type { LimitRow } from './read.ts'

export interface Case {
  order: Order
  profile: Profile
  requirements: ReadonlyMap<string, Requirement>
  contradictions: ReadonlyMap<string, Contradiction>
  rows: LimitRow[]
  aim: 'requests' | 'tokens'
  /** Why the run is not whole. */
  cut: string | undefined
  /** Why it is not told what is limited. */
  tie: string | undefined
  inference: Inference
  found: LimitFinding[]
  promised: Promised
  compared: Compared
}

/** Rows that a finding is shown with: the first of them stand for the rest. */
const SHOWN = 3

/** Questions that the word of the limit decides. */
const OF_THE_LIMIT: QuestionName[] = ['limit', 'enforcement', 'reset', 'bypass', 'availability']
/** What counts a request several times contradicts a limit of requests. */
const MISCOUNTS: FindingId[] = ['counts-chunks', 'counts-several-times']

/** The probes without which a question has no answer. */
const NEEDS: Partial<Record<QuestionName, ProbeName[]>> = {
  availability: ['size'],
  'retry-after': ['waited'],
  enforcement: ['burst'],
  charging: ['hang-up', 'burst'],
  reset: ['fill'],
  bypass: ['conflict'],
}

/** What is free again when others end, or when a queue has drained. */
const WITHOUT_WINDOW: Inference['algorithm'][] = ['concurrency', 'leaky-bucket']

type Outcome = Pick<VerdictLine, 'verdict' | 'message'> & Partial<Pick<VerdictLine, 'skip'>>

export class Lines {
  readonly #case: Case
  readonly #probes: Set<ProbeName>
  readonly #refused: LimitRow[]

  constructor(given: Case) {
    this.#case = given
    this.#probes = new Set(labelled(given.rows).map(({ name }) => name))
    const style = refusalStatus(given.rows)
    this.#refused = given.rows.filter(({ admitted, status }) => !admitted && status === style)
  }

  line(id: string, question: Question): VerdictLine {
    const { promised, profile, requirements, aim } = this.#case
    const word = OF_THE_LIMIT.includes(question.name) ? promised.requirements : []
    const held = [...question.requirements, ...word]
      .map((name) => requirements.get(name))
      .filter((row) => row !== undefined)
      .filter((row) => holds(profile, row))
    const found = this.#findings(id, question, held)
    const level = this.#level(question, held)
    return {
      type: 'verdict',
      id,
      kind: 'check',
      title: `${question.title} (${aim})`,
      level,
      ...this.#outcome(question, found, level),
      requirements: held.map((row) => ({
        id: row.id,
        text: row.text,
        source: row.source.join(', '),
        level: row.level,
      })),
      fix: question.fix,
      findings: found,
      exchanges: [],
    }
  }

  #level({ name, level }: Question, held: Requirement[]): Level {
    const { promised, profile, requirements } = this.#case
    if (OF_THE_LIMIT.includes(name))
      return promised.by === 'none' ? 'may' : name === 'availability' ? 'may' : 'must'
    const ids = held.map(({ id }) => id)
    return (
      levelOf(ids, profile, requirements, []) ??
      (name === 'status' ? 'may' : level === 'must' ? 'may' : level)
    )
  }

  #findings(id: string, question: Question, held: Requirement[]): Finding[] {
    const { found, compared, inference, promised } = this.#case
    if (question.name === 'limit') {
      if (compared.outcome === 'observed') return [this.#finding(id, 'observe', compared.text, [])]
      if (compared.outcome !== 'other') return []
      const made = this.#finding(id, 'documented', compared.got, [], compared.expected)
      const [requirement] = promised.requirements
      return [
        {
          ...made,
          ...(requirement !== undefined && { requirement }),
          ...(promised.unsure && { atMost: 'warn' as const, contradiction: 'C-32' }),
        },
      ]
    }
    if (question.name === 'scope') {
      const shared = inference.per === 'shared' || inference.per === 'model'
      const told = held.find(({ id }) => id === 'PT-RATE-per-token')
      if (inference.per === 'unknown') return []
      const text = `counted per ${inference.per === 'shared' ? 'gateway: all keys together' : inference.per}`
      if (!shared || !told) return [this.#finding(id, 'observe', text, [])]
      return [{ ...this.#finding(id, 'documented', text, [], told.text), requirement: told.id }]
    }
    return found
      .filter((one) => question.findings.includes(one.id))
      .map((one) => {
        const [by, requirement] = this.#by(question, one.id, held)
        const made = this.#finding(id, by, one.text, one.samples, EXPECTED[one.id])
        return {
          ...made,
          why: `${one.id}: ${one.text}`,
          ...(requirement !== undefined && { requirement }),
          ...(by === 'documented' &&
            promised.unsure &&
            OF_THE_LIMIT.includes(question.name) && { atMost: 'warn' as const }),
        }
      })
  }

  /** By whose word a fault weighs. */
  #by({ name }: Question, fault: FindingId, held: Requirement[]): [By, string | undefined] {
    const { promised } = this.#case
    const own = (ids: string[]) => held.find(({ id }) => ids.includes(id))?.id
    if (OF_THE_LIMIT.includes(name) || MISCOUNTS.includes(fault))
      return promised.by === 'none' ? ['should', undefined] : ['documented', promised.requirements[0]]
    const requirement =
      name === 'status'
        ? own(['PT-RATE-429', 'OAI-CHAT-error-429', 'ANT-ERR-429'])
        : name === 'envelope'
          ? own(['OAI-CHAT-error-429', 'ANT-ERR-429'])
          : fault === 'retry-after-missing'
            ? own(['ANT-ERR-429'])
            : undefined
    return requirement === undefined ? ['should', undefined] : ['documented', requirement]
  }

  #finding(id: string, by: By, got: string, samples: number[], expected = 'to be stated'): Finding {
    const { rows } = this.#case
    const shown = samples.slice(0, SHOWN).flatMap((index) => rows[index]?.id ?? [])
    return {
      id,
      by,
      expected,
      got,
      at:
        shown.length > 0
          ? { exchange: `row-${shown[0]}`, part: 'row' }
          : { exchange: 'samples', part: 'samples' },
    }
  }

  #outcome(question: Question, found: Finding[], level: Level): Outcome {
    const { compared, cut, inference, rows, promised } = this.#case
    const weights = found.map((one) => weigh(one, level))
    const sentence = (weight: 'fail' | 'warn') => {
      const one = found[weights.indexOf(weight)]
      return one ? `expected ${one.expected}; got ${one.got}` : ''
    }
    if (weights.includes('fail')) return { verdict: 'fail', message: sentence('fail') }
    const open = this.#open(question.name)
    if (open !== undefined) return open
    if (weights.includes('warn')) return { verdict: 'warn', message: sentence('warn') }
    if (question.name === 'limit')
      return compared.outcome === 'open'
        ? { verdict: 'inconclusive', message: compared.text }
        : { verdict: 'pass', message: promised.by === 'none' ? compared.text : '' }
    if (cut !== undefined) return { verdict: 'inconclusive', message: cut }
    if (question.name === 'scope' && inference.per !== 'unknown')
      return { verdict: 'pass', message: found[0]?.got ?? '' }
    return { verdict: 'pass', message: rows.length > 0 ? '' : 'nothing was sent' }
  }

  /** Why a question has no answer; undefined: it has. What was found stands, whatever was not asked. */
  #open(name: QuestionName): Outcome | undefined {
    const { cut, tie, found, inference, order, aim } = this.#case
    if (name === 'limit') return undefined
    const inconclusive = (message: string): Outcome => ({ verdict: 'inconclusive', message })
    const skipped = (reason: 'chosen' | 'unavailable' | 'idle', message: string): Outcome => ({
      verdict: 'skip',
      message,
      skip: { reason },
    })
    const seen = found.some(({ id }) => this.#questionOf(name).includes(id))
    if (seen) return undefined
    if (cut !== undefined) return inconclusive(cut)
    if (name === 'charging' && tie !== undefined) return inconclusive(tie)
    if (this.#refused.length === 0) return skipped('idle', 'nothing was refused, so that no limit was met')
    if (name === 'scope') {
      if (inference.per !== 'unknown') return undefined
      const keys = new Set(this.#case.rows.map(({ key }) => key)).size
      return keys < 2
        ? skipped('unavailable', 'a second key that is let in is needed')
        : inconclusive('another key and another model were not asked while it was shut')
    }
    // When a place is free again nobody knows: there no wait can be held against what was said.
    const timeless = name === 'retry-after' && WITHOUT_WINDOW.includes(inference.algorithm)
    const needed = timeless ? [] : (NEEDS[name] ?? [])
    if (needed.length === 0 || needed.every((probe) => this.#probes.has(probe))) {
      if (name === 'headers' && !this.#case.rows.some(({ limits }) => limits !== undefined))
        return skipped('idle', `no rate limit header for ${aim} was sent`)
      if (inference.otherTraffic && needed.length > 0) return inconclusive('others use the same key')
      return undefined
    }
    if (order.options.probes === false) return skipped('chosen', 'the probes are switched off')
    if (name === 'bypass' && order.target.dialect !== 'openai-chat')
      return skipped('idle', 'the dialect has one field for the bound')
    return inconclusive(
      'the probes for it were not reached: no steady brim, or the caps and the time were used up',
    )
  }

  #questionOf(name: QuestionName): FindingId[] {
    return FAULTS_OF.get(name) ?? []
  }
}

type Weight = 'fail' | 'warn' | 'none'

/** As in a conformance run: only what is promised fails; good practice warns; what is observed weighs nothing. */
export function weigh({ by, atMost }: Finding, level: Level): Weight {
  if (by === 'observe') return 'none'
  if (by !== 'documented' || atMost === 'warn') return 'warn'
  return level === 'must' ? 'fail' : 'warn'
}
