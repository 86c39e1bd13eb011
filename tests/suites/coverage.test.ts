import { describe, expect, test } from 'vitest'
import { boundBy, subjectsOf } from '../../cli/bound.ts'
import { coverage } from '../../specs/coverage.ts'
import { loadSpecs } from '../../specs/load.ts'
import { dialects } from '../../suites/dialects.ts'

const specs = loadSpecs()

describe.each([...specs.profiles.keys()])('profile %s', (id) => {
  const profile = specs.profiles.get(id)!
  const subjects = subjectsOf(dialects, profile, specs)
  const found = coverage(specs, profile, boundBy(subjects))

  test('each requirement is bound to a check, or untestable with a reason', () => {
    expect(found.rows.length).toBeGreaterThan(50)
    expect(found.unbound).toEqual([])
  })

  test('nothing is called untestable that a check answers, and no check names a requirement that no file has', () => {
    expect(found.overclaimed).toEqual([])
    expect(found.unknown).toEqual([])
  })

  test('ids are unique, and every check and rule says how to mend what it finds', () => {
    const ids = subjects.map(({ subject }) => subject.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { subject } of subjects) {
      expect(subject.title, subject.id).not.toBe('')
      expect(subject.fix, subject.id).toMatch(/\.$/)
      expect(subject.id).toMatch(/^(?:openai-chat|anthropic-messages)\/[a-z-]+\/\S+$/)
    }
  })

  test('a requirement that loses its check is noticed', () => {
    const bound = boundBy(subjects)
    const lost = [...bound].find(
      ([requirement, by]) => by.length === 1 && found.rows.some((row) => row.requirement.id === requirement),
    )!
    bound.delete(lost[0])
    expect(coverage(specs, profile, bound).unbound).toEqual([lost[0]])
  })
})
