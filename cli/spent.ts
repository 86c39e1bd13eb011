import type { Exchange } from '../reports/record/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { readJson } from '../suites/core/json.ts'

/** What recorded exchanges cost: requests (answers to 429 included) and a bound of their tokens. */
export function spentOn(
  exchanges: Iterable<Exchange>,
  dialects: readonly Dialect[],
): { requests: number; tokens: number } {
  let requests = 0
  let tokens = 0
  for (const { dialect: id, request, retries } of exchanges) {
    requests += 1 + retries
    const dialect = dialects.find((one) => one.id === id)
    if (dialect !== undefined && request.body !== undefined) {
      tokens += dialect.tokens(readJson(request.body).value)
    }
  }
  return { requests, tokens }
}
