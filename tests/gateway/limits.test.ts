/** The limits of the gateway at work: who is let in, what the headers tell, what a client that hangs up gives back. */
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { JsonObject } from '../../fixtures/gateway/json.ts'
import { Gate, type Passage, type Rejection } from '../../fixtures/gateway/limits/gate.ts'
import { duration, standingHeaders } from '../../fixtures/gateway/limits/headers.ts'
import type { LimitFault, Limits } from '../../fixtures/gateway/limits/options.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import type { Algorithm, Ask, Charging, LimiterOptions } from '../../fixtures/limiter/types.ts'
import { type Got, json, post, rawChat } from './ask.ts'
import { HandClock } from './pace-clock.ts'
import { bothProfile, profile } from './profile.ts'

const PROMPT = 'Begin your answer with the word assay-0a1b2c3d-00ff9911. Then go on.'
const REQUEST: Charging = { what: 'request', when: 'admission', refused: false, cancelled: true }
const MAX: Charging = { ...REQUEST, what: 'prompt+max' }
const ASK: Ask = { key: 'default', model: 'm', promptTokens: 10, maxTokens: 40, stream: true }

function limit(
  algorithm: Algorithm,
  charging = REQUEST,
  scope: LimiterOptions['scope'] = 'key',
): LimiterOptions {
  return { algorithm, charging, scope }
}

const passed = (answer: Passage | Rejection): answer is Passage => !('refusal' in answer)
const count = (gate: Gate, now: number, times: number, ask = ASK): number =>
  Array.from({ length: times }, () => gate.ask(now, ask)).filter(passed).length

