import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { exitStatus } from '../../cli/exit.ts'
import { totalsOf } from '../../reports/conclusion.ts'
import { junitXml } from '../../reports/junit.ts'
import { formatLine, parseLine } from '../../reports/record/line.ts'
import type { RunRecord } from '../../reports/record/read.ts'
import type { RunLine, SamplesLine, SummaryLine, VerdictLine } from '../../reports/record/types.ts'
import { summaryJson } from '../../reports/summary.ts'
import { columns } from '../../reports/terminal/columns.ts'
import { renderTerminal, reportText } from '../../reports/terminal/render.ts'
import recordSchema from '../../schemas/record.schema.json' with { type: 'json' }
import { BROKEN_OFF, histogram, judged, meter, order, REFUSED, row, rows, SILENT } from '../samples/made.ts'

const calm = Array.from({ length: 10 }, (_, i) => meter(i + 1))

async function record(
  lines: readonly string[],
  values: Parameters<typeof order>[0] = {},
): Promise<RunRecord> {
  const { verdicts, figures } = await judged(lines, values)
  const run: RunLine = {
    type: 'run',
    schema: 'assay/record/1',
    assay: '0.1.0',
    node: 'v24.0.0',
    startedAt: '2026-11-22T08:00:00.000Z',
    seed: 1,
    target: { url: 'http://127.0.0.1:1/v1', embedded: false, dialects: ['openai-chat'], model: 'm' },
    profile: { id: 'openai' },
    options: {},
    digests: { profile: 'a', schemas: 'b', checks: 'c' },
    plan: { checks: 0, requests: 0, tokens: 0 },
    load: order(values),
  }
  const summary: SummaryLine = {
    type: 'summary',
    at: '2026-11-22T08:00:20.000Z',
    totals: totalsOf(verdicts),
    cost: { requests: 1, tokens: 1, seconds: 10 },
    exit: exitStatus(verdicts),
    load: figures,
  }
  // What a reader gets, not what was made.
  const back = <T>(line: T): T => parseLine(formatLine(line as VerdictLine)) as T
  return {
    run: back(run),
    resumes: [],
    exchanges: new Map(),
    verdicts: verdicts.map(back),
    summary: back(summary),
    complete: true,
  }
}

const screen = (made: RunRecord, width = 80) => renderTerminal(made, { color: false, width, dir: 'out' })
const gaps = (phase = 'main') => [
  histogram(
    'itl',
    Array.from({ length: 900 }, (_, i) => 19_000 + i),
    { phase },
  ),
  histogram(
    'lag',
    Array.from({ length: 900 }, () => 60),
    { phase },
  ),
]
const mixed = () => [
  ...rows(50, () => ({ phase: 'warmup' }), 5000),
  ...rows(900, (i) => ({
    ttft_us: 50_000 + i,
    ttft_low_us: 45_000 + i,
    ...(i % 300 === 7 ? BROKEN_OFF : i % 200 === 9 ? REFUSED : {}),
  })),
  ...gaps(),
  ...calm,
]
const slo = [
  { metric: 'ttft', quantile: 'p50', max_ms: 80 },
  { metric: 'errors', max: 0.001 },
] as const

test('the lines of a load run keep the schema of the record', async () => {
  const validate = new Ajv2020({ strict: false }).addFormat('date-time', true).compile(recordSchema)
  const { run, verdicts, summary } = await record(mixed(), { slo: [...slo] })
  const samples: SamplesLine = {
    type: 'samples',
    file: 'samples.jsonl',
    sha256: 'a'.repeat(64),
    bytes: 10,
    lines: 2,
    complete: true,
  }
  expect(parseLine(formatLine(samples))).toEqual(samples)
  for (const line of [run, ...verdicts, summary, samples]) {
    expect(validate(line), JSON.stringify(validate.errors)).toBe(true)
  }
  expect(validate({ ...summary, load: { stream: {} } })).toBe(false)
  expect(() => parseLine(JSON.stringify({ ...summary, load: { stream: {} } }))).toThrow(
    /summary\.load\.stream/,
  )
  expect(() => parseLine(JSON.stringify({ ...run, load: { scenario: 1 } }))).toThrow(/run\.load/)
})

test('the screen tells figures, outcomes, objectives and what is left out', async () => {
  const text = screen(await record(mixed(), { slo: [...slo] }))
  expect(text).toMatch(/milliseconds +p50 +p90 +p95 +p99 +p99\.9 +max +mean/)
  expect(text).toMatch(/first token \(ttft\) +50\.\d +/)
  expect(text).toMatch(/at least +45\.\d/)
  expect(text).toMatch(/between tokens \(itl\) +19\.\d/)
  expect(text).toContain('900: 892 finished, 5 refused, 3 cut-off')
  expect(text).toContain('429 5 times')
  expect(text).toContain('left out        warmup: in no figure above')
  expect(text).toContain('✗ load/invariants/finished  fail')
  expect(text).toContain('✗ load/slo/errors  fail')
  expect(text).toContain('✓ load/slo/ttft-p50')
  expect(text).toContain('8, 308, 608 (ids in samples.jsonl)')
  expect(text).toContain(' DOES NOT HOLD   exit 1')
})

