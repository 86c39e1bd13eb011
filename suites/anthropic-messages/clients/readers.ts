import { field, GO_LINE, parse, splitOnLf } from '../../clients/lines.ts'
import type { StreamEvent } from '../../core/stream-view.ts'

/**
 * Readers that the documents publish as samples, or name as clients. Each reads one stream exactly as its code would, and
 * says where it would break, or what text it would have.
 */
export interface Reading {
  text: string
  /** Where the reader throws, or silently loses something. */
  broken?: { offset: number; length: number; what: string; tooLong?: true }
}

/** TokenHub's Go sample for Messages: bufio.Scanner, HasPrefix "data: "; what stands behind it is taken for one event. */
export function goDataLines(body: Uint8Array): Reading {
  const { lines, last } = splitOnLf(body)
  let text = ''
  for (const line of last.length > 0 ? [...lines, last] : lines) {
    const { offset, length } = line
    const broken = (what: string): Reading => ({ text, broken: { offset, length, what } })
    if (length >= GO_LINE) {
      const what = 'a line of 64 KiB or more ends bufio.Scanner silently'
      return { text, broken: { offset, length, what, tooLong: true } }
    }
    const bare = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (!bare.startsWith('data: ')) {
      if (bare.startsWith('data:')) return broken('a data line without the space is skipped')
      continue
    }
    const event = parse(bare.slice(6))
    if (event === undefined) return broken('a data line that is not one JSON text is lost')
    text += textOf(event.value)
  }
  return { text }
}

/** TokenHub's Java sample for Messages: OkHttp EventSource, a right reader, which prints the data of each record. */
export function okhttpEventSource(events: { data: string }[]): Reading {
  let text = ''
  for (const { data } of events) text += textOf(parse(data)?.value)
  return { text }
}

function textOf(event: unknown): string {
  const delta = field(event, 'delta')
  const text = field(delta, 'type') === 'text_delta' ? field(delta, 'text') : undefined
  return typeof text === 'string' ? text : ''
}

type Blocks = Record<string, unknown>[]

/**
 * The stream helper of @anthropic-ai/sdk: records without an event line and pings are passed over, an error throws, the
 * rest is accumulated by `type` of the data.
 */
export function anthropicNode(events: readonly StreamEvent[]): Reading {
  let blocks: Blocks | undefined
  let usage = false
  for (const { event } of events) {
    const { start: offset, end, type: name } = event
    const broken = (what: string): Reading => ({
      text: joined(blocks),
      broken: { offset, length: end - offset, what },
    })
    if (name === 'ping' || event.data === '' || !isNamed(event)) continue
    if (name === 'error') return broken('an error event throws')
    const read = parse(event.data)
    if (read === undefined) return broken('data that is no JSON throws')
    const { value } = read
    const type = field(value, 'type')
    if (type === 'message_start') {
      if (blocks !== undefined) return broken('a second message_start throws')
      const message = field(value, 'message')
      const content = field(message, 'content')
      if (typeof message !== 'object' || message === null) continue
      if (!Array.isArray(content))
        return broken('a message without a list of content throws at its first block')
      blocks = content.map((block: unknown) => ({ ...Object(block) }) as Record<string, unknown>)
      usage = typeof field(message, 'usage') === 'object' && field(message, 'usage') !== null
    }
    if (blocks === undefined) continue
    if (type === 'message_stop') return { text: joined(blocks) }
    const fault = taken(value, type, blocks, usage)
    if (fault !== undefined) return broken(fault)
  }
  const at = { offset: events.at(-1)?.event.end ?? 0, length: 0 }
  const what = blocks === undefined ? 'no message_start: the request ended without a message' : NO_STOP
  return { text: joined(blocks), broken: { ...at, what } }
}

const NO_STOP = 'no message_stop: the stream ended without producing a message'

/** What the helper makes of one event; in words where it throws. */
function taken(value: unknown, type: unknown, blocks: Blocks, usage: boolean): string | undefined {
  if (type === 'message_delta') {
    if (isNothing(field(value, 'delta'))) return 'message_delta without delta throws'
    if (isNothing(field(value, 'usage'))) return 'message_delta without usage throws'
    return usage ? undefined : 'message_start without usage: message_delta throws'
  }
  if (type === 'content_block_start') {
    blocks.push({ ...Object(field(value, 'content_block')) } as Record<string, unknown>)
    return undefined
  }
  if (type !== 'content_block_delta') return undefined
  if (blocks.length === 0) return 'a delta before any block throws'
  const delta = field(value, 'delta')
  if (isNothing(delta)) return 'content_block_delta without delta throws'
  const index = field(value, 'index')
  const block = typeof index === 'number' ? blocks.at(index) : undefined
  const text = field(delta, 'text')
  if (field(delta, 'type') === 'text_delta' && block?.type === 'text' && typeof text === 'string') {
    block.text = (typeof block.text === 'string' ? block.text : '') + text
  }
  return undefined
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

/** `message` is also the name of a record that has none. */
function isNamed({ type, lines }: StreamEvent['event']): boolean {
  return type !== 'message' || lines.some(({ name, value }) => name === 'event' && value !== '')
}

function joined(blocks: Blocks | undefined): string {
  return (blocks ?? [])
    .map((block) => (block.type === 'text' && typeof block.text === 'string' ? block.text : ''))
    .join('')
}
