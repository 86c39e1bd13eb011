import type { Inference, Sample } from '../types.ts'

/** The limiter faults that are named. What each deviates from stands in `load/limits/expected.ts`. */
export const FINDINGS = [
  'race',
  'charged-at-end',
  'fails-open',
  'hang-up-free',
  'counts-chunks',
  'counts-several-times',
  'bypassed-by-conflict',
  'extended-by-refusals',
  'never-resets',
  'retry-after-missing',
  'retry-after-too-short',
  'retry-after-too-long',
  'remaining-never-falls',
  'remaining-wrong',
  'limit-header-wrong',
  'empty-refusal-body',
  'refusal-envelope',
  'refusal-status',
  'dropped-connection',
] as const
export type FindingId = (typeof FINDINGS)[number]

/** One fault, stated with the samples that carry it, by index as given. */
export interface LimitFinding {
  id: FindingId
  text: string
  samples: number[]
  /** Others on the same key cannot have made it. */
  surely?: true
}

export interface Seen {
  samples: readonly Sample[]
  /** Absent: only what the samples say by themselves. */
  inference?: Inference
  aim: 'requests' | 'tokens'
}
