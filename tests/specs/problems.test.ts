import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseSchema } from '../../schemas/documents.ts'
import { fieldsOf } from '../../schemas/fields.ts'
import { loadSpecs } from '../../specs/load.ts'
import { packageRoot } from '../../specs/package-root.ts'
import { SpecError, type SpecProblem } from '../../specs/problem.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-specs-'))
})
afterAll(() => rmSync(root, { recursive: true }))

function problemsOf(load: () => unknown): SpecProblem[] {
  try {
    load()
  } catch (error) {
    if (error instanceof SpecError) return error.problems
    throw error
  }
  return []
}

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

/** Problems of a user's own profile. */
function own(text: string, paths?: Parameters<typeof loadSpecs>[0]): SpecProblem[] {
  const profileFile = join(root, 'mine.yaml')
  writeFileSync(profileFile, text)
  return problemsOf(() => loadSpecs({ profileFile, ...paths })).map((problem) => ({
    ...problem,
    file: problem.file === profileFile ? 'mine.yaml' : problem.file,
  }))
}

const BASE = 'id: mine\nextends: openai\n'

describe('in a profile', () => {
  test('an unknown key: file, line, column, key, nearest valid key', () => {
    const [problem, ...others] = own(`${BASE}dialects:\n  openai-chat:\n    limit_feild: max_tokens\n`)
    expect(others).toEqual([])
    expect(problem).toMatchObject({
      file: 'mine.yaml',
      line: 5,
      column: 5,
      key: 'dialects.openai-chat.limit_feild',
      suggestion: 'limit_field',
    })
    expect(problem?.message).toContain('unknown key')
  })

  test('an unknown dialect', () => {
    expect(own(`${BASE}dialects:\n  openai-chats: {}\n`)).toMatchObject([
      { line: 4, column: 3, key: 'dialects.openai-chats', suggestion: 'openai-chat' },
    ])
  })

  test('an unknown value', () => {
    const text = `${BASE}dialects:\n  openai-chat:\n    fields:\n      seed: { fate: ignord, requirements: [OAI-CHAT-req-seed] }\n`
    expect(own(text)).toMatchObject([
      { line: 6, column: 21, key: 'dialects.openai-chat.fields.seed.fate', suggestion: 'ignored' },
    ])
  })

  test('a wrong type', () => {
    const [problem] = own(`${BASE}claims: official\n`)
    expect(problem).toMatchObject({ line: 3, column: 9, key: 'claims', message: "'official' must be array" })
  })

  test('a missing key, at what lacks it', () => {
    const found = own(
      `${BASE}models:\n  - id: mine-1\n    dialects: [openai-chat]\n    capabilities: []\ndefault_model: mine-1\n`,
    )
    expect(found).toMatchObject([
      { line: 4, column: 5, key: 'models[0]', message: 'the key requirements is missing' },
    ])
  })

  test('no id', () => {
    expect(own('extends: openai\n')).toMatchObject(
      [{ line: 1, column: 1, message: /id is missing/ }].map(({ message, ...rest }) => ({
        ...rest,
        message: expect.stringMatching(message),
      })),
    )
  })

  test('an id that a built-in profile has', () => {
    expect(own('id: openai\nextends: openai\n')).toMatchObject([
      { line: 1, column: 5, key: 'id', message: 'there is a profile openai already' },
    ])
  })

  test('an unknown base', () => {
    expect(own('id: mine\nextends: open-ai\n')).toMatchObject([
      { line: 2, column: 10, key: 'extends', message: 'unknown profile open-ai', suggestion: 'openai' },
    ])
  })

  test('a profile that extends itself', () => {
    expect(own('id: mine\nextends: mine\n')).toMatchObject([{ line: 2, key: 'extends' }])
  })

  test('an unknown requirement', () => {
    const text = `${BASE}dialects:\n  openai-chat:\n    response:\n      id: { requirements: [OAI-CHAT-res-idd] }\n`
    expect(own(text)).toMatchObject([
      {
        line: 6,
        column: 28,
        key: 'dialects.openai-chat.response.id.requirements[0]',
        message: 'unknown requirement OAI-CHAT-res-idd',
        suggestion: 'OAI-CHAT-res-id',
      },
    ])
  })

  test('a requirement of another gateway', () => {
    const text = `${BASE}dialects:\n  openai-chat:\n    response:\n      id: { requirements: [PT-RES-id] }\n`
    expect(own(text)).toMatchObject([{ line: 6, message: 'PT-RES-id does not bind the profile mine' }])
  })

  test('an unknown contradiction', () => {
    const text = `${BASE}dialects:\n  openai-chat:\n    response:\n      id: { requirements: [OAI-CHAT-res-id], contradiction: C-011 }\n`
    expect(own(text)).toMatchObject([
      { line: 6, column: 61, message: 'unknown contradiction C-011', suggestion: 'C-01' },
    ])
  })

  test('an unknown contradiction of a field', () => {
    const text = `${BASE}dialects:\n  openai-chat:\n    fields:\n      seed: { fate: ignored, requirements: [OAI-CHAT-req-seed], contradiction: C-011 }\n`
    expect(own(text)).toMatchObject([{ line: 6, message: 'unknown contradiction C-011', suggestion: 'C-01' }])
  })

  test('an unknown model', () => {
    expect(own(`${BASE}default_model: gpt-4.1-minni\n`)).toMatchObject([
      {
        line: 3,
        column: 16,
        key: 'default_model',
        message: 'unknown model gpt-4.1-minni',
        suggestion: 'gpt-4.1-mini',
      },
    ])
  })

  test('a model that stands twice', () => {
    const model = '  - { id: m, requirements: [], dialects: [openai-chat], capabilities: [] }\n'
    expect(own(`${BASE}default_model: m\nmodels:\n${model}${model}`)).toMatchObject([
      { line: 6, column: 11, key: 'models[1].id', message: 'the id m stands twice' },
    ])
  })

  test('an unknown requirement file', () => {
    const found = own(`${BASE}documents: [openai, transports]\n`)
    expect(found[0]).toMatchObject({ line: 3, column: 21, key: 'documents[1]', suggestion: 'transport' })
  })

  test('an unknown limit field', () => {
    expect(own(`${BASE}dialects:\n  openai-chat:\n    limit_field: max_token\n`)).toMatchObject([
      { line: 5, column: 18, message: 'unknown field max_token', suggestion: 'max_tokens' },
    ])
  })

  test('a range upside down', () => {
    const field = '{ fate: honoured, requirements: [OAI-CHAT-req-top_p], minimum: 1, maximum: 0 }'
    expect(own(`${BASE}dialects:\n  openai-chat:\n    fields:\n      top_p: ${field}\n`)).toMatchObject([
      { line: 6, key: 'dialects.openai-chat.fields.top_p.minimum', message: 'minimum is above maximum' },
    ])
  })

  test('a field and a key that the schemas do not have, where the schemas are given', () => {
    const field = '{ fate: honoured, requirements: [OAI-CHAT-req-top_p] }'
    const key = '{ requirements: [OAI-CHAT-res-id] }'
    const text = `${BASE}dialects:\n  openai-chat:\n    fields:\n      topp: ${field}\n    response:\n      idd: ${key}\n`
    expect(own(text)).toEqual([])
    const pathsOf = (kind: 'request' | 'response'): string[] =>
      fieldsOf(baseSchema('openai-chat', kind)).map((field) => field.path)
    const paths = { 'openai-chat': { fields: pathsOf('request'), response: pathsOf('response') } }
    expect(own(text, { paths })).toMatchObject([
      { line: 6, column: 7, message: 'unknown field topp', suggestion: 'top_p' },
      { line: 8, column: 7, message: 'unknown key idd', suggestion: 'id' },
    ])
  })

  test('a key that stands twice, in the maps of lists too', () => {
    expect(own(`${BASE}title: a\ntitle: b\n`)).toMatchObject([
      { line: 4, column: 1, key: 'title', message: 'the key stands twice' },
    ])
    const model = '{ id: m, id: m, requirements: [], dialects: [openai-chat], capabilities: [] }'
    expect(own(`${BASE}default_model: m\nmodels: [${model}]\n`)).toMatchObject([
      { line: 4, column: 19, key: 'models[0].id', message: 'the key stands twice' },
    ])
  })

  test('broken syntax', () => {
    const [problem] = own('id: mine\nextends: [openai\n')
    expect(problem).toMatchObject({ file: 'mine.yaml', line: 3 })
  })

  test('a file that is no map, and an empty one', () => {
    expect(own('- a\n')[0]).toMatchObject({ file: 'mine.yaml', line: 1 })
    expect(own('')[0]).toMatchObject({ file: 'mine.yaml', line: 1, column: 1 })
  })

  test('a bomb of aliases is an error', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`)
    const found = own(`id: mine\nl0: &l0 [a,a]\n${levels.join('\n')}\n`)
    expect(found[0]?.message).toContain('alias')
  })

  test('a file that is not there', () => {
    const profileFile = join(root, 'none.yaml')
    expect(() => loadSpecs({ profileFile })).toThrow(`${profileFile}: there is no such file`)
  })

  test('all problems of a file are reported together, in its order', () => {
    const text = `${BASE}claims: [oficial]\ndefault_model: gpt-4.1-minni\ntitel: x\n`
    const found = own(text)
    expect(found.map(({ line, suggestion }) => ({ line, suggestion }))).toEqual([
      { line: 3, suggestion: 'official' },
      { line: 4, suggestion: 'gpt-4.1-mini' },
      { line: 5, suggestion: 'title' },
    ])
  })

  test('the message is one line for each, as a compiler writes it', () => {
    const profileFile = join(root, 'mine.yaml')
    writeFileSync(profileFile, `${BASE}titel: x\n`)
    expect(() => loadSpecs({ profileFile })).toThrow(
      /mine\.yaml:3:1: titel: unknown key;.*\(did you mean title\?\)$/,
    )
  })
})

describe('in the own files of the package', () => {
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

  test('a standard cited by line, a page without one, and no source at all', () => {
    const standard = afterChange('requirements/transport.yaml', change('rfc9112 section 4', 'rfc9112:4'))
    expect(standard).toMatchObject([{ message: 'rfc9112 has no numbered lines' }])
    const page = afterChange(
      'requirements/transport.yaml',
      change('rfc9112 section 4', 'pingtoken section 4'),
    )
    expect(page).toMatchObject([{ message: 'pingtoken is cited by line' }])
    const none = afterChange('requirements/transport.yaml', change('rfc9112 section 4', 'somewhere'))
    expect(none[0]?.message).toContain('a source is document:line')
  })

  test('an unknown profile of a row, and one that does not list the file', () => {
    const row = 'profiles: [tokenhub-intl, pingtoken]'
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
    const found = afterChange('requirements/pingtoken.yaml', change('[C-14]', '[C-41]'))
    expect(found).toMatchObject([{ message: 'unknown contradiction C-41' }])
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
})
