import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closing, completion, opening, streamed } from '../../fixtures/hostile/chat.ts'
import { inside } from '../cli/inside.ts'
import { start } from './run.ts'
import { UNPRINTABLE } from './sane.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'assay-transcript-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

function file(bytes: string | Uint8Array): string {
  const name = path.join(home, 'capture')
  writeFileSync(name, bytes)
  return name
}

/** MiB: the file is held as bytes and as text, and its first events beside it. */
const MOST_MEMORY = 900

const check = (name: string, dialect = 'openai-chat') =>
  inside('check-transcript', name, '--dialect', dialect)

const stream = opening + closing
const whole = streamed(stream).toString('latin1')
const body = JSON.stringify(completion)
const everyByte = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256))

type Row = [what: string, bytes: string | Uint8Array, status: number, says: RegExp]

async function expectJudged(bytes: string | Uint8Array, status: number, says: RegExp): Promise<void> {
  const ended = await check(file(bytes))
  const text = ended.stdout + ended.stderr
  expect(text).not.toMatch(UNPRINTABLE)
  expect(text).toMatch(says)
  expect(ended.status).toBe(status)
}

test.each<Row>([
  ['nothing', '', 2, /is empty/],
  ['a good capture', whole, 0, / 0 failed/],
  ['the same with CR alone', streamed(stream.replaceAll('\n', '\r')), 0, / 0 failed/],
  ['the same with CRLF', streamed(stream.replaceAll('\n', '\r\n')), 0, / 0 failed/],
  ['the same with LF in the head', whole.replaceAll('\r\n', '\n'), 0, / 0 failed/],
  ['the same behind a byte order mark', streamed(`\ufeff${stream}`), 0, /byte order mark/],
  ['the same without a head', stream, 0, /no head/],
  ['a head and nothing', 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n', 1, /failed/],
  ['a status line and nothing', 'HTTP/1.1 200', 2, /head of the transcript cannot be read/],
  ['a good reply', body, 0, / 0 failed/],
  ['half a reply', body.slice(0, 100), 1, /failed/],
  ['lists nested 100,000 deep', '['.repeat(100_000), 1, /failed/],
  ['control characters', `data: \u001b]0;owned\u0007\u202e\u001b[2J\n\n${stream}`, 1, /failed/],
])('%s', (_what, bytes, status, says) => expectJudged(bytes, status, says))

test.each<Row>([
  ['bytes of every kind', everyByte, 2, /neither a reply, nor a stream, nor an error/],
  ['NUL bytes', Buffer.alloc(1000), 2, /neither a reply, nor a stream, nor an error/],
  ['half a head', 'HTTP/1.1 200 OK\r\ncontent-ty', 2, /neither a reply, nor a stream, nor an error/],
  [
    'a page of HTML',
    '<!doctype html><title>Sign in</title>',
    2,
    /neither a reply, nor a stream, nor an error/,
  ],
  [
    'HTML with a head',
    'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!doctype html>',
    2,
    /neither a reply, nor a stream, nor an error/,
  ],
])('%s', (_what, bytes, status, says) => expectJudged(bytes, status, says))

test('a good capture cut at any byte is judged or refused, and never an error of assay', async () => {
  const first = whole.indexOf('\r\n\r\n')
  for (let at = 1; at < whole.length; at += at < first + 8 ? 3 : 61) {
    const { status, stderr } = await check(file(whole.slice(0, at)))
    expect({ at, status, stderr }).toMatchObject({ at, status: expect.toBeOneOf([0, 1, 2]) })
  }
})

test('what is no file, and what is no dialect', async () => {
  const directory = await check(home)
  expect(directory.status).toBe(2)
  expect(directory.stderr).toMatch(/EISDIR|is a directory/)
  const missing = await check(path.join(home, 'nowhere'))
  expect(missing.status).toBe(2)
  expect(missing.stderr).toContain('there is no such file')
  const unknown = await check(file(whole), 'openai-chatt')
  expect(unknown.status).toBe(2)
  expect(unknown.stderr).toMatch(/unknown dialect "openai-chatt".*openai-chat/)
})

test.each([
  ['one line', 'data:'],
  ['lines', 'data:\n'],
])('60 MB of data in %s are judged within bounds', async (_what, unit) => {
  const name = path.join(home, 'large')
  writeFileSync(name, unit.repeat(Math.floor(60_000_000 / unit.length)))
  const { status, signal, stdout, stderr } = await start(
    ['check-transcript', name, '--dialect', 'openai-chat'],
    home,
  ).ended
  expect(stdout + stderr).toMatch(/failed/)
  expect({ status, signal }).toEqual({ status: 1, signal: null })
  expect(Number(readFileSync(path.join(home, 'peak'), 'utf8'))).toBeLessThan(MOST_MEMORY)
})

test('more than a transcript can be is not read at all', async () => {
  const name = path.join(home, 'huge')
  writeFileSync(name, '')
  truncateSync(name, 100_000_000)
  const { status, stderr } = await check(name)
  expect(status).toBe(2)
  expect(stderr).toMatch(/100000000 bytes are more than a transcript of 64 MiB/)
})
