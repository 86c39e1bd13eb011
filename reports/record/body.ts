import type { Exchange } from './types.ts'

/** A response taken apart for showing. All offsets are in bytes. */
export interface Shown {
  /** Everything before the body, interim responses included: the joined reads up to `bodyStart`. */
  head: Uint8Array
  /** The body without its transfer coding. Content coding is left as it is. */
  body: Uint8Array
  /** Content coding that `body` still has, such as `gzip`: offsets in the decoded body mean nothing then. */
  coding?: string
}

/**
 * Head and body of what came, as far as it can be told. Never throws, whatever the bytes: where the framing is broken,
 * the rest of the bytes is shown as it came. It serves the eye only; verdicts come from the wire parser of the suites.
 */
export function shownResponse(exchange: Exchange): Shown {
  const all = Buffer.concat(exchange.reads.map((read) => read.bytes))
  if (exchange.wire === 'body') return { head: all.subarray(0, 0), body: all, ...coding(exchange) }
  const start = bodyStart(all)
  const rest = all.subarray(start)
  const chunked =
    exchange.wire === 'http1' && values(exchange, 'transfer-encoding').some((v) => /\bchunked\b/i.test(v))
  return {
    head: all.subarray(0, start),
    body: chunked ? dechunk(rest) : ordinary(exchange, rest),
    ...coding(exchange),
  }
}

/** Offset after the head of the final response: interim responses (1xx) are heads without a body. */
function bodyStart(all: Buffer): number {
  let from = 0
  for (;;) {
    const end = headEnd(all, from)
    if (end === undefined) return all.length
    if (!/^HTTP\/\d\.\d 1(?!01)\d\d\b/.test(all.toString('latin1', from, Math.min(end, from + 32))))
      return end
    from = end
  }
}

function headEnd(all: Buffer, from: number): number | undefined {
  for (let lf = all.indexOf(0x0a, from); lf >= 0; lf = all.indexOf(0x0a, lf + 1)) {
    if (all[lf + 1] === 0x0a) return lf + 2
    if (all[lf + 1] === 0x0d && all[lf + 2] === 0x0a) return lf + 3
  }
  return undefined
}

function ordinary(exchange: Exchange, rest: Buffer): Buffer {
  const [length] = values(exchange, 'content-length')
  if (exchange.wire !== 'http1' || length === undefined || !/^\d{1,15}$/.test(length)) return rest
  return rest.subarray(0, Number(length))
}

function dechunk(rest: Buffer): Buffer {
  // One buffer for all: a chunk may be a single byte, and there may be millions.
  const body = Buffer.alloc(rest.length)
  let filled = 0
  let from = 0
  while (from < rest.length) {
    const lf = rest.indexOf(0x0a, from)
    const line = lf < 0 ? '' : rest.toString('latin1', from, Math.min(lf, from + 64))
    const size = /^[\t ]*([0-9a-f]{1,8})[\t ]*(?:;|\r?$)/i.exec(line)?.[1]
    if (size === undefined) {
      filled += rest.copy(body, filled, from)
      break
    }
    const length = Number.parseInt(size, 16)
    if (length === 0) break
    const end = lf + 1 + length
    filled += rest.copy(body, filled, lf + 1, Math.min(end, rest.length))
    from = end + (rest[end] === 0x0d ? 2 : 1)
  }
  return body.subarray(0, filled)
}

function coding(exchange: Exchange): { coding?: string } {
  const named = values(exchange, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== '' && value !== 'identity')
  return named.length > 0 ? { coding: named.join(', ') } : {}
}

function values(exchange: Exchange, name: string): string[] {
  return exchange.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value.trim())
}
