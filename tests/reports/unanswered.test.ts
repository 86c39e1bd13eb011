import { expect, test } from 'vitest'
import { verdict } from './sample.ts'
import { flat, pass, render } from './shown.ts'

const screen = render()

test('groups what was not answered by its reason, with counts', () => {
  expect(screen).toContain('NOT ANSWERED: 6, 5 of them must hold')
  expect(screen).toContain('inconclusive: 1')
  expect(screen).toContain('(shown in 0 of 3 tries)')
  expect(screen).toContain('? 3 checks: blocked by openai-chat/tools/parallel')
  expect(screen).toContain('not available: 1')
  expect(screen).toContain('skipped by choice: 1')
  expect(screen).toContain('11 passed, 4 failed, 2 warned, 5 have no answer, 1 skipped by choice')
  expect(screen).toContain('1 inconclusive, 3 blocked by another check, 1 not available')
  expect(flat(screen)).toContain('set ASSAY_KEY_EXPIRED, or keys: {expired: none} in the config')
})

test('a rule for what never came up is no open question: one line in the totals', () => {
  const idle = ['x/http/trailers', 'x/http/date'].map((id) =>
    verdict(id, { kind: 'rule', verdict: 'skip', message: 'nothing came', skip: { reason: 'idle' } }),
  )
  const text = render([pass, ...idle], 0)
  expect(text).not.toContain('NOT ANSWERED')
  expect(text).toContain('2 rules had nothing to judge: x/http/trailers, x/http/date')
  expect(text).toContain('1 passed, 0 failed, 0 warned, 2 had nothing to judge')
  expect(render([pass, ...idle.slice(1)], 0)).toContain('1 rule had nothing to judge: x/http/date')
})
