import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shownResponse } from '../../reports/record/body.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { columns } from '../../reports/terminal/columns.ts'
import { renderTerminal, reportText } from '../../reports/terminal/render.ts'
import { isUnsafe, safeText } from '../../reports/terminal/safe-text.ts'
import { wantsColor } from '../../reports/terminal/style.ts'
import { exchange, finding, killedRecord, RUN, SUMMARY, sampleRecord, VERDICTS, verdict } from './sample.ts'

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

  test('shows deviating fields as rows and names agreeing ones', () => {
    expect(screen).toMatch(/│ logit_bias +│ honoured +│ ignored +│ ✗ fail +│/)
    expect(screen).toMatch(/│ seed +│ ignored +│ honoured +│ ! warn +│/)
    expect(screen).toContain(
      'honoured as documented (7): model, messages, max_tokens, stop, n, stream, tools',
    )
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
    const open = verdict('a/b/d', { verdict: 'inconclusive', message: 'interrupted' })
    const text = flat(renderTerminal(killedRecord([pass, open]), { color: false, dir: 'out/7' }))
    expect(text).toContain('INTERRUPTED')
    expect(text).toContain('1 of 22 checks judged')
    expect(text).toContain('assay run --resume out/7')
    expect(text).not.toContain('CONFORM')
  })

  test('names the files where they are known', () => {
    expect(screen).not.toContain('record.jsonl')
    expect(renderTerminal(sampleRecord(), { color: false, dir: 'out/7' })).toContain(
      'out/7: record.jsonl, summary.json',
    )
  })
})

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

describe('advice', () => {
  const first = (
    status: number,
    body: string,
    over: object = {},
    url = 'https://gateway.example.test/api',
  ) => {
    const record = sampleRecord([
      verdict('openai-chat/plain/reply', {
        verdict: 'inconclusive',
        message: 'refused',
        exchanges: ['x'],
        ...over,
      }),
    ])
    const head = `HTTP/1.1 ${status} X\r\n\r\n`
    const reads = [{ at: 1, bytes: new Uint8Array(Buffer.from(head + body)) }]
    record.exchanges.set('x', exchange('x', { status, headers: [], reads, end: { kind: 'closed' } }))
    record.run = { ...RUN, target: { ...RUN.target, url } }
    return flat(renderTerminal(record, { color: false, width: 120 }))
  }

  test.each([
    [401, '{}', 'is the key in ASSAY_KEY right for this address'],
    [403, '{}', 'is the key in ASSAY_KEY right for this address'],
    [404, '{"detail":"Not Found"}', 'does the base URL need /v1 (https://gateway.example.test/api/v1)?'],
    [
      404,
      '{"error":{"message":"model not found"}}',
      'does ref-large exist here? Name another by --model NAME',
    ],
    [400, '{"error":{"code":"model_not_found"}}', 'GET https://gateway.example.test/api/models lists them'],
    [200, '<!DOCTYPE html><p>', 'is https://gateway.example.test/api the address of the API?'],
  ])('for %i %s', (status, body, hint) => {
    for (const verdict of ['fail', 'inconclusive']) {
      const text = first(status, body, { verdict })
      expect(text).toContain(hint)
      expect(text.indexOf('Before you blame the gateway')).toBeLessThan(text.indexOf('plain/reply'))
    }
  })

  test('for an address that ends in an endpoint', () => {
    expect(first(404, '{}', {}, 'https://g.test/v1/chat/completions')).toContain('so leave it off')
  })

  test('is not given where the reply passed, or failed for another reason', () => {
    expect(first(401, '{}', { verdict: 'pass' })).not.toContain('Before you blame')
    expect(first(500, '{"error":{"message":"model crashed"}}')).not.toContain('Before you blame')
  })
})

describe('a baseline', () => {
  const fail = verdict('a/b/known', { verdict: 'fail', title: 'Known' })
  const told = (verdicts: VerdictLine[], marks: object, exit: number) =>
    flat(
      renderTerminal(
        { ...sampleRecord(verdicts), summary: { ...SUMMARY, exit, ...marks } },
        { color: false, width: 120 },
      ),
    )

  test('that knows every failure: the banner agrees with exit 0', () => {
    const text = told([pass, fail], { known: ['a/b/known'] }, 0)
    expect(text).toContain('KNOWN FAILURES ONLY exit 0')
    expect(text).toContain('1 passed, 0 failed, 1 failed as the baseline knows')
    expect(text).not.toContain('CONFORM')
    expect(text).not.toContain('FAILED: ')
  })

  test('that is out of date: the banner agrees with exit 1', () => {
    const text = told([pass], { stale: ['a/b/c'] }, 1)
    expect(text).toContain('BASELINE OUT OF DATE exit 1')
    expect(text).toContain('no longer fails: a/b/c')
  })

  test('does not hide a failure that it does not know', () => {
    const text = told([pass, fail, verdict('a/b/new', { verdict: 'fail' })], { known: ['a/b/known'] }, 1)
    expect(text).toContain('DOES NOT CONFORM exit 1')
    expect(text).toContain('FAILED: 1 ')
    expect(text).toContain('1 of 3 checks and rules of profile tokenhub-intl failed')
  })
})

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
          expectSafe(renderTerminal(record, { color: false, width, whole: true }), width)
        },
      ),
      { numRuns: 150 },
    )
  })
})
