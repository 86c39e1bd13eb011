import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VerdictLine } from '../../reports/record/types.ts'
import { columns } from '../../reports/terminal/columns.ts'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { isUnsafe, safeText } from '../../reports/terminal/safe-text.ts'
import { wantsColor } from '../../reports/terminal/style.ts'
import { exchange, finding, killedRecord, sampleRecord, VERDICTS, verdict } from './sample.ts'

const render = (verdicts: VerdictLine[] = VERDICTS, exit = 1, width = 100) =>
  renderTerminal(sampleRecord(verdicts, exit), { color: false, width })
/** Where a sentence may be broken anywhere. */
const flat = (screen: string) => screen.replace(/\s+/g, ' ')
const pass = verdict('a/b/c')

function expectSafe(screen: string, width: number): void {
  for (const line of screen.split('\n')) {
    expect(columns(line), line).toBeLessThanOrEqual(width)
    expect(isUnsafe(line), JSON.stringify(line)).toBe(false)
  }
}

describe('the final screen', () => {
  const screen = render()

  test('tells first what failed and last what it all comes to', () => {
    const at = (text: string) => {
      expect(screen, text).toContain(text)
      return screen.indexOf(text)
    }
    const order = [
      'FAILED: 4',
      'WARNINGS: 2',
      'NOT ANSWERED: 6',
      'REQUEST FIELDS: 12',
      'TOTALS',
      'DOES NOT CONFORM',
    ]
    expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b))
    expect(screen.trimEnd().split('\n').slice(-3).join('\n')).toContain('DOES NOT CONFORM')
  })

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
    expect(text).toContain('and 3 more findings, in record.jsonl')
  })

  test('shows the same bytes once', () => {
    const at = { exchange: 'a1b2c3d4e5f60718', part: 'body' as const, offset: 6, length: 4 }
    const text = render(
      ['a/b/c', 'a/b/d'].map((id) => verdict(id, { verdict: 'fail', findings: [finding(id, { at })] })),
    )
    expect(text).toContain('the same bytes as under a/b/c')
    expect(text.match(/\^{4}/g)).toHaveLength(1)
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

  test('keeps must level before may, and the rest to a line each', () => {
    const fails = Array.from({ length: 30 }, (_, i) =>
      verdict(`a/b/may-${i}`, { verdict: 'fail', level: 'may' }),
    )
    const text = render([...fails, verdict('a/b/must', { verdict: 'fail' })])
    expect(text.indexOf('✗ a/b/must')).toBeLessThan(text.indexOf('✗ a/b/may-0'))
    expect(text).toContain('and 19 more that failed:')
    for (const { id } of fails) expect(text).toContain(`✗ ${id}`)
  })

  test('groups what was not answered by its reason, with counts', () => {
    expect(screen).toContain('NOT ANSWERED: 6, 5 of them must hold')
    expect(screen).toContain('inconclusive: 1')
    expect(screen).toContain('(shown in 0 of 3 tries)')
    expect(screen).toContain('? 3 checks: blocked by openai-chat/tools/parallel')
    expect(screen).toContain('not available: 1')
    expect(screen).toContain('skipped by choice: 1')
    expect(screen).toContain('1 inconclusive · 5 skip')
    expect(screen).toContain('3 blocked by another check · 1 not available · 1 by choice')
  })

  test('shows deviating fields as rows and names agreeing ones', () => {
    expect(screen).toMatch(/│ logit_bias +│ honoured +│ ignored +│ ✗ fail +│/)
    expect(screen).toMatch(/│ seed +│ ignored +│ honoured +│ ! warn +│/)
    expect(screen).toContain(
      'honoured as documented (7): model, messages, max_tokens, stop, n, stream, tools',
    )
    expect(screen).toContain('effect not observable (2): user, temperature')
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
  })

  test.each<[string, VerdictLine[], number]>([
    ['CONFORMS', [pass], 0],
    ['NOT PROVEN', [pass, verdict('a/b/d', { verdict: 'inconclusive' })], 4],
    ['NOT JUDGED', [], 2],
    ['NOT JUDGED', [verdict('a/b/d', { verdict: 'error', message: 'TypeError in a judge' })], 3],
  ])('concludes %s', (word, verdicts, exit) => {
    const text = render(verdicts, exit)
    expect(text).toContain(` ${word} `)
    expect(text).toContain(`exit ${exit}`)
    for (const other of ['CONFORMS', 'DOES NOT CONFORM', 'NOT PROVEN', 'NOT JUDGED', 'INTERRUPTED']) {
      if (other !== word) expect(text).not.toContain(` ${other} `)
    }
  })

  test('says that unproven was allowed, and never that it conforms', () => {
    const text = render([pass, verdict('a/b/d', { verdict: 'inconclusive' })], 0)
    expect(text).toContain('NOT PROVEN')
    expect(text).toContain('--allow-unproven')
    expect(text).not.toContain('CONFORMS')
  })

  test('of a killed run says so, and how far it came', () => {
    const text = renderTerminal(killedRecord([pass]), { color: false })
    expect(text).toContain('INTERRUPTED')
    expect(text).toContain('1 of 22 checks judged')
    expect(text).not.toContain('CONFORM')
  })

  test('names the files where they are known', () => {
    expect(screen).not.toContain('record.jsonl')
    expect(renderTerminal(sampleRecord(), { color: false, dir: 'out/7' })).toContain(
      'out/7: record.jsonl, summary.json',
    )
  })
})

describe('colour', () => {
  test('adds to the text and tells nothing by itself', () => {
    for (const width of [60, 80, 133]) {
      const coloured = renderTerminal(sampleRecord(), { color: true, width })
      expect(coloured).toContain('\u001b[')
      expect(stripVTControlCharacters(coloured)).toBe(renderTerminal(sampleRecord(), { color: false, width }))
    }
  })

  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('terminal %s, environment %o: %s', (isTTY, env, wanted) => {
    expect(wantsColor({ isTTY }, env)).toBe(wanted)
  })
})

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
        },
      ),
      { numRuns: 150 },
    )
  })
})
