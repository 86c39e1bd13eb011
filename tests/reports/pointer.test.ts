import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventData, locateInEvent, locateValue } from '../../reports/terminal/pointer.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const cut = (from: Uint8Array, at: { from: number; to: number } | undefined) =>
  at && Buffer.from(from.subarray(at.from, at.to)).toString()
const value = (text: string, pointer: string) => cut(bytes(text), locateValue(bytes(text), pointer))

/** Every pointer into a value, with what stands there. */
function* pointers(root: unknown, at = ''): Iterable<[string, unknown]> {
  yield [at, root]
  if (typeof root !== 'object' || root === null) return
  for (const [key, inner] of Object.entries(root)) {
    yield* pointers(inner, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
}

describe('a pointer in JSON', () => {
  test('gives the bytes of the value', () => {
    const text = ' { "a" : [1, {"b/c": "x\\"]}"} , null], "ä~": true } '
    expect(value(text, '/a/1/b~1c')).toBe('"x\\"]}"')
    expect(value(text, '/a/0')).toBe('1')
    expect(value(text, '/a/2')).toBe('null')
    expect(value(text, '/ä~0')).toBe('true')
    expect(value('{"a":1,"a":2}', '/a')).toBe('2')
  })

  test('gives the nearest value around what is not there', () => {
    expect(value('{"a":{"b":1}}', '/a/c/d')).toBe('{"b":1}')
    expect(value('{"a":[1,2]}', '/a/7')).toBe('[1,2]')
    expect(value('{"a":[]}', '/a/0')).toBe('[]')
    expect(value('', '/a')).toBeUndefined()
    expect(value('{}', 'a')).toBeUndefined()
  })

  test('finds every value of any JSON, however it is written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(3), (json, indent) => {
        const text = JSON.stringify(json, null, indent)
        for (const [pointer, inner] of pointers(JSON.parse(text))) {
          expect(JSON.parse(value(text, pointer) ?? '')).toEqual(inner)
        }
      }),
    )
  })

  test('ends, and stays within the bytes, whatever they are', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', ' ', '\n', '"a"', '"a":')
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom('', '/a', '/0', '/a/0/a'),
        (parts, pointer) => {
          const all = bytes(parts.join(''))
          const found = locateValue(all, pointer)
          if (found === undefined) return
          expect(found.from).toBeGreaterThanOrEqual(0)
          expect(found.to).toBeGreaterThan(found.from)
          expect(found.to).toBeLessThanOrEqual(all.length)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('a pointer in an event', () => {
  const body = bytes('data: {"a":0}\n\nevent: x\ndata: {"a":\ndata:  "ü",\r\ndata:"b":[3]}\n\n')
  const event = { from: 15, to: body.length }

  test('counts in the data lines, and gives a place in the body', () => {
    expect(cut(body, locateInEvent(body, event, '/a'))).toBe('"ü"')
    expect(cut(body, locateInEvent(body, event, '/b/0'))).toBe('3')
    expect(cut(body, locateInEvent(body, { from: 0, to: 15 }, '/a'))).toBe('0')
  })

  test('the data of an event goes from its first byte to its last', () => {
    expect(cut(body, eventData(body, { from: 0, to: 15 }))).toBe('{"a":0}')
    expect(cut(body, eventData(body, event))).toMatch(/^\{"a":[\s\S]*\[3\]\}$/)
    expect(eventData(bytes(': ping\n\n'), { from: 0, to: 8 })).toBeUndefined()
  })
})
