/** The lists from which families of faults are made: what is asked of fields, what is promised of keys and models. */
import type { FamilyData } from '../../fixtures/faults/families.ts'
import { places } from '../../fixtures/gateway/edit.ts'
import type { DialectPromise, Profile, Specs } from '../../specs/types.ts'
import type { Check } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { resolve } from '../../suites/core/resolve.ts'
import { requestFields } from '../../suites/core/schema.ts'
import { type Selected, select } from '../../suites/core/select.ts'
import { askingIn, DIALECTS } from './dialects.ts'
import { PECULIAR } from './peculiar.ts'
import { SITES, type Site } from './sites.ts'

export function familyData(specs: Specs): FamilyData {
  const data: FamilyData = { fields: [], keys: [], models: [] }
  const covered = new Set<string>()
  const once = (key: string): boolean => {
    if (covered.has(key)) return false
    covered.add(key)
    return true
  }
  for (const site of SITES) {
    const { dialect, profile: id } = site
    const profile = specs.profiles.get(id)!
    const peculiar = PECULIAR[dialect]!
    const notByLeavingOut = new Set(peculiar.notByLeavingOut)
    const onlyValue = new Set(peculiar.onlyValue)
    for (const { checks, rules, promise, dialect: spoken } of selectedOf(site, specs)) {
      const question = (path: string, name: string): string => `${dialect}/field/${path}/${name}`
      // A question that one profile's faults reach already is not put again on the next.
      const fresh = (path: string, name: string): boolean =>
        checks.has(question(path, name)) && once(question(path, name))
      const plain = plainBody(checks.get(spoken.plain.reply)!, profile, promise)
      const always = (path: string): boolean => places(plain, path).length > 0
      const told = tellers(checks)
      const undocumented = [...checks.values()].flatMap(({ field }) =>
        field === undefined || promise.fields[field] !== undefined ? [] : [field],
      )
      const promises = Object.entries(promise.fields)
      const paths = (
        name: string,
        fits: (path: string, fate: string, refusal: string) => boolean,
      ): string[] =>
        promises
          .filter(([path, { fate, refusal = 'unstated' }]) => fits(path, fate, refusal) && fresh(path, name))
          .map(([path]) => path)
      data.fields.push({
        dialect,
        profile: id,
        required: peculiar.required,
        besides: peculiar.besides,
        refuses: paths(
          'accepted',
          (path, fate) =>
            (fate === 'honoured' || fate === 'ignored') && !always(path) && !onlyValue.has(path),
        ),
        ignores: paths(
          'effect',
          (path, fate) =>
            fate === 'honoured' &&
            !always(path) &&
            !told.has(question(path, 'effect')) &&
            !notByLeavingOut.has(path),
        ),
        acceptsBad: paths('refused', (_, __, refusal) => refusal !== 'unstated'),
        crashesOn: undocumented.filter((path) => !onlyValue.has(path) && fresh(path, 'accepted')),
        crashesOnBad: paths(
          'refused',
          (path, _, refusal) => refusal === 'unstated' && !peculiar.notChecked.test(path),
        ),
        heeds: paths('ignored', (_, fate) => fate === 'ignored').map((path) => ({
          path,
          types: typesOf(dialect, path),
        })),
      })
      const applies = new Set([...checks.keys(), ...rules.map((rule) => rule.id)])
      // What an earlier profile promises in the same words is left out of its answers already.
      for (const [message, kind] of [
        ['reply', 'response'],
        ['chunk', 'chunk'],
      ] as const)
        for (const [key, row] of Object.entries(promise[kind]))
          if (once(`${dialect} ${message} ${key} ${JSON.stringify(row)}`))
            data.keys.push({ dialect, profile: id, message, key, has: (name) => applies.has(name) })
      const smallest = [...peculiar.smallest, `field/${promise.limit_field}/effect`]
        .map((name) => `${dialect}/${name}`)
        .filter((name) => checks.has(name))
      for (const { id: model } of profile.models) {
        if (!checks.has(`${dialect}/models/${model}`)) continue
        const first = model === profile.default_model
        if (first && peculiar.smallest.length === 0) continue
        data.models.push({
          dialect,
          profile: id,
          id: model,
          first,
          limitField: promise.limit_field,
          smallest,
        })
      }
    }
  }
  return data
}

/** Types of a request field. `integer` is called `number`, for the types of values tell no more. */
function typesOf(dialect: string, path: string): string[] {
  const { types } = requestFields(dialect).find((field) => field.path === path)!
  return types.map((type) => (type === 'integer' ? 'number' : type))
}

/** What is asked and judged at a site; nothing where its dialect is not there. */
export function selectedOf({ dialect, profile: id }: Site, specs: Specs): Selected[] {
  const profile = specs.profiles.get(id)!
  const selected = select(askingIn(dialect), profile, specs, {
    dialects: DIALECTS.map((one) => one.id),
    model: profile.default_model,
    level: 'may',
    checks: [],
    suites: [],
    roles: { chosen: [], given: [] },
  })
  return selected.filter((part) => part.dialect.id === dialect)
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

function plainBody(check: Check, profile: Profile, promise: DialectPromise): Probe['body'] {
  const step = Object.values(check.ask).flat()[0] as Probe
  return resolve(step, { model: profile.default_model, promise }).probe.body
}
