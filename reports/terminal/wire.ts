import { type Shown, shownResponse } from '../record/body.ts'
import { exchangeAt } from '../record/read.ts'
import type { End, Exchange, Place } from '../record/types.ts'
import { clip } from './columns.ts'
import { excerpt } from './excerpt.ts'
import { safeText } from './safe-text.ts'
import { number, type Screen } from './screen.ts'

const MARGIN = '    │ '

/** What stood at a place of an exchange, told and shown. `lines` are safe, styled, and within the width. */
export interface WireShown {
  /** One sentence, not yet safe. */
  where: string
  lines: string[]
}

export function showPlace(screen: Screen, at: Place): WireShown {
  const exchange = exchangeAt(screen.record, at.exchange)
  if (!exchange) return { where: `exchange ${at.exchange}, which the record does not hold`, lines: [] }
  const where = `${what(exchange)}${position(at)}`
  const shown = shownResponse(exchange)
  const span = { offset: at.offset ?? 0, length: at.length ?? 0 }
  const marked = (bytes: Uint8Array) => quoted(screen, bytes, span)
  switch (at.part) {
    case 'status':
      return { where, lines: quoted(screen, firstLine(shown.head), wholeLine(shown.head)) }
    case 'head':
      return { where, lines: at.offset === undefined ? start(screen, shown.head) : marked(shown.head) }
    case 'end':
      return { where: `${where}: ${endText(exchange.end)}`, lines: tail(screen, shown) }
    case 'request':
      return { where, lines: request(screen, exchange, at, span) }
    case 'body':
      if (shown.coding) {
        return {
          where: `${where}; the body is coded (${shown.coding}), so its bytes are not shown`,
          lines: [],
        }
      }
      return { where, lines: at.offset === undefined ? start(screen, shown.body) : marked(shown.body) }
  }
}

function what(exchange: Exchange): string {
  const { method, url } = exchange.request
  const path = /^[a-z]+:\/\/[^/]*(\/.*)?$/i.exec(url)?.[1] ?? url
  const answer = exchange.status > 0 ? String(exchange.status) : 'no response'
  return `${method} ${path.length > 80 ? `${path.slice(0, 79)}…` : path} → ${answer}, exchange ${exchange.digest}`
}

function position(at: Place): string {
  const parts: string[] = []
  if (at.event !== undefined) parts.push(`event ${at.event}`)
  if (at.pointer !== undefined && at.pointer !== '') parts.push(at.pointer)
  if (at.offset !== undefined) {
    const from = number(at.offset)
    const last = number(at.offset + Math.max(1, at.length ?? 1) - 1)
    parts.push(from === last ? `byte ${from} of the ${at.part}` : `bytes ${from}–${last} of the ${at.part}`)
  }
  return parts.length > 0 ? `, ${parts.join(', ')}` : ''
}

/** How an exchange ended, as a sentence. */
export function endText(end: End): string {
  switch (end.kind) {
    case 'complete':
      return 'the response was complete'
    case 'closed':
      return 'the body ended with the connection, in order'
    case 'truncated':
      return `the connection was closed before the response was complete (${end.detail})`
    case 'reset':
      return `the connection was reset before the response was complete (${end.detail})`
    case 'timeout':
      return `nothing came in time: the ${end.phase} deadline of ${number(end.ms)} ms ran out`
    case 'limit':
      return `assay hung up: more than ${number(end.max)} ${end.limit === 'head-bytes' ? 'bytes of head' : 'bytes of body'}`
    case 'unreachable':
      return `no connection: ${end.code} (${end.detail})`
    case 'garbled':
      return `what came cannot be read as HTTP/1.1 (${end.detail})`
    case 'hung-up':
      return 'assay hung up on purpose'
  }
}

function request(
  screen: Screen,
  exchange: Exchange,
  at: Place,
  span: { offset: number; length: number },
): string[] {
  const { body, bodyBase64, bodyRepeat } = exchange.request
  const bytes =
    bodyBase64 !== undefined
      ? Buffer.from(bodyBase64, 'base64')
      : Buffer.from(body ?? (bodyRepeat === undefined ? '' : bodyRepeat.head))
  return at.offset === undefined ? start(screen, bytes) : quoted(screen, bytes, span)
}

function quoted(screen: Screen, bytes: Uint8Array, span: { offset: number; length: number }): string[] {
  return margin(screen, excerpt(bytes, span, screen.width - MARGIN.length, screen.style))
}

/** The first lines, nothing marked: for a place without an offset. */
function start(screen: Screen, bytes: Uint8Array): string[] {
  if (bytes.length === 0) return []
  return plain(screen, Buffer.from(bytes.subarray(0, 2048)).toString().split('\n'), 3, bytes.length > 2048)
}

/** The last lines of what had come when the exchange ended. */
function tail(screen: Screen, { head, body, coding }: Shown): string[] {
  if (coding || (head.length === 0 && body.length === 0)) return []
  const bytes = body.length > 0 ? body : head
  return quoted(screen, bytes, { offset: bytes.length, length: 0 })
}

function plain(screen: Screen, lines: string[], most: number, cut: boolean): string[] {
  const room = screen.width - MARGIN.length
  const kept = lines.slice(0, most).map((line) => screen.style.dim(clip(safeText(line), room)))
  if (lines.length > most || cut) kept.push(screen.style.dim('…'))
  return margin(screen, kept)
}

function margin(screen: Screen, lines: string[]): string[] {
  return lines.map((line) => `${screen.style.dim(line === '' ? MARGIN.trimEnd() : MARGIN)}${line}`)
}

function firstLine(head: Uint8Array): Uint8Array {
  return head.subarray(0, wholeLine(head).length)
}

function wholeLine(head: Uint8Array): { offset: number; length: number } {
  const lf = head.indexOf(0x0a)
  const end = lf < 0 ? head.length : head[lf - 1] === 0x0d ? lf - 1 : lf
  return { offset: 0, length: end }
}
