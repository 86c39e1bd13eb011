/** How much each key may ask, and what the headers of both dialects tell of it. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { JsonObject } from '../../fixtures/gateway/json.ts'
import { objectOf } from '../../fixtures/gateway/json.ts'
import { Meter } from '../../fixtures/gateway/meter.ts'
import type { Profile } from '../../specs/types.ts'
import { type Got, json } from './ask.ts'
import { message, send } from './ask-messages.ts'
import { messagesProfile } from './profile.ts'

const LIMITS = { requests: 3, tokens: 100 }

describe('a meter', () => {
  it('counts prompts and answers together and each for itself', () => {
    const meter = new Meter()
    expect(meter.take('free', LIMITS, 5_000)).toBeNull()
    meter.spend('free', { input: 70, output: 20 }, 6_000)
    expect(meter.room('free', LIMITS, 7_000)).toEqual({
      limits: LIMITS,
      requests: 2,
      tokens: 10,
      input: 30,
      output: 80,
      wait: 58,
      end: 65_000,
    })
    expect(meter.room('default', LIMITS, 7_000)).toMatchObject({ requests: 3, tokens: 100, input: 100 })
  })

  it('refuses where requests or tokens are used up, until the minute is over', () => {
    const meter = new Meter()
    meter.spend('free', { input: 60, output: 60 }, 0)
    expect(meter.take('free', LIMITS, 1_000)).toMatchObject({ status: 429, type: 'tokens' })
    expect(meter.room('free', LIMITS, 1_000)).toMatchObject({ requests: 3, tokens: 0, input: 40, output: 40 })
    for (let i = 0; i < 3; i++) expect(meter.take('free', LIMITS, 60_000)).toBeNull()
    expect(meter.take('free', LIMITS, 90_500)).toMatchObject({
      type: 'requests',
      headers: { 'retry-after': '30' },
    })
  })

  it('never tells of less than nothing, nor of more than the limit', () => {
    const spent = fc.record({ input: fc.nat(80), output: fc.nat(80) })
    fc.assert(
      fc.property(fc.array(spent), (all) => {
        const meter = new Meter()
        for (const one of all) meter.spend('free', one, 0)
        const { tokens, input, output } = meter.room('free', LIMITS, 0)
        for (const left of [tokens, input, output]) {
          expect(left).toBeGreaterThanOrEqual(0)
          expect(left).toBeLessThanOrEqual(LIMITS.tokens)
        }
        expect(tokens).toBeLessThanOrEqual(Math.min(input, output))
      }),
    )
  })
})

const open: Gateway[] = []
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

const few: Profile = {
  ...messagesProfile,
  limits: [{ requests_per_minute: 4, tokens_per_minute: 200, key_role: 'free', requirements: [] }],
}
const START = Date.parse('2026-11-22T06:00:00.400Z')

async function asker(now: () => number): Promise<(body?: JsonObject) => Promise<Got>> {
  const gateway = await startGateway({ profile: few, tokenGapMs: 0, now })
  open.push(gateway)
  return (body = message('Say exactly: alpha beta gamma')) => send(gateway, body, { 'x-api-key': KEYS.free })
}

function left({ headers }: Got): Record<string, number> {
  const kinds = ['requests', 'tokens', 'input-tokens', 'output-tokens']
  return Object.fromEntries(
    kinds.map((kind) => [kind, Number(headers.get(`anthropic-ratelimit-${kind}-remaining`) ?? 'NaN')]),
  )
}

describe('the headers of Messages', () => {
  it('tell what a prompt and an answer have cost', async () => {
    const ask = await asker(() => START)
    const first = await ask()
    const { input_tokens: input, output_tokens: output } = objectOf(json(first).usage) as {
      input_tokens: number
      output_tokens: number
    }
    expect(input).toBeGreaterThan(0)
    expect(output).toBeGreaterThan(0)
    expect(left(first)).toEqual({
      requests: 3,
      tokens: 200 - input - output,
      'input-tokens': 200 - input,
      'output-tokens': 200 - output,
    })
    const streamed = await ask({ ...message('Say exactly: alpha beta gamma'), stream: true })
    expect(left(streamed)).toEqual({
      requests: 2,
      tokens: 200 - 2 * (input + output),
      'input-tokens': 200 - 2 * input,
      'output-tokens': 200 - 2 * output,
    })
  })

  it('name the limit, and when the minute is over', async () => {
    let now = START
    const ask = await asker(() => now)
    await ask()
    now += 20_000
    const { headers } = await ask()
    for (const [kind, limit] of [
      ['requests', '4'],
      ['tokens', '200'],
      ['input-tokens', '200'],
      ['output-tokens', '200'],
    ]) {
      expect(headers.get(`anthropic-ratelimit-${kind}-limit`)).toBe(limit)
      expect(headers.get(`anthropic-ratelimit-${kind}-reset`)).toBe('2026-11-22T06:01:01Z')
    }
    now += 60_000
    expect(left(await ask())).toMatchObject({ requests: 3 })
  })

  it('stand on a refusal too', async () => {
    const ask = await asker(() => START)
    const statuses: number[] = []
    let last: Got
    do {
      last = await ask()
      statuses.push(last.status)
    } while (last.status === 200 && statuses.length < 9)
    expect(last.status).toBe(429)
    expect(Math.min(left(last).requests!, left(last).tokens!)).toBe(0)
    expect(left(last)['output-tokens']).toBeGreaterThan(0)
  })
})
