import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemaPaths } from '../../cli/schema-paths.ts'
import { baseSchema } from '../../schemas/documents.ts'
import { fieldsOf } from '../../schemas/fields.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { SpecProblem } from '../../specs/problem.ts'
import { problemsOf } from './found-problems.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-specs-'))
})
afterAll(() => rmSync(root, { recursive: true }))

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

  test('a row that is not promised, and is not known, or does not bind', () => {
    const text = `${BASE}not_promised:\n  - OAI-CHAT-req-seed\n  - OAI-CHAT-req-seeed\n  - ANT-RES-id\n`
    expect(own(text)).toMatchObject([
      { file: 'mine.yaml', line: 5, column: 5, key: 'not_promised[1]', suggestion: 'OAI-CHAT-req-seed' },
      { file: 'mine.yaml', line: 6, column: 5, key: 'not_promised[2]' },
    ])
    expect(own(`${BASE}not_promised: OAI-CHAT-req-seed\n`)).toMatchObject([
      { line: 3, column: 15, key: 'not_promised' },
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

  const messages = (text: string) =>
    own(`id: mine\nextends: anthropic\ndialects:\n  anthropic-messages:\n    ${text}\n`)

  test('a form of the key that is none', () => {
    expect(messages('auth: { also: [{ haeder: x-api-key }] }')).toMatchObject([
      { line: 5, key: 'dialects.anthropic-messages.auth.also[0]', message: 'the key header is missing' },
      { line: 5, key: 'dialects.anthropic-messages.auth.also[0].haeder', suggestion: 'header' },
    ])
    expect(messages('auth: { also: [{ header: X-API-Key }] }')).toMatchObject([
      { line: 5, column: 30, message: expect.stringContaining("'X-API-Key' must match") },
    ])
    expect(messages('auth: { allso: [{ header: x-api-key }] }')).toMatchObject([
      { line: 5, column: 13, suggestion: 'also' },
    ])
  })

  test('headers that could not be sent', () => {
    expect(messages('headers: { X Team: red }')).toMatchObject([
      {
        line: 5,
        column: 16,
        key: 'dialects.anthropic-messages.headers.X Team',
        message: "'X Team' must match ^[a-z0-9-]+$",
      },
    ])
    expect(messages('headers: { x-team: 7 }')).toMatchObject([
      { line: 5, column: 24, key: 'dialects.anthropic-messages.headers.x-team', message: '7 must be string' },
    ])
    expect(messages('headers: { x-team: "a\\nb" }')).toMatchObject([{ line: 5, column: 24 }])
  })

  test('a version that is no text, and a misspelt key for it', () => {
    expect(messages('version: 2023')).toMatchObject([{ line: 5, column: 14, message: '2023 must be string' }])
    expect(messages("verison: '2023-06-01'")).toMatchObject([{ line: 5, column: 5, suggestion: 'version' }])
  })

  test('a version under test that the header of every probe contradicts', () => {
    const told = 'version is 2023-06-01, but the header anthropic-version says 2026-10-21'
    expect(messages("version: '2023-06-01'")).toMatchObject([
      { line: 5, column: 14, key: 'dialects.anthropic-messages.version', message: told },
    ])
    expect(messages("headers: { anthropic-version: '2023-06-01' }")).toMatchObject([
      { line: 5, column: 35, key: 'dialects.anthropic-messages.headers.anthropic-version' },
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

  test('the same in Messages, what is called undocumented too', () => {
    const fields = '      stop_seqences: { fate: ignored }\n      top_kk: undocumented\n      top_k: null\n'
    const keys =
      '    response:\n      stop_reasn: { requirements: [ANT-RES-id] }\n    chunk:\n      delta.stop_reasn: { requirements: [ANT-RES-id] }\n'
    const text = `id: mine\nextends: anthropic\ndialects:\n  anthropic-messages:\n    fields:\n${fields}${keys}`
    expect(own(text, { paths: schemaPaths() })).toMatchObject([
      {
        line: 6,
        column: 7,
        key: 'dialects.anthropic-messages.fields.stop_seqences',
        suggestion: 'stop_sequences',
      },
      { line: 7, column: 7, message: 'unknown field top_kk', suggestion: 'top_k' },
      { line: 10, column: 7, message: 'unknown key stop_reasn', suggestion: 'stop_reason' },
      { line: 12, column: 7, message: 'unknown key delta.stop_reasn', suggestion: 'delta.stop_reason' },
    ])
  })

  test('a dialect in part, over a base that has nothing of it: one sentence, beside the other problems', () => {
    const chat = 'dialects:\n  openai-chat:\n    fields:\n      stop: { fate: ignored }\n'
    const found = own(`id: mine\nextends: anthropic\ntitel: x\n${chat}`)
    expect(found).toMatchObject([
      { line: 3, suggestion: 'title' },
      { line: 5, column: 3, key: 'dialects.openai-chat' },
    ])
    expect(found[1]?.message).toMatch(/^anthropic promises no openai-chat .*; extends: openai or /)
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
