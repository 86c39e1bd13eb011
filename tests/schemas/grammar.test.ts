import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../reports/record/types.ts'
import { grammarDocument, metaSchema } from '../../schemas/documents.ts'
import type { Grammar } from '../../schemas/types/grammar.ts'
import { loadSpecs } from '../../specs/load.ts'
import { type GrammarEvent, runGrammar } from '../../suites/core/grammar.ts'
import { newAjv } from '../../suites/core/validate.ts'

interface Vectors {
  vectors: {
    name: string
    ended?: 'cut'
    events: { type: string; data: string }[]
    findings: { rule: string; event: number }[]
  }[]
}

function fixture<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, ...path), 'utf8')) as T
}

function parsed(data: string): Json | undefined {
  try {
    return JSON.parse(data) as Json
  } catch {
    return undefined
  }
}

function eventsOf(list: { type: string; data: string }[]): GrammarEvent[] {
  return list.map((e) => ({ ...e, json: parsed(e.data) }))
}

const chat = grammarDocument('openai-chat')
const grammars = ['openai-chat', 'anthropic-messages'].map((dialect): [Grammar, Vectors] => [
  grammarDocument(dialect),
  fixture('vectors', `${dialect}.json`),
])

/** Names that the machines of a grammar use, by what they are used for. */
function namesIn(grammar: Grammar) {
  const rules: string[] = [...grammar.events, ...(grammar.every ?? [])].flatMap((e) => e.violates ?? [])
  const wrong: string[] = []
  const classes = new Set(grammar.events.map((e) => e.class))
  const rootSignals = new Set(grammar.machines[0]?.signals?.map((s) => s.signal) ?? classes)
  for (const [place, m] of grammar.machines.entries()) {
    if (place > 0 && !grammar.machines.slice(0, place).some((above) => above.machine === m.below))
      wrong.push(m.machine)
    for (const name of m.classes ?? []) if (!classes.has(name)) wrong.push(`${m.machine}: class ${name}`)
    if (m.states[m.initial] === undefined) wrong.push(`${m.machine}: state ${m.initial}`)
    const signals = new Set(m.signals?.map((s) => s.signal) ?? classes)
    rules.push(...(m.constants ?? []).map((c) => c.rule), ...(m.owes ?? []).map((d) => d.rule))
    rules.push(...[...(m.totals ?? []), ...(m.joined ?? [])].map((t) => t.rule))
    rules.push(...[m.key?.missing, m.key?.gap, m.key?.opens?.rule].filter((r) => r !== undefined))
    for (const name of m.key?.opens?.classes ?? [])
      if (!classes.has(name)) wrong.push(`${m.machine}: class ${name}`)
    for (const { unless } of [...(m.joined ?? []), ...Object.values(m.states)])
      if (unless !== undefined && !rootSignals.has(unless)) wrong.push(`${m.machine}: unless ${unless}`)
    for (const debt of m.owes ?? [])
      if (!signals.has(debt.signal)) wrong.push(`${m.machine}: signal ${debt.signal}`)
    for (const [name, state] of Object.entries(m.states)) {
      if (state.end !== undefined) rules.push(state.end)
      for (const [signal, t] of Object.entries(state.on ?? {})) {
        if (signal !== '*' && !signals.has(signal)) wrong.push(`${m.machine}.${name}: signal ${signal}`)
        if (t.to !== undefined && m.states[t.to] === undefined) wrong.push(`${m.machine}.${name}: to ${t.to}`)
        if (t.violates !== undefined) rules.push(t.violates)
      }
    }
  }
  return { rules: new Set(rules), wrong }
}

describe.each(grammars)('grammar of $dialect', (grammar, { vectors }) => {
  it('has the form of a grammar, and names nothing that is not there', () => {
    const validate = newAjv({ allErrors: true }).compile(metaSchema('grammar'))
    expect(validate(grammar) ? [] : validate.errors).toEqual([])
    const { rules, wrong } = namesIn(grammar)
    expect(wrong).toEqual([])
    expect([...rules].sort()).toEqual(Object.keys(grammar.rules).sort())
  })

  it.each(vectors)('$name', ({ events, ended, findings }) => {
    const got = runGrammar(grammar, eventsOf(events), ended ?? 'clean')
    expect(got.map(({ rule, event }) => ({ rule, event }))).toEqual(
      findings.map((f) => ({ ...f, rule: `${grammar.dialect}/grammar/${f.rule}` })),
    )
  })
})

describe.each(grammars)('rules of $dialect', (grammar, { vectors }) => {
  it('have a wrong stream each, and none that no rule is for', () => {
    const shown = new Set(vectors.flatMap((v) => v.findings.map((f) => f.rule)))
    expect([...shown].sort()).toEqual(Object.keys(grammar.rules).sort())
  })

  it('name requirements that exist', () => {
    const { requirements } = loadSpecs()
    const named = Object.values(grammar.rules).flatMap((r) => r.requirements ?? [])
    expect(named.filter((id) => !requirements.has(id))).toEqual([])
  })
})

