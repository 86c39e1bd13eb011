import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inside } from '../cli/inside.ts'
import { captured } from './expected.ts'

const LLMS = fileURLToPath(new URL('./llms-profile.yaml', import.meta.url))
const TRANSLATED = ['--dialect', 'anthropic-messages', '--profile', LLMS]

test('a stream that Portkey’s upstream cut off fails for its missing end alone', async () => {
  const file = captured('portkey-cut-stream')
  const told = await inside('check-transcript', file, '--dialect', 'openai-chat')
  expect(told.status, told.stderr).toBe(1)
  // One cause, so one block that names both.
  expect([...told.stdout.matchAll(/^✗ /gm)].length).toBe(1)
  const failed = new Set(told.stdout.match(/openai-chat\/grammar\/[a-z-]+/g))
  expect(failed).toEqual(new Set(['openai-chat/grammar/done-missing', 'openai-chat/grammar/finish-missing']))
  // Not even its date warns: a transcript does not say when it was made.
  expect(told.stdout).toContain('2 failed, 0 warned')
})

test('an error that llms passed on in a stream fails for what comes after it, and warns for its form', async () => {
  const told = await inside('check-transcript', captured('llms-error-stream'), ...TRANSLATED)
  expect(told.status, told.stderr).toBe(1)
  expect(standing(told.stdout, '✗')).toEqual(['anthropic-messages/grammar/after-error'])
  expect(standing(told.stdout, '!')).toContain('anthropic-messages/errors/in-stream')
})

test('text that llms put into the block of a call fails for the type of its delta', async () => {
  const told = await inside('check-transcript', captured('llms-text-after-call'), ...TRANSLATED)
  expect(told.status, told.stderr).toBe(1)
  expect(standing(told.stdout, '✗')).toEqual(['anthropic-messages/grammar/delta-type'])
})

/** Ids of the blocks that begin with this mark. */
function standing(report: string, mark: string): string[] {
  return [...report.matchAll(new RegExp(`^${mark} (\\S+)`, 'gm'))].map(([, id]) => id!)
}