describe('a gate', () => {
  const window = 1000
  it.each<Algorithm>([
    { kind: 'fixed-clock', limit: 5, window },
    { kind: 'fixed-first', limit: 5, window },
    { kind: 'sliding-log', limit: 5, window },
    { kind: 'sliding-counter', limit: 5, window },
    { kind: 'token-bucket', limit: 5, window },
    { kind: 'leaky-bucket', limit: 5, window },
    { kind: 'concurrency', limit: 5 },
  ])('lets in what $kind has room for', (algorithm) => {
    expect(count(new Gate({ requests: limit(algorithm) }, 0), 10_000, 9)).toBe(5)
  })

  it('asks two limits, and each tells where it stands', () => {
    const requests = limit({ kind: 'fixed-first', limit: 9, window })
    const tokens = limit({ kind: 'fixed-first', limit: 100, window }, MAX)
    const gate = new Gate({ requests, tokens }, 0)
    const first = gate.ask(0, ASK)
    expect(first.standings).toEqual([
      { what: 'requests', limit: 9, remaining: 8, reset_ms: 1000 },
      { what: 'tokens', limit: 100, remaining: 50, reset_ms: 1000 },
    ])
    gate.ask(100, ASK)
    expect(gate.ask(200, ASK)).toMatchObject({
      manner: 'envelope',
      refusal: { status: 429, type: 'tokens', headers: { 'retry-after': '1' } },
    })
  })

  it('gives a slot back that the second limit made useless', () => {
    const tokens = limit({ kind: 'fixed-first', limit: 60, window }, MAX)
    const gate = new Gate({ requests: limit({ kind: 'concurrency', limit: 2 }), tokens }, 0)
    expect(count(gate, 0, 5)).toBe(1)
    // The four that were refused hold nothing: one slot of two is free in the next window.
    expect(count(gate, 2000, 5)).toBe(1)
    expect(count(gate, 4000, 5)).toBe(0)
  })

  const faulty = (fault: LimitFault, what: Partial<Limits>) => new Gate({ ...what, fault }, 0)
  const requests = limit({ kind: 'fixed-first', limit: 5, window })
  const tokens = limit({ kind: 'fixed-first', limit: 500, window }, MAX)

  it('shows each fault of a limit', () => {
    expect(count(faulty({ kind: 'race', lag_ms: 50 }, { requests }), 0, 20)).toBe(20)
    const extending = faulty({ kind: 'extends-window' }, { requests })
    count(extending, 0, 6)
    expect(count(extending, 900, 1)).toBe(0)
    expect(count(extending, 1800, 1)).toBe(0)
    expect(count(extending, 2900, 1)).toBe(1)
    const stuck = faulty({ kind: 'never-resets' }, { requests })
    count(stuck, 0, 5)
    expect(count(stuck, 1e9, 1)).toBe(0)
    expect(count(faulty({ kind: 'charged-at-end' }, { tokens }), 0, 30)).toBe(30)
    expect(count(faulty({ kind: 'counts-retries', times: 5 }, { requests }), 0, 5)).toBe(1)
    const open = faulty({ kind: 'fail-open', after_windows: 1.5, for_windows: 0.5 }, { requests })
    expect([count(open, 1400, 9), count(open, 1600, 9), count(open, 2000, 9)]).toEqual([5, 9, 0])
    const conflicting = { ...ASK, maxTokens: 1, maxCompletionTokens: 400 }
    expect(count(new Gate({ tokens }, 0), 0, 9, conflicting)).toBe(1)
    expect(count(faulty({ kind: 'conflict' }, { tokens }), 0, 9, conflicting)).toBe(9)
  })

  it('shows each fault of what is charged at an end', () => {
    const end = (gate: Gate, cancelled: boolean): number => {
      for (let i = 0; i < 5; i++) {
        const answer = gate.ask(0, ASK)
        if (passed(answer)) answer.finish(10, { completionTokens: 8, cancelled })
      }
      return count(gate, 20, 5)
    }
    expect(end(new Gate({ requests }, 0), true)).toBe(0)
    expect(end(faulty({ kind: 'hang-up-free' }, { requests }), true)).toBe(5)
    expect(end(faulty({ kind: 'hang-up-free' }, { requests }), false)).toBe(0)
    const ten = limit({ kind: 'fixed-first', limit: 12, window })
    const chunky = faulty({ kind: 'counts-chunks' }, { requests: ten })
    const first = chunky.ask(0, ASK)
    if (passed(first)) first.finish(1, { completionTokens: 8, cancelled: false })
    expect(count(chunky, 2, 9)).toBe(3)
    const slots = limit({ kind: 'concurrency', limit: 5 })
    expect(end(new Gate({ requests: slots }, 0), true)).toBe(5)
    expect(end(faulty({ kind: 'slot-leak' }, { requests: slots }), true)).toBe(0)
    expect(end(faulty({ kind: 'slot-leak' }, { requests: slots }), false)).toBe(5)
  })

  it('shows each fault of what is told', () => {
    const refused = (fault: LimitFault): Rejection => {
      const gate = faulty(fault, { requests: limit({ kind: 'fixed-first', limit: 1, window: 60_000 }) })
      gate.ask(0, ASK)
      const answer = gate.ask(0, ASK)
      if (passed(answer)) throw new Error('let in')
      return answer
    }
    expect(refused({ kind: 'stuck-remaining' }).standings[0]).toMatchObject({ limit: 1, remaining: 1 })
    expect(refused({ kind: 'retry-after-missing' }).refusal.headers).toBeUndefined()
    expect(refused({ kind: 'retry-after-wrong', factor: 0.2 }).refusal.headers).toEqual({
      'retry-after': '12',
    })
    expect(refused({ kind: 'empty-body' }).manner).toBe('empty')
    expect(refused({ kind: 'dropped' }).manner).toBe('dropped')
  })
})

describe('headers', () => {
  it('write a time as OpenAI does', () => {
    expect([0, 19.2, 1000, 1234, 60_000, 361_500].map(duration)).toEqual([
      '0ms',
      '20ms',
      '1s',
      '1.234s',
      '1m0s',
      '6m1.5s',
    ])
  })

  it('have the words of each dialect', () => {
    const standing = { what: 'tokens', limit: 100, remaining: 12.7, reset_ms: 1500 } as const
    expect(standingHeaders('openai-chat', [standing], 0)).toEqual({
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-remaining-tokens': '12',
      'x-ratelimit-reset-tokens': '1.5s',
    })
    expect(standingHeaders('anthropic-messages', [standing], Date.parse('2026-11-22T06:00:00Z'))).toEqual({
      'anthropic-ratelimit-tokens-limit': '100',
      'anthropic-ratelimit-tokens-remaining': '12',
      'anthropic-ratelimit-tokens-reset': '2026-11-22T06:00:02Z',
    })
  })
})

