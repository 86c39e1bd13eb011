import { expect, test } from 'vitest'
import type { Json } from '../../reports/record/types.ts'
import { mostTokens } from '../../suites/anthropic-messages/most-tokens.ts'

const body = (content: Json, more: Record<string, Json> = {}) => ({
  model: 'm-1',
  max_tokens: 48,
  messages: [{ role: 'user', content }],
  ...more,
})
const plain = mostTokens(body('Reply with the single word OK.'))

test('the answer counts with its limit, the question with its bytes', () => {
  expect(plain).toBeGreaterThan(48 + 10)
  expect(mostTokens(body('Reply with the single word OK.', { max_tokens: 148 }))).toBe(plain + 100)
  expect(mostTokens(body('Reply with the single word OK.'.repeat(2)))).toBe(plain + 10)
})

test('tools cost what the API says of them beside their own bytes, however many they are', () => {
  const tool = { name: 'weather', input_schema: { type: 'object' } }
  const one = mostTokens(body('x', { tools: [tool] }))
  const none = mostTokens(body('x', { tools: [] }))
  expect(one - none).toBeGreaterThan(700)
  expect(mostTokens(body('x', { tools: [tool, tool] })) - one).toBeLessThan(100)
})

test.each<[string, Json]>([
  ['a PDF', { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' }],
  ['a file that the API fetches', { type: 'url', url: 'https://www.example.com/paper.pdf' }],
  ['an uploaded file', { type: 'file', file_id: 'file_1' }],
])('%s costs a page, wherever it stands', (_, source) => {
  const document = { type: 'document', source }
  const text = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x'.repeat(40) } }
  const one = mostTokens(body([document]))
  expect(one - mostTokens(body([text]))).toBeGreaterThan(2_900)
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [document, document] }
  expect(mostTokens(body([result])) - one).toBeGreaterThan(3_000)
})

test('what is no request costs nothing', () => expect(mostTokens(undefined)).toBe(0))
