import type { JsonObject, KeyRole } from '../reports/record/types.ts'
import type { SessionOptions } from '../suites/core/select.ts'
import type { KnownFailure } from './baseline.ts'
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
}

export function optionsToJson(options: RecordedOptions): JsonObject {
  return JSON.parse(JSON.stringify(options)) as JsonObject
}

/** The options of a run line. The record was written by assay; what is missing in an older one gets its default. */
export function optionsFromJson(json: JsonObject): RecordedOptions {
  const { session } = json
  if (typeof session !== 'object' || session === null || Array.isArray(session)) {
    throw new Error('the run line has no options.session')
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
