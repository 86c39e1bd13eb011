import { expect, test } from 'vitest'
import { nonceOf } from '../../load/scenarios/stream/drive/draw.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { BROKEN_OFF, judged, meter, note, REFUSED, row, rows, SILENT, words } from './made.ts'

const one = async (...args: Parameters<typeof judged>): Promise<Map<string, VerdictLine>> => {
  const { verdicts } = await judged(...args)
  return new Map(verdicts.map((line) => [line.id.replace('load/invariants/', ''), line]))
}

test('a run in which all is well is green', async () => {
  expect(words(await judged([...rows(50), meter(1)]))).toEqual({
    'load/meter/saturated': 'pass',
    'load/meter/complete': 'pass',
    'load/meter/schedule': 'skip',
    'load/meter/clock': 'pass',
    'load/invariants/finished': 'pass',
    'load/invariants/grammar': 'pass',
    'load/invariants/usage': 'pass',
    'load/invariants/cross-talk': 'pass',
    'load/invariants/nonce': 'pass',
    'load/invariants/refusals': 'skip',
  })
})

test.each([
  ['cut off', { ...BROKEN_OFF }],
  ['ended without its end', { ...BROKEN_OFF, outcome: 'unfinished', error: null }],
  ['ended by an error event', { ...BROKEN_OFF, outcome: 'failed', error: null }],
  ['reset before an answer', { ...SILENT, error: 'reset' }],
  ['no head within the deadline', { ...SILENT, error: 'headers-timeout' }],
  ['not HTTP', { ...SILENT, error: 'garbled' }],
])('finished: one answer of many %s fails, with its row', async (_, values) => {
  const lines = await one([...rows(500), row(501, values)])
  const line = lines.get('finished')
  expect(line?.verdict).toBe('fail')
  expect(line?.findings.map(({ at }) => at)).toEqual([{ exchange: 'row-501', part: 'row' }])
  expect(line?.message).toMatch(/^1 of 501 answers/)
})

test('finished: the first rows are named, and all are counted', async () => {
  const lines = await one(rows(400, (i) => (i % 4 === 0 ? BROKEN_OFF : {})))
  const { findings = [], message } = lines.get('finished') ?? {}
  expect(findings.map(({ at }) => at.exchange)).toEqual(['row-1', 'row-5', 'row-9'])
  expect(findings[0]?.got).toBe('cut-off (reset) (100 rows in all)')
  expect(message).toContain('100 of 400 answers (25 %)')
})

test('finished: what we left, stopped, or were refused is no deviation', async () => {
  const left = { ...BROKEN_OFF, error: null, outcome: 'hung-up', cancel: 'tokens' }
  const stopped = { ...BROKEN_OFF, outcome: 'stopped', error: 'stopped' }
  const capped = { ...SILENT, error: 'capped' }
  const lines = await one([...rows(20), row(21, left), row(22, stopped), row(23, REFUSED), row(24, capped)])
  expect(lines.get('finished')?.verdict).toBe('pass')
  expect(lines.get('finished')?.message).toContain('all 20 answers')
})

test('finished: nobody there is no answer, but garbage is', async () => {
  const refused = await one(rows(30, () => ({ ...SILENT, error: 'connect-refused' })))
  expect(refused.get('finished')?.verdict).toBe('inconclusive')
  const garbled = await one(rows(30, () => ({ ...SILENT, error: 'garbled' })))
  expect(garbled.get('finished')?.verdict).toBe('fail')
  const all429 = await one(rows(30, () => REFUSED))
  expect(all429.get('finished')?.verdict).toBe('inconclusive')
})

