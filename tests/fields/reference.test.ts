import { describe, expect, test } from 'vitest'
import type { Level } from '../../reports/record/types.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { plan } from '../../suites/core/plan.ts'
import { select } from '../../suites/core/select.ts'
import { fieldChecks } from '../../suites/fields/fields.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { Stand, specs } from './stand.ts'

const PROFILES = ['openai', 'tokenhub-intl', 'pingtoken']

/** Every check of the dialect, those of the fields once. */
const whole = {
  ...openaiChat,
  checks: (ground) => {
    const fields = fieldChecks(ground, CHAT_FIELDS)
    const ids = new Set(fields.map((check) => check.id))
    return [...openaiChat.checks(ground).filter((check) => !ids.has(check.id)), ...fields]
  },
} as Dialect

function planOf(id: string, level: Level) {
  const profile = specs.profiles.get(id)!
  const selected = select([whole], profile, specs, {
    dialects: ['openai-chat'],
    model: profile.default_model,
    level,
    checks: [],
    suites: [],
    roles: { chosen: [], given: ['default'] },
  })
  return plan(selected, profile.default_model)
}

describe('on the reference gateway every field check passes', () => {
  test.each([
    ...PROFILES.map((id) => [id, specs.profiles.get(id)!.default_model]),
    ['openai', 'gpt-5.4-mini'],
    ['openai', 'gpt-4o-mini-search-preview'],
    ['tokenhub-intl', 'hy-mt2-plus'],
  ])('%s with %s', async (id, model) => {
    const stand = await Stand.open({ ...specs.profiles.get(id!)!, default_model: model! })
    try {
      const { lines } = await stand.run()
      const odd = [...lines.values()].filter((line) => line.verdict !== 'pass')
      expect(odd.map((line) => `${line.verdict} ${line.id}: ${line.message}`)).toEqual([])
    } finally {
      await stand.close()
    }
  })
})

describe('cost', () => {
  test('a whole run on openai is at most 400 requests', () => {
    expect(planOf('openai', 'may').requests).toBeLessThanOrEqual(400)
  })

  test('the must level on openai is at most 150 requests and 30,000 tokens', () => {
    const { requests, tokens } = planOf('openai', 'must')
    expect(requests).toBeLessThanOrEqual(150)
    expect(tokens).toBeLessThanOrEqual(30_000)
  })

  test.each(PROFILES)('the plan says what is sent where nothing goes wrong: %s', async (id) => {
    const stand = await Stand.open(id)
    try {
      const { lines, requests, planned } = await stand.run()
      expect(lines.size).toBeGreaterThan(0)
      // The plan counts what dependent steps may ask.
      expect(requests).toBeLessThanOrEqual(planned)
    } finally {
      await stand.close()
    }
  })
})
