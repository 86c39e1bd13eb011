import type { RunRecord } from '../reports/record/read.ts'
import type { JsonObject, KeyRole, RunLine } from '../reports/record/types.ts'
import type { Profile } from '../specs/types.ts'
import { digest } from '../suites/core/digest.ts'
import type { SessionOptions } from '../suites/core/select.ts'
import type { KnownFailure } from './baseline.ts'
import type { Selected } from './selection.ts'
import { UsageError } from './usage.ts'
import type { DeadlineOptions } from './words.ts'

/**
 * What the run line keeps of the options, so that judging again asks the same and resuming goes on in the same way.
 * Secrets are not there: keys by the names of their variables, credential headers by their names (value null).
 */
export interface RecordedOptions {
  session: SessionOptions
  keys: Partial<Record<KeyRole, string>>
  headers: [name: string, value: string | null][]
  concurrency: number
  /** null: no bound. */
  max_requests: number | null
  max_tokens: number | null
  deadlines: DeadlineOptions
  limits: { head_bytes?: number; body_bytes?: number }
  tls: { ca?: string; insecure?: boolean }
  baseline: KnownFailure[]
  allow_unproven: boolean
  /** Only where a part of the profile is asked. */
  selected?: Selected
}

export function optionsToJson(options: RecordedOptions): JsonObject {
  return JSON.parse(JSON.stringify(options)) as JsonObject
}

/** The options of a run line. The record was written by assay; what is missing in an older one gets its default. */
export function optionsFromJson(json: JsonObject): RecordedOptions {
  const { session } = json
  if (typeof session !== 'object' || session === null || Array.isArray(session)) {
    throw new UsageError('the run line of the record has no options.session')
  }
  const defaults = {
    keys: {},
    headers: [],
    concurrency: 8,
    max_requests: null,
    max_tokens: null,
    deadlines: {},
    limits: {},
    tls: {},
    baseline: [],
    allow_unproven: false,
  }
  return { ...defaults, ...json } as unknown as RecordedOptions
}

/** Whether --allow-unproven was given, at the beginning or with a resume: once given it holds. */
export function allowsUnproven({ run, resumes }: Pick<RunRecord, 'run' | 'resumes'>): boolean {
  return (
    optionsFromJson(run.options).allow_unproven || resumes.some(({ allowUnproven }) => allowUnproven === true)
  )
}

/** The profile of a run line, as it was used. It was checked when it was loaded; here only that it is one. */
export function profileFromJson({ profile, digests }: RunLine): Profile {
  if (digest(profile) !== digests.profile) {
    throw new UsageError(
      'the profile in the run line of the record is not the one that the record was made with: it was changed',
    )
  }
  const { id, dialects, models, default_model: model } = profile
  const whole = typeof dialects === 'object' && dialects !== null && Array.isArray(models)
  if (typeof id !== 'string' || typeof model !== 'string' || !whole) {
    throw new UsageError('the run line of the record holds no whole profile')
  }
  return profile as unknown as Profile
}
