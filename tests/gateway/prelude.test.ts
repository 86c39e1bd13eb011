/** A sentence ahead of a call, in both dialects: only where the prompt asks for it. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type Json, type JsonObject, listOf, objectOf, textOf } from '../../fixtures/gateway/json.ts'
import { preludeIn } from '../../fixtures/gateway/model/orders.ts'
import { chat, chunks, json, post } from './ask.ts'
import { content, message, ONE_CITY, send, WEATHER } from './ask-messages.ts'
import { bothProfile } from './profile.ts'

const SENTENCE = 'Let me look it up.'
const PROMPT = `Write the sentence "${SENTENCE}" and then call the tool to get the weather in Paris.`
const { input_schema, ...named } = WEATHER
const TOOL: JsonObject = { type: 'function', function: { ...named, parameters: input_schema! } }

describe('a sentence first', () => {
  it.each([
    [PROMPT, SENTENCE],
    ['Say "One moment." and then use the tool.', 'One moment.'],
    ['What is the weather in "Paris"? Use the tool.', null],
    [ONE_CITY, null],
    ['Save a note with this text: "one two". Use the tool.', null],
  ])('%s', (prompt, said) => {
    expect(preludeIn(prompt)).toBe(said)
  })

  it('is what stands between the quotes', () => {
    const sentence = fc.stringMatching(/^[a-z ,.]{1,80}$/)
    fc.assert(fc.property(sentence, (text) => preludeIn(`Say "${text}" and then call it.`) === text))
  })
})

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ profile: bothProfile, tokenGapMs: 0 })
})
afterAll(() => gateway.close())

const first = (got: JsonObject) => objectOf(listOf(got.choices)[0])
const arguments_ = (call: Json | undefined) => objectOf(objectOf(call).function).arguments

describe('in Chat', () => {
  it('stands in content beside tool_calls', async () => {
    const got = json(await post(gateway, chat(PROMPT, { tools: [TOOL] })))
    const choice = first(got)
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: SENTENCE, tool_calls: [{ function: { name: 'get_weather' } }] },
    })
    expect(arguments_(listOf(objectOf(choice.message).tool_calls)[0])).toBe('{"city":"Paris"}')
    const quiet = json(await post(gateway, chat(ONE_CITY, { tools: [TOOL] })))
    const costs = (one: JsonObject) => Number(objectOf(one.usage).completion_tokens)
    expect(costs(got)).toBeGreaterThan(costs(quiet))
  })

  it('comes whole before the call in a stream', async () => {
    const got = await post(gateway, chat(PROMPT, { tools: [TOOL], stream: true }))
    const choices = chunks(got.text).map(first)
    const deltas = choices.map(({ delta }) => objectOf(delta))
    expect(deltas.map((delta) => textOf(delta.content)).join('')).toBe(SENTENCE)
    const parts = deltas.map(({ tool_calls }) => textOf(arguments_(listOf(tool_calls)[0])))
    expect(parts.join('')).toBe('{"city":"Paris"}')
    const lastWord = deltas.findLastIndex((delta) => textOf(delta.content) !== '')
    expect(lastWord).toBeLessThan(deltas.findIndex((delta) => 'tool_calls' in delta))
    expect(choices.at(-1)).toMatchObject({ delta: {}, finish_reason: 'tool_calls' })
  })

  it('is null where no sentence is asked for', async () => {
    const whole = json(await post(gateway, chat(ONE_CITY, { tools: [TOOL] })))
    expect(first(whole).message).toMatchObject({ content: null, tool_calls: [{}] })
    const streamed = await post(gateway, chat(ONE_CITY, { tools: [TOOL], stream: true }))
    for (const chunk of chunks(streamed.text)) expect(objectOf(first(chunk).delta).content ?? null).toBeNull()
  })

  it('is an answer like any other without tools', async () => {
    expect(first(json(await post(gateway, chat(PROMPT))))).toMatchObject({ finish_reason: 'stop' })
  })
})

it('in Messages stands in a block of its own', async () => {
  expect(content(await send(gateway, message(PROMPT, { tools: [WEATHER] })))).toMatchObject([
    { type: 'text', text: SENTENCE },
    { type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } },
  ])
})
