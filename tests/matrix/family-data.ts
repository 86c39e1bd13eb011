/** The lists from which families of faults are made: what is asked of fields, what is promised of keys and models. */
import type { FamilyData } from '../../fixtures/faults/families.ts'
import { places } from '../../fixtures/gateway/edit.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import type { Check } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { resolve } from '../../suites/core/resolve.ts'
import { type Selected, select } from '../../suites/core/select.ts'
import { DIALECTS } from './dialects.ts'

export const PROFILES = ['openai', 'tokenhub-intl', 'pingtoken']

/** Fields whose effect is spoilt by a written fault, since leaving them out does not show. */
const NOT_BY_LEAVING_OUT = new Set([
  // The answer then has no key for it, which is allowed.
  'metadata',
  'service_tier',
  // Only `none` has an effect, and a request without the field has it too.
  'reasoning_effort',
  // More than a few checks offer tools.
  'tools',
])

/** stream_options has no other value: the question about its holder fails first. */
const ONLY_VALUE = 'stream_options.include_usage'

/** Checks that send a request with a limit of 8 tokens and nothing else. */
const SMALLEST = [
  'completion/finish-length',
  'access/json-forms',
  'robustness/expect-continue',
  'robustness/duplicate-names',
]

/** What the reference gateway takes whatever it is: it never refuses it, so that nothing can break there. */
const NOT_CHECKED = /^prediction\.content\[\]\.prompt_cache_breakpoint/

export function familyData(specs: Specs): FamilyData {
  const data: FamilyData = { fields: [], keys: [], models: [] }
  const covered = new Set<string>()
  for (const id of PROFILES) {
    const profile = specs.profiles.get(id)!
    for (const { checks, rules, promise } of selectedOf(profile, specs)) {
      // A question that one profile's faults reach already is not put again on the next.
      const fresh = (path: string, question: string): boolean => {
        const key = idOf(path, question)
        if (!checks.has(key) || covered.has(key)) return false
        covered.add(key)
        return true
      }
      const plain = plainBody(checks, profile)
      const always = (path: string): boolean => places(plain, path).length > 0
      const told = tellers(checks)
      const undocumented = [...checks.values()].flatMap(({ field }) =>
        field === undefined || promise.fields[field] !== undefined ? [] : [field],
      )
      const promises = Object.entries(promise.fields)
      const paths = (
        question: string,
        fits: (path: string, fate: string, refusal: string) => boolean,
      ): string[] =>
        promises
          .filter(
            ([path, { fate, refusal = 'unstated' }]) => fits(path, fate, refusal) && fresh(path, question),
          )
          .map(([path]) => path)
      data.fields.push({
        profile: id,
        refuses: paths(
          'accepted',
          (path, fate) => (fate === 'honoured' || fate === 'ignored') && !always(path) && path !== ONLY_VALUE,
        ),
        ignores: paths(
          'effect',
          (path, fate) =>
            fate === 'honoured' &&
            !always(path) &&
            !told.has(idOf(path, 'effect')) &&
            !NOT_BY_LEAVING_OUT.has(path),
        ),
        acceptsBad: paths('refused', (_, __, refusal) => refusal !== 'unstated'),
        crashesOn: undocumented.filter((path) => path !== ONLY_VALUE && fresh(path, 'accepted')),
        crashesOnBad: paths(
          'refused',
          (path, _, refusal) => refusal === 'unstated' && !NOT_CHECKED.test(path),
        ),
      })
      const applies = new Set([...checks.keys(), ...rules.map((rule) => rule.id)])
      for (const [message, kind] of [
        ['reply', 'response'],
        ['chunk', 'chunk'],
      ] as const)
        for (const key of Object.keys(promise[kind]))
          data.keys.push({ profile: id, message, key, has: (name) => applies.has(name) })
      const small = [...SMALLEST, `field/${promise.limit_field}/effect`]
        .map((name) => `openai-chat/${name}`)
        .filter((name) => checks.has(name))
      for (const { id: model } of profile.models) {
        if (!checks.has(`openai-chat/models/${model}`)) continue
        const first = model === profile.default_model
        data.models.push({ profile: id, id: model, first, limitField: promise.limit_field, smallest: small })
      }
    }
  }
  return data
}

export function idOf(path: string, question: string): string {
  return `openai-chat/field/${path}/${question}`
}

export function selectedOf(profile: Profile, specs: Specs): Selected[] {
  return select(DIALECTS, profile, specs, {
    dialects: DIALECTS.map(({ id }) => id),
    model: profile.default_model,
    level: 'may',
    checks: [],
    suites: [],
    roles: { chosen: [], given: [] },
  })
}

/**
 * Checks that ask nothing beyond what another asks that they need: where one of them could turn red, the other has done
 * so before, and blocks it. Their findings add a row to the table of fates, and no verdict of their own.
 */
export function tellers(checks: ReadonlyMap<string, Check>): Map<string, string> {
  const told = new Map<string, string>()
  for (const [id, check] of checks) {
    const own = probesOf(check)
    if (own === undefined || check.field === undefined) continue
    const teller = (check.needs ?? []).find((need) => {
      const other = checks.get(need)
      const probes = other === undefined ? undefined : probesOf(other)
      return (
        other?.field !== undefined && probes !== undefined && own.every((probe) => probes.includes(probe))
      )
    })
    if (teller !== undefined) told.set(id, teller)
  }
  return told
}

/** What a check asks; undefined where that depends on answers. */
function probesOf(check: Check): string[] | undefined {
  const steps = Object.values(check.ask).flat()
  const fixed = steps.filter((step): step is Probe => typeof step !== 'function')
  return fixed.length === steps.length ? fixed.map((probe) => JSON.stringify(probe)) : undefined
}

function plainBody(checks: ReadonlyMap<string, Check>, profile: Profile) {
  const step = Object.values(checks.get('openai-chat/plain/reply')!.ask).flat()[0] as Probe
  const promise = profile.dialects['openai-chat']!
  return resolve(step, { model: profile.default_model, promise }).probe.body
}
