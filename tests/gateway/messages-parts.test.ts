/** The parts that a Messages answer is made of: cut inputs, begun answers, pictures, what a profile ignores. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heeded } from '../../fixtures/gateway/accept/promises.ts'
import { sceneOf, scenesOf } from '../../fixtures/gateway/dialects.ts'
import { continued, preludeIn } from '../../fixtures/gateway/messages-api/orders.ts'
import { partialObject } from '../../fixtures/gateway/messages-api/partial.ts'
import { printed, seen } from '../../fixtures/gateway/messages-api/senses.ts'
import { translated } from '../../fixtures/gateway/messages-api/translate.ts'
import { bothProfile, messagesPromise } from './profile.ts'

describe('an input that was cut', () => {
  it.each([
    ['', {}],
    ['{', {}],
    ['{"a', {}],
    ['{"a":"x', {}],
    ['{"a":"x"', {}],
    ['{"a":"x",', { a: 'x' }],
    ['{"a":"x","b":[1,{"c":2}', { a: 'x', b: [1, { c: 2 }] }],
    ['{"a":"},{","b', { a: '},{' }],
    ['{"a":"\\"', {}],
    ['{"a":{}}', { a: {} }],
  ])('%s', (text, object) => {
    expect(partialObject(text)).toEqual(object)
  })

  it('is an object wherever the cut falls, and the whole where there is none', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, at) => {
        const text = JSON.stringify(value)
        expect(partialObject(text)).toEqual(JSON.parse(text))
        expect(typeof partialObject(text.slice(0, at % (text.length + 1)))).toBe('object')
      }),
    )
  })
})

describe('an answer that was begun', () => {
  it.each([
    ['1 2 3', '1 2 3 4 5', ' 4 5'],
    ['ALPHA ', 'ALPHA BRAVO', ' BRAVO'],
    ['The word is', 'OK', ' OK'],
    ['{', '{"a":1}', '"a":1}'],
    ['My answer: {', '{"a":1}', '"a":1}'],
    ['', 'OK', 'OK'],
  ])('%j goes on', (begun, answer, rest) => {
    expect(continued(begun, answer)).toBe(rest)
  })

  it('says a sentence first only where it is told to', () => {
    expect(preludeIn('Say "One moment." and then use the tool.')).toBe('One moment.')
    expect(preludeIn('What is the weather in "Paris"? Use the tool.')).toBeNull()
  })
})

describe('what is shown', () => {
  const red =
    'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKklEQVR42mO4IyJCU8QwasGoBaMWjFowasGoBaMWjFowasGoBaMWDBULAJ3LED19/LmKAAAAAElFTkSuQmCC'
  const source = { type: 'base64', media_type: 'image/png', data: red }
  it('is seen by a model that sees, and costs the same for one that does not', () => {
    expect(seen(source)).toBe('The colour of the picture is red.')
    for (const data of ['', 'AAAA', red.slice(0, 80)]) expect(seen({ ...source, data })).toBe('')
    expect(printed(source)).toBe('')
    const body = { messages: [{ role: 'user', content: [{ type: 'image', source }] }] }
    expect(JSON.stringify(translated(body, true))).toContain('is red')
    expect(JSON.stringify(translated(body))).not.toContain('is red')
  })
})

describe('what a profile ignores', () => {
  it('stays where it holds what the profile speaks of apart', () => {
    const promise = {
      ...messagesPromise,
      fields: {
        'a[].b': { fate: 'ignored' as const, requirements: [] },
        'a[].b.c': { fate: 'unsupported' as const, requirements: [] },
        'a[].b.d': { fate: 'ignored' as const, requirements: [] },
      },
    }
    const body = { a: [{ b: 1 }, { b: { c: 1, d: 2 } }, { b: { d: 2 } }, { b: [] }] }
    expect(heeded(body, promise)).toEqual({ a: [{}, { b: { c: 1 } }, {}, {}] })
  })
})

describe('the dialect of a request', () => {
  const scenes = scenesOf({ profile: bothProfile })
  it.each([
    ['/v1/messages', {}, 'anthropic-messages'],
    ['/v1/messages/count_tokens', {}, 'anthropic-messages'],
    ['/v1/chat/completions', { 'x-api-key': 'x' }, 'openai-chat'],
    ['/v1/models', {}, 'openai-chat'],
    ['/v1/models', { 'x-api-key': 'x' }, 'anthropic-messages'],
    ['/v1/models/a', { 'anthropic-version': 'x' }, 'anthropic-messages'],
    ['/v1/chat/completions/x', {}, 'openai-chat'],
    ['/v1/nothing', { 'anthropic-version': 'x' }, 'anthropic-messages'],
    ['/nothing', {}, 'anthropic-messages'],
    ['*', {}, 'openai-chat'],
  ])('%s %j is of %s', (path, headers: Record<string, string>, dialect) => {
    expect(sceneOf(scenes, path, headers).face.dialect).toBe(dialect)
  })
})
