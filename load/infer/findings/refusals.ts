/** What the replies say of the limit, against what was seen: status, body, Retry-After, rate limit headers. */
import type { Sample } from '../types.ts'
import { type ProbeName, refusalStatus } from './probes.ts'
import { Rounds } from './rounds.ts'
import type { FindingId, LimitFinding, Seen } from './types.ts'

const some = (
  id: FindingId,
  text: (count: number) => string,
  samples: number[],
  least = 1,
): LimitFinding[] => (samples.length >= least ? [{ id, text: text(samples.length), samples }] : [])

export function refusals(seen: Seen): LimitFinding[] {
  const { samples } = seen
  const style = refusalStatus(samples)
  const where = (test: (sample: Sample) => boolean): number[] =>
    samples.flatMap((sample, index) =>
      !sample.admitted && sample.status === style && test(sample) ? [index] : [],
    )
  const all = where(() => true).length
  const rounds = new Rounds(seen)
  return [
    ...some(
      'dropped-connection',
      (n) => `${n} refusals were dropped connections, without an answer`,
      where(({ status }) => status === 0),
    ),
    ...some(
      'refusal-status',
      (n) => `${n} refusals had status ${style}, none 429`,
      where(({ status }) => status !== 429 && status !== 0),
    ),
    ...some(
      'empty-refusal-body',
      (n) => `${n} of ${all} refusals had an empty body`,
      where(({ status, bodyBytes, envelope }) => status > 0 && (bodyBytes === 0 || envelope === 'empty')),
    ),
    ...some(
      'refusal-envelope',
      (n) => `${n} of ${all} refusals had a body that is not the error object of the dialect`,
      where(({ envelope }) => envelope === 'other' || envelope === 'not-json'),
    ),
    ...some(
      'retry-after-missing',
      (n) => `${n} of ${all} refusals had no Retry-After`,
      where(({ status, retryAfter_s }) => status > 0 && retryAfter_s === undefined),
    ),
    ...tooShort(rounds),
    ...tooLong(rounds),
    ...remaining(seen, style),
  ]
}

/** Waited exactly as long as was said, in silence, and still refused. */
function tooShort(rounds: Rounds): LimitFinding[] {
  const obeyed = rounds.of('waited')
  const refused = obeyed.filter(({ sample }) => !sample.admitted && rounds.decides(sample))
  const opens = rounds.all.some(({ name, sample }) => name !== 'fill' && name !== 'size' && sample.admitted)
  if (!opens || refused.length < 0.75 * obeyed.length) return []
  const text = (n: number) =>
    `${n} times of ${obeyed.length}, waiting in silence exactly as long as Retry-After said was not enough`
  return some(
    'retry-after-too-short',
    text,
    refused.map(({ index }) => index),
    2,
  )
}

/** Let in again before half of the time that was said, where that was 3 s or more. */
function tooLong(rounds: Rounds): LimitFinding[] {
  const found: number[] = []
  for (const { sample, index, name } of rounds.all) {
    if (!sample.admitted || (name !== 'early' && name !== 'polled')) continue
    const before = rounds.all.filter((one) => one.sample.endedAt <= sample.sentAt && filling(one.name))
    const refusal = before.findLast((one) => !one.sample.admitted)
    const named = (refusal?.sample.retryAfter_s ?? 0) * 1000
    if (refusal && named >= 3000 && sample.sentAt - refusal.sample.endedAt < named * 0.5) found.push(index)
  }
  return some(
    'retry-after-too-long',
    (n) => `${n} times a request was let in before half of the time that Retry-After had said`,
    found,
    2,
  )
}

const filling = (name: ProbeName): boolean => name === 'fill' || name === 'size'

function remaining({ samples, aim, inference }: Seen, style: number): LimitFinding[] {
  const shown = samples.flatMap(({ limits, admitted }, index) =>
    limits?.remaining !== undefined && admitted ? [{ index, remaining: limits.remaining }] : [],
  )
  const values = new Set(shown.map(({ remaining }) => remaining))
  const met = samples.some(({ admitted, status }) => !admitted && status === style)
  if (shown.length >= 10 && values.size === 1 && met) {
    const text = `the remaining header stood at ${shown[0]?.remaining} in all ${shown.length} admitted replies, although the limit was reached`
    return [{ id: 'remaining-never-falls', text, samples: shown.map(({ index }) => index) }]
  }
  const refused = samples.flatMap((sample, index) => {
    const asked = aim === 'requests' ? 1 : sample.promptTokens + sample.maxTokens
    const enough = (sample.limits?.remaining ?? 0) > 2 * asked + 1
    return !sample.admitted && sample.status === style && enough ? [index] : []
  })
  const all = samples.filter(
    ({ admitted, status, limits }) => !admitted && status === style && limits?.remaining !== undefined,
  ).length
  const text = (n: number) =>
    `${n} of ${all} refusals said in the same breath that more than twice what was asked remained`
  return [...(refused.length * 2 > all ? some('remaining-wrong', text, refused, 3) : []), ...limitHeader()]

  function limitHeader(): LimitFinding[] {
    const told = samples.flatMap(({ limits }, index) =>
      limits?.limit === undefined ? [] : [{ index, limit: limits.limit }],
    )
    const [first] = told
    const known = inference && inference.confidence >= 0.8 && inference.window_s !== undefined
    if (!first || !known || told.some(({ limit }) => limit !== first.limit)) return []
    const off = Math.abs(first.limit / inference.limit - 1)
    if (off <= 0.1 || Math.abs(first.limit - inference.limit) <= 2) return []
    const said = `the limit header says ${first.limit}; what was let in speaks for ${Math.round(inference.limit)}`
    return [{ id: 'limit-header-wrong', text: said, samples: told.map(({ index }) => index) }]
  }
}
