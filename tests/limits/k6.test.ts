/** The scenarios on a real k6, with `k6/http` alone: any k6 v1.8 runs them, also one without our extension. */
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limiter } from '../../fixtures/limiter/limiter.ts'
import { findEngine } from '../../load/engine/find.ts'
import { judgeLimits } from '../../load/limits/judge.ts'
import { readLimitSamples } from '../../load/limits/read.ts'
import { loadSpecs } from '../../specs/load.ts'
import { FAKE_KEY, OTHER_KEY, orderFor, type Ran, runLimits } from './run-k6.ts'
import { ENVELOPE, listening, type Tiny, type TinyOptions, tinyServer } from './tiny-server.ts'

const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

async function server(options: TinyOptions): Promise<Tiny> {
  const tiny = await tinyServer(options)
  closing.push(tiny.close)
  return tiny
}

let k6: string
beforeAll(async () => {
  k6 = (await findEngine({ env: process.env, extension: false })).path
}, 300_000)

const LIMIT = 12
const WINDOW = 2000
const fixed = () =>
  limiter({
    algorithm: { kind: 'fixed-first', limit: LIMIT, window: WINDOW },
    charging: { what: 'request', when: 'admission', refused: false, cancelled: true },
    scope: 'key',
  })
const SHORT = { window_at_most_s: 4, limit_at_most: 100, probes: false }

describe('a limit of 12 requests in 2 s', () => {
  let tiny: Tiny
  let ran: Ran
  beforeAll(async () => {
    let failed = 0
    tiny = await server({
      limiter: fixed(),
      limit: LIMIT,
      // Its refusals give the key away, and every 40th answer is a failure.
      refuse: (response, { retryAfter = 0 }) => {
        response.writeHead(429, { 'retry-after': String(Math.ceil(retryAfter / 1000)) })
        const { error } = JSON.parse(ENVELOPE)
        const base64 = Buffer.from(`key:${FAKE_KEY}`).toString('base64')
        response.end(JSON.stringify({ error: { ...error, message: `slow down, ${FAKE_KEY} (${base64})` } }))
      },
      before: (_request, response, count): boolean => {
        if (count % 40 !== 0) return false
        failed++
        if (failed % 2) response.writeHead(502).end('bad gateway')
        else response.socket?.destroy()
        return true
      },
    })
    ran = await runLimits(k6, orderFor(tiny.url, 'rpm', SHORT))
  }, 120_000)

  it('ends by itself, and its file is whole', () => {
    expect(ran.log).not.toMatch(/panic|GoError|TypeError|ReferenceError/)
    expect(ran.code).toBe(0)
    const { rows, whole, stopped } = readLimitSamples(ran.samples)
    expect({ whole, stopped }).toEqual({ whole: true, stopped: undefined })
    expect(rows.length).toBe(tiny.asked.length)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(rows.filter(({ status }) => status === 200).length).toBeGreaterThan(LIMIT)
  })

  it('the limit is found, by the gateway’s own count of tokens, and failures are no refusals', async () => {
    const specs = await loadSpecs()
    const profile = specs.profiles.get('openai')
    if (!profile) throw new Error('openai')
    const { requirements, contradictions } = specs
    const expected = { ...SHORT, expect_limit: LIMIT, expect_window_s: WINDOW / 1000 }
    const order = orderFor(tiny.url, 'rpm', expected)
    const judged = judgeLimits({ order, samples: ran.samples, profile, requirements, contradictions })
    const { limit, window_s, failed } = judged.limiter
    expect(limit).toBe(LIMIT)
    expect(Math.abs(Number(window_s) / (WINDOW / 1000) - 1)).toBeLessThan(0.1)
    expect(Number(failed)).toBeGreaterThan(0)
    expect(judged.verdicts.find(({ id }) => id === 'limits/rpm/status')?.verdict).toBe('pass')
    expect(judgeLimits({ order, samples: ran.samples, profile, requirements, contradictions })).toEqual(
      judged,
    )
    expect(readLimitSamples(ran.samples).rows.some(({ usage }) => usage === 'reported')).toBe(true)
  })

  it('keys come from the environment, and stand nowhere', () => {
    expect(new Set(tiny.asked.map(({ key }) => key))).toEqual(new Set([FAKE_KEY, OTHER_KEY]))
    const written = ran.samples + ran.log
    expect(ran.samples).toContain('slow down, ****')
    for (const key of [FAKE_KEY, OTHER_KEY]) {
      expect(written).not.toContain(key)
      expect(written).not.toContain(Buffer.from(key).toString('base64').slice(2, 20))
    }
  })

  it('streams are given up, and the rest of them is not read', () => {
    const given = readLimitSamples(ran.samples).rows.filter(
      ({ cancelledAfter }) => cancelledAfter !== undefined,
    )
    for (const { admitted, maxTokens, completionTokens } of given) {
      expect(admitted).toBe(true)
      expect(completionTokens).toBeLessThan(maxTokens)
    }
  })
})

describe('no use to go on', () => {
  const end = (ran: Ran) => JSON.parse(ran.samples.trim().split('\n').at(-1) ?? '{}').end

  it('401 from the start: three requests and a clear word', async () => {
    const tiny = await server({
      limiter: fixed(),
      before: (_request, response) => {
        response.writeHead(401).end('{"error":{"message":"who are you?","type":"auth"}}')
        return true
      },
    })
    const ran = await runLimits(k6, orderFor(tiny.url, 'rpm', SHORT))
    expect(end(ran)).toMatchObject({ stopped: true, why: 'refused' })
    expect(end(ran).message).toContain('status 401')
    expect(end(ran).message).toContain('who are you?')
    expect(ran.code).toBe(108)
    expect(ran.log).toContain('assay-stop: refused status 401')
    expect(tiny.asked.length).toBeLessThan(10)
  })

  it('nobody there', async () => {
    const gone = await listening(createServer())
    await gone.close()
    const ran = await runLimits(k6, orderFor(gone.url, 'tpm', SHORT))
    expect(end(ran)).toMatchObject({ stopped: true, why: 'unreachable' })
    expect(ran.log).toContain('assay-stop: unreachable')
  })
})

it('caps are kept: requests, and requests a second', async () => {
  const tiny = await server({ limiter: fixed() })
  const order = orderFor(tiny.url, 'rpm', SHORT)
  const ran = await runLimits(k6, { ...order, caps: { ...order.caps, requests: 17, rate: 6 } })
  expect(tiny.asked.length).toBeLessThanOrEqual(17)
  const sent = readLimitSamples(ran.samples).rows.map(({ sentAt }) => sentAt)
  const most = Math.max(...sent.map((at) => sent.filter((one) => one > at - 990 && one <= at).length))
  expect(most).toBeLessThanOrEqual(6)
})
