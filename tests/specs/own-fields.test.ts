import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holds, levelOf } from '../../specs/level.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import { withOwnRows } from '../../specs/own-profile.ts'
import { SpecError } from '../../specs/problem.ts'
import type { FieldPromise, Profile, Specs } from '../../specs/types.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-own-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** An own profile over openai: `fields` and `more` as they stand in the file. */
function load(fields: string[], more = ''): { specs: Specs; own: Profile; base: Profile } {
  const lines = fields.map((line) => `      ${line}\n`).join('')
  const profileFile = join(folder, 'mine.yaml')
  const block = `dialects:\n  openai-chat:\n    fields:\n${lines}`
  writeFileSync(profileFile, `id: mine\nextends: openai\n${more}${fields.length === 0 ? '' : block}`)
  const specs = loadSpecs({ profileFile })
  return { specs, own: profileById(specs, 'mine'), base: profileById(specs, 'openai') }
}

function problems(fields: string[], more = ''): string[] {
  try {
    load(fields, more)
    return []
  } catch (error) {
    if (error instanceof SpecError) return error.problems.map((one) => `${one.key}: ${one.message}`)
    throw error
  }
}

const field = (profile: Profile, path: string): FieldPromise | undefined =>
  profile.dialects['openai-chat']?.fields[path]

describe('a fate of its own', () => {
  test('is by the word of the file, with its line, and the row that says the opposite does not bind', () => {
    const { specs, own, base } = load(['stop: { fate: ignored }'])
    const [id] = field(own, 'stop')!.requirements
    const row = specs.requirements.get(id!)!
    expect(row).toMatchObject({
      text: 'mine promises stop: ignored',
      level: 'ignored',
      source: ['mine.yaml:6'],
      document: 'mine',
      profiles: ['mine'],
    })
    expect(levelOf([id!], own, specs.requirements, [])).toBe('must')
    const opposite = specs.requirements.get('OAI-CHAT-req-stop')!
    expect(holds(own, opposite)).toBe(false)
    expect(holds(base, opposite)).toBe(true)
    expect(holds(base, row)).toBe(false)
    expect(holds(own, specs.requirements.get('OAI-CHAT-req-seed')!)).toBe(true)
  })

  test('goes down to the fields below it and to those that need it, unless the file names them', () => {
    const { own, base } = load([
      'response_format: { fate: ignored }',
      'logprobs: { fate: unsupported }',
      'tools: { fate: ignored }',
      'tool_choice: { fate: unsupported }',
    ])
    const fates = (path: string) => [field(base, path)?.fate, field(own, path)?.fate]
    expect(fates('response_format.type')).toEqual(['honoured', 'ignored'])
    expect(fates('top_logprobs')).toEqual(['honoured', 'unsupported'])
    expect(fates('tools[].function.name')).toEqual(['honoured', 'ignored'])
    expect(fates('tool_choice')).toEqual(['honoured', 'unsupported'])
    expect(fates('temperature')).toEqual(['honoured', 'honoured'])
    expect(field(own, 'top_logprobs')?.requirements).toEqual(field(own, 'logprobs')?.requirements)
    expect(field(own, 'top_logprobs')?.maximum).toBe(20)
  })

  test('a row that a field of unchanged fate still cites goes on binding', () => {
    const { specs, own } = load(['stream_options.include_obfuscation: { fate: ignored }'])
    expect(holds(own, specs.requirements.get('OAI-CHAT-req-stream_options')!)).toBe(true)
    expect(own).not.toHaveProperty('withdrawn')
  })

  test('partial says nothing about the fields below', () => {
    const { own } = load(['response_format: { fate: partial }'])
    expect(field(own, 'response_format.type')?.fate).toBe('honoured')
  })

  test('another range with the same fate stays by the word of the base', () => {
    const { own, base } = load(['n: { maximum: 4 }'])
    expect(field(own, 'n')).toEqual({ ...field(base, 'n'), maximum: 4 })
    expect(own).not.toHaveProperty('requirements')
  })
})

test.each(['null', 'undocumented', '~', ''])('%j takes the promise back, and those below it', (word) => {
  const { specs, own } = load([`response_format: ${word}`])
  const left = Object.keys(own.dialects['openai-chat']!.fields)
  expect(left.filter((path) => path.startsWith('response_format'))).toEqual([])
  expect(left).toContain('stop')
  expect(holds(own, specs.requirements.get('OAI-CHAT-req-response_format')!)).toBe(false)
})

test('a field without a requirement is by the word of the file', () => {
  const { specs, own } = load(['x_mode: { fate: honoured, requirements: [], values: [a, b] }'])
  expect(specs.requirements.get(field(own, 'x_mode')!.requirements[0]!)).toMatchObject({
    level: 'must',
    text: 'mine promises x_mode: honoured',
  })
})

describe('rows of its own', () => {
  const rows = `requirements:
  - { id: MY-REQ-stop, level: ignored, text: stop is ignored, source: ["my docs: page 3"] }
  - { id: MY-RES-extra, level: must, text: an extra key, source: [my docs] }
`

  test('bind the profile, and survive in the profile alone', () => {
    const { specs, own } = load(['stop: { fate: ignored, requirements: [MY-REQ-stop] }'], rows)
    expect(field(own, 'stop')?.requirements).toEqual(['MY-REQ-stop'])
    expect(specs.requirements.get('MY-REQ-stop')?.source).toEqual(['my docs: page 3'])
    const kept = JSON.parse(JSON.stringify(own)) as Profile
    const again = withOwnRows(loadSpecs(), kept)
    expect(levelOf(['MY-REQ-stop'], kept, again.requirements, [])).toBe('must')
    expect(levelOf(['OAI-CHAT-req-stop'], kept, again.requirements, [])).toBeUndefined()
    expect([...again.requirements.keys()]).toEqual([...specs.requirements.keys()])
    for (const [id, row] of again.requirements) {
      expect(holds(kept, row), id).toBe(holds(own, specs.requirements.get(id)!))
    }
  })

  test.each([
    ['{ id: MY-a, level: must, text: a }', 'requirements[0]: the key source is missing'],
    [
      '{ id: MY-a, level: must, text: a, sauce: [b], source: [c] }',
      'requirements[0].sauce: unknown key; allowed here: id, profiles, level, text, source, refusal, expect, capability, contradictions, hint, untestable',
    ],
    [
      '{ id: MY-a, level: must, text: a, source: [c], contradictions: [C-999] }',
      'requirements[0].contradictions[0]: unknown contradiction C-999',
    ],
    [
      '{ id: OAI-CHAT-req-stop, level: must, text: a, source: [c] }',
      'requirements[0].id: the id OAI-CHAT-req-stop is one of openai already',
    ],
  ])('%s is told', (row, told) => {
    expect(problems([], `requirements:\n  - ${row}\n`)).toContain(told)
  })

  test('an id that stands twice is told', () => {
    expect(problems([], `${rows}  - { id: MY-REQ-stop, level: must, text: a, source: [b] }\n`)).toEqual([
      'requirements[2].id: the id MY-REQ-stop stands twice',
    ])
  })
})

test('an unknown fate is told as such, not as a missing requirement', () => {
  expect(problems(['stop: { fate: ignord }'])).toEqual([
    "dialects.openai-chat.fields.stop.fate: 'ignord' is not one of honoured, ignored, unsupported, partial",
  ])
})
