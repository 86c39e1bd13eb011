/** The lists from which families of faults are made: what is asked of fields, what is promised of keys and models. */
import type { FamilyData } from '../../fixtures/faults/families.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import { select } from '../../suites/core/select.ts'
import { DIALECTS } from './dialects.ts'

const PROFILES = ['openai', 'tokenhub-intl', 'pingtoken']
const QUESTION = /^openai-chat\/field\/(.+)\/(accepted|effect|refused)$/

export function familyData(specs: Specs): FamilyData {
  const data: FamilyData = { fields: [], keys: [], models: [] }
  const covered = new Set<string>()
  for (const id of PROFILES) {
    const profile = specs.profiles.get(id)!
    const asked = idsOf(profile, specs)
    // A question that one profile's faults reach already is not put again on the next.
    const fresh = (path: string, question: string): boolean => {
      const key = `openai-chat/field/${path}/${question}`
      if (!asked.includes(key) || covered.has(key)) return false
      covered.add(key)
      return true
    }
    const promises = Object.entries(profile.dialects['openai-chat']?.fields ?? {})
    const paths = (question: string, fits: (fate: string, refusal: string) => boolean): string[] =>
      promises
        .filter(([path, { fate, refusal = 'unstated' }]) => fits(fate, refusal) && fresh(path, question))
        .map(([path]) => path)
    data.fields.push({
      profile: id,
      refuses: paths('accepted', (fate) => fate === 'honoured' || fate === 'ignored'),
      ignores: paths('effect', (fate) => fate === 'honoured'),
      acceptsBad: paths('refused', (_, refusal) => refusal !== 'unstated'),
    })
    for (const name of asked) {
      const model = /^openai-chat\/models\/(.+)$/.exec(name)?.[1]
      if (model === undefined || model === profile.default_model) continue
      if (profile.models.some((row) => row.id === model)) data.models.push({ profile: id, id: model })
    }
  }
  return data
}

function idsOf(profile: Profile, specs: Specs): string[] {
  const options = {
    dialects: DIALECTS.map(({ id }) => id),
    model: profile.default_model,
    level: 'may' as const,
    checks: [],
    suites: [],
    roles: { chosen: [], given: [] },
  }
  return select(DIALECTS, profile, specs, options).flatMap((part) => [...part.checks.keys()])
}

export function fieldQuestion(id: string): { path: string; question: string } | undefined {
  const [, path, question] = QUESTION.exec(id) ?? []
  return path === undefined || question === undefined ? undefined : { path, question }
}
