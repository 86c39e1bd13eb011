/** The sample file of a limits run in, verdicts and a summary of the limiter out. Pure: the same file, the same verdicts. */
import type { JsonObject, VerdictLine } from '../../reports/record/types.ts'
import type { Contradiction, Profile, Requirement } from '../../specs/types.ts'
import { findings } from '../infer/findings/findings.ts'
import { decisive, refusalStatus } from '../infer/findings/probes.ts'
import type { LimitFinding } from '../infer/findings/types.ts'
import { infer } from '../infer/infer.ts'
import type { Inference } from '../infer/types.ts'
import type { Order } from '../order.ts'
import { accuracyOf } from './accuracy.ts'
import { compare, inWords, perMinute } from './compare.ts'
import { Lines } from './lines.ts'
import { promisedLimit } from './promised.ts'
import { QUESTIONS } from './questions.ts'
import { type LimitRow, readLimitSamples } from './read.ts'

export { LimitSamplesUnreadable } from './read.ts'

export interface LimitsGiven {
  /** Scenario rpm or tpm. */
  order: Order
  /** Text (or lines) of the sample file; its last line may be cut off. */
  samples: string | Iterable<string>
  profile: Profile
  requirements: ReadonlyMap<string, Requirement>
  contradictions: ReadonlyMap<string, Contradiction>
}

export interface LimitsJudged {
  verdicts: VerdictLine[]
  /** For the summary line. */
  limiter: JsonObject
  /** Why the scenario gave up, in its own words. */
  stopped?: { why: string; message: string }
  /** Requests that got any answer. */
  answered: number
}

export function judgeLimits(given: LimitsGiven): LimitsJudged {
  const { order, profile, requirements } = given
  const { rows: read, whole, stopped } = readLimitSamples(given.samples)
  const rows = read.map((row) => inDialect(row, order.target.dialect))
  const answered = rows.filter(({ status }) => status > 0).length
  const aim = order.scenario === 'rpm' ? ('requests' as const) : ('tokens' as const)
  const decides = decisive(rows)
  const told = rows.filter(({ part }) => part === 'plan').filter(decides)
  const cut = stopped
    ? `the run was given up: ${stopped.message}`
    : whole
      ? undefined
      : 'the run was cut short before the experiment had ended'
  const first = inferred(told, order)
  const found = findings({ samples: rows, aim, ...(cut === undefined && { inference: first }) })
  // What others on the same key are thought for may be the limiter's own fault.
  const inference = broken(found) === undefined ? first : { ...first, otherTraffic: false }
  const promised = promisedLimit(order, profile, requirements)
  const compared = compare(
    inference,
    promised,
    aim,
    rows.length === 0 ? 'nothing was sent' : (cut ?? broken(found)),
  )
  const lines = new Lines({ ...given, rows, aim, cut, inference, found, promised, compared })
  const scenario = order.scenario === 'tpm' ? 'tpm' : 'rpm'
  const asked = QUESTIONS.filter(({ name }) => scenario === 'tpm' || name !== 'bypass')
  return {
    verdicts: asked.map((question) => lines.line(`limits/${scenario}/${question.name}`, question)),
    limiter: summary(rows, aim, inference, found),
    ...(stopped && { stopped }),
    answered,
  }
}

/** Of nothing nothing is inferred. */
function inferred(told: LimitRow[], { scenario }: Order): Inference {
  if (told.length > 0) return infer(told)
  const what = scenario === 'rpm' ? ('request' as const) : ('prompt' as const)
  return {
    algorithm: 'none',
    limit: 0,
    window_s: undefined,
    burst: 0,
    charging: { what, when: 'admission', refused: 'unknown', cancelled: 'unknown' },
    per: 'unknown',
    overshoot: 0,
    confidence: 0,
    otherTraffic: false,
    evidence: [],
    faults: [],
  }
}

/** The error object of the other dialect is none in this one. */
function inDialect(row: LimitRow, dialect: string): LimitRow {
  const other = { 'openai-chat': 'anthropic', 'anthropic-messages': 'openai' }[dialect]
  return other !== undefined && row.envelope === other ? { ...row, envelope: 'other' } : row
}

/** Faults that break the rules which inference knows: its figures may then be anything. */
const BREAKING: LimitFinding['id'][] = [
  'race',
  'fails-open',
  'counts-chunks',
  'extended-by-refusals',
  'never-resets',
  'bypassed-by-conflict',
]

function broken(found: readonly LimitFinding[]): string | undefined {
  const one = found.find(({ id }) => BREAKING.includes(id))
  return one && `the limiter does not keep to any one limit (${one.id})`
}

const short = (value: number): number => Math.round(value * 1000) / 1000

function summary(
  rows: LimitRow[],
  aim: 'requests' | 'tokens',
  inference: Inference,
  found: LimitFinding[],
): JsonObject {
  const { algorithm, limit, window_s, burst, charging, per, confidence, otherTraffic, ambiguous } = inference
  const rate = perMinute(inference)
  const style = refusalStatus(rows)
  return {
    unit: aim,
    said: inWords(inference, aim),
    algorithm,
    limit: short(limit),
    window_s: window_s === undefined ? null : short(window_s),
    per_minute: rate === undefined ? null : short(rate),
    burst: short(burst),
    charging: charging === undefined ? null : { ...charging },
    per,
    confidence: short(confidence),
    other_traffic: otherTraffic,
    ...(ambiguous && {
      not_excluded: ambiguous.map((one) => `${one.algorithm}, ${one.charging.what} at ${one.charging.when}`),
    }),
    accuracy: { ...accuracyOf(rows, aim, inference) },
    faults: found.map(({ id }) => id),
    requests: rows.length,
    refused: rows.filter(({ admitted, status }) => !admitted && status === style).length,
    failed: rows.filter(({ admitted, status }) => !admitted && status !== style).length,
  }
}
