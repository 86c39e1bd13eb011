import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { EngineLog } from '../../cli/load/engine-log.ts'
import { diedSentence, endedWell, stopSentence } from '../../cli/load/told.ts'
import { temporary } from '../cli/assay.ts'

const KEY = 'sk-canary-5f1d0c7b9a3e'
const URL = 'https://gateway.example:8443/v1/chat/completions'

test('what k6 says is kept without the key, and why a scenario stopped is found in it', () => {
  const file = path.join(temporary(), 'k6.log')
  const log = new EngineLog(file, [{ role: 'default', value: KEY }])
  log.line(`time="2026-11-22T08:00:00Z" level=warning msg="a key ${KEY}"`)
  log.line(
    String.raw`time="…" level=error msg="test aborted: assay-stop: refused 401: {\"error\":\"no ${KEY}\"}" hint="x"`,
  )
  log.close()
  expect(log.stopped).toBe(`refused 401: {"error":"no ${'*'.repeat(KEY.length)}"}`)
  expect(readFileSync(file, 'utf8')).not.toContain(KEY)
})

test('without an error line the last lines are what is told', () => {
  const log = new EngineLog(path.join(temporary(), 'k6.log'), [])
  for (const line of ['one', 'SyntaxError: two', '\tat file:///x:1', 'three', '']) log.line(line)
  expect(log.errors).toEqual(['one', 'SyntaxError: two', 'three'])
  log.line('level=error msg=four')
  log.close()
  expect(log.errors).toEqual(['four'])
})

test.each([
  ['refused 401: {"error":1}', ['401 (Unauthorized)', 'Is the key right?', 'It said: {"error":1}']],
  ['refused 404', ['404 (Not Found)', 'Is the base URL right']],
  ['refused 499', ['refused with 499, so', 'from the first request on']],
  ['unreachable dns no such host', ['cannot reach gateway.example port 8443: ENOTFOUND', 'spelled right']],
  ['unreachable connect-refused connection refused', ['ECONNREFUSED', 'Nothing listens']],
  ['unreachable tls x509: certificate signed by unknown authority', ['is not trusted', 'tls: { ca: FILE }']],
  [
    'unreachable tls tls: first record does not look like a TLS handshake',
    ['should the URL begin with http://'],
  ],
  ['unreachable tls x509: certificate has expired or is not yet valid', ['has expired']],
  ['nonsense text/html', ['every answer is text/html, not the protocol, so', 'Is the path of --url right']],
  ['nonsense untyped', ['every answer is without a content type']],
  ['nonsense garbled malformed HTTP', ['no HTTP that can be read (malformed HTTP)']],
  ['something else', ['the run was stopped early: something else']],
  ['caps the time is used up', ['the run was stopped early: the time is used up']],
])('%s', (reason, told) => {
  for (const text of told) expect(stopSentence(reason, URL)).toContain(text)
})

test.each([
  [0, false, true],
  [99, false, true],
  [108, false, true],
  [105, true, true],
  [105, false, false],
  [107, false, false],
  [1, true, false],
])('status %s, asked to end: %s, is a good end: %s', (status, asked, well) => {
  expect(endedWell({ status, signal: null }, asked)).toBe(well)
})

test('a death is told with its signal and what is left', () => {
  const told = (requests: number) =>
    diedSentence(
      { status: null, signal: 'SIGKILL' },
      { errors: ['panic: x'], requests, logFile: 'out/k6.log' },
    )
  expect(told(3)).toContain('ended by SIGKILL (the system does that when memory runs out')
  expect(told(3)).toContain('is judged. It said:\n  panic: x\n  all of it: out/k6.log')
  expect(told(0)).toContain('it had measured nothing')
})
