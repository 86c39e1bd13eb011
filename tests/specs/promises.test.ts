import { expect, test } from 'vitest'
import { baseSchema } from '../../schemas/documents.ts'
import { fieldsOf, requestFields } from '../../schemas/fields.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import profileSchema from '../../specs/profile.schema.json' with { type: 'json' }
import type { FieldPromise } from '../../specs/types.ts'

const specs = loadSpecs()

interface Promised {
  at: string
  dialect: string
  path: string
  promise: FieldPromise
}

/** Every field promise of every profile and dialect. */
const promised: Promised[] = [...specs.profiles.values()].flatMap((profile) =>
  Object.entries(profile.dialects).flatMap(([dialect, { fields }]) =>
    Object.entries(fields).map(([path, promise]) => ({
      at: `${profile.id}: ${dialect}: ${path}`,
      dialect,
      path,
      promise,
    })),
  ),
)

test('every field of a profile is a path of the request schema', () => {
  expect(promised.length).toBeGreaterThan(500)
  const known = new Map<string, Set<string>>()
  for (const { at, dialect, path } of promised) {
    const paths = known.get(dialect) ?? new Set(requestFields(dialect).map((field) => field.path))
    known.set(dialect, paths)
    expect(paths.has(path), at).toBe(true)
  }
})

test.each(['response', 'chunk'] as const)('every %s key of a profile is a path of the schema', (kind) => {
  for (const profile of specs.profiles.values()) {
    for (const [dialect, promise] of Object.entries(profile.dialects)) {
      const paths = fieldsOf(baseSchema(dialect, kind)).map((field) => field.path)
      for (const path of Object.keys(promise[kind]))
        expect(paths, `${profile.id}: ${dialect}`).toContain(path)
    }
  }
})

/** The types list them beside the fields of the body, and the client sends them as headers. */
const HEADER_PARAMETERS = ['user_profile_id', 'workspace_id']

test.each([
  ['openai', 'openai-chat', 'openai@'],
  ['anthropic', 'anthropic-messages', '@anthropic-ai/sdk@'],
  ['anthropic-2023-06-01', 'anthropic-messages', '@anthropic-ai/sdk@'],
])('%s promises every field that is official on %s', (id, dialect, artefact) => {
  const all = requestFields(dialect)
  const cites = (path: string) =>
    all.some(
      (field) =>
        (field.path === path || field.path.startsWith(`${path}.`) || field.path.startsWith(`${path}[]`)) &&
        field.sources.some((source) => source.startsWith(artefact)),
    )
  const official = all.filter(({ path }) => cites(path) && !HEADER_PARAMETERS.includes(path))
  const fields = Object.keys(profileById(specs, id).dialects[dialect]?.fields ?? {})
  expect(new Set(fields)).toEqual(new Set(official.map((field) => field.path)))
})

test('a promised range is that of the schema or narrower, but where a contradiction says that it is wider', () => {
  for (const { at, dialect, path, promise } of promised) {
    const field = requestFields(dialect).find((one) => one.path === path)
    const known = promise.requirements.flatMap((id) => specs.requirements.get(id)?.contradictions ?? [])
    if (known.includes('C-16') && promise.maximum === 2) continue
    if (promise.minimum !== undefined)
      expect(promise.minimum, at).toBeGreaterThanOrEqual(field?.minimum ?? -Infinity)
    if (promise.maximum !== undefined)
      expect(promise.maximum, at).toBeLessThanOrEqual(field?.maximum ?? Infinity)
    if (field?.enum !== undefined)
      for (const value of promise.values ?? []) expect(field.enum, at).toContain(value)
  }
})

test('a field whose row holds for some models asks for the capability of that row, and no other', () => {
  for (const { at, promise } of promised) {
    const held = promise.requirements.map((id) => specs.requirements.get(id))
    const wanted = held.every((row) => row?.level === 'some-models') ? held[0]?.capability : undefined
    expect(promise.capability, at).toBe(wanted)
  }
})

test('the refusal of a field is never stronger than that of the rows it rests on', () => {
  const strength = { unstated: 0, official: 1, stated: 2 }
  for (const { at, promise } of promised) {
    const rowsOf = promise.requirements.map((id) => specs.requirements.get(id)?.refusal ?? 'unstated')
    const strongest = Math.max(...rowsOf.map((refusal) => strength[refusal]))
    expect(strength[promise.refusal ?? 'unstated'], at).toBeLessThanOrEqual(strongest)
  }
})

test('a field is ignored or unsupported where its rows say so, and only there', () => {
  for (const { at, promise } of promised) {
    const levels = new Set(promise.requirements.map((id) => specs.requirements.get(id)?.level))
    for (const fate of ['ignored', 'unsupported'] as const)
      expect(promise.fate === fate, `${at}: ${[...levels].join(', ')}`).toBe(levels.has(fate))
    expect(levels.size === 1 || !levels.has('ignored'), at).toBe(true)
  }
})

test('a refused field that is documented as ignored fails on the newer page and warns on the older', () => {
  for (const { at, promise } of promised) {
    const older = promise.requirements.some((id) =>
      specs.requirements.get(id)?.contradictions?.includes('C-71'),
    )
    expect(promise.contradiction, at).toBe(older ? 'C-71' : undefined)
  }
  expect(specs.contradictions.get('C-71')?.verdict).toBe('warn')
})

test('a version under test is the one that the version header says', () => {
  const versions = Object.fromEntries(
    [...specs.profiles.values()].map(({ id, dialects }) => [id, dialects['anthropic-messages']?.version]),
  )
  expect(versions).toMatchObject({ anthropic: '2026-10-21', 'anthropic-2023-06-01': '2023-06-01' })
  for (const { dialects } of specs.profiles.values())
    for (const { version, headers } of Object.values(dialects))
      if (version !== undefined) expect(headers).toMatchObject({ 'anthropic-version': version })
})

test('the key of Messages is taken in both forms, the usual one of each profile first', () => {
  const usual = (id: string) => profileById(specs, id).dialects['anthropic-messages']?.auth
  const [bearer, plain] = [{ header: 'authorization', scheme: 'Bearer' }, { header: 'x-api-key' }]
  expect(usual('anthropic')).toEqual({ ...bearer, also: [plain] })
  for (const id of ['anthropic-2023-06-01', 'tokenhub-intl', 'tokenhub-intl-old', 'token-plan-enterprise'])
    expect(usual(id), id).toEqual({ ...plain, also: [bearer] })
})

test('every capability that a row or a field asks for is one that the profile schema knows', () => {
  const known: string[] = profileSchema.$defs.capability.enum
  for (const row of specs.requirements.values())
    if (row.capability !== undefined) expect(known, row.id).toContain(row.capability)
})
