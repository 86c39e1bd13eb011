import { expect, test } from 'vitest'
import { baseUrl, unreachableSentence } from '../../cli/target.ts'

test.each([
  ['https://host.example/v1/', 'https://host.example/v1'],
  ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
  ['https://host.example/a/b//', 'https://host.example/a/b'],
])('%s is the base %s', (given, base) => {
  expect(baseUrl(given)).toBe(base)
})

test.each([
  ['host.example/v1', 'not a URL'],
  ['ftp://host.example', 'only http:// and https://'],
  ['https://me:sk-fake-secret@host.example/v1', 'credentials in the URL are refused'],
  ['https://host.example/v1?key=sk-fake', 'without ? and #'],
])('%s is refused', (given, told) => {
  expect(() => baseUrl(given)).toThrow(told)
})

test('credentials in the URL are not told again', () => {
  expect(() => baseUrl('https://me:sk-fake-secret@host.example/v1')).toThrow(/^(?!.*sk-fake-secret)/s)
})

test.each([
  [
    'http://127.0.0.1:9/v1',
    'ECONNREFUSED',
    /cannot reach 127\.0\.0\.1 port 9: ECONNREFUSED .*is the gateway running/,
  ],
  ['https://nohost.invalid', 'ENOTFOUND', /nohost\.invalid port 443: ENOTFOUND .*spelled right/],
  ['https://h.example', 'DEPTH_ZERO_SELF_SIGNED_CERT', /tls: \{ ca: FILE \}/],
  ['https://h.example', 'SOMETHING_ELSE', /Is --url right\?/],
])('%s %s is told in one sentence', (base, code, told) => {
  expect(unreachableSentence(base, code, 'detail')).toMatch(told)
})
