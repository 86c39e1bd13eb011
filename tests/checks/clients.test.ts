import { describe, expect, test } from 'vitest'
import {
  goPrefixReader,
  nodeFetchLf,
  okhttpEventSource,
  pythonIterLines,
} from '../../suites/openai-chat/clients/readers.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { chunk, DONE, RIGHT_STREAM, stream } from '../core/exchange.ts'

const line = (value: unknown, prefix = 'data: ') => `${prefix}${JSON.stringify(value)}\n\n`
const right = [
  line(chunk({ role: 'assistant', content: '' })),
  line(chunk({ content: 'Zü' })),
  line(chunk({ content: null })),
  line(chunk({}, 'stop')),
].join('')
const bytes = (text: string) => new Uint8Array(Buffer.from(text))

const READERS = { go: goPrefixReader, python: pythonIterLines, node: nodeFetchLf }
type Name = keyof typeof READERS

describe('right streams are read whole', () => {
  test.each(Object.keys(READERS) as Name[])('%s', (name) => {
    expect(READERS[name](bytes(right + DONE))).toEqual({ text: 'Zü' })
    expect(READERS[name](bytes(`: ping\n\nevent: x\nid: 1\n${right}${DONE}`))).toEqual({ text: 'Zü' })
  })
  test('okhttp', () => {
    expect(okhttpEventSource(new ChatView(stream(RIGHT_STREAM)).sse.events)).toEqual({ text: 'OK' })
  })
})

// Who breaks (x) and who does not (.), in the order go, python, node.
test.each<[string, string, string]>([
  ['no space after data:', right.replaceAll('data: ', 'data:') + DONE, 'xxx'],
  ['CRLF', (right + DONE).replaceAll('\n', '\r\n'), '..x'],
  ['a lone CR', (right + DONE).replaceAll('\n', '\r'), 'x.x'],
  ['data that is not JSON', `data: ping\n\n${right}${DONE}`, 'xxx'],
  ['an empty data line', `data: \n\n${right}${DONE}`, 'xxx'],
  ['JSON over two data lines', `data: {"choices":\ndata: []}\n\n${DONE}`, 'xxx'],
  ['choices []', right + line({ choices: [], usage: {} }) + DONE, '.x.'],
  ['no choices', right + line({ usage: {} }) + DONE, '.xx'],
  ['an error', right + line({ error: { message: 'x' } }) + DONE, '.xx'],
  ['delta null', line(chunk(null)) + DONE, '.x.'],
  ['a last line without an end', right.trimEnd(), '..x'],
  ['[DONE] with a space', `${right}data: [DONE] \n\n`, 'xxx'],
  ['a line of 64 KiB', line(chunk({ content: 'x'.repeat(66_000) })) + DONE, 'x..'],
])('%s: %s', (_, text, breaks) => {
  const broken = Object.values(READERS).map((read) => (read(bytes(text)).broken === undefined ? '.' : 'x'))
  expect(broken.join('')).toBe(breaks)
})

test('the place is that of the line; the kind of break is told', () => {
  const bad = line({ choices: [] })
  const { broken, text } = pythonIterLines(bytes(`${right}${bad}`))
  expect(text).toBe('Zü')
  expect(broken).toMatchObject({
    offset: Buffer.byteLength(right),
    length: bad.length - 2,
    choicesEmpty: true,
  })
  const cr = pythonIterLines(bytes(`: ä\rdata: x\r`)).broken
  expect(cr).toMatchObject({ offset: 5, length: 7 })
  expect(goPrefixReader(bytes(`data: "${'x'.repeat(65_528)}"`)).broken).toMatchObject({
    tooLong: true,
    length: 65_536,
  })
  expect(goPrefixReader(bytes(`data: "${'x'.repeat(65_527)}"`)).broken).toBeUndefined()
})

test('okhttp compares the end marker to the letter', () => {
  const events = new ChatView(stream([chunk({ content: 'a' }), 'data: [DONE] \n\n'])).sse.events
  expect(okhttpEventSource(events)).toMatchObject({
    text: 'a',
    broken: { what: expect.stringContaining('[DONE]') },
  })
})
