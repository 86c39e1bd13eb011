import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { packageRoot } from '../../specs/package-root.ts'
import type { SpecProblem } from '../../specs/problem.ts'
import { problemsOf } from './found-problems.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-specs-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Problems after `change` has been made to one of the package's own files (a copy of them). */
function afterChange(name: string, change: (text: string) => string): SpecProblem[] {
  cpSync(join(packageRoot(), 'specs'), join(root, 'specs'), { recursive: true })
  const path = join(root, 'specs', name)
  const before = readFileSync(path, 'utf8')
  const after = change(before)
  expect(after, 'the change took place').not.toBe(before)
  writeFileSync(path, after)
  return problemsOf(() => loadSpecs({ root }))
}

test('the untouched copy is right', () => {
  cpSync(join(packageRoot(), 'specs'), join(root, 'specs'), { recursive: true })
  expect(problemsOf(() => loadSpecs({ root }))).toEqual([])
})

const change = (from: string, to: string) => (text: string) => text.replace(from, to)

test('a requirement that stands twice in one file', () => {
  const twice = change('id: PT-EP-chat\n', 'id: PT-URL-base\n')
  const text = readFileSync(join(packageRoot(), 'specs/requirements/pingtoken.yaml'), 'utf8')
  const found = afterChange('requirements/pingtoken.yaml', twice)
  expect(found[0]).toMatchObject({
    file: 'specs/requirements/pingtoken.yaml',
    line: text.slice(0, text.indexOf('id: PT-EP-chat\n')).split('\n').length,
    column: 9,
    key: 'requirements[1].id',
    message: 'the id PT-URL-base stands twice',
  })
})

test('a requirement that stands in two files', () => {
  const twice = change('id: HTTP-status-line\n', 'id: PT-URL-base\n')
  const found = afterChange('requirements/transport.yaml', twice)
  expect(found.map(({ message }) => message)).toContain('the id PT-URL-base stands in another file too')
})

test('a line past the end of its document', () => {
  const found = afterChange('requirements/pingtoken.yaml', change('pingtoken:15', 'pingtoken:457'))
  expect(found).toMatchObject([{ key: 'requirements[0].source[0]', message: 'pingtoken has 456 lines' }])
})

test('an unknown document', () => {
  const found = afterChange('requirements/pingtoken.yaml', change('pingtoken:15', 'pingtokens:15'))
  expect(found).toMatchObject([{ message: 'unknown document pingtokens', suggestion: 'pingtoken' }])
})

test('another version of an artefact', () => {
  const found = afterChange('requirements/openai.yaml', change('openai@7.57.0 Comp', 'openai@7.57.1 Comp'))
  expect(found).toMatchObject([{ message: 'openai is cited as openai@7.57.0' }])
})

test('a version of an artefact that is cited in several', () => {
  const found = afterChange(
    'requirements/anthropic.yaml',
    change('@anthropic-ai/sdk@1.12.0 Messages.create', '@anthropic-ai/sdk@1.11.0 Messages.create'),
  )
  expect(found).toMatchObject([
    { message: '@anthropic-ai/sdk is cited as @anthropic-ai/sdk@1.12.0 or @anthropic-ai/sdk@0.137.0' },
  ])
})

test('a standard cited by line, a page without one, and no source at all', () => {
  const standard = afterChange('requirements/transport.yaml', change('rfc9112 section 4', 'rfc9112:4'))
  expect(standard).toMatchObject([{ message: 'rfc9112 has no numbered lines' }])
  const page = afterChange('requirements/transport.yaml', change('rfc9112 section 4', 'pingtoken section 4'))
  expect(page).toMatchObject([{ message: 'pingtoken is cited by line' }])
  const none = afterChange('requirements/transport.yaml', change('rfc9112 section 4', 'somewhere'))
  expect(none[0]?.message).toContain('a source is document:line')
})

test('an unknown profile of a row, and one that does not list the file', () => {
  const row = 'profiles: [tokenhub-intl, tokenhub-intl-old, token-plan-enterprise, pingtoken]'
  const unknown = afterChange(
    'requirements/transport.yaml',
    change(row, 'profiles: [tokenhub-int, pingtoken]'),
  )
  expect(unknown).toMatchObject([{ message: 'unknown profile tokenhub-int', suggestion: 'tokenhub-intl' }])
  const strange = afterChange(
    'requirements/pingtoken.yaml',
    change('profiles: [pingtoken]', 'profiles: [pingtoken, openai]'),
  )
  expect(strange).toMatchObject([
    { line: 3, message: 'the profile openai does not list pingtoken among its documents' },
  ])
})

test('an unknown contradiction of a row', () => {
  const found = afterChange('requirements/pingtoken.yaml', change('[C-14]', '[C-99]'))
  expect(found).toMatchObject([{ message: 'unknown contradiction C-99' }])
})

test('a contradiction and a document that stand twice', () => {
  const contradiction = afterChange('contradictions.yaml', change('id: C-02', 'id: C-01'))
  expect(contradiction[0]).toMatchObject({
    key: 'contradictions[1].id',
    message: 'the id C-01 stands twice',
  })
  const document = afterChange('documents.yaml', change('id: cwe', 'id: rfc9110'))
  expect(document.map(({ message }) => message)).toContain('the id rfc9110 stands twice')
})

test('a row for some models without its capability', () => {
  const found = afterChange('requirements/tokenhub-intl.yaml', change('    capability: responses\n', ''))
  expect(found).toMatchObject([{ key: 'requirements[3]', message: 'the key capability is missing' }])
})

test('a file whose name is not what it holds', () => {
  const found = afterChange(
    'requirements/pingtoken.yaml',
    change('document: pingtoken', 'document: pingtokn'),
  )
  expect(found.map(({ message }) => message)).toContain('must be pingtoken, like the file')
})
