import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../reports/record/types.ts'
import type { DialectPromise } from '../../specs/types.ts'
import { Lab, type LabOptions } from '../../suites/core/lab.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { resolve } from '../../suites/core/resolve.ts'
import { isMissing } from '../../suites/core/source.ts'
import type { Prepared } from '../../suites/core/wire/prepare.ts'
import { made, reply } from './exchange.ts'

const promise: DialectPromise = {
  base_urls: [],
  path: '/chat/completions',
  auth: { header: 'authorization', scheme: 'Bearer' },
  limit_field: 'max_tokens',
  fields: {},
  undocumented: 'observed',
  response: {},
  chunk: {},
  errors: {},
  clients: [],
}
/** An obvious fake with all that a replacement string would take for a command. */
const KEY = 'fake-key-$&-$1'

type Answer = Exchange | ((request: Prepared) => Exchange | Promise<Exchange>)

/** A lab whose sender gives the answers in turn; the last for ever. */
function lab(answers: Answer[], over: Partial<LabOptions> = {}) {
  const sent: Prepared[] = []
  const slept: number[] = []
  const told: Exchange[] = []
  const options: LabOptions = {
    sender: {
      async send(request) {
        const answer = answers[Math.min(sent.push(request), answers.length) - 1]!
        const exchange = typeof answer === 'function' ? await answer(request) : answer
        return { ...exchange, digest: request.digest }
      },
    },
    bases: { 'openai-chat': 'https://gateway.example.test/v1' },
    promises: { 'openai-chat': promise },
    keys: { default: KEY },
    chosen: new Set(['free']),
    headers: [],
    concurrency: 2,
    maxRequests: 100,
    maxTokens: 1000,
    cost: () => 10,
    onExchange: (exchange) => told.push(exchange),
    async sleep(ms) {
      slept.push(ms)
    },
    userAgent: 'assay/test',
    wrongKey: 'fake-wrong-key',
    ...over,
  }
  const made = new Lab(options)
  return { lab: made, sent, slept, told, ask: (probe: Partial<Probe> = {}) => made.ask(resolved(probe)) }
}

const resolved = (probe: Partial<Probe> = {}) =>
  resolve({ dialect: 'openai-chat', body: { model: '$model' }, ...probe }, { model: 'm', promise })
const limited = (headers: [string, string][] = []) => made({ status: 429, body: {}, headers })
const died = made({ status: 0, reused: true, end: { kind: 'reset', detail: 'ECONNRESET' } })
const gone = made({ status: 0, end: { kind: 'unreachable', code: 'ECONNREFUSED', detail: 'refused' } })

describe('sharing', () => {
  test('equal probes are sent once, whenever they are asked', async () => {
    const { ask, sent, told, lab: it } = lab([reply()])
    const [a, b] = await Promise.all([ask(), ask()])
    expect(await ask()).toBe(a)
    expect(b).toBe(a)
    expect([sent.length, told.length, it.requests, it.tokens]).toEqual([1, 1, 1, 10])
    await ask({ fresh: 'again' })
    expect(sent.length).toBe(2)
  })
  test('recorded exchanges are not sent again, cost nothing and are not told again', async () => {
    const before = { ...reply(), digest: resolved().digest }
    const { ask, sent, told, lab: it } = lab([reply()], { recorded: new Map([[before.digest, before]]) })
    expect(await ask()).toBe(before)
    expect([sent.length, told.length, it.requests, it.tokens]).toEqual([0, 0, 0, 0])
  })
})

test('never more than `concurrency` are under way, whoever asks at whatever moment', async () => {
  let under = 0
  let most = 0
  const open: (() => void)[] = []
  const { ask } = lab([
    async () => {
      most = Math.max(most, ++under)
      await new Promise<void>((go) => open.push(go))
      under -= 1
      return reply()
    },
  ])
  const all = Array.from({ length: 6 }, (_, n) => ask({ fresh: String(n) }))
  // Each end gives a turn away at the very moment at which a newcomer asks for one.
  for (let ended = 0; ended < 12; ended += 1) {
    while (open.length === 0) await Promise.resolve()
    open.shift()!()
    if (ended < 6) {
      for (let tick = 0; tick < ended; tick += 1) await Promise.resolve()
      all.push(ask({ fresh: `late ${ended}` }))
    }
  }
  expect(await Promise.all(all)).toHaveLength(12)
  expect(most).toBe(2)
})

