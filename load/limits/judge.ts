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
import { CONFIDENT, compare, inWords, perMinute } from './compare.ts'
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
  const tie = tied(inference, aim)
  const compared = compare(
    tie === undefined ? inference : { ...inference, confidence: 0 },
    promised,
    unitOf(inference, aim),
    rows.length === 0 ? 'nothing was sent' : (cut ?? broken(found) ?? tie),
  )
  const lines = new Lines({ ...given, rows, aim, cut, tie, inference, found, promised, compared })
  const scenario = order.scenario === 'tpm' ? 'tpm' : 'rpm'
  const asked = QUESTIONS.filter(({ name }) => scenario === 'tpm' || name !== 'bypass')
  return {
    verdicts: asked.map((question) => lines.line(`limits/${scenario}/${question.name}`, question)),
    limiter: summary(rows, aim, inference, found, tie === undefined),
    ...(stopped && { stopped }),
    answered,
  }
}

/** Refused again and again with hardly anything in flight: then it is no limit of requests at a time. */
function refusedAlone(rows: readonly LimitRow[], { algorithm, limit }: Inference): boolean {
  if (algorithm !== 'concurrency') return false
  const admitted = rows.filter((row) => row.admitted)
  const alone = rows.filter(
    (row) =>
      !row.admitted &&
      admitted.filter(({ sentAt, endedAt }) => sentAt <= row.endedAt && endedAt >= row.sentAt).length <
        limit / 2,
  )
  return alone.length >= 3
}

/** Of nothing nothing is inferred. */
function inferred(told: LimitRow[], { scenario }: Order): Inference {
  if (told.length > 0) {
    const inference = infer(told)
    return refusedAlone(told, inference) ? { ...inference, confidence: 0 } : inference
  }
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

const byRequests = ({ charging }: Inference): boolean =>
  charging === undefined || charging.what === 'request' || charging.what === 'chunk'

/** Tokens, where a limit that was met while requests were counted turned out to be one of tokens. */
function unitOf(inference: Inference, aim: 'requests' | 'tokens'): 'requests' | 'tokens' {
  return byRequests(inference) ? aim : 'tokens'
}

/** A limit of tokens, although one of requests, or others on the same key, explain the samples too: none is stated. */
function tied(inference: Inference, aim: 'requests' | 'tokens'): string | undefined {
  const also = inference.ambiguous?.some(({ charging: { what } }) => what === 'request')
  if (aim === 'tokens' || byRequests(inference) || !(also || inference.otherTraffic)) return undefined
  return 'whether requests or tokens are limited was not found out'
}

const short = (value: number): number => Math.round(value * 1000) / 1000

function summary(
  rows: LimitRow[],
  aim: 'requests' | 'tokens',
  inference: Inference,
  found: LimitFinding[],
  apart: boolean,
): JsonObject {
  const { algorithm, limit, window_s, burst, charging, per, confidence, otherTraffic, ambiguous } = inference
  const rate = perMinute(inference)
  const style = refusalStatus(rows)
  const unit = unitOf(inference, aim)
  // A figure that nobody should rely on is not stated at all.
  const told = apart && confidence >= CONFIDENT
  const figure = (value: number | undefined) => (told && value !== undefined ? short(value) : null)
  return {
    unit,
    said: told ? inWords(inference, unit) : 'not found out',
    algorithm: told ? algorithm : null,
    limit: figure(limit),
    window_s: figure(window_s),
    per_minute: figure(rate),
    burst: figure(burst),
    charging: !told || charging === undefined ? null : { ...charging },
    per,
    confidence: apart ? short(confidence) : 0,
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
