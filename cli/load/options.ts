import type { JsonObject, KeyRole } from '../../reports/record/types.ts'
import { optionsToJson } from '../recorded-options.ts'
import { recordedHeaders } from '../user-headers.ts'
import type { PreparedLoad } from './prepare.ts'

/** The options of a load run as the run line keeps them: in the shape of those of a run of checks, none selected. */
export function recordedLoadOptions(
  { target, dialect, plan, allowUnproven }: PreparedLoad,
  { roles }: { roles: readonly KeyRole[] },
): JsonObject {
  const { settings, names, chosen, extra, model } = target
  return optionsToJson({
    session: {
      dialects: [dialect],
      model,
      models: [model],
      level: 'may',
      checks: [],
      suites: [],
      roles: { chosen, given: [...roles] },
    },
    keys: names,
    headers: recordedHeaders(extra),
    concurrency: plan.load.streams,
    max_requests: plan.caps.requests,
    max_tokens: plan.caps.tokens,
    deadlines: settings.deadlines ?? {},
    limits: {},
    tls: settings.tls ?? {},
    baseline: [],
    allow_unproven: allowUnproven,
  })
}