test.each([60, 80, 120])(
  'no line is wider than %i columns, and none has colour or trailing blanks',
  async (width) => {
    const text = screen(await record(mixed(), { slo: [...slo] }), width)
    for (const line of text.split('\n')) {
      expect(columns(line)).toBeLessThanOrEqual(width)
    }
    expect(text).not.toContain('\u001b')
  },
)

test('a saturated run says so in large letters, and exits with 3', async () => {
  const busy = Array.from({ length: 10 }, (_, i) => meter(i + 1, { cpu_us: 1_950_000 }))
  const made = await record([...rows(300), ...gaps(), ...busy], { slo: [...slo] })
  const text = screen(made)
  expect(text).toContain('  #     #   #   #   #   # #   # #   #   #   #     #   #')
  expect(text).toContain('- the meter used 97.5 % of the 2 cores')
  expect(text).toContain(' SATURATED   exit 3')
  expect(text).toContain('? load/slo/ttft-p50  inconclusive, must hold')
  expect(summaryJson(made)).toMatchObject({
    conclusion: 'saturated',
    exit: 3,
    metrics: { meter: { saturated: true } },
  })
  expect(junitXml(made)).toContain('SATURATED: the meter could not keep pace')
})

test('a run in which all holds exits with 0', async () => {
  const made = await record([...rows(300), ...gaps(), ...calm], { slo: [{ metric: 'errors', max: 0 }] })
  expect(screen(made)).toContain(' HOLDS   exit 0')
  expect(screen(made)).not.toContain('SATURATED')
})

test('summary.json has the names and units of the contract', async () => {
  const json = summaryJson(await record(mixed(), { slo: [...slo] }))
  expect(json.load).toEqual({ scenario: 'latency', arrivals: 'closed', streams: 50, seconds: 10 })
  expect(json.metrics?.ttft_ms).toMatchObject({
    count: 892,
    p50: expect.any(Number),
    'p99.9': expect.any(Number),
  })
  expect(json.metrics?.itl_ms).toMatchObject({ count: 900 })
  expect(json.metrics).toMatchObject({
    requests: 900,
    outcomes: { finished: 892, refused: 5, 'cut-off': 3 },
    statuses: { 200: 895, 429: 5 },
    errors: { reset: 3 },
    phases: ['main'],
    excluded: ['warmup'],
    meter: { saturated: false, lag_ms: { p50: 0.06 } },
    quantile_error: 0.001,
  })
  expect(json.metrics?.by_phase.map(({ name }) => name)).toEqual(['main', 'warmup'])
  expect(json.metrics?.by_model.map(({ name }) => name)).toEqual(['m'])
  expect(json.checks.map(({ id }) => id)).toContain('load/slo/errors')
})

test('junit has a testcase for each verdict', async () => {
  const xml = junitXml(await record(mixed(), { slo: [...slo] }))
  expect(xml).toContain('name="load/invariants/finished"')
  expect(xml).toMatch(/<testcase [^>]*name="load\/slo\/errors"[^>]*>\s*<failure/)
  expect(xml).toContain('<property name="scenario" value="latency"')
})

test('what a gateway or a file sends cannot move the cursor', async () => {
  const evil = '\u001b[2J\u202eevil\n'
  const lines = [
    ...rows(30, () => ({ phase: evil, model: evil })),
    row(31, { phase: evil, model: evil, broken: [evil] }),
    row(32, { ...BROKEN_OFF, phase: evil, error: evil }),
    ...calm,
  ]
  const made = await record(lines, { slo: [...slo] })
  for (const text of [screen(made), reportText(made, 'out'), junitXml(made)]) {
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
  }
  expect(screen(made)).toContain('\\u001b[2J')
})

test('a sweep shows its steps and its knee, a soak its windows as a picture', async () => {
  const step = (n: number, ttft_us: number) => [
    JSON.stringify({ note: { at_us: 1, name: 'step', value: { phase: `step-${n}`, rate: n } } }),
    ...rows(
      100,
      (i) => ({ phase: `step-${n}`, ttft_us, ttft_low_us: ttft_us, start_us: n * 1e7 + i }),
      n * 1000,
    ),
  ]
  const sweep = await record([...step(1, 50_000), ...step(2, 90_000), ...calm], {
    scenario: 'sweep',
    slo: [slo[0]],
  })
  expect(screen(sweep)).toMatch(/→ step-1 +1 +100 +0 +50/)
  expect(screen(sweep)).toMatch(/ {2}step-2 · +2 +100 +0 +90/)
  const windows = [1, 2, 3].flatMap((n) =>
    rows(30, () => ({ phase: `window-${n}`, ttft_us: n * 10_000, start_us: n * 1e7 }), n * 1000),
  )
  expect(screen(await record([...windows, ...calm], { scenario: 'soak' }))).toContain('▁▅█  10 to 30 ms')
})

