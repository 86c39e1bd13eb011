import { describe, expect, test } from 'vitest'
import { holds, levelOf, missingCapabilities } from '../../specs/level.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Profile, Requirement, RequirementLevel } from '../../specs/types.ts'

function row(id: string, level: RequirementLevel, more: Partial<Requirement> = {}): [string, Requirement] {
  return [id, { id, level, text: id, source: ['d:1'], profiles: ['p'], document: 'd', ...more }]
}

const requirements = new Map([
  row('must', 'must'),
  row('ignored', 'ignored'),
  row('unsupported', 'unsupported'),
  row('informational', 'informational'),
  row('seeing', 'some-models', { capability: 'vision' }),
  row('calling', 'some-models', { capability: 'tools' }),
  row('open', 'some-models', { untestable: 'says nothing that can be seen' }),
  row('elsewhere', 'must', { profiles: ['q'] }),
  row('unlisted', 'must', { document: 'e' }),
  row('inherited', 'must', { profiles: ['base'] }),
])

const profile: Profile = {
  id: 'p',
  title: 'p',
  documents: ['d'],
  dialects: {},
  default_model: 'm',
  models: [],
  claims: [],
}

const level = (ids: string[], capabilities: string[] = [], of: Profile = profile) =>
  levelOf(ids, of, requirements, capabilities)

describe('levelOf', () => {
  test.each([
    ['must', 'must'],
    ['ignored', 'must'],
    ['unsupported', 'must'],
    ['informational', 'may'],
  ])('%s is %s', (id, expected) => {
    expect(level([id])).toBe(expected)
  })

  test('some-models is a must for a model that declares the capability, and does not apply to others', () => {
    expect(level(['seeing'], ['vision'])).toBe('must')
    expect(level(['seeing'], ['tools'])).toBeUndefined()
    expect(level(['open'], ['vision', 'tools'])).toBeUndefined()
  })

  test('the highest counts, in any order', () => {
    expect(level(['informational', 'must'])).toBe('must')
    expect(level(['must', 'informational'])).toBe('must')
    expect(level(['seeing', 'informational'])).toBe('may')
    expect(level(['informational', 'seeing'], ['vision'])).toBe('must')
  })

  test('what the profile does not hold does not count', () => {
    expect(level([])).toBeUndefined()
    expect(level(['elsewhere'])).toBeUndefined()
    expect(level(['unlisted'])).toBeUndefined()
    expect(level(['no-such-id'])).toBeUndefined()
    expect(level(['elsewhere', 'informational'])).toBe('may')
  })

  test('rows of the profiles that a profile extends are its own', () => {
    expect(level(['inherited'])).toBeUndefined()
    expect(level(['inherited'], [], { ...profile, bases: ['base'] })).toBe('must')
  })
})

test('missingCapabilities says for want of what a question does not apply', () => {
  const missing = (ids: string[], capabilities: string[]) =>
    missingCapabilities(ids, profile, requirements, capabilities)
  expect(missing(['seeing', 'calling'], [])).toEqual(['vision', 'tools'])
  expect(missing(['seeing', 'calling'], ['tools'])).toEqual([])
  expect(missing(['seeing', 'informational'], [])).toEqual([])
  expect(missing(['elsewhere'], [])).toEqual([])
})

describe('on the profiles of the package', () => {
  const specs = loadSpecs()

  test('the same question has another level by profile', () => {
    const usage = ['OAI-CHAT-res-usage', 'TH-OAI-RES-usage', 'PT-RES-usage']
    const of = (id: string) => levelOf(usage, profileById(specs, id), specs.requirements, [])
    expect([of('openai'), of('tokenhub-intl'), of('pingtoken')]).toEqual(['may', 'must', 'must'])
    const tools = ['OAI-CHAT-req-tools', 'TH-OAI-REQ-tools']
    expect(levelOf(tools, profileById(specs, 'pingtoken'), specs.requirements, [])).toBeUndefined()
  })

  test('thinking is a must for a model that is declared to think', () => {
    const tokenhub = profileById(specs, 'tokenhub-intl')
    const of = (model: string) =>
      levelOf(
        ['TH-OAI-REQ-thinking'],
        tokenhub,
        specs.requirements,
        tokenhub.models.find(({ id }) => id === model)?.capabilities ?? [],
      )
    expect(of('deepseek-v3.2')).toBe('must')
    expect(of('minimax-m2.5')).toBeUndefined()
  })

  test('transport binds every profile, a shared row only those that it names', () => {
    for (const profile of specs.profiles.values()) {
      expect(levelOf(['HTTP-framing-length'], profile, specs.requirements, [])).toBe('must')
      const shared = specs.requirements.get('TH-ERR-stream-start')
      expect(shared !== undefined && holds(profile, shared)).toBe(!/^(openai|anthropic)/.test(profile.id))
    }
  })
})
