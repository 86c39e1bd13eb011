import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, limitOptions, planOptions, probeOptions, rolesOf } from '../../load/scenarios/limits/cost.ts'
import { Hopeless } from '../../load/scenarios/limits/hopeless.ts'
import { Pace } from '../../load/scenarios/limits/pace.ts'
import { Size } from '../../load/scenarios/limits/prompt.ts'
import { envelopeOf, limitsOf, resetOf, retryAfterOf, usageOf } from '../../load/scenarios/limits/reply.ts'
import type { Row } from '../../load/scenarios/limits/sender.ts'
import { maskText, SHORTEST_SECRET } from '../../reports/record/secret-forms.ts'
import { orderFor } from './run-k6.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('usage', () => {
  it('of a whole answer, in either dialect', () => {
    expect(usageOf('{"usage":{"prompt_tokens":7,"completion_tokens":3}}', false)).toMatchObject({
      prompt: 7,
      completion: 3,
    })
    const messages = '{"usage":{"input_tokens":7,"cache_read_input_tokens":5,"output_tokens":3}}'
    expect(usageOf(messages, false)).toMatchObject({ prompt: 12, completion: 3 })
  })

  it('of a stream: the last that is told, and the chunks with text', () => {
    const chat = [
      'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}',
      'data: {"choices":[{"delta":{"content":"a"}}]}',
      ': ping',
      'data: {"choices":[{"delta":{"reasoning_content":"b"}}],"usage":null}',
      'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}',
      'data: [DONE]',
    ].join('\r\n\r\n')
    expect(usageOf(chat, true)).toEqual({ chunks: 2, prompt: 7, completion: 2 })
    const messages = [
      'data: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}',
      'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}',
      'data: {"type":"message_delta","delta":{},"usage":{"output_tokens":4}}',
    ].join('\n\n')
    expect(usageOf(messages, true)).toEqual({ chunks: 1, prompt: 9, completion: 4 })
  })

  it('of anything: never an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.boolean(), (body, stream) => {
        const { chunks, prompt = 0, completion = 0 } = usageOf(body, stream)
        expect(Math.min(chunks, prompt, completion)).toBeGreaterThanOrEqual(0)
        envelopeOf(body)
      }),
    )
  })
})

it('the error object of a refusal', () => {
  expect(envelopeOf('')).toBe('empty')
  expect(envelopeOf('<html>')).toBe('not-json')
  expect(envelopeOf('"too many"')).toBe('other')
  expect(envelopeOf('{"message":"Too many"}')).toBe('other')
  expect(envelopeOf('{"error":{"message":"m","type":"t"}}')).toBe('openai')
  expect(envelopeOf('{"type":"error","error":{"message":"m","type":"t"}}')).toBe('anthropic')
})

describe('headers', () => {
  it('Retry-After: seconds, milliseconds, a date on the server’s own clock', () => {
    expect(retryAfterOf({ 'retry-after': '12' }, NOW)).toBe(12)
    expect(retryAfterOf({ 'retry-after': '12', 'retry-after-ms': '1500' }, NOW)).toBe(1.5)
    const date = 'Thu, 01 Jan 2026 00:01:00 GMT'
    expect(retryAfterOf({ 'retry-after': date }, NOW)).toBe(60)
    expect(retryAfterOf({ 'retry-after': date, date: 'Thu, 01 Jan 2026 00:00:30 GMT' }, NOW)).toBe(30)
    expect(retryAfterOf({ 'retry-after': 'soon' }, NOW)).toBeUndefined()
    expect(retryAfterOf({}, NOW)).toBeUndefined()
  })

  it('rate limits of this kind, whichever family sends them', () => {
    const both = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1m30s',
      'x-ratelimit-limit-tokens': '1000',
    }
    expect(limitsOf(both, 'requests', NOW)).toEqual({ limit: 60, remaining: 59, reset_s: 90 })
    expect(limitsOf(both, 'tokens', NOW)).toEqual({ limit: 1000 })
    const anthropic = {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:09Z',
    }
    expect(limitsOf(anthropic, 'requests', NOW)).toEqual({ limit: 50, remaining: 0, reset_s: 9 })
    expect(limitsOf({ 'ratelimit-limit': '10, 10;w=60' }, 'requests', NOW)).toEqual({ limit: 10 })
    expect(limitsOf({ 'x-ratelimit-limit': 'many' }, 'requests', NOW)).toBeUndefined()
  })

  it('reset: a duration, seconds, a time of day', () => {
    expect([resetOf('6m0s', NOW), resetOf('250ms', NOW), resetOf('7', NOW)]).toEqual([360, 0.25, 7])
    expect(resetOf(String(NOW / 1000 + 30), NOW)).toBe(30)
    expect(resetOf('later', NOW)).toBeUndefined()
  })
})

