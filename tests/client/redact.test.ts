import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskBytes, maskText, type Secret } from '../../reports/record/redact.ts'
import type { Read } from '../../reports/record/types.ts'
import { CANARY, CANARY_FORMS } from './canary-forms.ts'

const secrets: Secret[] = [{ role: 'default', value: CANARY }]
const PLAIN = 'sk-fake/a+canary=0123456789?>'

function split(bytes: Uint8Array, cuts: number[]): Read[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, n) => ({ at: n, bytes: bytes.subarray(places[n], end) }))
}

const join = (reads: Read[]) => Buffer.concat(reads.map((read) => read.bytes)).toString('latin1')

describe.each(CANARY_FORMS)('%s', (name, write) => {
  // The escapes of some forms say nothing about characters that they do not know.
  const value = name === 'JSON with every second character escaped' ? PLAIN : CANARY
  const known: Secret[] = [{ role: 'revoked', value }]
  const form = Buffer.from(write(value)).toString('latin1')

  test('masked wherever it stands and however it is cut; all else is unchanged', () => {
    const around = fc.uint8Array({ maxLength: 60 }).map((bytes) => {
      // Base64 characters beside base64 would be part of it.
      return `${Buffer.from(bytes).toString('latin1')} `
    })
    fc.assert(
      fc.property(
        fc.array(around, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (parts, cuts) => {
          const text = parts.join(`"${form}"`)
          const reads = split(Buffer.from(text, 'latin1'), cuts)
          const { reads: masked, leaks } = maskBytes(reads, known)
          const stars = '*'.repeat(form.length)
          const padded = form.replace(/=+$/, '')
          const result = join(masked)
          expect(
            [stars, '*'.repeat(padded.length) + form.slice(padded.length)].map((mask) =>
              parts.join(`"${mask}"`),
            ),
          ).toContain(result)
          expect(result).not.toContain(form)
          expect(masked.map((read) => [read.at, read.bytes.length])).toEqual(
            reads.map((read) => [read.at, read.bytes.length]),
          )
          expect(leaks).toHaveLength(parts.length - 1)
          for (const leak of leaks)
            expect(leak).toMatchObject({
              role: 'revoked',
              part: 'read',
              offset: text.indexOf(form, leak.offset),
            })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('masked in text', () => {
    const { text, finds } = maskText(`before ${write(value)} behind`, known)
    expect(finds).toHaveLength(1)
    expect(text).toMatch(/^before \*+=* behind$/)
    expect(text).toHaveLength(`before ${write(value)} behind`.length)
  })
})

test('base64 of a longer text: no character that holds a bit of the secret remains', () => {
  const bytes = fc.uint8Array({ maxLength: 20 })
  fc.assert(
    fc.property(
      bytes,
      bytes,
      fc.constantFrom<BufferEncoding>('base64', 'base64url'),
      (before, behind, encoding) => {
        const text = Buffer.concat([before, Buffer.from(CANARY), behind]).toString(encoding)
        const masked = maskText(text, secrets).text
        const first = Math.floor((8 * before.length) / 6)
        const last = Math.ceil((8 * (before.length + Buffer.byteLength(CANARY))) / 6)
        expect(masked).toBe(text.slice(0, first) + '*'.repeat(last - first) + text.slice(last))
      },
    ),
  )
})

test('what holds no secret comes back as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
      const reads = split(bytes, cuts)
      expect(maskBytes(reads, secrets)).toEqual({ reads, leaks: [] })
    }),
  )
})

test('nothing that was given is changed', () => {
  const bytes = Buffer.from(`key ${CANARY}`)
  const before = bytes.toString()
  maskBytes([{ at: 0, bytes }], secrets)
  expect(bytes.toString()).toBe(before)
})

test('secrets that hold one another are masked both, each under its own name', () => {
  const known: Secret[] = [
    { role: 'default', value: 'abcdefgh' },
    { role: 'limited', value: 'cdefghijkl' },
  ]
  const { text, finds } = maskText('-abcdefghijkl-', known)
  expect(text).toBe('-************-')
  expect(finds).toEqual([
    { role: 'default', offset: 1, length: 8 },
    { role: 'limited', offset: 3, length: 10 },
  ])
})

test('a secret that overlaps itself leaves no tail', () => {
  expect(maskText('abcabcabcabc', [{ role: 'wrong', value: 'abcabcabc' }]).text).toBe('*'.repeat(12))
})

test('a secret of less than 8 characters is refused', () => {
  expect(() => maskText('', [{ role: 'free', value: '1234567' }])).toThrow(
    'the free key is shorter than 8 characters',
  )
  expect(() => maskBytes([], [{ role: 'free', value: '' }])).toThrow(RangeError)
})

test('text made to be slow to search is not', () => {
  const text = '\\'.repeat(100_000) + '%73'.repeat(50_000) + CANARY.slice(0, -1).repeat(5_000)
  expect(maskText(text, secrets).finds).toEqual([])
})
