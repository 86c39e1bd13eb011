import type { By } from '../../../reports/record/types.ts'
import type { Grammar } from '../../../schemas/types/grammar.ts'
import type { Standing } from './invariants.ts'

/** What a broken rule weighs. */
export interface Weighed {
  weight: 'fail' | 'warn' | 'none'
  by: By
  expected: string
  why?: string
}

/** The rules that a stream can break. */
export interface Grammars {
  rules: Grammar['rules']
  /** Rules that only a stream which came to its end can keep. */
  atEnd: ReadonlySet<string>
}

/** What the reader of the event stream says, by whose word, as the conformance side weighs it. */
const SSE: Record<string, { by: By; expected: string }> = {
  'sse/bom': { by: 'should', expected: 'no byte order mark' },
  'sse/unterminated': { by: 'official', expected: 'a blank line after the last event' },
  'sse/unterminated-line': { by: 'observe', expected: 'a line end after the last line' },
  'sse/invalid-utf8': { by: 'official', expected: 'UTF-8' },
  'sse/unknown-field': { by: 'should', expected: 'a field that readers know' },
  'sse/nul-in-id': { by: 'should', expected: 'an id that readers can use' },
  'sse/bad-retry': { by: 'should', expected: 'a retry of digits' },
  'sse/event-without-data': { by: 'observe', expected: 'data in every event' },
  'sse/too-many': { by: 'should', expected: 'a stream within the reader’s bound' },
  'sse/too-long': { by: 'should', expected: 'events within the reader’s bound' },
}
const AT_END: ReadonlySet<string> = new Set(['sse/unterminated', 'sse/unterminated-line'])

export function grammarsOf(grammar: Grammar | undefined): Grammars {
  if (grammar === undefined) return { rules: {}, atEnd: AT_END }
  const atEnd = new Set(AT_END)
  for (const { states, key, joined = [], owes = [] } of grammar.machines) {
    for (const { end } of Object.values(states)) if (end !== undefined) atEnd.add(end)
    for (const { rule } of [...joined, ...owes]) atEnd.add(rule)
    if (key?.gap !== undefined) atEnd.add(key.gap)
  }
  return { rules: grammar.rules, atEnd }
}

/** `cut`: the stream did not come to its end. undefined: it is not to blame for that. */
export function weigh(rule: string, cut: boolean, standing: Standing): Weighed | undefined {
  const { grammar, promises } = standing
  const name = rule.startsWith('sse/') ? rule : rule.slice(rule.lastIndexOf('/') + 1)
  if (cut && grammar.atEnd.has(name)) return undefined
  const known = grammar.rules[name]
  const said =
    known === undefined ? SSE[name] : { by: known.by as By, expected: known.expected ?? known.title }
  if (said === undefined) return { weight: 'warn', by: 'should', expected: 'no rule broken' }
  const { by, expected } = said
  const why = known?.why === undefined ? {} : { why: known.why }
  if (by === 'observe') return { weight: 'none', by, expected }
  if (by === 'should') return { weight: 'warn', by, expected, ...why }
  const level = promises?.level(known?.requirements ?? [])
  if (level !== undefined) {
    return { weight: level === 'must' ? 'fail' : 'warn', by: 'documented', expected, ...why }
  }
  const fails = promises === undefined ? by === 'official' : promises.claims.includes(by)
  return { weight: fails ? 'fail' : 'warn', by, expected, ...why }
}
