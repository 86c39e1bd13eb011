import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { merge } from '../../specs/merge.ts'
import { nearest } from '../../specs/nearest.ts'
import { packageRoot } from '../../specs/package-root.ts'
import { pathText, SpecError } from '../../specs/problem.ts'

test.each([
  ['temprature', ['top_p', 'temperature', 'seed'], 'temperature'],
  ['titel', ['id', 'title'], 'title'],
  ['OPENAI', ['openai', 'pingtoken'], 'openai'],
  ['tokenhub', ['openai', 'tokenhub-intl'], 'tokenhub-intl'],
  ['token', ['tokenhub-intl', 'tokenhub-cn'], undefined],
  ['x', ['id', 'title'], undefined],
  ['zebra', ['stop', 'seed'], undefined],
  ['anything', [], undefined],
])('nearest to %s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})

test('a known word is its own nearest, and any answer is a candidate', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, others) => {
      const near = nearest(word, others)
      expect(near === undefined || others.includes(near)).toBe(true)
      expect(nearest(word, [...others, word])?.toLowerCase()).toBe(word.toLowerCase())
    }),
  )
})

test('merge: maps key by key, everything else replaced, nothing changed in place', () => {
  const base = { a: { b: 1, c: [1, 2] }, d: 'x', e: { f: 1 } }
  const over = { a: { c: [3] }, e: null, g: 0 }
  const before = structuredClone({ base, over })
  expect(merge(base, over)).toEqual({ a: { b: 1, c: [3] }, d: 'x', e: null, g: 0 })
  expect({ base, over }).toEqual(before)
  expect(Object.keys(merge({ a: 1, b: 2 }, { c: 3, a: 4 }) as object)).toEqual(['a', 'b', 'c'])
})

test('merge: nothing over a value leaves it, a value over itself is itself', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(merge(value, {})).toEqual(value)
      expect(merge({}, value)).toEqual(value)
      expect(merge(value, value)).toEqual(value)
    }),
  )
})

test('packageRoot is the folder whose package.json is called assay', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'assay' })
  expect(existsSync(join(packageRoot(), 'specs', 'documents.yaml'))).toBe(true)
})

test('pathText writes keys and indexes as people do', () => {
  expect(pathText(['models', 2, 'id'])).toBe('models[2].id')
  expect(pathText([])).toBe('')
})

test('SpecError lists its problems by file and line', () => {
  const at = (file: string, line: number) => ({ file, line, column: 1, key: 'k', message: 'm' })
  const error = new SpecError([at('b', 1), at('a', 2), at('a', 1)])
  expect(error.message).toBe('a:1:1: k: m\na:2:1: k: m\nb:1:1: k: m')
})
