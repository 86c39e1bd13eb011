/** What the model answers to the prompts of load scenarios, in both dialects, and at a pace. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, KEYS, type SendEntry, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type JsonObject, listOf, objectOf, textOf } from '../../fixtures/gateway/json.ts'
import { FILLERS, loadText, nonceIn } from '../../fixtures/gateway/model/load.ts'
import { tokenise } from '../../fixtures/gateway/model/tokens.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import { carriesToken } from '../../fixtures/gateway/pace/script.ts'
import { chunks, json, post, records } from './ask.ts'
import { bothProfile, messagesProfile, profile } from './profile.ts'

const NONCE = 'assay-0a1b2c3d-00ff9911'
const PROMPT = `Begin your answer with the word ${NONCE}. Then go on about rivers.`
const FAST = { first_ms: 0, tokens_per_s: 100_000 }

const open: Gateway[] = []
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

async function gateway(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const one = await startGateway({ profile, sends: { keep: true }, ...options })
  open.push(one)
  return one
}

function asked(content: string, more: JsonObject): JsonObject {
  return { model: 'small-1', messages: [{ role: 'user', content }], ...more }
}

/** Text, finish and usage of a Chat stream. */
function read(text: string): { said: string; finish: string; usage: JsonObject; deltas: number } {
  const all = chunks(text)
  const said = all.map((chunk) => textOf(objectOf(objectOf(listOf(chunk.choices)[0]).delta).content))
  const finish = all.map((chunk) => textOf(objectOf(listOf(chunk.choices)[0]).finish_reason)).join('')
  const usage = objectOf(all.findLast((chunk) => chunk.usage != null)?.usage)
  return { said: said.join(''), finish, usage, deltas: said.filter((one) => one !== '').length }
}

describe('fillers', () => {
  it('are one token each, and of equal length', () => {
    expect(FILLERS.length).toBeGreaterThan(20)
    for (const word of FILLERS) expect(tokenise(word)).toEqual([word])
    expect(new Set(FILLERS.map((word) => word.length)).size).toBe(1)
  })

  it('make answers of exactly so many tokens', () => {
    for (const tokens of [1, 5, 17, 18, 19, 400])
      expect(tokenise(loadText(NONCE, tokens))).toHaveLength(tokens)
    expect(loadText('', 3)).toBe(FILLERS.slice(0, 3).join(''))
  })

  it('are only for prompts that order a nonce at their beginning', () => {
    expect(nonceIn(PROMPT)).toBe(NONCE)
    expect(nonceIn(`Please. ${PROMPT}`)).toBeUndefined()
    expect(nonceIn('Begin your answer with the word assay. Go on.')).toBeUndefined()
  })
})

describe.each([
  ['as conformance runs ask it', {}],
  ['at a pace', { pace: FAST }],
])('a load prompt of Chat, %s', (_, options) => {
  it.each([1, 12, 18, 19, 20, 64, 300])(
    'is answered with %i tokens, streamed and not',
    async (max_tokens) => {
      const one = await gateway(options)
      const more = { max_completion_tokens: max_tokens }
      const whole = json(await post(one, asked(PROMPT, more)))
      const choice = objectOf(listOf(whole.choices)[0])
      expect(objectOf(choice.message).content).toBe(loadText(NONCE, max_tokens))
      expect(choice.finish_reason).toBe('length')
      expect(whole.usage).toMatchObject({ completion_tokens: max_tokens, prompt_tokens: expect.any(Number) })
      const streamed = asked(PROMPT, { ...more, stream: true, stream_options: { include_usage: true } })
      const { said, finish, usage, deltas } = read((await post(one, streamed)).text)
      expect(said).toBe(loadText(NONCE, max_tokens))
      expect([finish, deltas]).toEqual(['length', max_tokens])
      expect(usage).toEqual(whole.usage)
    },
  )

  it('has usage in its stream only where it is asked for', async () => {
    const one = await gateway(options)
    const { text } = await post(one, asked(PROMPT, { stream: true, max_completion_tokens: 40 }))
    expect(text).not.toContain('"usage"')
    expect(records(text).at(-1)).toBe('[DONE]')
  })

  it('ends of its own where nobody bounds it', async () => {
    const one = await gateway(options)
    const { said, finish } = read((await post(one, asked(PROMPT, { stream: true }))).text)
    expect([said, finish]).toEqual([loadText(NONCE, 64), 'stop'])
  })

  it('is written ahead of a call', async () => {
    const one = await gateway(options)
    const tool = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
    const body = asked(PROMPT, { tools: [tool], tool_choice: 'required', max_completion_tokens: 60 })
    const choice = objectOf(listOf(json(await post(one, body)).choices)[0])
    expect(choice.message).toMatchObject({ content: NONCE, tool_calls: [expect.anything()] })
    const { said, finish } = read((await post(one, { ...body, stream: true })).text)
    expect([said, finish]).toEqual([NONCE, 'tool_calls'])
  })
})

