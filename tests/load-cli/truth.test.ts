import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Order } from '../../load/order.ts'
import { readJournal } from '../../load/truth/journal.ts'
import { judgeTruth } from '../../load/truth/judge.ts'
import type { LoadFigures } from '../../reports/record/types.ts'
import { temporary } from '../cli/assay.ts'

const GAP_MS = 20
const TOKENS = 10
const ANSWERS = 20
const STALL_MS = 50
const COLUMNS = [
  'nonce_sent',
  'phase',
  'outcome',
  'start_us',
  'connect_us',
  'write_us',
  'ttft_us',
  'e2e_us',
  'lag_us',
  'stall_us',
  'coalesced_tokens',
]

interface Made {
  /** By how much the meter is late, milliseconds. */
  off?: number
  /** How many of the answers of each phase show a sleeping reader. */
  stalls?: { plain: number; stalled: number }
  /** 99th percentile of the gaps that the meter gives. */
  p99?: number
  saturated?: boolean
  answers?: number
}

/** A journal and a sample file of two phases. Both clocks begin at 7 s; the run began at 8 s. */
async function verdicts({ off = 0, stalls, p99 = GAP_MS, saturated = false, answers = ANSWERS }: Made = {}) {
  const dir = temporary()
  const journal = path.join(dir, 'gateway.jsonl')
  const samples = path.join(dir, 'samples.jsonl')
  const lines: unknown[] = [{ schema: 'assay/gateway-journal/1', clock: { monotonic_ns: 7e9 } }]
  const rows: unknown[] = [{ columns: COLUMNS, clock: { at_us: 500, monotonic_ns: 8e9 + 500_000 } }]
  for (const phase of ['plain', 'stalled'] as const) {
    for (let i = 0; i < answers; i += 1) {
      const nonce = `assay-00000001-${phase}${i}`
      const first_ms = 1000 + 100 + i
      const at = Array.from({ length: TOKENS }, (_, k) => (first_ms + k * GAP_MS) * 1e6)
      lines.push({
        nonce,
        end: 'finished',
        // The head of the stream and its end carry no tokens.
        before_ns: [1000 * 1e6, ...at.map((ns) => ns - 10_000), (first_ms + TOKENS * GAP_MS) * 1e6],
        after_ns: [1000 * 1e6, ...at.map((ns) => ns + 10_000), (first_ms + TOKENS * GAP_MS) * 1e6],
        tokens: [0, ...at.map(() => 1), 0],
      })
      const start_us = (first_ms - 1000 - 50) * 1000
      const ttft_us = 49_000 + off * 1000
      const slept = i < (stalls ?? { plain: 0, stalled: 2 })[phase]
      rows.push([
        nonce,
        phase,
        'finished',
        start_us,
        400,
        600,
        ttft_us,
        ttft_us + TOKENS * GAP_MS * 1000,
        0,
        slept ? STALL_MS * 1000 : GAP_MS * 1000,
        slept ? 3 : 0,
      ])
    }
  }
  for (const [file, all] of [
    [journal, lines],
    [samples, rows],
  ] as const) {
    writeFileSync(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
  const itl = { count: 180, mean: GAP_MS, p50: GAP_MS, p90: GAP_MS, p95: GAP_MS, p99, 'p99.9': p99, max: p99 }
  // Of the figures, only what is looked at.
  const figures = {
    stream: { meter: { saturated }, phases: [{ name: 'plain', times: { itl } }] },
  } as unknown as LoadFigures
  const order = { options: { stall_ms: STALL_MS, stalled_share: 0.1 } } as unknown as Order
  const judged = await judgeTruth({ order, samples, journal, figures })
  return judged.map(({ id, verdict, message }) => ({
    id: id.replace('load/selftest/', ''),
    verdict,
    message,
  }))
}

const words = (all: Awaited<ReturnType<typeof verdicts>>) => all.map(({ id, verdict }) => `${id} ${verdict}`)

test('a meter that is right', async () => {
  const all = await verdicts()
  expect(words(all)).toEqual(['first-token pass', 'gaps pass', 'stall pass'])
  expect(all[0]?.message).toContain('off by 0 ms at the median, 0 ms at the 99th percentile over 20 answers')
  expect(all[0]?.message).toContain('sure to 0.02 ms')
})

describe('a meter that is wrong is an error of assay', () => {
  test('late first tokens', async () => {
    const all = await verdicts({ off: 4 })
    expect(words(all)).toEqual(['first-token error', 'gaps pass', 'stall pass'])
    expect(all[0]?.message).toContain('off by 4 ms at the median')
  })

  test('first tokens before they were sent', async () => {
    expect(words(await verdicts({ off: -4 }))).toContain('first-token error')
  })

  test('gaps that were not there', async () => {
    const all = await verdicts({ p99: GAP_MS + 6 })
    expect(words(all)).toEqual(['first-token pass', 'gaps error', 'stall pass'])
  })

  test('readers that slept and nothing to be seen of it', async () => {
    expect(words(await verdicts({ stalls: { plain: 0, stalled: 0 } }))).toContain('stall error')
  })
})

test('a machine that stalls by itself cannot tell', async () => {
  expect(words(await verdicts({ stalls: { plain: 5, stalled: 7 } }))).toContain('stall inconclusive')
})

test('a saturated meter has not failed twice', async () => {
  const all = await verdicts({ off: 9, saturated: true })
  expect(all[0]).toMatchObject({ verdict: 'inconclusive' })
  expect(all[0]?.message).toContain('the meter was saturated: off by 9 ms')
})

test('a few answers say nothing', async () => {
  expect(words(await verdicts({ answers: 4 }))).toEqual([
    'first-token inconclusive',
    'gaps inconclusive',
    'stall inconclusive',
  ])
})

test('a journal that is cut short is read as far as it goes; one without a clock is none', async () => {
  const file = path.join(temporary(), 'gateway.jsonl')
  const entry = { nonce: 'n', end: 'finished', before_ns: [1], after_ns: [3], tokens: [1] }
  writeFileSync(file, `{"clock":{"monotonic_ns":10}}\n${JSON.stringify(entry)}\n{"nonce":"m","end"`)
  expect(await readJournal(file)).toEqual(new Map([['n', { token_ns: [12], last_ns: 12, blur_ns: 2 }]]))
  writeFileSync(file, `${JSON.stringify(entry)}\n`)
  await expect(readJournal(file)).rejects.toThrow(`${file}:1: it gives no clock`)
})