describe('what a run may cost', () => {
  it('is bounded by the limit that is looked for, and by the caps of the order', () => {
    const order = orderFor('http://127.0.0.1:1/', 'rpm', { limit_at_most: 100, window_at_most_s: 10 })
    const cost = costOf(order)
    expect(cost.requests).toBeLessThanOrEqual(100 * 60 + 200)
    expect(cost.duration_s).toBe(230)
    expect(costOf({ ...order, options: { ...order.options, probes: false } }).duration_s).toBe(90)
    const capped = { ...order, caps: { requests: 50, tokens: 900, duration_s: 7, rate: 3 } }
    expect(costOf(capped)).toEqual({ requests: 50, tokens: 900, duration_s: 7, peak_rate: 3 })
    expect(planOptions(capped)).toMatchObject({ maxRequests: 50, maxTokens: 900 })
    expect(probeOptions(capped, { requests: 20, tokens: 300, ms: 2000 })).toMatchObject({
      maxRequests: 30,
      maxTokens: 600,
      timeAtMost: 5000,
    })
  })

  it('defaults stand in for options that are no numbers', () => {
    const order = orderFor('http://127.0.0.1:1/', 'tpm', { limit_at_most: 'many', window_at_most_s: -1 })
    expect(limitOptions(order)).toEqual({
      window_at_most_s: 75,
      limit_at_most: 200_000,
      expect_window_s: 60,
      key_role: 'default',
      probes: true,
    })
  })

  it('asks with the examined key first, and with no key that is refused for other reasons', () => {
    const order = orderFor('http://127.0.0.1:1/', 'rpm', { key_role: 'free' })
    const keys = { exhausted: 'A', default: 'B', free: 'C', revoked: 'D' }
    expect(rolesOf({ ...order, target: { ...order.target, keys } })).toEqual(['free', 'default'])
  })
})

it('how many words make a prompt of so many tokens is learned', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 80 }),
      fc.double({ min: 0.7, max: 2.5, noNaN: true }),
      fc.integer({ min: 200, max: 5000 }),
      (fixed, each, wanted) => {
        const size = new Size()
        for (const words of [3, 40, 300]) size.learn(words, Math.round(fixed + each * words))
        const words = size.words(wanted)
        expect(Math.abs(size.tokens(words) - (fixed + each * words))).toBeLessThanOrEqual(0.02 * wanted + 3)
      },
    ),
  )
})

it('a stream is given up after about so many tokens, before it has ended', () => {
  const pace = new Pace()
  pace.learn({ sentAt: 0, firstAt: 100, endedAt: 500, completion: 40 })
  expect(pace.until(2, 100)).toBe(130)
  expect(pace.until(2, 2)).toBeLessThan(120)
  expect(pace.tokens(130, 100)).toBe(2)
  expect(pace.tokens(50, 100)).toBe(0)
})

describe('no use to go on', () => {
  const row = (given: Partial<Row>): Row => ({
    id: 0,
    part: 'plan',
    key: 'k',
    model: 'm',
    sentAt: 0,
    endedAt: 0,
    status: 0,
    admitted: false,
    promptTokens: 1,
    completionTokens: 0,
    maxTokens: 1,
    stream: false,
    usage: 'estimated',
    ...given,
  })
  const seen = (rows: Partial<Row>[]) => {
    const hopeless = new Hopeless()
    return rows.map((one) => hopeless.seen(row(one))).find((stop) => stop !== undefined)
  }

  it('the same refusal three times from the start', () => {
    const refused = { status: 401, body: '{"error":"no"}' }
    expect(seen([refused, refused])).toBeUndefined()
    expect(seen([refused, refused, refused])).toEqual({
      why: 'refused',
      message: 'status 401: {"error":"no"}',
    })
    expect(seen([refused, { status: 200, admitted: true }, refused, refused, refused])).toBeUndefined()
  })

  it('a host that is not there', () => {
    const dns = { error_code: 1101, error: 'lookup: no such host' }
    expect(seen([dns, dns, dns])).toEqual({
      why: 'unreachable',
      message: 'the host name is not known: lookup: no such host',
    })
  })

  it('a gateway that dies and does not come back; one that does is waited for', () => {
    const fine = { status: 200, admitted: true }
    const gone = Array.from({ length: 25 }, (_, n) => ({ error_code: 1212, endedAt: n * 1000 }))
    expect(seen([fine, ...gone])?.why).toBe('gone')
    expect(seen([fine, ...gone.slice(0, 15), fine, ...gone.slice(15)])).toBeUndefined()
  })

  it('refusals by a limiter are no reason, however many', () => {
    expect(seen(Array.from({ length: 50 }, () => ({ status: 429 })))).toBeUndefined()
  })
})

it('masks without Buffer what it masks with it', () => {
  const value = 'sk-fake/"ä+canary=<&>\u{1f511}0123'
  expect(value.length).toBeGreaterThan(SHORTEST_SECRET)
  const before = globalThis.Buffer
  const written = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]
  const coded = [0, 1, 2].map((n) => before.from(`${'x'.repeat(n)}${value}`).toString('base64'))
  const masked = [...written, ...coded].map((text) => {
    Reflect.set(globalThis, 'Buffer', undefined)
    try {
      return maskText(text, [{ role: 'default', value }]).text
    } finally {
      Reflect.set(globalThis, 'Buffer', before)
    }
  })
  for (const text of masked.slice(0, written.length)) expect(text).toMatch(/^\*+$/)
  for (const text of masked.slice(written.length)) expect(text).toMatch(/^[A-Za-z0-9]{0,2}\*+=*$/)
})