describe('a load prompt of Messages', () => {
  it.each([12, 20, 90])('is answered with %i tokens at a pace', async (max_tokens) => {
    const one = await gateway({ profile: messagesProfile, pace: FAST })
    const headers = { 'x-api-key': KEYS.default, 'anthropic-version': '2023-06-01' }
    const ask = (more: JsonObject) =>
      post(one, asked(PROMPT, { max_tokens, ...more }), headers, '/v1/messages')
    const whole = json(await ask({}))
    expect(whole).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: max_tokens } })
    expect(listOf(whole.content)).toMatchObject([{ type: 'text', text: loadText(NONCE, max_tokens) }])
    const events = records((await ask({ stream: true })).text).map(
      (record) => JSON.parse(record.slice(record.indexOf('\ndata: ') + 7)) as JsonObject,
    )
    const said = events.map((event) => textOf(objectOf(event.delta).text))
    expect(said.join('')).toBe(loadText(NONCE, max_tokens))
    expect(said.filter((text) => text !== '')).toHaveLength(max_tokens)
    expect(events.at(-2)).toMatchObject({
      type: 'message_delta',
      delta: { stop_reason: 'max_tokens' },
      usage: { output_tokens: max_tokens },
    })
  })
})

describe('a paced gateway', () => {
  it('answers other prompts as ever, unless it is told a length', async () => {
    const plain = await gateway({ pace: FAST })
    const ok = asked('Reply with the single word OK.', { stream: true })
    expect(read((await post(plain, ok)).text).said).toBe('OK')
    const long = await gateway({ pace: { ...FAST, tokens: 30 } })
    expect(read((await post(long, ok)).text)).toMatchObject({ said: loadText('', 30), finish: 'stop' })
    const bounded = await post(long, { ...ok, max_completion_tokens: 7 })
    expect(read(bounded.text)).toMatchObject({ said: loadText('', 7), finish: 'length' })
  })

  it('writes the same stream in short form as it does without', async () => {
    // A twist that changes nothing has every chunk made one by one.
    const slow = await gateway({ pace: FAST, seed: 5, twist: { chunks: (chunks) => chunks }, now: () => 0 })
    const quick = await gateway({ pace: FAST, seed: 5, now: () => 0 })
    const body = asked(PROMPT, { stream: true, max_completion_tokens: 50 })
    const text = async (one: Gateway) =>
      (await post(one, body)).text.replaceAll(/"obfuscation":"\w+"/g, '"obfuscation":""')
    expect(await text(quick)).toBe(await text(slow))
  })

  it('keeps a connection for the next request, and serves both dialects', async () => {
    const one = await gateway({ profile: bothProfile, pace: FAST })
    for (let i = 0; i < 3; i++) {
      const { text } = await post(one, asked(PROMPT, { stream: true, max_completion_tokens: 25 }))
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    }
    expect(one.sends?.entries.map(({ end }) => end)).toEqual(['finished', 'finished', 'finished'])
  })
})

describe('records', () => {
  it('carry a token where there is content, and none where they open or end', () => {
    const chunk = (delta: JsonObject) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`
    expect(carriesToken(chunk({ role: 'assistant', content: '' }))).toBe(false)
    expect(carriesToken(chunk({ content: 'a' }))).toBe(true)
    expect(carriesToken(chunk({ reasoning_content: 'a' }))).toBe(true)
    expect(carriesToken(chunk({ tool_calls: [{ index: 0, function: { arguments: '{' } }] }))).toBe(true)
    expect(carriesToken('data: [DONE]\n\n')).toBe(false)
  })
})

describe('the journal of sends', () => {
  it('has a write for each token, in order, between the request and the end', async () => {
    const one = await gateway({ pace: { first_ms: 5, tokens_per_s: 2000 } })
    await post(one, asked(PROMPT, { stream: true, max_completion_tokens: 30 }))
    const [entry] = one.sends!.entries as [SendEntry]
    expect(entry).toMatchObject({
      id: 1,
      nonce: NONCE,
      role: 'default',
      dialect: 'openai-chat',
      model: 'small-1',
      stream: true,
      status: 200,
      completion_tokens: 30,
      max_tokens: 30,
      end: 'finished',
    })
    expect(entry.tokens).toEqual([0, ...Array.from({ length: 30 }, () => 1), 0])
    const times = [entry.received_ns, ...entry.head_ns!]
    for (const [i, before] of entry.before_ns.entries()) times.push(before, entry.after_ns[i]!)
    times.push(entry.ended_ns)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // Never before its time: 5 ms, then half a millisecond each. What a timer rounds is below 1.1 ms.
    for (let i = 0; i < 30; i++)
      expect(entry.before_ns[i + 1]! - entry.received_ns).toBeGreaterThan((5 + i / 2 - 1.1) * 1e6)
  })

  it('maps to the wall clock', async () => {
    const before = Date.now()
    const one = await gateway({ pace: FAST })
    const { monotonic_ns, realtime_ns } = one.sends!.clock
    const { at_ns, realtime_ns: later } = one.sends!.now()
    const after = Date.now()
    expect(Number(BigInt(realtime_ns) / 1_000_000n)).toBeGreaterThanOrEqual(before)
    expect(Number(BigInt(later) / 1_000_000n)).toBeLessThanOrEqual(after)
    expect(Number(process.hrtime.bigint())).toBeGreaterThan(monotonic_ns + at_ns)
    // No step of the wall clock in between: both clocks have gone as far.
    expect(Math.abs(Number(BigInt(later) - BigInt(realtime_ns)) - at_ns)).toBeLessThan(5e6)
  })
})