test('a run that did not come to its end says so', async () => {
  const { summary: _, ...rest } = await record([...rows(30), ...calm])
  const text = screen({ ...rest, complete: false })
  expect(text).toContain(' INTERRUPTED   exit 130')
})

const limiter = {
  unit: 'tokens',
  said: '6000 tokens in 60 s (token-bucket), 6000 a minute',
  algorithm: 'token-bucket',
  limit: 6000,
  window_s: 60.012,
  per_minute: 5998.8,
  burst: 1500,
  charging: { what: 'reserve-refund', when: 'admission', refused: false, cancelled: 'unknown' },
  per: 'key',
  confidence: 0.95,
  other_traffic: true,
  not_excluded: ['sliding-log, prompt at admission'],
  accuracy: { overshoot: 0.5, leakage: 0, recover_s: 3.031 },
  faults: ['race', 'retry-after-missing'],
  requests: 289,
  refused: 107,
  failed: 2,
}

test.each([80, 120])('a limit reads as sentences, %i columns wide', async (width) => {
  const made = await record([...rows(30), ...calm], { scenario: 'tpm' })
  const summary = made.summary && { ...made.summary, load: { limiter } }
  const text = screen({ ...made, ...(summary === undefined ? {} : { summary }) }, width)
  const flat = text.replace(/\s+/g, ' ')
  expect(flat).toContain('load tpm · profile openai')
  expect(flat).toContain(
    'the limit 6,000 tokens in 60 s: a token bucket, which fills steadily; 5,999 a minute; confidence 95 %',
  )
  expect(flat).toContain('at once up to 1,500 tokens after a rest')
  expect(flat).toContain('refused requests: not charged; streams that the client left: not found out')
  expect(flat).toContain(
    'kept up to 50 % more in a burst; nothing more in any span of one window; open again after 3.03 s',
  )
  expect(flat).toContain('scope each key has its own')
  expect(flat).toContain('not excluded sliding-log, prompt at admission')
  expect(flat).toContain('faults race, retry-after-missing')
  expect(flat).toContain('asked 289 requests; 180 were let in; 107 refused; 2 failed')
  expect(flat).not.toMatch(/[{}"]|window_s|per_minute/)
  for (const line of text.split('\n')) expect(columns(line)).toBeLessThanOrEqual(width)
})

test('summary.json of a search for a limit does not tell arrivals that were not asked for', async () => {
  const made = await record([...rows(30), ...calm], { scenario: 'rpm' })
  expect(summaryJson(made).load).toEqual({ scenario: 'rpm' })
})

test('what a record says of a limiter, whatever it is, does not end the report', async () => {
  const made = await record([...rows(30), ...calm], { scenario: 'rpm' })
  const odd = { algorithm: 'constructor', charging: [1], accuracy: 'no', faults: {}, limit: null, per: 7 }
  const summary = made.summary && { ...made.summary, load: { limiter: odd } }
  expect(screen({ ...made, ...(summary === undefined ? {} : { summary }) })).toContain('constructor')
})

test('where nothing was read nothing is said of when it came', async () => {
  const text = screen(await record([...rows(30, () => SILENT), ...calm]))
  expect(text).not.toContain('does not tell')
  expect(text).not.toContain('FIGURES')
  expect(text).not.toContain('THE METER')
})

test.each([80, 120])('the meter of a step is told on every screen: %i columns', async (width) => {
  const lines = [1, 2].flatMap((n) => [
    JSON.stringify({ note: { at_us: 1, name: 'step', value: { phase: `step-${n}`, rate: n } } }),
    ...rows(
      1200,
      (i) => ({ phase: `step-${n}`, start_us: n * 1e7 + i, ttft_us: 12_345_678, tpot_us: 20_000 }),
      n * 2000,
    ),
    histogram(
      'itl',
      Array.from({ length: 900 }, () => 19_876),
      { phase: `step-${n}` },
    ),
    histogram(
      'lag',
      Array.from({ length: 900 }, () => 60_000),
      { phase: `step-${n}` },
    ),
  ])
  const text = screen(await record([...lines, ...calm], { scenario: 'sweep', slo: [slo[0]] }), width)
  const told = text.split('\n').filter((line) => /^(→ | {2})step-/.test(line))
  expect(told).toHaveLength(2)
  for (const line of told) expect(line).toMatch(/ SATURATED$/)
  expect(text.includes('tokens/s  ')).toBe(width === 120)
})
