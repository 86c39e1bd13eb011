import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { HeaderPair } from '../../reports/record/types.ts'
import { decodeContent } from '../../suites/core/wire/http1.ts'

const plain = Buffer.from('{"a":"你好"}'.repeat(50))
const parts = (bytes: Buffer) => [
  { at: 0, wire: 0, bytes: bytes.subarray(0, 9) },
  { at: 1, wire: 9, bytes: bytes.subarray(9) },
]
const coded = (coding: string): HeaderPair[] => [['Content-Encoding', coding]]
const decode = (bytes: Buffer, coding: string, max = 1e6, wire: 'http1' | 'decoded' = 'http1') => {
  const { bytes: out, ...rest } = decodeContent(parts(bytes), coded(coding), max, wire)
  return { ...rest, bytes: Buffer.from(out) }
}

/** Not the best quality, which is the default and takes far longer. */
const quickBrotli = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })

const codings = [
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', quickBrotli],
  ['zstd', zstdCompressSync],
] as const

describe.each(codings)('%s', (coding, compress) => {
  it('is undone', () => {
    expect(decode(compress(plain), coding)).toEqual({ bytes: plain, text: '' })
  })

  it('is bounded', () => {
    const bomb = compress(Buffer.alloc(50_000_000))
    expect(decode(bomb, coding)).toMatchObject({ problem: 'bomb', bytes: Buffer.alloc(0) })
    expect(decode(compress(Buffer.alloc(1000)), coding, 1000).problem).toBeUndefined()
  })

  it('cut short is corrupt, and gives what there is', () => {
    const long = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i * 7919} `).join(''))
    const { problem, bytes } = decode(compress(long).subarray(0, -40), coding)
    expect(problem).toBe('corrupt')
    expect(bytes.length).toBeGreaterThan(0)
    expect(long.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  it('that is not there is corrupt, but not where the transcript may have lost it', () => {
    expect(decode(plain, coding)).toMatchObject({ problem: 'corrupt' })
    expect(decode(plain, coding).text).toContain('Content-Encoding')
    expect(decode(plain, coding, 1e6, 'decoded')).toEqual({ bytes: plain, text: '' })
  })
})

describe('content coding', () => {
  it('stacked codings are undone from the last', () => {
    expect(decode(brotliCompressSync(gzipSync(plain)), 'gzip, br').bytes).toEqual(plain)
  })

  it('identity, none, and an empty body are as they are', () => {
    expect(decode(plain, 'identity').bytes).toEqual(plain)
    expect(Buffer.from(decodeContent(parts(plain), [], 10).bytes)).toEqual(plain)
    expect(decodeContent([], coded('gzip'), 10)).toMatchObject({ text: '' })
  })

  it('an unknown one, or too many, is said', () => {
    expect(decode(plain, 'compress')).toMatchObject({ problem: 'unknown-coding', bytes: plain })
    expect(decode(plain, Array(100).fill('gzip').join(',')).problem).toBe('unknown-coding')
  })
})
