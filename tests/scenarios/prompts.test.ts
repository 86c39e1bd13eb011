import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyOf, type Wanted } from '../../load/scenarios/prompts/body.ts'
import { parsePrompts } from '../../load/scenarios/prompts/jsonl.ts'
import { between, inShare, scramble, uniform, unscramble } from '../../load/scenarios/prompts/random.ts'
import { Words } from '../../load/scenarios/prompts/words.ts'
import { BODIES, LIST, WORDS } from './orders.ts'

const SEED = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('seeded numbers', () => {
  test('are from 0 up to 1, the same for the same seed, and spread out', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const [one, other] = [uniform(seed), uniform(seed)]
        const drawn = Array.from({ length: 400 }, one)
        expect(drawn).toEqual(Array.from({ length: 400 }, other))
        expect(drawn.every((x) => x >= 0 && x < 1)).toBe(true)
        const mean = drawn.reduce((sum, x) => sum + x) / drawn.length
        expect(Math.abs(mean - 0.5)).toBeLessThan(0.1)
      }),
    )
  })

  test('between gives both ends and nothing outside', () => {
    expect([0, 0.5, 0.9999].map((x) => between([3, 5], x))).toEqual([3, 4, 5])
  })

  test('scramble gives different numbers for different numbers', () => {
    fc.assert(fc.property(SEED, SEED, (a, b) => a === b || scramble(a) !== scramble(b)))
  })

  test('unscramble gives the number back', () => {
    fc.assert(fc.property(SEED, (number) => unscramble(scramble(number)) === number))
  })

  test('a share is kept in every stretch, and two shares do not move together', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(10_000),
        fc.nat(3),
        (share, from, salt) => {
          const inside = Array.from({ length: 200 }, (_, i) => inShare(share, from + i, salt)).filter(Boolean)
          expect(Math.abs(inside.length - share * 200)).toBeLessThan(6)
        },
      ),
    )
    const numbers = Array.from({ length: 1000 }, (_, i) => i)
    const both = numbers.filter((n) => inShare(0.5, n, 0) && inShare(0.5, n, 1))
    expect(Math.abs(both.length - 250)).toBeLessThan(30)
  })
})

test('a prompt has as many words as asked for, all from the list, and another place gives another prompt', () => {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(SEED, place, fc.integer({ min: 1, max: 10_000 }), (seed, where, count) => {
      const words = new Words(LIST, seed).take(where, count).split(' ')
      expect(words).toHaveLength(count)
      expect(words.every((word) => LIST.includes(word))).toBe(true)
    }),
    { numRuns: 30 },
  )
  expect(WORDS.take(0.2, 50)).toBe(new Words(LIST, 7).take(0.2, 50))
  expect(WORDS.take(0.2, 50)).not.toBe(WORDS.take(0.3, 50))
  expect(WORDS.take(0.2, 50)).not.toBe(new Words(LIST, 8).take(0.2, 50))
})

const WANTED: Wanted = {
  model: 'm',
  nonce: 'assay-0badcafe-00000001',
  stream: true,
  tools: false,
  limit_field: 'max_completion_tokens',
  max_tokens: 40,
  text: 'apple pear',
}
const BEGIN = 'Begin your answer with the word assay-0badcafe-00000001. '