const open: Gateway[] = []
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

async function gateway(options: Partial<GatewayOptions>): Promise<Gateway> {
  const one = await startGateway({ profile, tokenGapMs: 0, sends: { keep: true }, ...options })
  open.push(one)
  return one
}

function asked(more: JsonObject = {}): JsonObject {
  const messages = [{ role: 'user', content: PROMPT }]
  return { model: 'small-1', messages, max_completion_tokens: 24, ...more }
}

const requests = limit({ kind: 'fixed-first', limit: 2, window: 10_000 })

describe('a gateway with limits', () => {
  it('refuses in the envelope of Chat, and tells when to come again', async () => {
    let now = 1_000_000
    const one = await gateway({ limiter: { requests }, now: () => now })
    const first = await post(one, asked())
    expect([first.status, first.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, '1'])
    await post(one, asked({ stream: true }))
    now += 2500
    const refused = await post(one, asked())
    expect(refused.status).toBe(429)
    expect(json(refused)).toEqual({
      error: {
        message: 'Rate limit reached for requests. Please try again in 8s.',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    })
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '8',
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '7.5s',
      'x-request-id': expect.any(String),
    })
    now += 7500
    expect((await post(one, asked())).status).toBe(200)
    expect(one.sends?.entries.map(({ end }) => end)).toEqual(['finished', 'finished', 'refused', 'finished'])
  })

  it('refuses in the envelope of Messages', async () => {
    const one = await gateway({ profile: bothProfile, limiter: { requests }, now: () => 0 })
    const headers = { 'x-api-key': KEYS.default }
    const ask = (): Promise<Got> => {
      const { max_completion_tokens: max_tokens, ...body } = asked()
      return post(
        { ...one, url: one.urls['anthropic-messages']! },
        { ...body, max_tokens: max_tokens! },
        headers,
        '/v1/messages',
      )
    }
    await ask()
    await ask()
    const refused = await ask()
    expect(refused.status).toBe(429)
    expect(json(refused)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '10',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '1970-01-01T00:00:10Z',
    })
  })

  it('counts neither what is wrong nor what asks no model', async () => {
    const one = await gateway({ limiter: { requests } })
    for (let i = 0; i < 3; i++) {
      expect((await post(one, asked({ temperature: 9 }))).status).toBe(400)
      expect((await post(one, '', {}, '/models', 'GET')).status).toBe(200)
    }
    expect((await post(one, asked())).status).toBe(200)
  })

  it('keeps each key apart', async () => {
    const one = await gateway({ limiter: { requests } })
    const ask = (key: string) => post(one, asked(), { authorization: `Bearer ${key}` })
    const statuses: number[] = []
    for (const key of [KEYS.default, KEYS.default, KEYS.default, KEYS.limited, KEYS.free])
      statuses.push((await ask(key)).status)
    expect(statuses).toEqual([200, 200, 429, 200, 200])
  })

  it('charges what was used where a reservation is refunded', async () => {
    const algorithm: Algorithm = { kind: 'fixed-first', limit: 1000, window: 10_000 }
    const tokens = limit(algorithm, { ...REQUEST, what: 'reserve-refund' })
    const one = await gateway({ limiter: { tokens }, now: () => 0 })
    const usages: number[] = []
    // No nonce: the answer is short, and most of the bound comes back.
    const short = { messages: [{ role: 'user', content: 'Say hello.' }], max_completion_tokens: 900 }
    for (let i = 0; i < 3; i++) {
      const got = await post(one, asked(short))
      expect(got.status).toBe(200)
      usages.push((json(got).usage as { total_tokens: number }).total_tokens)
    }
    const last = await post(one, asked({ max_completion_tokens: 24 }))
    const prompt = (json(last).usage as { prompt_tokens: number }).prompt_tokens
    const left = Number(last.headers.get('x-ratelimit-remaining-tokens'))
    expect(left).toBe(1000 - usages.reduce((sum, one) => sum + one, 0) - prompt - 24)
  })

  it('lets a leaky bucket delay what it lets in', async () => {
    const clock = new HandClock()
    const leaky = limit({ kind: 'leaky-bucket', limit: 4, window: 4000 })
    const one = await gateway({ limiter: { requests: leaky }, paceClock: clock, now: () => 0 })
    const first = post(one, asked({ max_completion_tokens: 1 }))
    await clock.awaited()
    clock.pass(1)
    expect((await first).status).toBe(200)
    let answered = 0
    const second = post(one, asked({ max_completion_tokens: 1 })).then((got) => {
      answered++
      return got
    })
    await clock.awaited()
    clock.pass(998)
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(0)
    clock.pass(3)
    await clock.awaited().then(() => clock.pass(1))
    expect((await second).status).toBe(200)
  })

  /** Asks for a stream on a connection of its own and hangs up after the first bytes. */
  function hangUp(one: Gateway): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(one.port, '127.0.0.1')
      socket.once('data', () => socket.destroy())
      socket.once('close', () => resolve())
      socket.write(rawChat(asked({ stream: true, max_completion_tokens: 5000 })))
    })
  }

  async function ended(one: Gateway, entries: number): Promise<void> {
    while ((one.sends?.entries.length ?? 0) < entries) await new Promise((resolve) => setImmediate(resolve))
  }

  it('sees at once that a client has hung up, and frees its slot', async () => {
    const slots = limit({ kind: 'concurrency', limit: 1 })
    const one = await gateway({ limiter: { requests: slots }, pace: { first_ms: 0, tokens_per_s: 100 } })
    await hangUp(one)
    await ended(one, 1)
    expect(one.sends?.entries[0]).toMatchObject({ end: 'hung-up', status: 200, max_tokens: 5000 })
    expect((await post(one, asked({ max_completion_tokens: 1 }))).status).toBe(200)
  })

  it('leaks the slot with the fault', async () => {
    const slots = limit({ kind: 'concurrency', limit: 1 })
    const limiter: Limits = { requests: slots, fault: { kind: 'slot-leak' } }
    const one = await gateway({ limiter, pace: { first_ms: 0, tokens_per_s: 100 } })
    await hangUp(one)
    await ended(one, 1)
    expect((await post(one, asked({ max_completion_tokens: 1 }))).status).toBe(429)
  })

  it('gives everything back when it fails itself', async () => {
    const slots = limit({ kind: 'concurrency', limit: 1 })
    let broken = true
    const answer = () => {
      if (broken) throw new Error('the model is not there')
      return undefined
    }
    const one = await gateway({ limiter: { requests: slots }, twist: { answer } })
    expect((await post(one, asked())).status).toBe(500)
    broken = false
    expect((await post(one, asked())).status).toBe(200)
    expect(one.sends?.entries.map(({ end }) => end)).toEqual(['cut', 'finished'])
  })

  it('has an empty refusal, and none at all, with the faults', async () => {
    const empty = await gateway({ limiter: { requests, fault: { kind: 'empty-body' } } })
    const dropped = await gateway({ limiter: { requests, fault: { kind: 'dropped' } } })
    for (const one of [empty, dropped]) for (let i = 0; i < 2; i++) await post(one, asked())
    expect(await post(empty, asked())).toMatchObject({ status: 429, text: '' })
    await expect(post(dropped, asked())).rejects.toThrow('fetch failed')
  })

  it('obeys the bound that it does not charge, with the fault', async () => {
    const tokens = limit({ kind: 'fixed-first', limit: 200, window: 10_000 }, MAX)
    const body = asked({ max_tokens: 20, max_completion_tokens: 90 })
    const sound = await gateway({ limiter: { tokens } })
    const wrong = await gateway({ limiter: { tokens, fault: { kind: 'conflict' } } })
    const made = (got: Got) => (json(got).usage as { completion_tokens: number }).completion_tokens
    expect(made(await post(sound, body))).toBe(20)
    const got = await post(wrong, body)
    expect(made(got)).toBe(90)
    expect(Number(got.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(200 - 90)
  })
})
