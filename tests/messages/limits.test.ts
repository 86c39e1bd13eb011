import { describe, expect, test } from 'vitest'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import { ANTHROPIC_LIMITS, limitRules, OPENAI_LIMITS } from '../../suites/rules/limits.ts'
import { message, reply } from './exchange.ts'

const [counts, resets] = limitRules('anthropic-messages', [OPENAI_LIMITS, ANTHROPIC_LIMITS])

/** What the rule says of an answer with this header; undefined: nothing to say. */
function said(rule: typeof counts, name: string, value: string): string[] | undefined {
  const view = new MessagesView(reply(message(), { headers: [[name, value]] }))
  if (!rule!.on(view)) return undefined
  return [...rule!.judge(view)].map(({ by, got }) => `${by} ${got}`)
}

describe.each(['requests', 'tokens', 'input-tokens', 'output-tokens'])('anthropic-ratelimit-%s', (what) => {
  test.each(['limit', 'remaining'])('-%s is a whole number', (part) => {
    const name = `anthropic-ratelimit-${what}-${part}`
    expect(said(counts, name, '0')).toEqual([])
    expect(said(counts, name, '80000')).toEqual([])
    for (const wrong of ['-1', '1.5', 'none', ' '])
      expect(said(counts, name.toUpperCase(), wrong)).toEqual([`should ${name.toUpperCase()}: ${wrong}`])
    expect(said(resets, name, '-1')).toBeUndefined()
  })

  test('-reset is a time of RFC 3339', () => {
    const name = `anthropic-ratelimit-${what}-reset`
    for (const right of ['2026-11-22T05:30:00Z', '2026-11-22T05:30:00.25+08:00'])
      expect(said(resets, name, right)).toEqual([])
    for (const wrong of ['60', '6m0s', '1795325400', '2026-11-22', '2026-13-45T99:00:00Z', 'soon'])
      expect(said(resets, name, wrong)).toEqual([`should ${name}: ${wrong}`])
    expect(said(counts, name, '60')).toBeUndefined()
  })
})

test.each([
  ['anthropic-ratelimit-unified-reset', '1795325400'],
  ['anthropic-ratelimit-requests-used', 'many'],
  ['x-anthropic-ratelimit-requests-limit', '-1'],
])('%s is no header of these', (name, value) => {
  expect(said(counts, name, value)).toBeUndefined()
  expect(said(resets, name, value)).toBeUndefined()
})

test('the names of OpenAI keep their own forms', () => {
  expect(said(resets, 'x-ratelimit-reset-tokens', '6m0s')).toEqual([])
  expect(said(resets, 'x-ratelimit-reset-tokens', '2026-11-22T05:30:00Z')).toHaveLength(1)
  expect(said(counts, 'x-ratelimit-limit-tokens', '-1')).toHaveLength(1)
})

test('Chat knows nothing of the names of Anthropic', () => {
  const [count, reset] = limitRules('openai-chat')
  expect(said(count, 'anthropic-ratelimit-tokens-limit', '-1')).toBeUndefined()
  expect(said(reset, 'anthropic-ratelimit-tokens-reset', '60')).toBeUndefined()
})
