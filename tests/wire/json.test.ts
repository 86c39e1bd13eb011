import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonDocument, readJson } from '../../suites/core/json.ts'

/** The text of a span, taken from the UTF-8 bytes. */
function cut(text: string, span: { offset: number; length: number } | undefined): string | undefined {
  return span && Buffer.from(text).toString('utf8', span.offset, span.offset + span.length)
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function expectLikeJsonParse(text: string): JsonDocument {
  const document = readJson(text)
  const expected = parsed(text)
  expect(document.value, text).toEqual(expected?.value)
  expect(document.problem === undefined, text).toBe(expected !== undefined)
  if (document.problem) {
    const { offset } = document.problem
    expect(offset).toBeGreaterThanOrEqual(0)
    expect(offset).toBeLessThanOrEqual(Buffer.byteLength(text))
  }
  return document
}

describe('validity', () => {
  it.each([
    '',
    ' ',
    'null',
    'nul',
    'nulls',
    'true',
    'tru',
    'false',
    '0',
    '-0',
    '-',
    '01',
    '1.',
    '.5',
    '1.5',
    '1e',
    '1e+',
    '1e5',
    '1E-5',
    '-1.25e+10',
    '+1',
    '1e999',
    'NaN',
    'Infinity',
    '"',
    '"a',
    '"a"',
    '"\\',
    '"\\u',
    '"\\u12"',
    '"\\u12',
    '"\\u00e9"',
    '"\\ud800"',
    '"\ud800"',
    '"\\x"',
    '"\\/"',
    '"\n"',
    '"\u007f"',
    '"\u2028"',
    '[',
    '[]',
    '[,]',
    '[1,]',
    '[1 2]',
    '[1,2]',
    '[1}',
    '{',
    '{}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1}',
    '{"a" : 1 }',
    '{a:1}',
    "{'a':1}",
    '{"a":1]',
    '{"a":1}}',
    '[]]',
    '1 1',
    '\ufeff1',
    '\u00a01',
    '\v1',
    '/**/1',
    '{"__proto__":1}',
    '[[[]]]',
    '{"a":{"b":[{}]}}',
    '"\\u0000"',
    '"\0"',
  ])('%j', (text) => void expectLikeJsonParse(text))

  const json = fc.json({ maxDepth: 6 })
  const mutated = fc
    .tuple(
      fc.oneof(json, fc.json({ stringUnit: 'binary' })),
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.nat({ max: 2 }),
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            ',',
            ':',
            '"',
            '\\',
            'u',
            '0',
            '-',
            '.',
            'e',
            't',
            ' ',
            '\n',
            '\0',
            '😀',
            '\ud800',
          ),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    )
    .map(([text, edits]) =>
      edits.reduce((t, [at, drop, put]) => {
        const i = at % (t.length + 1)
        return t.slice(0, i) + put + t.slice(i + drop)
      }, text),
    )

  it('is that of JSON.parse, on valid, mutated, cut and made-up texts', () => {
    const soup = fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"a"',
          '"',
          '1',
          '-',
          'true',
          'null',
          ' ',
          '\\u00',
          'e1',
        ),
        {
          maxLength: 12,
        },
      )
      .map((t) => t.join(''))
    const short = fc.tuple(json, fc.nat()).map(([text, n]) => text.slice(0, n % (text.length + 1)))
    fc.assert(
      fc.property(fc.oneof(json, mutated, soup, short), (text) => void expectLikeJsonParse(text)),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['', 0, 'the text is empty'],
    ['{"a":1', 6, 'the text ends where a comma or } should come'],
    ['["é", x]', 7, 'a value should come, not x'],
    ['{"é" 1}', 6, 'a colon should come, not 1'],
    ['[1,]', 3, 'a value should come, not ]'],
    ['"é\n"', 3, 'a string holds U+000A unescaped'],
    ['"abc', 4, 'the text ends inside a string'],
    ['"\\q"', 2, 'a string has an escape that JSON does not know, at q'],
    ['1 😀', 2, 'the end should come, not U+1F600'],
    ['\ufeff{}', 0, 'a byte order mark stands before the value'],
    ['[truE]', 4, 'the rest of a number, true, false or null should come, not E'],
    ['data: {}', 0, 'a value should come, not d'],
  ])('%j is wrong at byte %i: %s', (text, offset, problem) => {
    expect(readJson(text).problem).toEqual({ offset, text: problem })
  })
})

describe('depth', () => {
  it.each([
    ['1', 0],
    ['[]', 1],
    ['{"a":[{}]}', 3],
    ['[[],[[]]]', 3],
  ])('%s is %i deep', (text, depth) => {
    expect(readJson(text).depth).toBe(depth)
  })

  it('gives no value beyond the bound', () => {
    const at = (depth: number) => readJson('['.repeat(depth) + ']'.repeat(depth))
    expect(at(256).tooDeep).toBe(false)
    expect(at(256).value).toBeDefined()
    expect(at(257)).toMatchObject({ tooDeep: true, value: undefined, depth: 257, problem: undefined })
    expect(readJson('[[1]]', { depth: 1 })).toMatchObject({ tooDeep: true, value: undefined })
    expect(readJson('[[1],[2]]', { depth: 2 })).toMatchObject({ tooDeep: false, value: [[1], [2]] })
  })

  it('many brackets are not depth', () => {
    const text = `[${Array(5000).fill('{"a":[]}').join(',')}]`
    expect(readJson(text)).toMatchObject({ depth: 3, tooDeep: false, value: JSON.parse(text) })
  })
})

