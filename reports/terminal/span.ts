import type { Shown } from '../record/body.ts'
import type { Exchange, Place } from '../record/types.ts'
import type { Span } from './excerpt.ts'
import { eventData, locateInEvent, locateValue, type Stretch } from './pointer.ts'

const LF = 0x0a
const CR = 0x0d

/** What of `bytes` a place in a body, a head or a request means; undefined where it means all of it. */
export function spanOf(bytes: Uint8Array, at: Place): Span | undefined {
  if (at.offset === undefined) {
    if (at.pointer === undefined || at.part === 'head') return undefined
    return asSpan(locateValue(bytes, at.pointer))
  }
  const given = { offset: at.offset, length: at.length ?? 0 }
  if (at.event === undefined || given.length === 0) return given
  const event = { from: at.offset, to: Math.min(bytes.length, at.offset + given.length) }
  if (at.pointer !== undefined && at.pointer !== '') {
    return asSpan(locateInEvent(bytes, event, at.pointer)) ?? withoutEnd(bytes, event)
  }
  return asSpan(eventData(bytes, event)) ?? withoutEnd(bytes, event)
}

/** The first line of a head, without its end. */
export function firstLine(head: Uint8Array): Span {
  const lf = head.indexOf(LF)
  const end = lf < 0 ? head.length : head[lf - 1] === CR ? lf - 1 : lf
  return { offset: 0, length: end }
}

/** The bytes of the request body; of a repeated one only its beginning. */
export function requestBytes({ request }: Exchange): Uint8Array {
  const { body, bodyBase64, bodyRepeat } = request
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64')
  return Buffer.from(body ?? bodyRepeat?.head ?? '')
}

/**
 * What a place means, as a text that is equal for equal bytes. Two findings about the whole of a body are about the
 * same thing only where they saw the same.
 */
export function placeKey(at: Place, shown: Shown | undefined, got: string): string {
  if (at.part === 'status' || at.part === 'end') return `${at.exchange} ${at.part}`
  if (shown === undefined || at.part === 'request' || shown.coding) return JSON.stringify([at, got])
  const bytes = at.part === 'head' ? shown.head : shown.body
  const span = spanOf(bytes, at)
  const whole = span === undefined || span.length === 0 || span.length >= bytes.length
  return whole
    ? `${at.exchange} ${at.part} ${got}`
    : `${at.exchange} ${at.part} ${span.offset}+${span.length}`
}

function asSpan(found: Stretch | undefined): Span | undefined {
  return found && { offset: found.from, length: found.to - found.from }
}

/** An event without the line ends after it: they are not what is meant. */
function withoutEnd(bytes: Uint8Array, { from, to }: Stretch): Span {
  let end = to
  while (end > from + 1 && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end -= 1
  return { offset: from, length: end - from }
}
