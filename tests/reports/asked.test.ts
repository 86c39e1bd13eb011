import { describe, expect, test } from 'vitest'
import { shownResponse } from '../../reports/record/body.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { exchange, finding, sampleRecord, verdict } from './sample.ts'
import { flat, render } from './shown.ts'

describe('what was asked', () => {
  const fail = (at: object, more: object = {}) => [
    verdict('a/b/c', {
      verdict: 'fail',
      findings: [finding('a/b/c', { at: { exchange: 'x', part: 'body', ...at } })],
      ...more,
    }),
  ]
  const asked = (body: string, lines: VerdictLine[], headers: [string, string][] = []) => {
    const record = sampleRecord(lines)
    const request = {
      method: 'POST',
      url: 'https://gateway.example.test/v1/chat/completions?a=1',
      headers,
      body,
    }
    record.exchanges.set('x', exchange('x', { request }))
    return flat(renderTerminal(record, { color: false }))
  }

  test('is method, path and body, and whether there was a key', () => {
    expect(asked('{"model":"m"}', fail({}))).toContain(
      'asked POST /v1/chat/completions?a=1 (without a key) {"model":"m"} expected',
    )
    expect(asked('{"model":"m"}', fail({}), [['Authorization', '***']])).toContain(
      '?a=1 {"model":"m"} expected',
    )
  })

  test('elides what is long, but not the field at issue', () => {
    const long = 'word '.repeat(400)
    const body = JSON.stringify({
      messages: Array.from({ length: 9 }, () => ({ role: 'user', content: long })),
      stop: ['y'.repeat(90), 'z'.repeat(90)],
    })
    const field = { path: 'stop', documented: 'honoured' as const, observed: 'ignored' as const }
    const text = asked(body, fail({}, { field }))
    expect(text.replaceAll(' ', '')).toContain(`"stop":["${'y'.repeat(90)}","${'z'.repeat(90)}"]`)
    expect(text).not.toContain(long)
    const pointed = asked(body, fail({ part: 'request', pointer: '/stop/1' }))
    expect(pointed.replaceAll(' ', '')).toContain('z'.repeat(90))
  })

  test('of a body that is no JSON is its beginning, and of one nested without end no more than a few lines', () => {
    expect(asked(`{"a":${'x'.repeat(900)}`, fail({}))).toContain('(905 characters)')
    for (const depth of [500, 5000, 50_000]) {
      const text = asked('['.repeat(depth) + ']'.repeat(depth), fail({}))
      expect(text).toContain('asked POST /v1/chat/completions?a=1 (without a key) [[[[')
      expect(text.length).toBeLessThan(2000)
    }
  })
})

describe('the place of a finding in a stream', () => {
  test('is the value that the pointer names, inside the event', () => {
    const at = { exchange: 'a1b2c3d4e5f60718', part: 'body' as const }
    const stream = sampleRecord().exchanges.get('a1b2c3d4e5f60718')!
    const body = shownResponse(stream).body
    const end = Buffer.from(body).indexOf('\n\n') + 2
    const zero = { event: 0, offset: 0, length: end }
    const one = { event: 1, offset: end, length: Buffer.from(body).indexOf('\n\n', end) + 2 - end }
    const marked = (
      pointer: string,
      { event, offset, length }: { event: number; offset: number; length: number },
    ) => {
      const lines = render(
        [
          verdict('a/b/c', {
            verdict: 'fail',
            findings: [finding('a/b/c', { at: { ...at, offset, length, event, pointer } })],
          }),
        ],
        1,
        80,
      ).split('\n')
      const carets = lines.findIndex((line) => /│ +\^+$/.test(line))
      const from = lines[carets]!.indexOf('^')
      return lines[carets - 1]!.slice(from)
    }
    expect(marked('/choices/0/delta/content', one)).toMatch(/^"Guten Tag, 世界 👋"/)
    expect(marked('/choices/0/finish_reason', zero)).toMatch(/^null/)
    // What is missing is shown by what should hold it.
    expect(marked('/choices/0/delta/role', one)).toMatch(/^\{"content":"Guten/)
  })
})