describe('duplicates', () => {
  const found = (text: string) =>
    readJson(text).duplicates.map(({ pointer, span }) => [pointer, span.offset, cut(text, span)])

  it.each([
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":2}', [['/a', 7, '"a"']]],
    ['{"a":1,"\\u0061":2}', [['/a', 7, '"\\u0061"']]],
    ['{"é":1,"x":[{"k":1},{"k":1,"é":2,"k":3}]}', [['/x/1/k', 35, '"k"']]],
    [
      '{"a":1,"a":2,"a":3}',
      [
        ['/a', 7, '"a"'],
        ['/a', 13, '"a"'],
      ],
    ],
    ['{"a/b":{"~":1,"~":1}}', [['/a~1b/~0', 14, '"~"']]],
    ['{"":1,"":2}', [['/', 6, '""']]],
    ['[[{"a":1}],[{"a":1}]]', []],
    ['{"a":{"a":{"a":1}}}', []],
    ['{"__proto__":1,"constructor":2}', []],
    ['{"\\ud800":1,"\\ud800":2}', [['/\ud800', 12, '"\\ud800"']]],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it('are found among many keys, and the pointer below such an object is right', () => {
    const keys = Array.from({ length: 40 }, (_, i) => `"k${i}":${i}`).join(',')
    const text = `{${keys},"k3":0,"in":{"x":1,"x":2}}`
    expect(found(text).map(([pointer]) => pointer)).toEqual(['/k3', '/in/x'])
  })

  it('are as many as keys that JSON.parse loses', () => {
    const key = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"é"')
    const object = fc
      .array(fc.tuple(key, fc.constantFrom('1', '[]', '"x"')), { maxLength: 30 })
      .map((m) => ({ text: `{${m.map(([k, v]) => `${k}:${v}`).join(',')}}`, keys: m.length }))
    fc.assert(
      fc.property(object, ({ text, keys }) => {
        expect(readJson(text).duplicates).toHaveLength(keys - Object.keys(JSON.parse(text) as object).length)
      }),
    )
  })
})

describe('span', () => {
  const text = ' {"é": [10, {"x": "😀", "": null}], "d": 1, "d": {"e": 2}, "a/b~": true} '
  it.each([
    ['', text.trim()],
    ['/é', '[10, {"x": "😀", "": null}]'],
    ['/é/0', '10'],
    ['/é/1/x', '"😀"'],
    ['/é/1/', 'null'],
    ['/d', '{"e": 2}'],
    ['/d/e', '2'],
    ['/a~1b~0', 'true'],
    ['/é/2', undefined],
    ['/é/00', undefined],
    ['/é/-', undefined],
    ['/no', undefined],
    ['/é/0/x', undefined],
    ['d', undefined],
  ])('%j', (pointer, expected) => {
    expect(cut(text, readJson(text).span(pointer))).toBe(expected)
  })

  it('of a key given twice is the last one, also where that one has less in it', () => {
    expect(readJson('{"a":{"b":1},"a":2}').span('/a/b')).toBeUndefined()
    expect(readJson('{"a":{"b":1},"a":{"b":22}}').span('/a/b')).toEqual({ offset: 22, length: 2 })
  })

  it('is undefined where the text is not JSON', () => {
    expect(readJson('{"a":1').span('/a')).toBeUndefined()
  })

  it('of every value holds that value', () => {
    const walk = (value: unknown, pointer: string, text: string, document: JsonDocument): void => {
      expect(JSON.parse(cut(text, document.span(pointer)) ?? 'none')).toEqual(value)
      if (typeof value !== 'object' || value === null) return
      for (const [key, inner] of Object.entries(value)) {
        walk(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, text, document)
      }
    }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat({ max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        walk(JSON.parse(text), '', text, readJson(text))
      }),
      { numRuns: 300 },
    )
  })
})

describe('hostile input', () => {
  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('100,000 deep of %s', (opener, closer) => {
    const text = opener.repeat(100_000) + (opener === '[' ? '' : '1') + closer.repeat(100_000)
    const document = readJson(text)
    expect(document).toMatchObject({ tooDeep: true, depth: 100_000, value: undefined, duplicates: [] })
    expect(document.problem).toBeUndefined()
    expect(document.span('')).toEqual({ offset: 0, length: text.length })
    const pointer = (opener === '[' ? '/0' : '/a').repeat(99_999)
    expect(document.span(pointer)?.offset).toBe(opener.length * 99_999)
    expect(readJson(opener.repeat(100_000)).problem?.offset).toBe(opener.length * 100_000)
  })

  it('a million characters are one pass: the square of that would not end', () => {
    const size = 1_000_000
    const open = readJson('['.repeat(size), { values: size })
    expect(open.problem?.offset).toBe(size)
    expect([open.tooDeep, open.depth, open.value]).toEqual([true, size, undefined])
    const string = readJson(`{"a":"${'x'.repeat(size)}","b":1}`)
    expect(string.duplicates).toEqual([])
    expect(string.span('/b')).toEqual({ offset: size + 12, length: 1 })
    expect(readJson('1'.repeat(size)).depth).toBe(0)
  })

  it('more values than the bound are not read', () => {
    const list = (count: number) => readJson(`[${Array(count).fill('1').join(',')}]`, { values: 10 })
    expect([list(9).tooMany, list(9).value]).toEqual([false, Array(9).fill(1)])
    const many = list(10)
    expect([many.tooMany, many.value, many.problem]).toEqual([true, undefined, undefined])
    expect(many.span('/0')).toBeUndefined()
    const open = readJson('['.repeat(2_000_000))
    expect([open.tooMany, open.tooDeep, open.depth]).toEqual([true, true, 1_000_000])
  })

  it('keeps 100 duplicates', () => {
    expect(readJson(`{${'"a":1,'.repeat(10_000)}"a":1}`).duplicates).toHaveLength(100)
  })
})