test('finished: time-outs of a meter that is late itself accuse nobody', async () => {
  const late = (error: string, max_us = 500_000) =>
    judged([
      ...rows(300, (i) => ({ ...(i === 7 ? { ...BROKEN_OFF, error } : {}), start_us: i * 10_000 })),
      ...[1, 2, 3].map((second) =>
        meter(second, { cpu_us: 1_990_000, heartbeat: { max_us, p99_us: 900, n: 100 } }),
      ),
    ])
  expect(words(await late('between-timeout'))['load/invariants/finished']).toBe('inconclusive')
  expect(words(await late('reset'))['load/invariants/finished']).toBe('fail')
  // Late by less than a tenth of the deadline of 5 s.
  expect(words(await late('between-timeout', 490_000))['load/invariants/finished']).toBe('fail')
})

test('grammar: a rule that one stream breaks fails, by its id', async () => {
  const lines = await one([...rows(99), row(100, { broken: ['openai-chat/grammar/finish-twice'] })])
  const line = lines.get('grammar')
  expect(line?.verdict).toBe('fail')
  expect(line?.findings[0]).toMatchObject({
    id: 'openai-chat/grammar/finish-twice',
    by: 'official',
    at: { exchange: 'row-100', part: 'row' },
  })
})

test('grammar: weighed as in a conformance run', async () => {
  const verdict = async (rule: string, promises?: { must?: string; claims?: string[] }) => {
    const known =
      promises === undefined
        ? {}
        : {
            promises: {
              level: (ids: readonly string[]) =>
                ids.includes(promises.must ?? '') ? ('must' as const) : undefined,
              claims: promises.claims ?? [],
            },
          }
    const lines = await one([...rows(9), row(10, { broken: [rule] })], {}, known)
    return lines.get('grammar')?.verdict
  }
  expect(await verdict('openai-chat/grammar/role-repeated')).toBe('warn')
  expect(await verdict('openai-chat/grammar/role-missing-first')).toBe('warn')
  expect(await verdict('sse/invalid-utf8')).toBe('fail')
  // Legal: comments and pings break nothing, and a field that readers pass over is odd at most.
  expect(await verdict('sse/event-without-data')).toBe('pass')
  expect(await verdict('sse/unterminated-line')).toBe('pass')
  expect(await verdict('sse/unknown-field')).toBe('warn')
  expect(await verdict('some/rule/of-tomorrow')).toBe('warn')
  expect(await verdict('openai-chat/grammar/done-missing', {})).toBe('warn')
  expect(await verdict('openai-chat/grammar/done-missing', { must: 'OAI-CHAT-stream-done' })).toBe('fail')
  expect(await verdict('openai-chat/grammar/done-missing', { claims: ['official'] })).toBe('fail')
})

test('grammar: a stream that was cut is not blamed for what it could no longer send', async () => {
  const cut = {
    ...BROKEN_OFF,
    broken: ['openai-chat/grammar/done-missing', 'openai-chat/grammar/finish-missing'],
  }
  const left = { ...cut, outcome: 'hung-up', error: null }
  expect((await one([...rows(9), row(10, cut), row(11, left)])).get('grammar')?.verdict).toBe('pass')
  const wrong = { ...left, broken: ['openai-chat/grammar/id-changes'] }
  expect((await one([...rows(9), row(10, wrong)])).get('grammar')?.verdict).toBe('fail')
})

test.each([
  ['more completion tokens than the bound', { completion_tokens: 51 }, 'fail'],
  ['nothing billed for content', { completion_tokens: 0 }, 'fail'],
  ['a negative count', { prompt_tokens: -1 }, 'fail'],
  ['no usage in one stream of many', { completion_tokens: null, prompt_tokens: null }, 'fail'],
  ['more reasoning than completion tokens', { reasoning_tokens: 60 }, 'warn'],
  ['fewer billed than sent, unlike all others', { completion_tokens: 30 }, 'warn'],
])('usage: %s', async (_, values, verdict) => {
  const lines = await one([...rows(60), row(61, values)])
  expect(lines.get('usage')?.verdict).toBe(verdict)
  expect(lines.get('usage')?.findings[0]?.at.exchange).toBe('row-61')
})

