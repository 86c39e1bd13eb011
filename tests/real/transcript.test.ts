import { expect, test } from 'vitest'
import { inside } from '../cli/inside.ts'
import { captured } from './expected.ts'

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