describe('a request body', () => {
  test('of a chat', () => {
    expect(bodyOf(BODIES, 'openai-chat', WANTED)).toEqual({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: `${BEGIN}Begin a text that you give to a tool with it too. Then write 40 words or more about these: apple pear`,
        },
      ],
      max_completion_tokens: 40,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  test('of messages, whole, with tools in the form of the dialect', () => {
    const wanted = { ...WANTED, stream: false, tools: true, limit_field: 'max_tokens' }
    const body = bodyOf(BODIES, 'anthropic-messages', wanted)
    expect(Object.keys(body)).toEqual(['model', 'messages', 'max_tokens', 'tools'])
    expect(body.tools).toMatchObject([{ name: 'write_down', input_schema: { type: 'object' } }])
    expect(bodyOf(BODIES, 'openai-chat', wanted).tools).toMatchObject([
      { type: 'function', function: { name: 'write_down' } },
    ])
  })

  test('of the user: text, messages with a text, messages with parts', () => {
    const own = { prompt: '', tokens: 9 }
    const bodies = [
      { ...own, prompt: 'Hello' },
      {
        ...own,
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
      { ...own, messages: [{ role: 'user', content: [{ type: 'image' }] }], fields: { system: 'S' } },
    ].map((text) => bodyOf(BODIES, 'anthropic-messages', { ...WANTED, text }))
    const begun = `${BEGIN}Begin a text that you give to a tool with it too.\n\n`
    expect(bodies.map((body) => body.messages)).toEqual([
      [{ role: 'user', content: `${begun}Hello` }],
      [
        { role: 'user', content: `${begun}a` },
        { role: 'assistant', content: 'b' },
      ],
      [{ role: 'user', content: [{ type: 'text', text: begun }, { type: 'image' }] }],
    ])
    expect(bodies[2]?.system).toBe('S')
  })

  test('the extra fields of the order go over all others', () => {
    const body = bodyOf(BODIES, 'openai-chat', { ...WANTED, extra: { temperature: 0, model: 'other' } })
    expect(body).toMatchObject({ temperature: 0, model: 'other' })
  })

  test('words of the user that look like a place to fill in stay as they are', () => {
    const body = bodyOf(BODIES, 'openai-chat', { ...WANTED, text: { prompt: '$model', tokens: 1 } })
    expect(JSON.stringify(body.messages)).toContain('$model')
  })

  test('of a dialect without a template is refused', () => {
    expect(() => bodyOf(BODIES, 'raw', WANTED)).toThrow(/dialect raw; known: openai-chat, anthropic-messages/)
  })
})

describe("the user's prompts", () => {
  test('are read line by line, with what each wants', () => {
    const text =
      '\ufeff{"prompt":"héllo","max_tokens":20}\r\n\n{"messages":[{"role":"user","content":"x"}],"tokens":5}\n'
    expect(parsePrompts(text, 'p.jsonl')).toEqual([
      { prompt: 'héllo', tokens: 2, max_tokens: 20 },
      { prompt: '', messages: [{ role: 'user', content: 'x' }], tokens: 5 },
    ])
  })

  test.each([
    ['{"prompt":"a"}\n{nonsense', 'p.jsonl:2: this is not JSON: each line is one JSON object'],
    ['[1]', 'p.jsonl:1: this is not a JSON object'],
    [
      '{"promt":"a"}',
      'p.jsonl:1: promt is not known here; known: prompt, messages, tokens, max_tokens, fields',
    ],
    ['{}', 'p.jsonl:1: one of prompt and messages must be there, and only one'],
    ['{"prompt":"a","messages":[]}', 'p.jsonl:1: one of prompt and messages must be there, and only one'],
    ['{"prompt":""}', 'p.jsonl:1: prompt must be a text that is not empty'],
    ['{"prompt":"a","max_tokens":0.5}', 'p.jsonl:1: max_tokens must be a whole number from 1'],
    ['{"prompt":"a","fields":[]}', 'p.jsonl:1: fields must be an object'],
    ['{"messages":"a"}', 'p.jsonl:1: messages must be an array of objects'],
    ['{"messages":[{"role":"system"}]}', 'p.jsonl:1: messages must have one with role user'],
    [
      '{"messages":[{"role":"user","content":7}]}',
      'p.jsonl:1: the last message from the user must have a content: a text or an array of parts',
    ],
    ['\n \n', 'p.jsonl: there is no prompt in this file'],
  ])('%j is refused with its place', (text, message) => {
    expect(() => parsePrompts(text, 'p.jsonl')).toThrow(new Error(message))
  })

  test('whatever the file holds, there are prompts or a clear error with the file', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(fc.json()).map((a) => a.join('\n')),
        ),
        (text) => {
          try {
            expect(parsePrompts(text, 'p.jsonl').length).toBeGreaterThan(0)
          } catch (error) {
            expect((error as Error).message).toMatch(/^p\.jsonl(:\d+)?: /)
          }
        },
      ),
    )
  })
})
