import { describe, expect, test } from 'vitest'
import { profileById } from '../../specs/load.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { plan } from '../../suites/core/plan.ts'
import { select } from '../../suites/core/select.ts'
import { ID, specs } from './by-hand.ts'

/** What a run asks at most beside its plan where all is well: until the limited key is refused. */
const UNTIL_LIMITED = 5

describe('the plan of the dialect', () => {
  test.each(['anthropic', 'anthropic-2023-06-01'])('of %s binds in 120 requests', (id) => {
    const profile = profileById(specs, id)
    const options = {
      dialects: [ID],
      model: profile.default_model,
      level: 'must' as const,
      checks: [],
      suites: [],
      roles: { chosen: [], given: [] },
    }
    const parts = select([anthropicMessages as Dialect], profile, specs, options)
    const { requests, checks } = plan(parts, profile.default_model)
    expect(checks).toBeGreaterThan(250)
    expect(requests + UNTIL_LIMITED).toBeLessThanOrEqual(120)
  })
})
