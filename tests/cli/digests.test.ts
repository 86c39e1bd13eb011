import { expect, test } from 'vitest'
import { digestsOf } from '../../cli/digests.ts'
import type { Check } from '../../suites/core/check.ts'
import { select } from '../../suites/core/select.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'
import { check, dialect, options, profile, specs } from '../core/ground.ts'

const checksDigest = (over: Partial<Check<ChatView>> = {}): string => {
  const parts = select([dialect([check('a/a', over)])], profile, specs, options())
  return digestsOf(profile, parts).checks
}

test.each<[string, Partial<Check<ChatView>>]>([
  ['the title', { title: 'Another' }],
  ['what it needs', { needs: ['openai-chat/plain/reply'] }],
  ['the dialects that it asks beside its own', { also: ['openai-chat'] }],
  ['whether it expects a success', { expects: 'any' }],
  ['how often it is asked', { elicit: { ask: 'reply', tries: 2, shows: () => true } }],
  ['the field that it is about', { field: 'seed' }],
])('a check that changed in %s is another check', (_, over) => {
  expect(checksDigest()).toBe(checksDigest())
  expect(checksDigest(over)).not.toBe(checksDigest())
})
