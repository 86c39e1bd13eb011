/** Sample files as the engine writes them, made by hand: lines of text, for tests and for the bench. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Order } from '../../load/order.ts'
import { COLUMNS, type Column } from '../../load/samples/columns.ts'
import { type Judged, judgeSamples, type Known } from '../../load/samples/judge.ts'

export type RowValues = Partial<Record<Column, unknown>>

/** A stream of 50 tokens that finished as it should; `id` counts from 1. */
export function row(id: number, values: RowValues = {}): string {
  const nonce = `assay-1234abcd-${id.toString(16).padStart(8, '0')}`
  const made: Record<Column, unknown> = {
    id,
    phase: 'main',
    scenario: 'latency',
    model: 'm',
    key: 'default',
    stream: true,
    planned_us: null,
    start_us: id * 20_000,
    connect_us: 0,
    write_us: 50,
    ttfb_us: 40_000,
    ttft_low_us: 50_000,
    ttft_us: 50_000,
    ttfat_us: 50_000,
    e2e_us: 1_030_000,
    tpot_us: 20_000,
    stall_low_us: 21_000,
    stall_us: 21_000,
    status: 200,
    outcome: 'finished',
    error: null,
    reads: 53,
    chunks: 52,
    token_chunks: 50,
    coalesced_chunks: 0,
    coalesced_tokens: 0,
    events: 53,
    tokens: 50,
    prompt_tokens: 200,
    completion_tokens: 50,
    reasoning_tokens: 0,
    max_tokens: 50,
    asked_prompt_tokens: 200,
    lag_us: 300,
    stamped: 53,
    clock_steps: 0,
    reused: true,
    nonce: 'back',
    broken: [],
    cancel: null,
    retry_after_s: null,
    bytes: 9000,
    finish: 'length',
    nonce_sent: nonce,
    ...values,
  }
  return JSON.stringify(COLUMNS.map((column) => made[column]))
}

/** `count` rows with ids from `from`. */
export function rows(count: number, values: (i: number) => RowValues = () => ({}), from = 1): string[] {
  return Array.from({ length: count }, (_, i) => row(from + i, values(i)))
}

/** What a row holds that got an answer but not to its end. */
export const BROKEN_OFF: RowValues = {
  outcome: 'cut-off',
  error: 'reset',
  tpot_us: null,
  completion_tokens: null,
  prompt_tokens: null,
  finish: null,
  nonce: null,
}

/** A row without any answer. */
export const SILENT: RowValues = {
  ...BROKEN_OFF,
  outcome: 'error',
  status: null,
  ttfb_us: null,
  ttft_low_us: null,
  ttft_us: null,
  ttfat_us: null,
  e2e_us: null,
  stall_low_us: null,
  stall_us: null,
  reads: 0,
  chunks: 0,
  token_chunks: 0,
  events: 0,
  tokens: 0,
  stamped: 0,
  lag_us: null,
  broken: null,
}

/** A refusal. */
export const REFUSED: RowValues = { ...SILENT, outcome: 'refused', error: null, status: 429, ttfb_us: 3000 }

export const HEADER = {
  schema: 'assay/samples/1',
  run: '1234abcd',
  started: '2026-11-22T08:00:00.000Z',
  columns: [...COLUMNS],
  units: {},
  go: 'go1.26.8',
  k6: 'v1.8.1',
  cpus: 2,
  kernel_stamps: true,
  figures: 3,
}

/** What was added to a histogram. Values in µs. */
export function histogram(
  name: 'itl' | 'icl' | 'lag',
  values: Iterable<number>,
  where: { phase?: string; model?: string } = {},
): string {
  const made = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  })
  let count = 0
  for (const value of values) {
    made.recordValue(value)
    count += 1
  }
  const hdr = encodeIntoCompressedBase64(made)
  const { phase = 'main', model = 'm' } = where
  return JSON.stringify({ histogram: name, phase, model, from_us: 0, to_us: 1_000_000, count, hdr })
}

export function meter(second: number, values: Record<string, unknown> = {}): string {
  return JSON.stringify({
    meter: {
      at_us: second * 1_000_000,
      cpu_us: 300_000,
      goroutines: 60,
      heap_bytes: 20_000_000,
      rss_bytes: 90_000_000,
      gc_pauses_us: [80],
      heartbeat: { max_us: 900, p99_us: 400, n: 100 },
      open: 50,
      started: 50,
      ended: 50,
      clock_steps: 0,
      chunks: 2500,
      coalesced_chunks: 10,
      ...values,
    },
  })
}

export function note(name: string, value: object): string {
  return JSON.stringify({ note: { at_us: 1000, name, value } })
}

/** A whole file: header, the lines, an end that fits them. `end: false`: it was killed. */
export function file(lines: readonly string[], options: { end?: boolean; header?: object } = {}): string {
  const count = lines.filter((line) => line.startsWith('[')).length
  const all = [JSON.stringify(options.header ?? HEADER), ...lines]
  if (options.end !== false) all.push(JSON.stringify({ end: { at_us: 9e6, rows: count, stopped: false } }))
  return `${all.join('\n')}\n`
}

export function order(values: Partial<Order> = {}): Order {
  return {
    schema: 'assay/order/1',
    scenario: 'latency',
    run: '1234abcd',
    seed: 1,
    target: {
      url: 'http://127.0.0.1:1/v1/chat/completions',
      dialect: 'openai-chat',
      model: 'm',
      models: ['m'],
      limit_field: 'max_tokens',
      headers: {},
      secret_headers: {},
      auth: { header: 'authorization', prefix: 'Bearer ' },
      keys: { default: 'ASSAY_LOAD_KEY_DEFAULT' },
      tls: {},
    },
    grammar: 'grammar.json',
    load: { arrivals: 'closed', streams: 50, calibrate: 0, duration_s: 10, warmup_s: 0, streams_per_vu: 100 },
    requests: { prompt_tokens: [100, 200], max_tokens: [50, 50], stream_share: 1, tools_share: 0 },
    caps: { requests: 1e6, tokens: 1e9, duration_s: 600, rate: 1000 },
    deadlines: {
      connect_ms: 1000,
      headers_ms: 5000,
      first_token_ms: 5000,
      between_ms: 5000,
      total_ms: 60_000,
      drain_ms: 5000,
    },
    slo: [],
    options: {},
    ...values,
  }
}

/** Writes a text to a file of its own, and takes it away afterwards. */
export async function withFile<T>(text: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'assay-samples-'))
  try {
    const path = join(dir, 'samples.jsonl')
    writeFileSync(path, text)
    return await use(path)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Verdicts and figures of these lines. */
export function judged(
  lines: readonly string[],
  values: Partial<Order> = {},
  known: Known = {},
  options: { end?: boolean } = {},
): Promise<Judged> {
  return withFile(file(lines, options), (path) => judgeSamples(order(values), path, known))
}

/** Verdicts by id: `pass`, `fail` … */
export function words({ verdicts }: Judged): Record<string, string> {
  return Object.fromEntries(verdicts.map(({ id, verdict }) => [id, verdict]))
}
