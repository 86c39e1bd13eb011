import { describe, expect, test } from 'vitest'
import { reportText } from '../../reports/terminal/render.ts'
import { finding, SUMMARY, sampleRecord, verdict } from './sample.ts'
import { expectSafe } from './shown.ts'

describe('report.txt', () => {
  test('leaves nothing out', () => {
    const fails = Array.from({ length: 40 }, (_, i) =>
      verdict(`a/b/${i}`, {
        verdict: 'fail',
        message: 'long '.repeat(80),
        findings: Array.from({ length: 9 }, (_, j) => finding('x', { got: `got ${i}.${j}` })),
      }),
    )
    const known = verdict('a/b/known', { verdict: 'fail', title: 'A known failure' })
    const blocked = Array.from({ length: 30 }, (_, i) =>
      verdict(`a/c/${i}`, { verdict: 'skip', skip: { reason: 'blocked', by: 'a/b/0' } }),
    )
    const record = sampleRecord([...fails, known, ...blocked])
    record.summary = { ...SUMMARY, known: [known.id] }
    const text = reportText(record, 'out/7')
    for (const { id, findings } of fails) {
      expect(text).toContain(`✗ ${id} `)
      for (const { got } of findings) expect(text).toContain(got)
    }
    for (const { id } of blocked) expect(text).toContain(id)
    expect(text).toContain('KNOWN TO FAIL, NOT COUNTED: 1')
    expect(text).not.toContain('more that failed')
    expect(text).not.toContain('\u001b')
  })

  test('shows the exchanges that the findings point at, whole and safe', () => {
    const text = reportText(sampleRecord())
    const part = text.slice(text.indexOf('EXCHANGES NAMED ABOVE'))
    expect(part).toContain('  > POST https://gateway.example.test/v1/chat/completions')
    expect(part).toContain('"stream":true}')
    expect(part).toContain('  < HTTP/1.1 500 Internal Server Error')
    expect(part).toContain('data: [DONE]')
    expectSafe(text, 110)
  })
})
