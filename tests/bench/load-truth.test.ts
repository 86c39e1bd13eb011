import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../../bench/load/prompts.ts'
import { quantile, quantileOf } from '../../bench/load/quantile.ts'
import {
  firstTokens,
  gaps,
  JournalReader,
  meanGaps,
  openness,
  sentBetween,
  type TrueRequest,
} from '../../bench/load/truth.ts'

const MS = 1e6

function entry(nonce: string | null, received_ms: number, writes: [ms: number, tokens: number][]): string {
  return `${JSON.stringify({
    nonce,
    stream: true,
    received_ns: received_ms * MS,
    before_ns: writes.map(([at]) => (at - 0.5) * MS),
    after_ns: writes.map(([at]) => (at + 0.5) * MS),
    tokens: writes.map(([, tokens]) => tokens),
    end: 'finished',
  })}\n`
}

describe('the journal as truth', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-truth-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads what was added, across a line that was half written', async () => {
    const path = join(folder, 'journal.jsonl')
    const whole = entry('assay-00000001-00000001', 10, [
      [11, 0],
      [30, 1],
      [50, 1],
      [90, 1],
      [95, 0],
    ])
    writeFileSync(path, `{"schema":"x","clock":{"monotonic_ns":5,"realtime_ns":"7"}}\n${whole.slice(0, 40)}`)
    const journal = new JournalReader(path)
    await journal.until([], 0)
    expect(journal.clock).toEqual({ monotonic_ns: 5, realtime_ns: '7' })
    expect(journal.requests.size).toBe(0)
    appendFileSync(path, whole.slice(40) + entry(null, 0, [[1, 1]]))
    await journal.until(['assay-00000001-00000001'], 0)
    const requests = [...journal.requests.values()]
    expect(requests.map(({ nonce }) => nonce)).toEqual(['assay-00000001-00000001'])
    expect(requests[0]).toMatchObject({ finished: true, blur_ns: MS })
    // Writes without tokens are no tokens.
    expect(firstTokens(requests)).toEqual([20])
    expect(gaps(requests)).toEqual([20, 40])
    expect(meanGaps(requests)).toEqual([30, 30])
    expect(sentBetween(requests, 30 * MS, 90 * MS)).toBe(2)
  })

  it('knows when all streams were open, and that a stream without its next request is a gap in that', () => {
    const request = (from: number, to: number): TrueRequest => ({
      nonce: `${from}`,
      received_ns: from * 1e9,
      token_ns: Float64Array.of(to * 1e9),
      blur_ns: 0,
      finished: true,
    })
    const two = [request(0, 4), request(1, 5), request(4.5, 9)]
    expect(openness(two, 2)).toEqual({ most: 2, full_s: 4, nearly_ns: [1e9, 5e9] })
    expect(openness(two, 3)).toEqual({ most: 2, full_s: 0, nearly_ns: [1e9, 5e9] })
    expect(openness([], 3)).toEqual({ most: 0, full_s: 0, nearly_ns: undefined })
  })
})

describe('quantiles', () => {
  it('lie between neighbours, and are not known of nothing', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantileOf([4, 1, 3, 2, 5], 0.25)).toBe(2)
    expect(quantileOf([7], 0.99)).toBe(7)
    expect(quantileOf([], 0.5)).toBeNaN()
  })
})

describe('the rows that all tools ask', () => {
  it('have nonces of their own, and lengths that fill the span evenly', () => {
    const rows = rowsOf('0badcafe', 1000, [50, 150])
    expect(new Set(rows.map(({ nonce }) => nonce)).size).toBe(1000)
    for (const { nonce, text, tokens } of rows) {
      expect(text.startsWith(`Begin your answer with the word ${nonce}.`)).toBe(true)
      expect(tokens).toBeGreaterThanOrEqual(50)
      expect(tokens).toBeLessThanOrEqual(150)
    }
    const mean = rows.reduce((sum, { tokens }) => sum + tokens, 0) / rows.length
    expect(mean).toBeGreaterThan(99)
    expect(mean).toBeLessThan(101)
    expect(rowsOf('0badcafe', 2, [16, 16]).map(({ tokens }) => tokens)).toEqual([16, 16])
  })
})
