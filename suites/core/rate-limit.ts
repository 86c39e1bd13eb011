import type { Exchange } from '../../reports/record/types.ts'

/** Milliseconds that one wait for a rate limit may take. */
export const LONGEST_WAIT = 60_000

const WAIT_WITHOUT_HINT = 1_000

/**
 * Whether the answer is "not now": a limit on the rate (429), or an overload (529, or a 503 that says when to ask again).
 * It answers another question than the one that was asked: it decides nothing.
 */
export function notNow({ status, headers }: Exchange): boolean {
  if (status === 429 || status === 529) return true
  return status === 503 && headers.some(([name]) => /^retry-after(-ms)?$/i.test(name))
}

/** Milliseconds that such an answer asks to wait: `retry-after-ms`, else `retry-after` in seconds (RFC 9110 also allows a date). */
export function waitHint(exchange: Exchange): number {
  const value = (name: string): string | undefined =>
    exchange.headers.find(([key]) => key.toLowerCase() === name)?.[1]
  const ms = Number(value('retry-after-ms'))
  if (Number.isFinite(ms) && ms > 0) return ms
  const seconds = value('retry-after')
  if (seconds === undefined) return WAIT_WITHOUT_HINT
  if (/^\d+(\.\d+)?$/.test(seconds.trim())) return Number(seconds) * 1000
  const date = Date.parse(seconds)
  return Number.isNaN(date) ? WAIT_WITHOUT_HINT : Math.max(0, date - Date.parse(exchange.startedAt))
}
