import { describe, expect, it } from 'vitest'
import type { Caps, Order } from '../../load/order.ts'
import { planOptions, shortOf } from '../../load/scenarios/limits/cost.ts'
import { orderFor } from './run-k6.ts'

const WIDE: Caps = { requests: 100_000, tokens: 10_000_000, duration_s: 3600, rate: 1000 }
const with_ = (scenario: 'rpm' | 'tpm', caps: Partial<Caps>, options: Order['options'] = {}): Order => ({
  ...orderFor('http://127.0.0.1:1/v1/chat/completions', scenario, options),
  caps: { ...WIDE, ...caps },
})

describe('caps that leave no room for an experiment', () => {
  it('none of it where they are wide', () => {
    expect(shortOf(with_('rpm', {}))).toEqual([])
    expect(shortOf(with_('tpm', {}, { expect_limit: 100_000 }))).toEqual([])
  })

  it.each([
    ['rpm', { requests: 20 }, {}, 'at least 120 requests, the cap is 20 (--max-requests 120 allows it)'],
    ['rpm', { requests: 500 }, { expect_limit: 100 }, 'at least 800 requests, the cap is 500'],
    [
      'rpm',
      { rate: 5 },
      { expect_limit: 600 },
      'at least 12 requests a second, the cap is 5 (load.caps.rate)',
    ],
    ['rpm', { duration_s: 60 }, { expect_limit: 60 }, 'at least 360 seconds, the cap is 60'],
    ['tpm', { tokens: 50_000 }, { expect_limit: 10_000 }, 'at least 80000 tokens, the cap is 50000'],
  ] as const)('%s %o %o', (scenario, caps, options, told) => {
    expect(shortOf(with_(scenario, caps, options)).join('; ')).toContain(told)
  })
})

it('k6 looks at the window only where that is long beside the time it takes', () => {
  expect(planOptions(with_('rpm', {}, { window_at_most_s: 6 })).looks).toBe(0)
  expect(planOptions(with_('rpm', {})).looks).toBeGreaterThan(0)
})
