import { createParser } from 'eventsource-parser'
import type { Exchange } from '../../reports/record/types.ts'
import { HttpView } from './read-view.ts'
import type { SseEvent } from './sse.ts'

export interface WitnessedEvent {
  type: string
  data: string
  /** Last event ID when the event was dispatched. */
  id: string
}

const BOM = '\ufeff'

/** The same body, read by `eventsource-parser`: an independent witness. */
export function witness(body: Uint8Array): WitnessedEvent[] {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
  const events: WitnessedEvent[] = []
  let last = ''
  const parser = createParser({
    onId: (id) => {
      last = id
    },
    onEvent: ({ event, data }) => events.push({ type: event ?? 'message', data, id: last }),
  })
  // Where the text has no byte order mark it gets one, because the parser also takes off the characters `ï»¿`.
  parser.feed(text.startsWith(BOM) ? text : BOM + text)
  return events
}

/** A sentence about the first event that the two do not agree on; undefined where they agree. */
export function disagreement(
  ours: readonly Pick<SseEvent, 'type' | 'data' | 'lastEventId'>[],
  theirs: readonly WitnessedEvent[],
): string | undefined {
  const length = Math.max(ours.length, theirs.length)
  for (let i = 0; i < length; i++) {
    const our = ours[i]
    const their = theirs[i]
    if (!our || !their) {
      return `assay reads ${ours.length} events, eventsource-parser ${theirs.length}: event ${i} is missing in one`
    }
    for (const [field, a, b] of [
      ['type', our.type, their.type],
      ['data', our.data, their.data],
      ['lastEventId', our.lastEventId, their.id],
    ] as const) {
      if (a !== b) return `event ${i}: ${field} is ${quote(a)} for assay, ${quote(b)} for eventsource-parser`
    }
  }
  return undefined
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** Streams above this many bytes are not read a second time. */
const WITNESSED = 1024 * 1024

/**
 * What the witness says against our reading of a streamed exchange; undefined where it agrees, or was not asked. In a run
 * this is a note on the exchange and nothing else: a gateway must not be able to cause an `error`.
 */
export function dissent(exchange: Exchange): string | undefined {
  const view = new HttpView(exchange)
  if (!view.isStream || view.body.byteLength > WITNESSED) return undefined
  let theirs: WitnessedEvent[]
  try {
    theirs = witness(view.body)
  } catch (error) {
    return `eventsource-parser failed: ${error instanceof Error ? error.message : String(error)}`
  }
  return disagreement(view.sse.events, theirs)
}