test('usage: legal odd things stay green', async () => {
  const verdict = async (values: (i: number) => object) =>
    (await one(rows(100, values))).get('usage')?.verdict
  // Not asked for: in none.
  expect(await verdict(() => ({ completion_tokens: null, prompt_tokens: null }))).toBe('pass')
  // Several tokens in one event, as servers under load merge them.
  expect(await verdict((i) => ({ tokens: 10 + (i % 40) }))).toBe('pass')
  // A token sent in several pieces, by a gateway that smooths.
  expect(await verdict(() => ({ tokens: 180 }))).toBe('pass')
  // Cached prompts: Messages counts none of them as input.
  expect(await verdict(() => ({ prompt_tokens: 0 }))).toBe('pass')
  // Streams without, whole answers with.
  expect(
    await verdict((i) => (i % 2 ? { stream: false } : { completion_tokens: null, prompt_tokens: null })),
  ).toBe('pass')
  // An empty answer.
  expect(await verdict(() => ({ completion_tokens: 0, tokens: 0 }))).toBe('pass')
})

test('cross-talk: one foreign word in a million is enough', async () => {
  const lines = await one([...rows(2000), row(2001, { nonce: 'foreign' })])
  expect(lines.get('cross-talk')?.verdict).toBe('fail')
  expect(lines.get('cross-talk')?.findings[0]?.at.exchange).toBe('row-2001')
})

test('cross-talk: also in an answer that broke off, and in the warm-up', async () => {
  const broken = await one([...rows(9), row(10, { ...BROKEN_OFF, nonce: 'foreign' })])
  expect(broken.get('cross-talk')?.verdict).toBe('fail')
  const warm = await one([...rows(9), row(10, { phase: 'warmup', nonce: 'foreign' })])
  expect(warm.get('cross-talk')?.verdict).toBe('fail')
})

test('cross-talk: where no word came back nothing could show', async () => {
  const lines = await one(rows(50, () => ({ nonce: 'missing' })))
  expect(lines.get('cross-talk')?.verdict).toBe('inconclusive')
  expect(lines.get('nonce')?.verdict).toBe('inconclusive')
  const raw = await one(rows(50, () => ({ nonce: null })))
  expect(raw.get('cross-talk')?.verdict).toBe('skip')
})

test('nonce: a model may disobey, the reference model may not', async () => {
  const lines = rows(200, (i) => (i === 3 ? { nonce: 'missing' } : {}))
  expect((await one(lines)).get('nonce')?.verdict).toBe('warn')
  expect((await one(lines)).get('nonce')?.message).toBe('1 of 200 answers (0.5 %) did not hold their word')
  expect((await one(lines, {}, { embedded: true })).get('nonce')?.verdict).toBe('fail')
})

test('nonce: a tool call, a refusal and an answer of few tokens need not hold it', async () => {
  for (const values of [
    { finish: 'tool_calls' },
    { finish: 'tool_use' },
    { finish: 'content_filter' },
    { finish: 'refusal' },
    { max_tokens: 8, completion_tokens: 8, tokens: 8 },
  ]) {
    const lines = await one([...rows(9), row(10, { nonce: 'missing', ...values })], {}, { embedded: true })
    expect(lines.get('nonce')?.verdict).toBe('pass')
  }
})

test('refusals: 429 and 503 are calm, 401 warns, 500 fails where no objective allows it', async () => {
  const verdict = async (status: number, order: Parameters<typeof judged>[1] = {}) =>
    (await one([...rows(9), row(10, { ...REFUSED, status })], order)).get('refusals')?.verdict
  expect(await verdict(429)).toBe('pass')
  expect(await verdict(503)).toBe('pass')
  expect(await verdict(529)).toBe('pass')
  expect(await verdict(500)).toBe('fail')
  expect(await verdict(502)).toBe('fail')
  expect(await verdict(500, { slo: [{ metric: 'errors', max: 0.2 }] })).toBe('warn')
  expect(await verdict(401)).toBe('warn')
})

