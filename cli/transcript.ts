import { createHash } from 'node:crypto'
import type { Exchange, HeaderPair, JsonObject } from '../reports/record/types.ts'
import { baseSchema } from '../schemas/documents.ts'
import type { DialectPromise } from '../specs/types.ts'
import { parseResponse } from '../suites/core/wire/http1.ts'
import { UsageError } from './usage.ts'

const HEAD = /^HTTP\/\d(?:\.\d)? \d{3}/
/** Looked at to tell a stream from a reply. */
const LOOK = 4096

/** Whose answer it is taken for. */
interface Of {
  dialect: string
  promise: DialectPromise
  model: string
}

/**
 * A transcript as an exchange. `bytes`: a `curl -iN` capture (head, blank line, body without transfer coding), or a
 * body alone. The request is unknown; it is taken to be one that such an answer fits.
 */
export function readTranscript(bytes: Uint8Array, of: Of): Exchange {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const withHead = HEAD.test(raw.toString('latin1', 0, 32))
  const own = withHead ? raw.subarray(lastHead(raw)) : raw
  const wire = withHead ? ('decoded' as const) : ('body' as const)
  const reads = [{ at: 0, bytes: new Uint8Array(own) }]
  const end = { kind: 'closed' as const }
  const response = parseResponse(reads, wire, end, 'POST')
  if (withHead && response.status === 0) throw new UsageError('the head of the transcript cannot be read')
  const body = own.toString('utf8', withHead ? response.bodyStart : 0)
  const stream = looksLikeStream(response.headers, body)
  return {
    digest: createHash('sha256').update(own).digest('hex').slice(0, 16),
    dialect: of.dialect,
    request: {
      method: 'POST',
      url: `https://transcript.invalid${of.promise.path}`,
      headers: [
        ['content-type', 'application/json'],
        // Nobody knows; the answer is not read as one to a request without a key.
        [of.promise.auth.header, '***'],
        ...Object.entries(of.promise.headers ?? {}),
      ],
      body: JSON.stringify(assumedRequest(of, stream, body)),
    },
    wire,
    status: withHead ? response.status : 200,
    headers: response.headers,
    reads,
    end,
    leaks: [],
    startedAt: new Date(0).toISOString(),
    timing: { connected: 0, sent: 0, ended: 0 },
    reused: false,
    retries: 0,
  }
}

/** Offset of the head that the body belongs to: curl -i also shows those of a proxy and of redirects. */
function lastHead(raw: Buffer): number {
  let at = 0
  for (;;) {
    const end = blankLine(raw, at)
    if (end === undefined || !HEAD.test(raw.toString('latin1', end, end + 32))) return at
    at = end
  }
}

/** Offset after the first blank line from `at`. */
function blankLine(raw: Buffer, at: number): number | undefined {
  for (let lf = raw.indexOf(0x0a, at); lf >= 0; lf = raw.indexOf(0x0a, lf + 1)) {
    if (raw[lf + 1] === 0x0a) return lf + 2
    if (raw[lf + 1] === 0x0d && raw[lf + 2] === 0x0a) return lf + 3
  }
  return undefined
}

function looksLikeStream(headers: readonly HeaderPair[], body: string): boolean {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (/^\s*text\/event-stream/i.test(type)) return true
  return /^\uFEFF?\s*(?:data|event|id|retry)?:/.test(body.slice(0, LOOK))
}

/** So much that no answer is longer: a transcript does not tell where its request set the limit. */
const NO_LIMIT = 1_000_000

function assumedRequest({ dialect, promise, model }: Of, stream: boolean, body: string): JsonObject {
  const asked: JsonObject = { model, messages: [{ role: 'user', content: 'unknown' }] }
  const { properties, required } = baseSchema(dialect, 'request')
  if (required?.includes(promise.limit_field)) asked[promise.limit_field] = NO_LIMIT
  if (!stream) return asked
  // A usage chunk comes only where it was asked for; seeing one, we take it that it was.
  const usage = properties?.stream_options !== undefined && /"usage"\s*:\s*\{/.test(body)
  return { ...asked, stream, ...(usage ? { stream_options: { include_usage: true } } : {}) }
}
