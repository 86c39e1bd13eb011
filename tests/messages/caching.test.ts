import { expect, test } from 'vitest'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import { groundOf } from '../../suites/core/select.ts'
import { able, groundFor, ID, specs } from './by-hand.ts'

test('how many marks of the cache there may be is asked only where they are promised', () => {
  const ids = (ground: Parameters<typeof anthropicMessages.checks>[0]): string[] =>
    anthropicMessages
      .checks(ground)
      .map(({ id }) => id)
      .filter((id) => id.includes('-marks'))
  expect(ids(groundFor('anthropic'))).toEqual([`${ID}/caching/four-marks`, `${ID}/caching/five-marks`])
  const profile = structuredClone(able('anthropic'))
  delete profile.dialects[ID]!.fields['system[].cache_control']
  expect(ids(groundOf(ID, profile, specs)!)).toEqual([])
})
