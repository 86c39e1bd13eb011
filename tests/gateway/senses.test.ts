/** What the gateway's model sees: pictures in both dialects, and only with a model that can see. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type Json, type JsonObject, listOf, objectOf } from '../../fixtures/gateway/json.ts'
import { printed, seen } from '../../fixtures/gateway/model/senses.ts'
import { beheld } from '../../fixtures/gateway/model/sights.ts'
import { chat, chunks, json, post } from './ask.ts'
import { content, message, send } from './ask-messages.ts'
import { png } from './png.ts'
import { bothProfile } from './profile.ts'

const RED = [220, 20, 20]
const BLUE = [20, 60, 220]
const halves = [...Array<number[]>(16).fill(RED), ...Array<number[]>(16).fill(BLUE)]
const red = png({ row: Array<number[]>(32).fill(RED) })
const both = png({ row: halves })
const TWO = 'The colours of the picture are "red and blue".'

describe('a picture', () => {
  it.each([0, 1, 2, 3, 4])('is seen through filter %i, with and without alpha', (filter) => {
    expect(seen(png({ row: halves, filter }))).toBe(TWO)
    expect(seen(png({ row: halves.map((pixel) => [...pixel, 255]), kind: 6, filter }))).toBe(TWO)
  })

  it('has one colour, or all that its top row has', () => {
    expect(seen(red)).toBe('The colour of the picture is red.')
    expect(seen(png({ row: [RED, BLUE, [0, 0, 0]] }))).toBe(
      'The colours of the picture are "red, blue and black".',
    )
    expect(seen(png({ row: halves.slice(12, 20), width: 64, interlaced: true }))).toBe(TWO)
  })

  it.each([
    ['nothing', ''],
    ['no PNG', 'AAAA'],
    ['one that is cut', both.slice(0, 60)],
    ['other depths', png({ row: halves, depth: 16 })],
    ['a palette', png({ row: halves, kind: 3 })],
    ['less than it says', png({ row: halves, width: 1000 })],
    ['no width', png({ row: [], width: 0 })],
  ])('is not seen: %s', (_, data) => {
    expect(seen(data)).toBe('')
  })

  it('is never the end of the gateway', () => {
    const bytes = Buffer.from(both, 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const broken = Buffer.from(bytes)
        broken[at] = byte
        expect(typeof seen(broken.toString('base64'))).toBe('string')
      }),
    )
  })

  it('is no document', () => {
    expect(printed(red)).toBe('')
    expect(printed(Buffer.from('BT (One \\(1\\)) Tj (two) Tj ET').toString('base64'))).toBe('One (1)\ntwo')
  })
})

const part = (url: string): JsonObject => ({ type: 'image_url', image_url: { url } })

describe('a conversation with pictures', () => {
  const told = { type: 'text', text: TWO }
  const shown = part(`data:image/png;base64,${both}`)

  it('tells of them ahead of the turn, and at the end of a result', () => {
    const turn = { role: 'user', content: [shown, { type: 'text', text: 'Look.' }] }
    expect(beheld([turn])).toEqual([{ role: 'user', content: [told] }, turn])
    const result = { role: 'tool', tool_call_id: 'a', content: [shown] }
    expect(beheld([result])).toEqual([{ ...result, content: [shown, told] }])
  })

  it.each<[string, Json]>([
    ['words', 'Look.'],
    ['a picture elsewhere', [part('https://www.example.com/picture.png')]],
    ['a picture of another kind', [part('data:image/gif;base64,R0lGODlh')]],
    ['a data URL without base64', [part(`data:image/png,${both}`)]],
    ['no URL', [{ type: 'image_url', image_url: {} }]],
  ])('stays as it is with %s', (_, given) => {
    const turns = [{ role: 'user', content: given }]
    expect(beheld(turns)).toEqual(turns)
  })
})

describe('the gateway', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway({ profile: bothProfile, tokenGapMs: 0 })
  })
  afterAll(() => gateway.close())

  const ONE = 'Which colour has this picture? Reply with one word.'
  const asked = (data: string, text: string, more: JsonObject = {}) =>
    chat('', {
      messages: [{ role: 'user', content: [{ type: 'text', text }, part(`data:image/png;base64,${data}`)] }],
      ...more,
    })
  const answered = (got: JsonObject) => objectOf(objectOf(listOf(got.choices)[0]).message).content

  it('names the colours in Chat, whole and streamed', async () => {
    expect(answered(json(await post(gateway, asked(red, ONE))))).toBe('red')
    const text = answered(json(await post(gateway, asked(both, 'Which two colours has this picture?'))))
    expect(text).toMatch(/\bred and blue\b/)
    const streamed = await post(gateway, asked(red, ONE, { stream: true }))
    const deltas = chunks(streamed.text).map((chunk) => objectOf(objectOf(listOf(chunk.choices)[0]).delta))
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('red')
  })

  it('names it in Messages, in a turn and in a result', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: red } }
    expect(content(await send(gateway, message([image, { type: 'text', text: ONE }])))).toMatchObject([
      { text: 'red' },
    ])
    const turns = [
      { role: 'user', content: 'Take a picture.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'camera', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [image] },
          { type: 'text', text: ONE },
        ],
      },
    ]
    expect(content(await send(gateway, message('', { messages: turns })))).toMatchObject([{ text: 'red' }])
  })

  it('sees nothing with a model that cannot, for the same price', async () => {
    const blind = json(await post(gateway, asked(red, ONE, { model: 'plain-1' })))
    expect(answered(blind)).not.toMatch(/\bred\b/)
    const sees = json(await post(gateway, asked(red, ONE)))
    expect(objectOf(blind.usage).prompt_tokens).toBe(objectOf(sees.usage).prompt_tokens)
  })

  it('answers a picture that it cannot see', async () => {
    expect(answered(json(await post(gateway, asked('AAAA', ONE))))).toMatch(/\w/)
  })
})
