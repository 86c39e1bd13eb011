import { field, GO_LINE, parse, splitOnLf } from '../../clients/lines.ts'
import type { Reading } from '../../clients/samples.ts'

/**
 * Readers that the documents publish as samples, or name as clients. Each reads one stream exactly as its code would, and
 * says where it would break, or what text it would have.
 */

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
export function okhttpEventSource(events: readonly { data: string }[]): Reading {
  let text = ''
  for (const { data } of events) text += textOf(parse(data)?.value)
  return { text }
}

function textOf(event: unknown): string {
  const delta = field(event, 'delta')
  const text = field(delta, 'type') === 'text_delta' ? field(delta, 'text') : undefined
  return typeof text === 'string' ? text : ''
}
