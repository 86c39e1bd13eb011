import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columns } from '../../reports/terminal/columns.ts'
import { excerpt } from '../../reports/terminal/excerpt.ts'
import { isUnsafe } from '../../reports/terminal/safe-text.ts'
import { styleFor } from '../../reports/terminal/style.ts'

const plain = styleFor(false)
const bytes = (s: string) => new Uint8Array(Buffer.from(s))
const show = (body: string, offset: number, length: number, width = 40) =>
  excerpt(bytes(body), { offset, length }, width, plain)
/** The text above the carets. */
const marked = (lines: string[]): string[] =>
  lines.flatMap((line, i) => {
    const from = line.indexOf('^')
    if (from < 0 || line.trim().replaceAll('^', '') !== '') return []
    return [[...(lines[i - 1] ?? '')].slice(from, line.lastIndexOf('^') + 1).join('')]
  })

describe('the excerpt', () => {
  test('marks the span under its line, with context', () => {
    expect(show('one\ntwo\nthree\nfour\nfive', 8, 5)).toEqual(['one', 'two', 'three', '^^^^^', 'four'])
    expect(show('abcdef', 2, 2)).toEqual(['abcdef', '  ^^'])
  })

  test('clips a long line around the span', () => {
    const lines = show(`${'a'.repeat(5000)}SPAN${'b'.repeat(5000)}`, 5000, 4)
    expect(lines[0]).toMatch(/^…a+SPANb+…$/)
    expect(marked(lines)).toEqual(['SPAN'])
  })

  test('keeps what comes before a span at the end of a long line', () => {
    const [line] = show(`${'a'.repeat(500)}SPAN`, 500, 4)
    expect(line).toMatch(/^…a{30,}SPAN$/)
  })

  test('shows the head of a span that is longer than the line', () => {
    expect(show('x'.repeat(900), 0, 900)[0]).toMatch(/^x{37,39}…$/)
  })

  test('goes on in two more rows where the span is longer than the line', () => {
    const lines = show(`${'x'.repeat(60)}${'y'.repeat(60)}`, 0, 120)
    expect(lines.map((line) => line.includes('^'))).toEqual([false, true, false, true, false, true])
    expect(lines[2]).toMatch(/^…x+y+…$/)
    expect(`${lines[0]}${lines[2]}${lines[4]}`.replaceAll('…', '')).toHaveLength(38 * 3)
  })

  test('ends a line before the span within the width, also where a mark without width is cut', () => {
    for (const line of show(`${'a'.repeat(40)}${'\u0301'}bbb\nspan`, 45, 4)) {
      expect(columns(line)).toBeLessThanOrEqual(40)
    }
  })

  test('marks at most four lines of a span and counts the rest', () => {
    const lines = show('l\n'.repeat(30), 0, 60)
    expect(lines.filter((line) => line.includes('^'))).toHaveLength(4)
    expect(lines.at(-1)).toBe('… 26 more lines of the span')
  })

  test('shows a line end where it is marked', () => {
    expect(show('a\r\nb', 1, 2)).toEqual(['a\\r\\n', ' ^^^^', 'b'])
    expect(show('a\n\nb', 2, 1)).toEqual(['a', '\\n', '^^', 'b'])
  })

  test('points at the end of the body where something is missing', () => {
    expect(show('data: x\n\n', 9, 0)).toEqual(['data: x', '', '', '^ the bytes end here'])
    expect(show('', 0, 0)).toEqual(['', '^ the bytes end here'])
    expect(show('abc', 99, 7).at(-1)).toBe('   ^ the bytes end here')
  })

  test('shows hostile bytes as escapes, and wide letters with carets as wide', () => {
    expect(show('a\u001b[2Jb', 1, 1)).toEqual(['a\\u001b[2Jb', ' ^^^^^^'])
    expect(show('世界!', 3, 3)).toEqual(['世界!', '  ^^'])
    expect(excerpt(new Uint8Array([0x61, 0xff, 0xe4, 0xb8]), { offset: 1, length: 1 }, 40, plain)).toEqual([
      'a\\xff\\xe4\\xb8',
      ' ^^^^',
    ])
  })

  test('of any bytes and any span is safe and within the width', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 30 }).map(bytes),
      fc.constant(bytes('\n')),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.nat(400),
        fc.nat(400),
        fc.integer({ min: 40, max: 90 }),
        (parts, offset, length, width) => {
          const lines = excerpt(Buffer.concat(parts), { offset, length }, width, plain)
          expect(lines.some((line) => line.includes('^'))).toBe(true)
          for (const line of lines) {
            expect(columns(line)).toBeLessThanOrEqual(width)
            expect(isUnsafe(line), line).toBe(false)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('decodes UTF-8 as the platform does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), (s) => {
        const [line] = excerpt(bytes(s), { offset: 0, length: 1 }, 400, plain)
        expect(line).not.toContain('\\x')
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), (b) => {
        const [line] = excerpt(
          b.filter((x) => x !== 0x0a && x !== 0x5c),
          { offset: 0, length: 1 },
          400,
          plain,
        )
        const valid = !Buffer.from(b.filter((x) => x !== 0x0a && x !== 0x5c))
          .toString()
          .includes('\ufffd')
        expect(line?.includes('\\x')).toBe(!valid)
      }),
      { numRuns: 2000 },
    )
  })
})
