/** What the replies say of the limit, against what was seen. Each finding names its samples, by index as given. */
import type { Observation, Sample } from './types.ts'

const some = (id: string, text: (count: number) => string, samples: number[], least = 1): Observation[] =>
  samples.length >= least ? [{ id, text: text(samples.length), samples }] : []

export function honesty(samples: readonly Sample[]): Observation[] {
  const refused = samples.flatMap((sample, index) => (sample.admitted ? [] : [index]))
  const where = (test: (sample: Sample) => boolean) => refused.filter((i) => test(samples[i] as Sample))
  return [
    ...some(
      'dropped-connection',
      (n) => `${n} refusals were dropped connections`,
      where(({ status }) => status === 0),
    ),
    ...some(
      'refusal-status',
      (n) => `${n} refusals had a status other than 429`,
      where(({ status }) => status !== 429 && status !== 0),
    ),
    ...some(
      'empty-refusal-body',
      (n) => `${n} refusals with status 429 had an empty body`,
      where(({ status, bodyBytes }) => status === 429 && bodyBytes === 0),
    ),
    ...some(
      'retry-after-missing',
      (n) => `${n} refusals had no Retry-After`,
      where(({ status, retryAfter_s }) => status === 429 && retryAfter_s === undefined),
    ),
    ...retryAfter(samples, refused),
    ...remaining(samples),
  ]
}

/** Waited as long as was said and still refused; or let in long before. Only equal or smaller requests are compared. */
function retryAfter(samples: readonly Sample[], refused: number[]): Observation[] {
  const tooShort: number[] = []
  const tooLong: number[] = []
  const sorted = samples
    .map((sample, index) => ({ sample, index }))
    .sort((a, b) => a.sample.sentAt - b.sample.sentAt)
  for (const i of refused) {
    const refusal = samples[i]
    if (refusal?.retryAfter_s === undefined) continue
    const due = refusal.endedAt + refusal.retryAfter_s * 1000
    const slack = Math.max(1500, 0.15 * refusal.retryAfter_s * 1000)
    const later = sorted.filter(
      ({ sample }) =>
        sample.key === refusal.key &&
        sample.model === refusal.model &&
        sample.sentAt > refusal.endedAt &&
        sample.promptTokens <= refusal.promptTokens * 1.01 &&
        sample.maxTokens <= refusal.maxTokens * 1.01,
    )
    const obedient = later[0]
    // The very next request came after the time that was said: nothing else can have used up the room.
    if (obedient && obedient.sample.sentAt >= due && !obedient.sample.admitted) tooShort.push(i)
    const early = later.find(({ sample }) => sample.admitted)
    if (early && early.sample.promptTokens >= refusal.promptTokens && early.sample.endedAt < due - slack)
      tooLong.push(i)
  }
  return [
    ...some(
      'retry-after-too-short',
      (n) => `after ${n} refusals, waiting as long as Retry-After said was not enough`,
      tooShort,
      2,
    ),
    ...some(
      'retry-after-too-long',
      (n) => `after ${n} refusals, a request was let in well before Retry-After was over`,
      tooLong,
      2,
    ),
  ]
}

function remaining(samples: readonly Sample[]): Observation[] {
  const shown = samples.flatMap(({ limits, admitted }, index) =>
    limits?.remaining !== undefined && admitted ? [{ index, remaining: limits.remaining }] : [],
  )
  const values = new Set(shown.map(({ remaining }) => remaining))
  if (shown.length < 10 || values.size > 1 || !samples.some(({ admitted }) => !admitted)) return []
  const text = `the remaining header stood at ${shown[0]?.remaining} in all ${shown.length} admitted replies, although the limit was reached`
  return [{ id: 'remaining-never-falls', text, samples: shown.map(({ index }) => index) }]
}