describe('anthropic-messages', () => {
  it('has for each rule a stream that breaks only this one', () => {
    const [grammar, { vectors }] = grammars[1] ?? [chat, { vectors: [] }]
    const alone = vectors.filter((v) => new Set(v.findings.map((f) => f.rule)).size === 1)
    const shown = new Set(alone.flatMap((v) => v.findings.map((f) => f.rule)))
    expect(Object.keys(grammar.rules).filter((rule) => !shown.has(rule))).toEqual([])
  })
})

describe('openai-chat', () => {
  it('points at the part that is wrong', () => {
    const events = eventsOf([
      { type: 'message', data: '{"choices":[{"index":0,"delta":{"role":"assistant"}},{"delta":{}}]}' },
      {
        type: 'message',
        data: '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0},{}]},"finish_reason":""}]}',
      },
    ])
    const at = new Map(runGrammar(chat, events, 'cut').map((f) => [f.rule.split('/').at(-1), f.pointer]))
    expect(at.get('choice-index-missing')).toBe('/choices/1')
    expect(at.get('tool-index-missing')).toBe('/choices/0/delta/tool_calls/1')
    expect(at.get('finish-not-null-early')).toBe('/choices/0/finish_reason')
  })

  it('finds nothing in right streams, however they are cut into chunks', () => {
    const piece = fc.record({
      choice: fc.nat(2),
      part: fc.oneof(
        fc.record({ content: fc.string() }),
        fc.record({ tool: fc.nat(3), arguments: fc.string() }),
      ),
    })
    const streams = fc.record({
      pieces: fc.array(piece, { maxLength: 40 }),
      usage: fc.boolean(),
      joined: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
    })
    fc.assert(
      fc.property(streams, ({ pieces, usage, joined }) => {
        const events = eventsOf(rightStream(pieces, usage, joined))
        expect(runGrammar(chat, events, 'clean')).toEqual([])
        expect(runGrammar(chat, events.slice(0, -1), 'clean').map((f) => f.rule)).toEqual([
          'openai-chat/grammar/done-missing',
        ])
      }),
    )
  })

  it('is total: any JSON gives findings, never an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        runGrammar(chat, eventsOf(values.map((v) => ({ type: 'message', data: JSON.stringify(v) }))), 'clean')
      }),
    )
  })

  it('reports a rule once, however often it is broken', () => {
    const chunk = '{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]}'
    const many = eventsOf(Array.from({ length: 2000 }, () => ({ type: 'message', data: chunk })))
    expect(runGrammar(chat, many, 'cut')).toHaveLength(1)
  })
})

type Piece = { choice: number; part: { content: string } | { tool: number; arguments: string } }

/** A right stream that carries the pieces in order; `joined` says which neighbours share a chunk. */
function rightStream(pieces: Piece[], usage: boolean, joined: boolean[]): { type: string; data: string }[] {
  const begun = new Set<number>([0])
  const tools = new Map<string, number>()
  const choices: Json[] = [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]
  // Choices and calls are numbered in the order in which they come.
  const number = new Map<number, number>([[0, 0]])
  for (const { choice, part } of pieces) {
    const index = number.get(choice) ?? number.size
    number.set(choice, index)
    const delta: { [key: string]: Json } = begun.has(index) ? {} : { role: 'assistant' }
    begun.add(index)
    if ('content' in part) delta.content = part.content
    else {
      const key = `${index}/${part.tool}`
      const before = tools.get(key)
      const call = before ?? [...tools.keys()].filter((k) => k.startsWith(`${index}/`)).length
      tools.set(key, call)
      const head = before === undefined ? { id: `call_${key}`, type: 'function' } : {}
      const name = before === undefined ? { name: 'f' } : {}
      delta.tool_calls = [{ index: call, ...head, function: { ...name, arguments: part.arguments } }]
    }
    choices.push({ index, delta, finish_reason: null })
  }
  for (const index of begun) choices.push({ index, delta: {}, finish_reason: 'stop' })
  const chunks: Json[][] = []
  for (const [i, choice] of choices.entries()) {
    const last = chunks.at(-1)
    if (last !== undefined && joined[i]) last.push(choice)
    else chunks.push([choice])
  }
  const envelope = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', usage: null }
  const all: Json[] = chunks.map((list) => ({ ...envelope, choices: list }))
  if (usage) all.push({ ...envelope, choices: [], usage: { total_tokens: 1 } })
  return [...all.map((c) => JSON.stringify(c)), '[DONE]'].map((data) => ({ type: 'message', data }))
}
