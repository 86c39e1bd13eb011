import { expect, test } from 'vitest'
import { planRows, planTable } from '../../cli/plan-table.ts'
import { loadSpecs } from '../../specs/load.ts'
import { plan } from '../../suites/core/plan.ts'
import { select } from '../../suites/core/select.ts'
import { dialects } from '../../suites/dialects.ts'

const specs = loadSpecs()

test.each([...specs.profiles.keys()])('the rows of the plan of %s add up to the whole', (id) => {
  const profile = specs.profiles.get(id)!
  const selected = select(dialects, profile, specs, {
    dialects: dialects.map((dialect) => dialect.id),
    model: profile.default_model,
    level: 'may',
    checks: [],
    suites: [],
    roles: { chosen: [], given: ['default'] },
  })
  const whole = plan(selected, profile.default_model)
  const rows = planRows(selected, profile.default_model)
  for (const key of ['checks', 'requests', 'tokens'] as const) {
    expect(rows.reduce((sum, row) => sum + row[key], 0)).toBe(whole[key])
    expect(rows.every((row) => row[key] >= 0)).toBe(true)
  }
  expect(new Set(rows.map((row) => row.subject)).size).toBe(rows.length)
  const lines = planTable(rows, whole).split('\n')
  // A head, a rule before each dialect and before the whole, and sums of several dialects.
  const parts = new Set(rows.map((row) => row.subject.split('/')[0])).size
  expect(lines).toHaveLength(rows.length + parts + (parts > 1 ? parts : 0) + 3)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})
