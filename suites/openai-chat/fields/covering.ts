import { isObject } from '../../core/dig.ts'
import { canonical } from '../../core/digest.ts'
import { agreed, type Case, join, type Patch } from './compose.ts'

/** Fields that no request should hold together: documents forbid it, or gateways are known to stumble over it. */
const APART: readonly [string, string][] = [
  ['max_tokens', 'max_completion_tokens'],
  ['temperature', 'top_p'],
  ['tools', 'functions'],
  ['tools', 'function_call'],
  ['functions', 'tool_choice'],
  ['functions', 'parallel_tool_calls'],
  ['thinking', 'reasoning_effort'],
  ['thinking', 'tools'],
  ['reasoning_effort', 'tools'],
  ['stream', 'store'],
  ['stream', 'n'],
  ['stream', 'logprobs'],
]

/** Fields that do not go with an answer that is forced into JSON. */
const NOT_WITH_JSON = ['tools', 'functions', 'stop', 'logprobs', 'logit_bias', 'stream', 'n', 'thinking']

/** Cases that may share one request, found by putting each into the first row that takes it. */
export function cover(cases: readonly Case[]): Case[][] {
  const rows: { cases: Case[]; patch: Patch; group: string | undefined }[] = []
  for (const one of cases) {
    const home = rows.find(
      (row) =>
        row.group === one.group &&
        fits(row.patch, one.patch) &&
        row.cases.every((other) => other.path !== one.path || together(other, one)),
    )
    if (home === undefined) rows.push({ cases: [one], patch: one.patch, group: one.group })
    else {
      home.cases.push(one)
      home.patch = join(home.patch, one.patch)
    }
  }
  return rows.map((row) => row.cases)
}

/** Whether two patches can stand in one request: they agree where they meet, and hold nothing that goes apart. */
export function fits(a: Patch, b: Patch): boolean {
  const both = agreed(a, b)
  if (both === undefined) return false
  const given = (key: string): boolean => {
    const value = both[key]
    return value !== undefined && value !== null && value !== false
  }
  if (APART.some(([x, y]) => given(x) && given(y))) return false
  const format = both.response_format
  const json = isObject(format) && format.type !== 'text'
  return !(json && NOT_WITH_JSON.some(given))
}

/** Two values of one field: they may both stand in a history, else only where they are one request. */
export function together(a: Case, b: Case): boolean {
  return a.path.startsWith('messages') || canonical(a.patch) === canonical(b.patch)
}

/** A case's name among the cases of its field. */
export function caseName(one: Case): string {
  const text = canonical(one.value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
