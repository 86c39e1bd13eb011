import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { problemsOf } from './found-problems.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-headers-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Problems of one line of the Messages promise in a profile of one's own; it is the fifth line of the file. */
function problems(line: string) {
  const profileFile = join(root, 'mine.yaml')
  writeFileSync(profileFile, `id: mine\nextends: anthropic\ndialects:\n  anthropic-messages:\n    ${line}\n`)
  return problemsOf(() => loadSpecs({ profileFile }))
}

const AT = 'dialects.anthropic-messages.'

test.each([
  ['a header of the key, in its usual form', 'authorization', 'auth'],
  ['a header of the key, in another form', 'x-api-key', 'auth'],
  ['a cookie', 'cookie', 'called like a credential'],
  ['a token', 'x-token', 'called like a credential'],
  ['the length', 'content-length', 'assay sets it itself'],
  ['the host', 'host', 'assay sets it itself'],
  ['the coding', 'accept-encoding', 'assay sets it itself'],
])('%s cannot be a header of a profile, and its value is not told', (_, header, told) => {
  const found = problems(`headers: { ${header}: sk-fake-0123456789 }`)
  expect(found).toMatchObject([{ line: 5, column: 16, key: `${AT}headers.${header}` }])
  expect(found[0]!.message).toContain(told)
  expect(found[0]!.message).not.toContain('sk-fake')
})

test.each([
  ['a character beyond ASCII', 'café €', 'cannot stand in a header'],
  ['a control character', 'a\\tb', 'cannot stand in a header'],
  ['a space at its end', 'a ', 'a space at an end'],
  ['the place of the key', 'Bearer $key', 'the key goes where auth says'],
])('%s cannot be in the value of a header', (_, value, told) => {
  const found = problems(`headers: { x-team: "${value}" }`)
  expect(found).toMatchObject([{ line: 5, column: 24, key: `${AT}headers.x-team` }])
  expect(found[0]!.message).toContain(told)
})

test.each(['anthropic-beta: "a-2026-01-01, b"', 'idempotency-key: one', 'x-team: "red & blue"'])(
  'headers: { %s } is right',
  (pair) => expect(problems(`headers: { ${pair} }`)).toEqual([]),
)

test.each([
  ['header: x-key, scheme: Key, also: [{ header: x-key, scheme: Key }]', 'x-key: Key KEY'],
  ['header: authorization, also: [{ header: authorization, scheme: bearer }]', 'authorization: bearer KEY'],
  ['also: [{ header: x-key }, { header: x-key }]', 'x-key: KEY'],
])('a form of the key that stands twice: auth: { %s }', (auth, form) => {
  const found = problems(`auth: { ${auth} }`)
  expect(found.at(-1)).toMatchObject({ line: 5, message: `the form ${form} stands twice` })
  expect(found.at(-1)!.key).toMatch(/auth\.also\[\d\]$/)
})

test('two schemes of one header are two forms', () => {
  const auth = 'also: [{ header: authorization, scheme: Token }, { header: x-api-key }]'
  expect(problems(`auth: { ${auth} }`)).toEqual([])
})
