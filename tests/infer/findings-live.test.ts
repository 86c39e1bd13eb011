/** What live runs show and virtual ones do not: shapes of samples taken from such runs, in small. */
import { describe, expect, it } from 'vitest'
import { failsOpen } from '../../fixtures/limiter/faults.ts'
import { metered } from '../../fixtures/limiter/limiter.ts'
import { fixedFirst } from '../../fixtures/limiter/windows.ts'
import { findings } from '../../load/infer/findings/findings.ts'
import type { Inference, Sample } from '../../load/infer/types.ts'

const LIMIT = 10

interface Shown {
  probe: string
  at: number
  lasts?: number
  admitted?: boolean
  tokens?: number
  stream?: boolean
}

const sample = ({ probe, at, lasts = 5, admitted = true, tokens = 1, stream = false }: Shown): Sample => ({
  probe,
  key: 'default',
  model: 'm',
  sentAt: at,
  firstAt: at + Math.min(5, lasts),
  endedAt: at + lasts,
  status: admitted ? 200 : 429,
  admitted,
  promptTokens: 8,
  completionTokens: tokens,
  maxTokens: tokens,
  stream,
  ...(!admitted && { retryAfter_s: 1, bodyBytes: 80, envelope: 'openai' as const }),
})
const many = (count: number, shown: Shown): Sample[] => Array.from({ length: count }, () => sample(shown))
const refused = (probe: string, at: number): Sample => sample({ probe, at, admitted: false })

const size = (at: number): Sample[] => [...many(LIMIT, { probe: 'size-1', at }), refused('size-1', at + 10)]

/** A burst of three times the limit whose streams last so long, and what was asked during and after it. */
function burst(round: number, at: number, lasts: number, during: Sample[]): Sample[] {
  return [
    ...many(3 * LIMIT, { probe: `burst-${round}`, at, lasts, stream: true, tokens: 30 }),
    ...during,
    refused(`after-${round}`, at + 700),
  ]
}
const named = (samples: Sample[], inference?: Inference) =>
  findings({ samples, aim: 'requests', ...(inference && { inference }) }).map(({ id }) => id)

describe('a burst far over the limit', () => {
  const shut = (round: number, at: number) => [refused(`while-${round}`, at)]

  it('refused at once, while its streams last: a race', () => {
    const all = [...size(0), ...burst(2, 5000, 600, shut(2, 5300)), ...burst(3, 9000, 600, shut(3, 9300))]
    expect(named(all)).toEqual(['race'])
  })

  it('a later request that came into the next window does not hide it', () => {
    const late = sample({ probe: 'while-2', at: 5400, lasts: 2700 })
    const all = [
      ...size(0),
      ...burst(2, 5000, 600, [...shut(2, 5300), late]),
      ...burst(3, 9000, 600, shut(3, 9300)),
    ]
    expect(named(all)).toEqual(['race'])
  })

  it('let in all the while, refused afterwards: charged at the end', () => {
    const open = (round: number, at: number) => [sample({ probe: `while-${round}`, at })]
    const all = [...size(0), ...burst(2, 5000, 600, open(2, 5300)), ...burst(3, 9000, 600, open(3, 9300))]
    expect(named(all)).toEqual(['charged-at-end'])
  })

  it('streams that were over too soon: it says that it may be either', () => {
    const all = [...size(0), ...burst(2, 5000, 100, shut(2, 5300)), ...burst(3, 9000, 100, shut(3, 9300))]
    const [found] = findings({ samples: all, aim: 'requests' })
    expect(found?.id).toBe('race')
    expect(found?.text).toContain('too soon to tell')
  })
})

describe('chunks that count, taken for others on the same key', () => {
  const round = (name: 'chunks' | 'whole', n: number, left: number): Sample[] => [
    ...many(2, { probe: `${name}-${n}`, at: n * 1000, tokens: 3, stream: name === 'chunks' }),
    ...many(left, { probe: `fill-${n}`, at: n * 1000 + 100 }),
    refused(`fill-${n}`, n * 1000 + 200),
  ]
  const others: Inference = {
    algorithm: 'fixed-first',
    limit: LIMIT,
    window_s: 3,
    burst: LIMIT,
    charging: { what: 'request', when: 'admission', refused: false, cancelled: true },
    per: 'unknown',
    overshoot: 0,
    confidence: 0.9,
    otherTraffic: true,
    evidence: [],
    faults: [],
  }

  it('are named where they take just as much as there were tokens, each time', () => {
    const all = [...size(0), ...round('chunks', 2, 2), ...round('whole', 3, 8), ...round('chunks', 4, 2)]
    expect(named(all, others)).toEqual(['counts-chunks'])
  })

  it('and not where others may have taken it', () => {
    const all = [...size(0), ...round('chunks', 2, 5), ...round('whole', 3, 8), ...round('chunks', 4, 2)]
    expect(named(all, others)).toEqual([])
    expect(named(all)).toEqual(['counts-chunks'])
  })
})

it('a limit header of requests is not held against a limit of requests at a time', () => {
  const rows = [...size(0)].map((row, i) => ({
    ...row,
    limits: { limit: 30, remaining: row.admitted ? 9 - i : 0 },
  }))
  const slots = { algorithm: 'concurrency', limit: 8, window_s: undefined, confidence: 0.9 } as Inference
  expect(named(rows, slots)).toEqual([])
})

it('a store that goes away again and again', () => {
  const charging = { what: 'request', when: 'admission', refused: false, cancelled: true } as const
  const gate = failsOpen(metered(fixedFirst(1, 100_000), charging), 100, 150, 200)
  const ask = { key: 'k', model: 'm', promptTokens: 1, maxTokens: 1, stream: false }
  const kinds = [0, 50, 120, 160, 320, 360, 530].map((now) => gate.ask(now, ask).kind)
  expect(kinds).toEqual(['admitted', 'refused', 'admitted', 'refused', 'admitted', 'refused', 'admitted'])
})