describe('the budget', () => {
  test.each([
    [{ maxRequests: 2 }, '--max-requests 2 is spent'],
    [{ maxTokens: 25 }, '--max-tokens 25 is spent'],
  ])('%j holds', async (over, text) => {
    const { ask, sent } = lab([reply()], over)
    const answers = await Promise.all([1, 2, 3].map((n) => ask({ fresh: String(n) })))
    expect(sent.length).toBe(2)
    expect(answers[2]).toEqual({ missing: 'budget', text })
  })
  test('repeats after a 429 count, and stop where it is spent', async () => {
    const { ask, sent, lab: it } = lab([limited()], { maxRequests: 2 })
    expect(await ask()).toMatchObject({ status: 429, retries: 1 })
    expect([sent.length, it.requests]).toEqual([2, 2])
  })
  test('a dead connection that cannot be tried again is no answer of the gateway', async () => {
    const { ask, sent } = lab([died], { maxRequests: 1 })
    expect(await ask()).toMatchObject({ missing: 'budget' })
    expect(sent.length).toBe(1)
  })
})

describe('key roles', () => {
  test('without a key nothing is sent; the reason is whose choice it was', async () => {
    const { ask, sent } = lab([reply()])
    expect(await ask({ keyRole: 'limited' })).toMatchObject({ missing: 'unavailable' })
    expect(await ask({ keyRole: 'free' })).toMatchObject({ missing: 'chosen' })
    expect(sent.length).toBe(0)
  })
  test.each([
    ['default', [['authorization', `Bearer ${KEY}`]]],
    ['wrong', [['authorization', 'Bearer fake-wrong-key']]],
    ['none', []],
  ] as const)('%s', async (keyRole, headers) => {
    const { ask, sent } = lab([reply()])
    await ask({ keyRole })
    expect(sent[0]!.headers.filter(([name]) => name === 'authorization')).toEqual(headers)
  })
  test('$key in a header is the key to the letter', async () => {
    const { ask, sent } = lab([reply()])
    await ask({ headers: { Authorization: 'bearer $key', 'x-twice': '$key $key' } })
    const { headers } = sent[0]!
    expect(headers.filter(([name]) => /authorization/i.test(name))).toEqual([
      ['Authorization', `bearer ${KEY}`],
    ])
    expect(headers.at(-1)).toEqual(['x-twice', `${KEY} ${KEY}`])
  })
})

test('headers of a probe replace defaults and those of the user; null removes', async () => {
  const { ask, sent } = lab([reply()], {
    headers: [
      ['x-user', '1'],
      ['x-other', '2'],
    ],
  })
  await ask({ headers: { accept: null, 'X-User': '3' } })
  const headers = Object.fromEntries(sent[0]!.headers)
  expect(headers).toMatchObject({ 'x-other': '2', 'X-User': '3', 'accept-encoding': 'identity' })
  expect('accept' in headers || 'x-user' in headers).toBe(false)
})

describe('429', () => {
  test.each<[string, [string, string][], number]>([
    ['no hint', [], 1000],
    ['seconds', [['Retry-After', '3']], 3000],
    [
      'milliseconds first',
      [
        ['retry-after', '3'],
        ['Retry-After-Ms', '20'],
      ],
      20,
    ],
    ['a date', [['retry-after', 'Sun, 22 Nov 2026 02:00:05 GMT']], 5000],
    ['a date that is past', [['retry-after', 'Sun, 22 Nov 2026 01:00:00 GMT']], 0],
    ['no time at all', [['retry-after', 'soon']], 1000],
  ])('waits as asked: %s', async (_, headers, ms) => {
    const { ask, slept } = lab([limited(headers), reply()])
    expect(await ask()).toMatchObject({ status: 200, retries: 1 })
    expect(slept).toEqual([ms])
  })
  test.each<[number, [string, string][], number]>([
    [529, [], 1],
    [503, [['Retry-After', '1']], 1],
    [503, [], 0],
    [500, [['Retry-After', '1']], 0],
  ])('an overload is waited out as a limit is: %i %j', async (status, headers, retries) => {
    const { ask } = lab([made({ status, body: {}, headers }), reply()])
    expect(await ask()).toMatchObject({ status: retries === 1 ? 200 : status, retries })
  })
  test('is asked again three times, then taken as the answer', async () => {
    const { ask, sent, told } = lab([limited()])
    const answer = (await ask()) as Exchange
    expect(answer).toMatchObject({ status: 429, retries: 3 })
    // Every answer is kept: those before the last are beside it, under its digest and their number.
    expect(answer.earlier?.map(({ digest, status }) => [digest, status])).toEqual(
      [1, 2, 3].map((n) => [`${answer.digest}.${n}`, 429]),
    )
    expect([sent.length, told.length]).toEqual([4, 1])
  })
  test('who asks for more time than we have is not asked again', async () => {
    const { ask, sent, slept } = lab([limited([['retry-after', '61']])])
    expect(await ask()).toMatchObject({ status: 429, retries: 0 })
    expect([sent.length, slept]).toEqual([1, []])
  })
  test('all waits together are bounded', async () => {
    const { ask, slept } = lab([limited([['retry-after', '50']])], { allWaits: 120_000 })
    await Promise.all([1, 2, 3].map((n) => ask({ fresh: String(n) })))
    expect(slept).toEqual([50_000, 50_000])
  })
  test.each(['limited', 'exhausted'] as const)('is the answer for a key of role %s', async (keyRole) => {
    const { ask, sent } = lab([limited()], { keys: { default: KEY, [keyRole]: 'fake-other-key' } })
    expect(await ask({ keyRole })).toMatchObject({ status: 429, retries: 0 })
    expect(sent.length).toBe(1)
  })
  test('a stop during the wait ends the asking', async () => {
    const it = lab([limited()], {
      async sleep() {
        it.lab.stop({ missing: 'stopped', text: 'interrupted' })
      },
    })
    expect(await it.ask()).toMatchObject({ status: 429 })
    expect(it.sent.length).toBe(1)
  })
})

