/** The parts that a Messages answer is made of: cut inputs, begun answers, what a profile ignores. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heeded } from '../../fixtures/gateway/accept/promises.ts'
import { sceneOf, scenesOf } from '../../fixtures/gateway/dialects.ts'
import { continued } from '../../fixtures/gateway/messages-api/orders.ts'
import { partialObject } from '../../fixtures/gateway/messages-api/partial.ts'
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
