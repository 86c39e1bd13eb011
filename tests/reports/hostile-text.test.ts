import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { safeText } from '../../reports/terminal/safe-text.ts'
import { finding, sampleRecord, verdict } from './sample.ts'
import { expectSafe, render } from './shown.ts'

describe('hostile text', () => {
  test('is shown as escapes', () => {
    expect(safeText('a\u001b[2J\u009b\u202e\u200b\u0000\ud800\n')).toBe(
      'a\\u001b[2J\\u009b\\u202e\\u200b\\u0000\\ud800\\n',
    )
    expect(safeText('Grüße 世界 👋')).toBe('Grüße 世界 👋')
    expect(safeText(`e${'\u0301'.repeat(6)}`)).toBe(`e${'\u0301'.repeat(4)}\\u0301\\u0301`)
  })

  test('of a real run stays escaped on the screen', () => {
    const screen = render()
    expect(screen).toContain('\\u001b[31mrefused\\u001b[0m at 10.0.0.7:8443\\u202egnp')
    expect(screen).toContain('Status 500 \\u001b[2Jand')
    expectSafe(screen, 100)
  })

  test('anywhere keeps every line safe and within the width', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.constantFrom(
        '\u001b]8;;http://x\u0007',
        '\u001b[2J',
        '世'.repeat(90),
        'x'.repeat(300),
        'ab '.repeat(90),
        '\r\n',
      ),
    )
    const place = fc.record({
      exchange: fc.constantFrom('a1b2c3d4e5f60718', '0badc0de0badc0de', 'none\u001b'),
      part: fc.constantFrom(
        'body' as const,
        'head' as const,
        'status' as const,
        'end' as const,
        'request' as const,
      ),
      offset: fc.nat(900),
      length: fc.nat(300),
      pointer: nasty,
    })
    const one = fc.record({ expected: nasty, got: nasty, why: nasty, at: place })
    const line = fc
      .record({
        id: nasty,
        text: nasty,
        findings: fc.array(one, { maxLength: 5 }),
        word: fc.constantFrom('pass', 'fail', 'warn', 'inconclusive', 'skip', 'error'),
      })
      .map(({ id, text, findings, word }) =>
        verdict(id, {
          title: text,
          message: text,
          fix: text,
          verdict: word,
          requirements: [{ id, text, source: text, level: text }],
          findings: findings.map((f) => finding(id, f)),
          field: { path: id, documented: 'honoured', observed: 'ignored' },
          ...(word === 'skip' ? { skip: { reason: 'blocked' as const, by: text } } : {}),
        }),
      )
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 60, max: 120 }),
        nasty,
        (lines, width, torn) => {
          const record = { ...sampleRecord(lines), torn }
          expectSafe(renderTerminal(record, { color: false, width }), width)
          expectSafe(renderTerminal(record, { color: false, width, whole: true }), width)
        },
      ),
      { numRuns: 150 },
    )
  })
})
