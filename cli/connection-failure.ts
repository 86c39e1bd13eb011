import type { Exchange } from '../reports/record/types.ts'

/** The system's or TLS's code, and what it means. */
export interface ConnectionFailure {
  code: string
  detail: string
}

/** Code and detail, where no connection came about. */
export function connectionFailure({ end }: Exchange): ConnectionFailure | undefined {
  if (end.kind === 'unreachable') return { code: end.code, detail: end.detail }
  if (end.kind === 'timeout' && end.phase === 'connect') {
    return { code: 'ETIMEDOUT', detail: `no connection within ${end.ms} ms` }
  }
  return undefined
}

/** Whether the target could not be reached at all: the first that is known of it is that no connection came about. */
export function neverReached(exchanges: Iterable<Exchange>): boolean {
  for (const first of exchanges) return connectionFailure(first) !== undefined
  return false
}
