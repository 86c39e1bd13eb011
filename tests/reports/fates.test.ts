import { expect, test } from 'vitest'
import { verdict } from './sample.ts'
import { render } from './shown.ts'

const screen = render()

test('shows deviating fields as rows and names agreeing ones', () => {
  expect(screen).toMatch(/│ logit_bias +│ honoured +│ ignored +│ ✗ fail +│/)
  expect(screen).toMatch(/│ seed +│ ignored +│ honoured +│ ! warn +│/)
  expect(screen).toContain('honoured as documented (7): model, messages, max_tokens, stop, n, stream, tools')
  expect(screen).toContain('not documented; accepted, effect not tested (1): response_format')
  expect(screen).toContain('effect cannot be seen from outside (2): user, temperature')
  expect(screen).not.toMatch(/│ model /)
})

test('shows of several checks on a field the gravest', () => {
  const field = { path: 'stop', documented: 'honoured' as const, observed: 'honoured' as const }
  const text = render([
    verdict('a/b/c', { field }),
    verdict('a/b/d', { verdict: 'fail', field: { ...field, observed: 'refused' } }),
    verdict('a/b/e', { field }),
  ])
  expect(text).toMatch(/│ stop +│ honoured +│ refused +│ ✗ fail/)
  expect(text).toContain('REQUEST FIELDS: 1, 1 not as documented')
  const open = verdict('a/b/f', { verdict: 'inconclusive', field: { ...field, path: 'n' } })
  expect(render([verdict('a/b/c', { field }), open])).toContain('REQUEST FIELDS: 2, 1 unanswered')
  expect(render([verdict('a/b/c', { field })])).toContain('REQUEST FIELDS: 1, all as documented')
})
