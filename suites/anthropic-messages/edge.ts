import type { StreamView } from '../core/stream-view.ts'

/** The addresses of the dialect. */
const SERVED = /\/(?:messages|messages\/count_tokens|models(?:\/[^/]+)?)$/

/**
 * Whether what stands before the API may have answered: a body that is too large, a method or a path that it does not
 * know. The official edge answers those without the envelope.
 */
export function fromTheEdge({ status, exchange }: StreamView): boolean {
  if (status === 413 || status === 405) return true
  return status === 404 && !SERVED.test(exchange.request.url.replace(/[?#].*$/, ''))
}
