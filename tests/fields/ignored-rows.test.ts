import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { places } from '../../fixtures/gateway/edit.ts'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import type { Check, Conversation, Outcome } from '../../suites/core/check.ts'
import { canonical } from '../../suites/core/digest.ts'
import type { Step } from '../../suites/core/probe.ts'
import { requestFields } from '../../suites/core/schema.ts'
import { ignoredCheck } from '../../suites/fields/ignored.ts'
import { ignoredRows, inside, VALID, type Value } from '../../suites/fields/ignored-rows.ts'
import { message, refusal, reply } from '../messages/exchange.ts'
import { fieldsOf } from '../messages/fields-stand.ts'

const { ground, kit, cases } = fieldsOf('tokenhub-intl')
const rows = ignoredRows(ground, cases, kit)
const fields = new Map(requestFields('anthropic-messages').map((one) => [one.path, one]))
const checks = new Map(
  [...rows.values.keys()].map((path) => [path, ignoredCheck(fields.get(path)!, rows, ground, kit)]),
)
const all = [...rows.values.values()].flatMap((list) => [...list.values()])
const odd = all.filter((one) => one.odd)

const holds = (body: JsonObject, { path, value }: Value): boolean =>
  places(body, path).some((held) => canonical(held.value) === canonical(value))

type Guilt = (body: JsonObject) => boolean

/** Asks the steps as the core does. */
function converse(steps: readonly Step[], answer: (body: JsonObject) => Exchange): Exchange[] {
  const sofar: Exchange[] = []
  for (const step of steps) {
    const next = typeof step === 'function' ? step(sofar) : step
    if (next === undefined) break
    if ('blocked' in next) throw new Error('never blocked')
    sofar.push(answer(next.body!))
  }
  return sofar
}

const wholly =
  (guilty: Guilt, no: () => Exchange = () => refusal(400)) =>
  (body: JsonObject) =>
    guilty(body) ? no() : reply()

function outcomes(check: Check<MessagesView>, answer: (body: JsonObject) => Exchange): Outcome[] {
  const asked = Object.entries(check.ask).map(([name, steps]) => {
    const turns = converse(steps, answer).map((exchange) => new MessagesView(exchange))
    return [name, Object.assign(turns.at(-1)!, { turns }) as Conversation<MessagesView>]
  })
  return [...check.judge(Object.fromEntries(asked))]
}

/** Paths that are blamed, with what was said of each. */
function blamed(answer: (body: JsonObject) => Exchange): Record<string, string[]> {
  const told = [...checks].map(([path, check]) => {
    const said = outcomes(check, answer).map((one) =>
      'fate' in one ? one.fate : 'inconclusive' in one ? 'inconclusive' : 'finding',
    )
    return [path, said.filter((word) => word !== 'accepted')] as const
  })
  return Object.fromEntries(told.filter(([, said]) => said.length > 0))
}

/** How often each field is guilty. */
function tally(guilty: readonly Value[]): Record<string, number> {
  const count: Record<string, number> = {}
  for (const { path } of guilty) count[path] = (count[path] ?? 0) + 1
  return count
}

const counted = (told: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(told).map(([path, said]) => [path, said.length]))

describe('rows of ignored fields', () => {
  test('every field has a right value and at least two odd ones', () => {
    expect(rows.values.size).toBeGreaterThan(15)
    for (const [path, list] of rows.values) {
      expect([...list.keys()][0], path).toBe(VALID)
      expect(list.size, path).toBeGreaterThan(2)
    }
  })

  test('the request of a row holds the value, the one before it holds none of an ignored field', () => {
    for (const one of all) {
      const [without, row] = rows.steps(one)
      if (typeof without === 'function' || typeof row === 'function') throw new Error('both are written out')
      expect(holds(row!.body!, one), `${one.path} ${canonical(one.value).slice(0, 60)}`).toBe(true)
      for (const path of rows.values.keys()) expect(places(without!.body!, path), path).toEqual([])
    }
  })

  test('all values take few requests, and one of them is enough to compare with', () => {
    const asked = (at: number) => new Set(all.map((one) => canonical(rows.steps(one)[at])))
    expect(asked(0).size).toBe(1)
    expect(asked(1).size).toBeLessThanOrEqual(7)
    expect(all.length).toBeGreaterThan(60)
  })

  test('a value in a holder and another one of the holder itself never meet', () => {
    for (const one of odd) {
      const row = rows.steps(one)[1]
      if (typeof row === 'function') throw new Error('it is written out')
      const here = odd.filter((other) => holds(row!.body!, other))
      for (const a of here) for (const b of here) expect(inside(a.path, b.path)).toBe(false)
    }
  })
})

describe('who is blamed', () => {
  test('nobody, where nothing is refused; two requests a value', () => {
    expect(blamed(wholly(() => false))).toEqual({})
    for (const one of all) expect(converse(rows.steps(one), () => reply())).toHaveLength(2)
  })

  test('exactly the values that are refused, however many share a request', () => {
    fc.assert(
      fc.property(fc.subarray(odd, { maxLength: 6 }), (guilty) => {
        const told = blamed(wholly((body) => guilty.some((one) => holds(body, one))))
        expect(counted(told)).toEqual(tally(guilty))
        expect(
          Object.values(told)
            .flat()
            .filter((word) => word !== 'refused'),
        ).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test('exactly the values that crash the gateway', () => {
    fc.assert(
      fc.property(fc.subarray(odd, { minLength: 1, maxLength: 4 }), (guilty) => {
        const crash = wholly(
          (body) => guilty.some((one) => holds(body, one)),
          () => refusal(503),
        )
        const told = blamed(crash)
        expect(counted(told)).toEqual(tally(guilty))
        expect(new Set(Object.values(told).flat())).toEqual(new Set(['finding']))
      }),
      { numRuns: 15 },
    )
  })

  test('exactly the values that change the answer', () => {
    const other = () => reply(message({ content: [], stop_reason: 'refusal' }))
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1, maxLength: 4 }), (guilty) => {
        const told = blamed(wholly((body) => guilty.some((one) => holds(body, one)), other))
        // Where a right value changes the answer, every request that holds it besides an odd one of another field does.
        for (const { path, odd } of guilty) expect(told[path]).toContain(odd ? 'altered' : 'honoured')
        const paths = new Set(guilty.map(({ path }) => path))
        if (guilty.every((one) => one.odd)) expect(new Set(Object.keys(told))).toEqual(paths)
      }),
      { numRuns: 25 },
    )
  })

  test('nobody, where two values are refused only together', () => {
    fc.assert(
      fc.property(fc.constantFrom(...odd), fc.constantFrom(...odd), (a, b) => {
        if (a.path === b.path) return
        expect(blamed(wholly((body) => holds(body, a) && holds(body, b)))).toEqual({})
      }),
      { numRuns: 30 },
    )
  })

  test('where the surroundings of one field are refused, the others are judged by requests of their own', () => {
    const guilty = rows.values.get('top_k')!.get('a huge number')!
    const told = blamed(wholly((body) => body.tools !== undefined || holds(body, guilty)))
    expect(told.top_k).toEqual(['refused'])
    expect(told.metadata).toBeUndefined()
    expect(new Set(told['tools[].cache_control'])).toEqual(new Set(['inconclusive']))
  })

  test('nobody, where a 429 ends the conversation', () => {
    const limited = blamed(
      wholly(
        (body) => holds(body, odd[0]!),
        () => refusal(429),
      ),
    )
    for (const said of Object.values(limited)) expect(new Set(said)).toEqual(new Set(['inconclusive']))
    expect(Object.keys(limited)).toContain(odd[0]!.path)
  })
})