describe('a kept connection that died before the request', () => {
  test('is tried once more, and the record says so', async () => {
    const { ask, lab: it, told } = lab([died, reply()])
    const answer = await ask()
    expect(answer).toMatchObject({ status: 200, retries: 1, notes: [expect.stringContaining('sent again')] })
    expect(told).toEqual([answer])
    expect(it.requests).toBe(2)
  })
  test('is tried again a bounded number of times, each counted', async () => {
    const { ask, sent } = lab([died])
    expect(await ask()).toMatchObject({ status: 0, retries: 4 })
    expect(sent.length).toBe(5)
  })
  test('is tried again after a 429 too', async () => {
    const { ask, sent } = lab([limited(), died, reply()])
    expect(await ask()).toMatchObject({ status: 200, retries: 2 })
    expect(sent.length).toBe(3)
  })
  test.each<[string, Partial<Exchange>]>([
    ['a fresh connection', { reused: false }],
    ['an answer that had begun', { reads: [{ at: 1, bytes: new Uint8Array([72]) }] }],
    ['silence', { end: { kind: 'timeout', phase: 'headers', ms: 5 } }],
  ])('%s is no such thing', async (_, over) => {
    const { ask, sent } = lab([{ ...died, ...over }])
    await ask()
    expect(sent.length).toBe(1)
  })
})

describe('answers before a retry', () => {
  test('are kept where the retry could not be sent', async () => {
    const { ask, told } = lab([limited(), died, reply()], { maxRequests: 2 })
    expect(await ask()).toMatchObject({ status: 429 })
    expect(told).toMatchObject([{ status: 429 }])
  })
  test('every request that was sent is counted in the exchange, dead connections too', async () => {
    const { ask, lab: it } = lab([died, limited(), died, reply()])
    const answer = (await ask()) as Exchange
    expect([answer.status, 1 + answer.retries]).toEqual([200, it.requests])
  })
  test('their bytes count', async () => {
    const before = { ...limited(), reads: [{ at: 1, bytes: new Uint8Array(2_000) }] }
    const { ask } = lab([before, reply()], { maxReceived: 1_900 })
    expect(await ask()).toMatchObject({ status: 200, retries: 1 })
    expect(await ask({ fresh: 'another' })).toMatchObject({ missing: 'budget' })
  })
})

test('more than the bound of bytes in all: nothing more is asked, and memory stays bounded', async () => {
  const large = reply()
  const { ask, sent } = lab([{ ...large, reads: [{ at: 1, bytes: new Uint8Array(2_000) }] }], {
    maxReceived: 1_000,
  })
  expect(await ask()).toMatchObject({ status: 200 })
  expect(await ask({ fresh: 'another' })).toMatchObject({
    missing: 'budget',
    text: expect.stringMatching(/nothing more is asked/),
  })
  expect(sent.length).toBe(1)
})

describe('a target that cannot be reached', () => {
  test('at first: nothing more is sent', async () => {
    const { ask, sent, lab: it } = lab([gone], { concurrency: 1 })
    await ask()
    expect(await ask({ fresh: '2' })).toMatchObject({ missing: 'unreachable' })
    expect([sent.length, it.stopped?.missing]).toEqual([1, 'unreachable'])
  })
  test('after an answer: the others are still asked', async () => {
    const { ask, sent, lab: it } = lab([reply(), gone, reply()], { concurrency: 1 })
    for (const fresh of ['1', '2']) await ask({ fresh })
    const third = await ask({ fresh: '3' })
    expect(isMissing(third)).toBe(false)
    expect([sent.length, it.stopped]).toEqual([3, undefined])
  })
})