test('judging a file again gives the same verdicts and figures', async () => {
  const lines = [
    ...rows(300, (i) => (i % 50 === 3 ? BROKEN_OFF : i % 70 === 5 ? REFUSED : { ttft_us: 50_000 + i * 37 })),
    row(301, { broken: ['sse/invalid-utf8'], nonce: 'foreign' }),
    meter(1),
  ]
  const slo = [{ metric: 'ttft', quantile: 'p99', max_ms: 55 }] as const
  const once = await judged(lines, { slo: [...slo] })
  expect(await judged(lines, { slo: [...slo] })).toEqual(once)
})

test('reasoning before the answer, or instead of it, is no deviation', async () => {
  const thinking = { ttfat_us: 400_000, reasoning_tokens: 30 }
  const only = { ttfat_us: null, reasoning_tokens: 50, finish: 'length' }
  const result = await judged([...rows(20, () => thinking), ...rows(20, () => only, 100), meter(1)])
  expect(Object.values(words(result)).filter((word) => word !== 'pass' && word !== 'skip')).toEqual([])
  expect(result.figures.stream?.headline.times.ttft?.count).toBe(40)
  expect(result.figures.stream?.headline.times.ttfat?.count).toBe(20)
})

test('cross-talk: a word that no request of the run had is a misspelling, not another answer', async () => {
  const order = { run: '1234abcd', seed: 7 }
  const foreign = (word: string) => [
    ...rows(200),
    row(201, { nonce: 'foreign' }),
    note('foreign', { row: 201, word }),
  ]
  const theirs = await one(foreign(nonceOf(order, 17)), order)
  expect(theirs.get('cross-talk')?.verdict).toBe('fail')
  expect(theirs.get('cross-talk')?.findings[0]?.at.exchange).toBe('row-201')
  const nobodys = await one(foreign(nonceOf(order, 123_456_789)), order)
  expect(nobodys.get('cross-talk')?.verdict).toBe('warn')
  // One of each is one of each.
  const both = [
    ...foreign(nonceOf(order, 17)),
    row(202, { nonce: 'foreign' }),
    note('foreign', { row: 202, word: nonceOf(order, 123_456_789) }),
  ]
  expect((await one(both, order)).get('cross-talk')?.message).toContain('1 answer held the word of another')
})

test('usage: thoughts beside the bound are odd, an answer above it is wrong', async () => {
  const with_ = (completion_tokens: number, reasoning_tokens: number) =>
    one(rows(10, () => ({ max_tokens: 50, completion_tokens, reasoning_tokens })))
  expect((await with_(90, 45)).get('usage')?.verdict).toBe('warn')
  expect((await with_(90, 10)).get('usage')?.verdict).toBe('fail')
})

test('finished: what was silent for long when the run ended is not passed over', async () => {
  const hung = { ...SILENT, outcome: 'stopped', error: 'stopped', start_us: 1_000_000 }
  const lines = await one([...rows(300), meter(40), ...rows(3, () => hung, 301)])
  expect(lines.get('finished')?.verdict).toBe('inconclusive')
  expect(lines.get('finished')?.message).toBe(
    'nothing had come of 3 requests for up to 39 s when the run ended; the other 300 answers came and finished',
  )
  // A stream that was being written, and a request that had only begun, are no sign of anything.
  const writing = {
    ...BROKEN_OFF,
    outcome: 'stopped',
    error: 'stopped',
    start_us: 1_000_000,
    e2e_us: 38_000_000,
  }
  const young = { ...hung, start_us: 38_000_000 }
  const fine = await one([...rows(300), meter(40), row(301, writing), row(302, young)])
  expect(fine.get('finished')?.verdict).toBe('pass')
  // Where every answer takes so long, so may these.
  const slow = await one([...rows(300, () => ({ ttfb_us: 25_000_000 })), meter(40), row(301, hung)])
  expect(slow.get('finished')?.verdict).toBe('pass')
})
