import { field, GO_LINE, type Line, parse, splitOnLf } from '../../clients/lines.ts'
import type { Reading } from '../../clients/samples.ts'

/**
 * Readers that the documents publish as samples, with their shortcuts. Each reads the bytes of one stream exactly as its
 * code would, and says where it would break, or what text it would have.
 */

/** `splitlines` of Python takes a lone CR for a line end too. */
function splitOnCr(line: Line): Line[] {
  if (!line.text.includes('\r')) return [line]
  let { offset } = line
  return line.text.split('\r').map((text) => {
    const length = Buffer.byteLength(text)
    const part = { text, offset, length }
    offset += length + 1
    return part
  })
}

const at = (line: Line, what: string): NonNullable<Reading['broken']> => ({
  offset: line.offset,
  length: line.length,
  what,
})

/** TokenHub's Go sample: bufio.Scanner, HasPrefix "data: ", payload "[DONE]", else json.Unmarshal. */
export function goPrefixReader(body: Uint8Array): Reading {
  const { lines, last } = splitOnLf(body)
  let text = ''
  for (const line of last.length > 0 ? [...lines, last] : lines) {
    if (line.length >= GO_LINE)
      return {
        text,
        broken: { ...at(line, 'a line of 64 KiB or more ends bufio.Scanner silently'), tooLong: true },
      }
    const bare = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (!bare.startsWith('data: ')) {
      if (bare.startsWith('data:'))
        return { text, broken: at(line, 'a data line without the space is skipped') }
      continue
    }
    const payload = bare.slice(6)
    if (payload === '[DONE]') return { text }
    const chunk = parse(payload)
    if (chunk === undefined)
      return { text, broken: at(line, 'a data line that is not one JSON text is lost') }
    const content = field(field(field(field(chunk.value, 'choices'), 0), 'delta'), 'content')
    if (typeof content === 'string') text += content
  }
  return { text }
}

/** PingToken's Python sample: requests.iter_lines, startswith("data: "), chunk["choices"][0].get("delta", {}). */
export function pythonIterLines(body: Uint8Array): Reading {
  const { lines, last } = splitOnLf(body)
  let text = ''
  for (const line of (last.length > 0 ? [...lines, last] : lines).flatMap(splitOnCr)) {
    const bare = line.text
    if (bare.startsWith('data:') && !bare.startsWith('data: ')) {
      return { text, broken: at(line, 'a data line without the space is skipped') }
    }
    if (!bare.startsWith('data: ') || bare === 'data: [DONE]') continue
    const chunk = parse(bare.slice(6))
    if (chunk === undefined) return { text, broken: at(line, 'json.loads raises') }
    const choices = field(chunk.value, 'choices')
    if (!Array.isArray(choices)) return { text, broken: at(line, 'chunk["choices"] raises KeyError') }
    if (choices.length === 0) {
      return { text, broken: { ...at(line, 'chunk["choices"][0] raises IndexError'), choicesEmpty: true } }
    }
    const delta = field(choices[0], 'delta')
    if (delta === null) return { text, broken: at(line, 'delta null has no attribute get') }
    const content = field(delta, 'content')
    if (typeof content === 'string') text += content
  }
  return { text }
}

/** PingToken's JavaScript sample: split("\n"), startsWith("data: "), !== "data: [DONE]", chunk.choices[0]?.delta?.content. */
export function nodeFetchLf(body: Uint8Array): Reading {
  const { lines, last } = splitOnLf(body)
  let text = ''
  for (const line of lines) {
    if (!line.text.startsWith('data: ')) {
      if (line.text.startsWith('data:'))
        return { text, broken: at(line, 'a data line without the space is skipped') }
      continue
    }
    if (line.text === 'data: [DONE]') continue
    const payload = line.text.slice(6)
    const chunk = parse(payload)
    if (chunk === undefined) return { text, broken: at(line, 'JSON.parse throws') }
    const choices = field(chunk.value, 'choices')
    if (choices === undefined || choices === null)
      return { text, broken: at(line, 'chunk.choices[0] throws') }
    const content = field(field(field(choices, 0), 'delta'), 'content')
    if (typeof content === 'string') text += content
  }
  if (last.text.startsWith('data: ') && last.text !== 'data: [DONE]') {
    return { text, broken: at(last, 'the last line has no line end and is lost') }
  }
  return { text }
}

/** TokenHub's Java sample: OkHttp EventSource (a right reader) and data.equals("[DONE]"). */
export function okhttpEventSource(events: readonly { data: string; start: number; end: number }[]): Reading {
  let text = ''
  for (const event of events) {
    if (event.data === '[DONE]') return { text }
    const chunk = parse(event.data)
    const place = { offset: event.start, length: event.end - event.start }
    if (chunk === undefined)
      return { text, broken: { ...place, what: 'data that is neither "[DONE]" nor JSON throws' } }
    const content = field(field(field(field(chunk.value, 'choices'), 0), 'delta'), 'content')
    if (typeof content === 'string') text += content
  }
  return { text }
}
