/**
 * A million rows summarised: makes a sample file as a run of 1,000 requests a second would leave it (rows, histograms of
 * each second, the meter's lines) and measures the judge of it, from the file to the verdicts. At most 5 s.
 *
 *   node bench/rows.ts [rows]
 */

import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeSamples } from '../load/samples/judge.ts'
import { HEADER, histogram, meter, order, row } from '../tests/samples/made.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const A_SECOND = 1000
const MOST_S = 5
const MODELS = ['gpt-4.1-mini', 'gpt-4o-mini']

/** Numbers that look like latencies and are the same each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

async function write(path: string): Promise<void> {
  const next = random(7)
  const skewed = (least: number, scale: number) => Math.round(least - scale * Math.log(1 - next() * 0.99999))
  const out = createWriteStream(path)
  const say = async (text: string) => {
    if (!out.write(text)) await once(out, 'drain')
  }
  await say(`${JSON.stringify(HEADER)}\n`)
  for (let second = 0, id = 1; id <= ROWS; second += 1) {
    const phase = second < 10 ? 'warmup' : 'main'
    const lines: string[] = []
    for (let i = 0; i < A_SECOND && id <= ROWS; i += 1, id += 1) {
      const ttft_us = skewed(30_000, 20_000)
      const tokens = 20 + Math.floor(next() * 100)
      const tpot_us = skewed(18_000, 2_000)
      const refused = next() < 0.002
      lines.push(
        row(id, {
          phase,
          model: MODELS[id % MODELS.length],
          planned_us: second * 1e6 + i * 1000,
          start_us: second * 1e6 + i * 1000 + skewed(0, 200),
          write_us: skewed(20, 30),
          ttfb_us: ttft_us - 3000,
          ttft_low_us: ttft_us - Math.floor(next() * 200),
          ttft_us,
          ttfat_us: ttft_us,
          e2e_us: ttft_us + tpot_us * (tokens - 1),
          tpot_us,
          stall_low_us: skewed(20_000, 3_000),
          stall_us: skewed(23_000, 3_000),
          tokens,
          completion_tokens: tokens,
          max_tokens: tokens,
          ...(refused ? { status: 429, outcome: 'refused', ttft_us: null, completion_tokens: null } : {}),
        }),
      )
    }
    for (const model of MODELS) {
      const gaps = Array.from({ length: 3000 }, () => skewed(18_000, 2_000))
      const where = { phase, model }
      lines.push(histogram('itl', gaps, where), histogram('icl', gaps, where))
      lines.push(
        histogram(
          'lag',
          gaps.map((gap) => Math.round(gap / 100)),
          where,
        ),
      )
    }
    lines.push(meter(second + 1))
    await say(`${lines.join('\n')}\n`)
  }
  out.end(`${JSON.stringify({ end: { at_us: (ROWS / A_SECOND) * 1e6, rows: ROWS, stopped: false } })}\n`)
  await once(out, 'close')
}

const dir = mkdtempSync(join(tmpdir(), 'assay-rows-'))
try {
  const path = join(dir, 'samples.jsonl')
  await write(path)
  const mib = statSync(path).size / 2 ** 20
  const before = process.memoryUsage.rss()
  const slo = [
    { metric: 'ttft', quantile: 'p99', max_ms: 500 },
    { metric: 'itl', quantile: 'p99', max_ms: 50 },
    { metric: 'goodput', min: 0.9 },
  ] as const
  const asked = order({ slo: [...slo], load: { ...order().load, arrivals: 'constant', rate: A_SECOND } })
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  const start = performance.now()
  const cpu = process.cpuUsage()
  const { verdicts, figures } = await judgeSamples(asked, path)
  const took = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watch)
  const ttft = figures.stream?.headline.times.ttft
  console.log(
    `${figures.stream?.file.rows.toLocaleString('en-US')} rows (${mib.toFixed(0)} MiB) summarised in ${took.toFixed(2)} s` +
      ` (at most ${MOST_S} s; ${((user + system) / 1e6).toFixed(2)} s of CPU), memory ${((peak - before) / 2 ** 20).toFixed(0)} MiB above ${(before / 2 ** 20).toFixed(0)}`,
  )
  console.log(`ttft p50 ${ttft?.p50} ms, p99 ${ttft?.p99} ms; ${verdicts.length} verdicts`)
  if (took > MOST_S) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true })
}
