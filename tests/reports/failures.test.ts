import { expect, test } from 'vitest'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { exchange, finding, sampleRecord, verdict } from './sample.ts'
import { flat, render } from './shown.ts'

const screen = render()

test('tells of a failure why, by whose word, what came with the span marked, and how to mend it', () => {
  const lines = screen.split('\n')
  const from = lines.findIndex((line) => line.startsWith('✗ openai-chat/stream/usage-chunk'))
  const told = lines.slice(from, lines.indexOf('', from))
  expect(told[0]).toMatch(/ must$/)
  const text = told.join('\n')
  for (const part of [
    'why it matters  Billing that reads the last chunk',
    'by whose word   OAI-CHAT-stream-usage (must): With include_usage',
    'source: openai-node@7.57.0 resources/chat/completions.d.ts:1204',
    'expected        1 chunk with usage',
    'got             usage on the chunk',
    'exchange a1b2c3d4e5f60718, event 2, /usage',
    'how to mend it  Send one extra chunk',
    'assay explain openai-chat/stream/usage-chunk',
  ]) {
    expect(text).toContain(part)
  }
  const carets = told.findIndex((line) => /^ {4}│ +\^+$/.test(line))
  const [first, last] = [told[carets]!.indexOf('^'), told[carets]!.lastIndexOf('^')]
  expect(told[carets - 1]?.slice(first, last + 1)).toBe('"usage"')
})

test('shows a status line, and the end of a connection that was cut', () => {
  expect(screen).toMatch(/│ HTTP\/1\.1 500 Internal Server Error\n {4}│ \^{34}\n/)
  expect(flat(screen)).toContain('the connection was reset before the response was complete')
  expect(screen).toContain('the bytes end here')
})

test('shows no more than three causes of a check, and one of equal ones with the count', () => {
  const same = Array.from({ length: 9 }, (_, i) =>
    finding('a/b/c', { at: { exchange: 'a1b2c3d4e5f60718', part: 'body', offset: i, length: 1 } }),
  )
  const many = ['p', 'q', 'r', 's', 't'].map((got) => finding('a/b/c', { got }))
  const text = render([verdict('a/b/c', { verdict: 'fail', findings: [...same, ...many] })])
  expect(text.match(/── finding \d of 6/g)).toHaveLength(3)
  expect(text).toContain('and in 8 more places, in 1 exchange in all')
  expect(text).toContain('and 3 more findings, in report.txt')
})

test('tells one cause once, and names what else it fails with its message', () => {
  const at = { exchange: 'a1b2c3d4e5f60718', part: 'body' as const, offset: 6, length: 4 }
  const lines = ['a/b/c', 'a/b/d', 'a/b/e'].map((id) =>
    verdict(id, { verdict: 'fail', message: `message of ${id}`, findings: [finding(id, { at })] }),
  )
  const text = render([...lines, verdict('a/b/f', { verdict: 'fail', findings: [finding('a/b/f')] })])
  expect(text).toContain('FAILED: 4, 2 causes')
  expect(text).toContain('The same bytes fail 2 more checks and rules:')
  expect(text).toContain('✗ a/b/d  message of a/b/d')
  expect(text).toContain('✗ a/b/e  message of a/b/e')
  expect(text.match(/on the wire/g)).toHaveLength(2)
  expect(text.match(/\^{4}/g)).toHaveLength(1)
})

test('takes findings about a whole body for one cause only where they saw the same', () => {
  const lines = ['no usage', 'no id', 'no usage'].map((got, i) =>
    verdict(`a/b/${i}`, { verdict: 'fail', findings: [finding(`a/b/${i}`, { got })] }),
  )
  expect(render(lines)).toContain('FAILED: 3, 2 causes')
})

test('marks nothing in a body whose coding is not undone, nor in an exchange that is not there', () => {
  const record = sampleRecord([
    verdict('a/b/c', {
      verdict: 'fail',
      findings: [finding('a/b/c', { at: { exchange: 'zip', part: 'body', offset: 3, length: 2 } })],
    }),
    verdict('a/b/d', {
      verdict: 'fail',
      findings: [finding('a/b/d', { at: { exchange: 'gone', part: 'body' } })],
    }),
  ])
  record.exchanges.set('zip', exchange('zip', { headers: [['content-encoding', 'gzip']] }))
  const text = renderTerminal(record, { color: false })
  expect(flat(text)).toContain('the body is coded (gzip)')
  expect(flat(text)).toContain('exchange gone, which the record does not hold')
  expect(text).not.toContain('^')
})

test('puts security first, then what must hold, then what may; the rest get a line each', () => {
  const fails = Array.from({ length: 30 }, (_, i) =>
    verdict(`a/b/may-${i}`, { verdict: 'fail', level: 'may' }),
  )
  const must = verdict('a/b/must', { verdict: 'fail' })
  const rule = verdict('a/b/rule', { verdict: 'fail', kind: 'rule' })
  const leak = verdict('a/security/key-echo', { verdict: 'fail', level: 'may', kind: 'rule' })
  const text = render([...fails, must, rule, leak])
  const order = ['a/security/key-echo', 'a/b/rule', 'a/b/must', 'a/b/may-0'].map((id) =>
    text.indexOf(`✗ ${id}`),
  )
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order[0]).toBeGreaterThan(0)
  expect(text).toContain('and 21 more that failed:')
  for (const { id } of fails) expect(text).toContain(`✗ ${id}`)
})
