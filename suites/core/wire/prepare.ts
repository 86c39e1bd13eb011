import { isUtf8 } from 'node:buffer'
import { maskBytes, maskText, type Secret } from '../../../reports/record/redact.ts'
import type { HeaderPair, SentRequest } from '../../../reports/record/types.ts'

/** A probe made ready to be sent: nothing is left to be chosen. */
export interface Prepared {
  /** Identity of the probe. */
  digest: string
  dialect: string
  method: string
  /** The whole URL. */
  url: URL
  /** As they shall go. `host`, `connection` and `content-length` are added where they are missing. */
  headers: HeaderPair[]
  body?: Uint8Array
  /** How the record tells the body where it is not to hold it whole: made by ourselves, large, and free of secrets. */
  bodyRepeat?: NonNullable<SentRequest['bodyRepeat']>
  /** By hand over a socket: headers, body and method go out exactly as they stand, right or wrong. */
  raw?: boolean
  /** Only with `raw`: names (lower case) that are not to be added though they are missing. */
  omit?: string[]
  /** Milliseconds for the whole exchange, where it differs from the client's. */
  deadline?: number
  /** Hang up after this many bytes of body (as they come over the wire). 0: as soon as the head is complete. */
  hangUpAfter?: number
  /** Values to be masked wherever they show. */
  secrets: Secret[]
}

const CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'api-key'])

/** Throws where the request would carry a key to an origin that the key does not belong to. */
export function assertOwnOrigin(request: Prepared, origin: string): void {
  if (request.url.origin === origin) return
  const credential = request.headers.find(([name]) => CREDENTIALS.has(name.toLowerCase()))
  const texts = [request.url.href, ...request.headers.flat()]
  const secret =
    texts.some((text) => maskText(text, request.secrets).finds.length > 0) ||
    maskBytes([{ at: 0, bytes: request.body ?? new Uint8Array() }], request.secrets).leaks.length > 0
  if (credential || secret) {
    throw new Error(`refused to send a credential to ${request.url.origin}: it belongs to ${origin}`)
  }
}

/** The head of a request as it goes over a socket written by hand. */
export function requestHead(request: Prepared): string {
  const given = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const omitted = new Set(request.omit)
  const added: HeaderPair[] = []
  const add = (name: string, value: string) => {
    if (!given.has(name) && !omitted.has(name)) added.push([name, value])
  }
  add('host', request.url.host)
  add('connection', 'close')
  const length = request.body?.length ?? 0
  if (length > 0 && !given.has('transfer-encoding')) add('content-length', String(length))
  const lines = [...added, ...request.headers].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${request.method} ${target(request.url)} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** Path and query, as they stand in the request line. */
export function target(url: URL): string {
  return `${url.pathname}${url.search}`
}

/** The request as it was sent, secrets masked. `head`: what was written; undefined where nothing was. */
export function sentRequest(request: Prepared, head: string | undefined): SentRequest {
  const mask = (text: string) => maskText(text, request.secrets).text
  const headers = head === undefined ? request.headers : headerLines(head)
  const sent: SentRequest = {
    method: mask(request.method),
    url: mask(request.url.href),
    headers: headers.map(([name, value]) => [mask(name), mask(value)]),
  }
  if (request.bodyRepeat) sent.bodyRepeat = request.bodyRepeat
  if (!request.body || request.bodyRepeat) return sent
  const body = maskBytes([{ at: 0, bytes: request.body }], request.secrets).reads[0]?.bytes ?? request.body
  if (isUtf8(body)) sent.body = Buffer.from(body).toString('utf8')
  else sent.bodyBase64 = Buffer.from(body).toString('base64')
  return sent
}

function headerLines(head: string): HeaderPair[] {
  const lines = head.slice(0, head.indexOf('\r\n\r\n')).split('\r\n').slice(1)
  return lines.map((line) => {
    const colon = line.indexOf(':')
    return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
  })
}
