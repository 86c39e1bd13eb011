import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { canonical } from '../../suites/core/digest.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { groundOf } from '../../suites/core/select.ts'
import { clearing, narrowing } from '../../suites/fields/bisect.ts'
import { casesFor } from '../../suites/fields/cases.ts'
import { bodyOf, type Case, lay, probeOf } from '../../suites/fields/compose.ts'
import { cover, fits } from '../../suites/fields/covering.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { specs } from './stand.ts'

const made: Case[] = [
  ...casesFor(groundOf('openai-chat', specs.profiles.get('openai')!, specs)!, CHAT_FIELDS).values(),
].flat()
const someCases = fc.subarray(made, { minLength: 1, maxLength: 60 })

describe('covering', () => {
  test('every case stands in exactly one row, and no two of a row exclude each other', () => {
    fc.assert(
      fc.property(someCases, (cases) => {
        const rows = cover(cases, CHAT_FIELDS)
        expect(rows.flat()).toHaveLength(cases.length)
        expect(new Set(rows.flat())).toEqual(new Set(cases))
        for (const row of rows) {
          expect(new Set(row.map((one) => one.group)).size).toBe(1)
          for (const a of row) for (const b of row) expect(fits(a.patch, b.patch, CHAT_FIELDS)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the request of a row holds what each of its cases holds alone', () => {
    for (const row of cover(made, CHAT_FIELDS)) {
      const whole = bodyOf(row, CHAT_FIELDS)
      for (const one of row) {
        expect(lay(whole, one.patch.body, true), one.path).toEqual(whole)
        const said = canonical(whole.messages)
        for (const turn of one.patch.turns) expect(said).toContain(canonical(turn))
      }
    }
  })

  test('documented dependencies and exclusions hold in every row', () => {
    for (const row of cover(made, CHAT_FIELDS)) {
      const body: JsonObject = bodyOf(row, CHAT_FIELDS)
      const has = (key: string) => body[key] !== undefined && body[key] !== null && body[key] !== false
      if (has('top_logprobs')) expect(body.logprobs).toBe(true)
      if (has('stream_options')) expect(body.stream).toBe(true)
      if (has('tool_choice') || has('parallel_tool_calls')) expect(body.tools).toBeDefined()
      if (has('function_call')) expect(body.functions).toBeDefined()
      expect(has('max_tokens') && has('max_completion_tokens')).toBe(false)
      expect(has('tools') && has('functions')).toBe(false)
      expect(has('temperature') && has('top_p')).toBe(false)
      expect(Number(body.n ?? 1)).toBeLessThanOrEqual(2)
      if (has('prediction')) expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'prediction'])
    }
  })
})

const BODY = new TextEncoder().encode(
  JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }],
  }),
)

function answer(ok: boolean): Exchange {
  return {
    digest: '0',
    dialect: 'openai-chat',
    request: { method: 'POST', url: 'http://gateway.test/v1/chat/completions', headers: [], body: '{}' },
    wire: 'body',
    status: ok ? 200 : 400,
    headers: [['content-type', 'application/json']],
    reads: ok ? [{ at: 1, bytes: BODY }] : [],
    end: { kind: 'complete' },
    leaks: [],
    startedAt: '2026-01-01T00:00:00.000Z',
    timing: { connected: 0, sent: 0, ended: 1 },
    reused: false,
    retries: 0,
  }
}

/** Asks the steps as the core does; `guilty` bodies are refused. Probes asked, and whether the last was accepted. */
function converse(
  one: Case,
  row: Case[],
  guilty: (row: readonly Case[]) => boolean,
): { asked: Probe[]; ok: boolean } {
  const known = new Map(narrowing(one, row).map((part) => [canonical(probeOf(part, CHAT_FIELDS)), part]))
  const asked: Probe[] = []
  const sofar: Exchange[] = []
  for (const step of clearing(one, row, CHAT_FIELDS)) {
    const next = typeof step === 'function' ? step(sofar) : step
    if (next === undefined) break
    if ('blocked' in next) throw new Error('never blocked')
    asked.push(next)
    sofar.push(answer(!guilty(known.get(canonical(next))!)))
  }
  return { asked, ok: sofar.at(-1)!.status === 200 }
}

describe('bisection', () => {
  const row = cover(made, CHAT_FIELDS)[0]!

  test('the guilty cases are found, all others are cleared', () => {
    expect(row.length).toBeGreaterThan(8)
    fc.assert(
      fc.property(fc.subarray(row, { maxLength: 4 }), (bad) => {
        for (const one of row) {
          const { ok } = converse(one, row, (part) => part.some((member) => bad.includes(member)))
          expect(ok).toBe(!bad.includes(one))
        }
      }),
      { numRuns: 8 },
    )
  })

  test('cases that are refused only together are both cleared', () => {
    const pair = [row[0]!, row[1]!]
    for (const one of row) {
      expect(converse(one, row, (part) => pair.every((member) => part.includes(member))).ok).toBe(true)
    }
  })

  test('one guilty case costs few requests, because the halves are shared', () => {
    const bad = row[3]!
    const asked = new Set<string>()
    for (const one of row) {
      for (const probe of converse(one, row, (part) => part.includes(bad)).asked) asked.add(canonical(probe))
    }
    expect(asked.size).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(row.length)))
  })

  test('an accepted row is asked once', () => {
    expect(converse(row[0]!, row, () => false).asked).toHaveLength(1)
  })
})
