import { type Shown, shownResponse } from '../record/body.ts'
import { exchangeAt } from '../record/read.ts'
import type { End, Exchange, Place } from '../record/types.ts'
import { pathOf } from './asked.ts'
import { clip } from './columns.ts'
import { excerpt, type Span } from './excerpt.ts'
import { safeText } from './safe-text.ts'
import { number, type Screen } from './screen.ts'
import { firstLine, requestBytes, spanOf } from './span.ts'

const MARGIN = '    │ '

/** What stood at a place of an exchange, told and shown. `lines` are safe, styled, and within the width. */
export interface WireShown {
  /** One sentence, not yet safe. */
  where: string
  lines: string[]
}

export function showPlace(screen: Screen, at: Place): WireShown {
  const exchange = exchangeAt(screen.record, at.exchange)
  if (at.part === 'row' || at.part === 'samples') return { where: `${at.exchange} of the samples`, lines: [] }
  if (!exchange) return { where: `exchange ${at.exchange}, which the record does not hold`, lines: [] }
  const shown = shownResponse(exchange)
  const place = (bytes: Uint8Array) => {
    const span = spanOf(bytes, at)
    return {
      where: `${what(exchange)}${position(at, span)}`,
      lines: span === undefined ? start(screen, bytes) : quoted(screen, bytes, span),
    }
  }
  switch (at.part) {
    case 'status': {
      const line = firstLine(shown.head)
      return { where: what(exchange), lines: quoted(screen, shown.head.subarray(0, line.length), line) }
    }
    case 'head':
      return place(shown.head)
    case 'end':
      return { where: `${what(exchange)}: ${endText(exchange.end)}`, lines: tail(screen, shown) }
    case 'request':
      return place(requestBytes(exchange))
    case 'body':
      if (!shown.coding) return place(shown.body)
      return {
        where: `${what(exchange)}; the body is coded (${shown.coding}), so its bytes are not shown`,
        lines: [],
      }
  }
}

function what(exchange: Exchange): string {
  const answer = exchange.status > 0 ? String(exchange.status) : 'no response'
  return `${exchange.request.method} ${pathOf(exchange)} → ${answer}, exchange ${exchange.digest}`
}

function position(at: Place, span: Span | undefined): string {
  const parts: string[] = []
  if (at.event !== undefined) parts.push(`event ${at.event}`)
  if (at.pointer !== undefined && at.pointer !== '') parts.push(at.pointer)
  if (span !== undefined) {
    const from = number(span.offset)
    const last = number(span.offset + Math.max(1, span.length) - 1)
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

function quoted(screen: Screen, bytes: Uint8Array, span: Span): string[] {
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
