/** What goes wrong with streams when there are many: each fault does its one thing, and only that. */
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../fixtures/gateway/gateway.ts'
import type { JsonObject } from '../../fixtures/gateway/json.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import { type Course, type Setting, type Strain, strained } from '../../fixtures/gateway/pace/strain.ts'
import { timetable } from '../../fixtures/gateway/pace/timetable.ts'
import { Traffic } from '../../fixtures/gateway/traffic.ts'
import { chunks, post, raw, rawChat } from './ask.ts'
import { HandClock } from './pace-clock.ts'
import { profile } from './profile.ts'

const PACE = { first_ms: 100, tokens_per_s: 50 }
const course: Course = {
  script: {
    opening: 'open',
    tokens: 10,
    token: (i) => ({ data: `t${i}`, tokens: 1 }),
    tail: '{"finish_reason":"length","usage":{"completion_tokens":10}}',
    saying: (text) => `say${text}`,
  },
  times: timetable(PACE, 0, 1),
  ending: 'finish',
}
const setting: Setting = { request: 1, seed: 1, open: 9, foreign: 'other', served_s: 10, first: 100 }
const every = (strain: Strain, requests = 1000): Course[] =>
  Array.from({ length: requests }, (_, request) => strained(strain, course, { ...setting, request }))

describe('a strain', () => {
  it('takes about its share of the streams, and the same ones again', () => {
    const strain: Strain = { kind: 'cut', share: 0.1 }
    const cut = every(strain).map(({ cutAfter }) => cutAfter !== undefined)
    expect(cut.filter(Boolean).length).toBeGreaterThan(70)
    expect(cut.filter(Boolean).length).toBeLessThan(130)
    expect(every(strain).map(({ cutAfter }) => cutAfter !== undefined)).toEqual(cut)
    expect(every({ kind: 'cut', share: 1 }, 5).map(({ cutAfter }) => cutAfter)).toEqual([5, 5, 5, 5, 5])
    expect(every({ kind: 'cut', share: 0 }, 5).every((one) => one === course)).toBe(true)
  })

  it('puts another stream’s word into one delta, where there is another stream', () => {
    const strain: Strain = { kind: 'cross-talk', share: 1 }
    const { script } = strained(strain, course, setting)
    const said = Array.from({ length: 10 }, (_, i) => script.token(i).data)
    expect(said).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 'say other'])
    expect(strained(strain, course, { ...setting, foreign: undefined })).toBe(course)
  })

  it('changes the end only while there are enough streams', () => {
    for (const [kind, tail] of [
      ['finish-missing', '{"finish_reason":null,"usage":{"completion_tokens":10}}'],
      ['usage-wrong', '{"finish_reason":"length","usage":{"completion_tokens":17}}'],
    ] as const) {
      expect(strained({ kind, streams: 9 }, course, setting).script.tail).toBe(tail)
      expect(strained({ kind, streams: 10 }, course, setting)).toBe(course)
    }
  })

  it('lets a stream stand still once, in the middle', () => {
    const { times } = strained({ kind: 'stalls', share: 1, ms: 500 }, course, setting)
    expect([0, 4, 5, 6].map((i) => times.token(i))).toEqual([100, 180, 700, 720])
  })

  it('makes gaps grow with the time that was served, and not the first token', () => {
    const { times } = strained({ kind: 'slows', per_s: 0.02 }, course, setting)
    expect([0, 1, 10].map((i) => Math.round(times.token(i)))).toEqual([100, 124, 340])
  })

  it('without one leaves everything as it is', () => {
    expect(strained(undefined, course, setting)).toBe(course)
  })
})

describe('refused requests', () => {
  it('hold up the others only with the fault, and for two seconds at most', () => {
    const paceClock = new HandClock()
    const starving = new Traffic({ profile, paceClock, strain: { kind: 'starves', ms: 50 } }, undefined)
    const sound = new Traffic({ profile, paceClock }, undefined)
    for (let i = 0; i < 3; i++) {
      starving.refused()
      sound.refused()
    }
    expect([starving.heldUp(), sound.heldUp()]).toEqual([150, 0])
    paceClock.pass(100)
    expect(starving.heldUp()).toBe(50)
    for (let i = 0; i < 100; i++) starving.refused()
    expect(starving.heldUp()).toBe(2000)
  })
})

const open: Gateway[] = []
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

async function gateway(options: Partial<GatewayOptions>): Promise<Gateway> {
  const fast = { first_ms: 0, tokens_per_s: 5000 }
  const one = await startGateway({ profile, pace: fast, sends: { keep: true }, ...options })
  open.push(one)
  return one
}

function asked(nonce: string, tokens = 40): JsonObject {
  const content = `Begin your answer with the word assay-00000001-${nonce}. Go on.`
  const more = { stream: true, stream_options: { include_usage: true }, max_completion_tokens: tokens }
  return { model: 'small-1', messages: [{ role: 'user', content }], ...more }
}

describe('a gateway under strain', () => {
  it('cuts a stream, and the journal says so', async () => {
    const one = await gateway({ strain: { kind: 'cut', share: 1 } })
    const { text } = await raw(one, rawChat(asked('0000000a')))
    expect(text).not.toContain('[DONE]')
    expect(text.match(/"content":"[^"]/g)).toHaveLength(20)
    expect(one.sends?.entries[0]).toMatchObject({ end: 'cut', completion_tokens: 40 })
  })

  it('lets the word of an open stream turn up in another', async () => {
    const one = await gateway({
      strain: { kind: 'cross-talk', share: 1 },
      pace: { first_ms: 20, tokens_per_s: 2000 },
    })
    const [first, second] = await Promise.all(
      ['0000000a', '0000000b'].map((nonce) => post(one, asked(nonce))),
    )
    const foreign = [first!.text.includes('-0000000b'), second!.text.includes('-0000000a')]
    expect(foreign).toContain(true)
    expect(chunks(first!.text).at(-1)?.usage).toMatchObject({ completion_tokens: 40 })
  })

  it('is as ever for a twist that cuts, hangs or resets a stream', async () => {
    for (const [end, error] of [
      ['destroy', undefined],
      ['reset', 'ECONNRESET'],
    ] as const) {
      const one = await gateway({ twist: { end: () => end } })
      const got = await raw(one, rawChat(asked('0000000a')))
      expect(got.error).toBe(error)
      expect(got.text.endsWith('0\r\n\r\n')).toBe(false)
    }
  })

  it('holds what is due for a client that does not read, and loses nothing', async () => {
    const paceClock = new HandClock()
    const one = await gateway({ pace: { first_ms: 0, tokens_per_s: 100_000 }, paceClock })
    const tokens = 40_000
    const socket = connect(one.port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.pause()
    socket.on('data', (part: Buffer) => parts.push(part))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(rawChat(asked('0000000a', tokens)))
    await paceClock.awaited()
    paceClock.pass(1000)
    // All is due, and what finds no room waits for no time any more, but for the client.
    expect(paceClock.waiting).toBe(false)
    expect(one.sends?.entries).toHaveLength(0)
    socket.resume()
    let over = false
    void closed.then(() => {
      over = true
    })
    while (!over) {
      paceClock.pass(10)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const text = Buffer.concat(parts).toString('latin1')
    expect(text.match(/"content":"[^"]/g)).toHaveLength(tokens)
    expect(text.endsWith('data: [DONE]\n\n\r\n0\r\n\r\n')).toBe(true)
    expect(one.sends?.entries[0]).toMatchObject({ end: 'finished' })
  })
})
