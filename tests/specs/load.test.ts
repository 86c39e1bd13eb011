import { expect, test } from 'vitest'
import { requestFields } from '../../schemas/fields.ts'
import { holds } from '../../specs/level.ts'
import { loadSpecs, profileById, UnknownName } from '../../specs/load.ts'
import type { Requirement } from '../../specs/types.ts'

const specs = loadSpecs()
const rows = [...specs.requirements.values()]

function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Rows that rest on a document of their own, wherever the row stands. */
function citing(document: string): Requirement[] {
  return rows.filter((row) => row.source.some((source) => source.startsWith(`${document}:`)))
}

// Counted in the reference list: its rows of these gateways, without the Messages rows of tokenhub-intl.
const REFERENCE = {
  'tokenhub-intl': {
    levels: { must: 86, informational: 17, 'some-models': 9 },
    refusal: { official: 14, unstated: 10 },
  },
  pingtoken: {
    levels: { must: 40, informational: 30, unsupported: 1 },
    refusal: { official: 3, unstated: 6, stated: 1 },
  },
}

test.each(Object.entries(REFERENCE))(
  '%s has as many rows of each level and refusal as the reference',
  (id, counts) => {
    const held = citing(id)
    expect(tally(held.map((row) => row.level))).toEqual(counts.levels)
    expect(tally(held.flatMap((row) => row.refusal ?? []))).toEqual(counts.refusal)
  },
)

test('no Messages row is loaded yet', () => {
  expect(rows.filter((row) => row.id.startsWith('TH-ANT'))).toEqual([])
})

test('each profile holds the rows of its own documents, and transport binds all', () => {
  const held = (id: string): Record<string, number> =>
    tally(rows.filter((row) => holds(profileById(specs, id), row)).map((row) => row.document))
  const transport = rows.filter((row) => row.document === 'transport')
  const common = transport.filter((row) => row.profiles.includes('openai')).length
  expect(held('openai')).toEqual({
    openai: rows.filter((row) => row.document === 'openai').length,
    transport: common,
  })
  expect(held('tokenhub-intl')).toEqual({ 'tokenhub-intl': 110, transport: transport.length })
  expect(held('pingtoken')).toEqual({ pingtoken: 69, transport: transport.length })
  expect(transport.length - common).toBe(2)
})

test('a row that two gateways share stands once and cites both', () => {
  const row = specs.requirements.get('TH-ERR-stream-start')
  expect(row?.profiles).toEqual(['tokenhub-intl', 'pingtoken'])
  expect(row?.source).toEqual(['tokenhub-intl:513', 'pingtoken:40'])
})

test('every source names a known document, its one version, and a line that it has', () => {
  for (const row of rows) {
    for (const source of row.source) {
      const [, id = '', line, version] = /^([a-z0-9-]+)(?::(\d+)|@(\S+) .+| .+)$/.exec(source) ?? []
      const document = specs.documents.get(id)
      expect(document, `${row.id}: ${source}`).toBeDefined()
      expect(version, `${row.id}: ${source}`).toBe(document?.version)
      if (document?.lines === undefined) expect(line, source).toBeUndefined()
      else expect(Number(line) >= 1 && Number(line) <= document.lines, `${row.id}: ${source}`).toBe(true)
    }
  }
})

test('every requirement id of a profile exists and is held by that profile', () => {
  for (const profile of specs.profiles.values()) {
    const named =
      JSON.stringify(profile)
        .match(/"[A-Z]{2,}-[^"]+"/g)
        ?.map((text) => text.slice(1, -1)) ?? []
    expect(named.length).toBeGreaterThan(20)
    for (const id of named) {
      const row = specs.requirements.get(id)
      expect(row !== undefined && holds(profile, row), `${profile.id}: ${id}`).toBe(true)
    }
  }
})

test('every field of a profile is a path of the request schema, and openai promises every official one', () => {
  const fields = requestFields('openai-chat')
  const paths = fields.map((field) => field.path)
  for (const profile of specs.profiles.values())
    for (const path of Object.keys(profile.dialects['openai-chat']?.fields ?? {}))
      expect(paths).toContain(path)
  const official = fields.filter((field) => field.sources.some((source) => source.startsWith('openai@')))
  const promised = Object.keys(profileById(specs, 'openai').dialects['openai-chat']?.fields ?? {})
  expect(new Set(promised)).toEqual(new Set(official.map((field) => field.path)))
})

test('a promised range is that of the schema or narrower', () => {
  const byPath = new Map(requestFields('openai-chat').map((field) => [field.path, field]))
  for (const profile of specs.profiles.values()) {
    for (const [path, promise] of Object.entries(profile.dialects['openai-chat']?.fields ?? {})) {
      const field = byPath.get(path)
      if (promise.minimum !== undefined)
        expect(promise.minimum).toBeGreaterThanOrEqual(field?.minimum ?? -Infinity)
      if (promise.maximum !== undefined)
        expect(promise.maximum).toBeLessThanOrEqual(field?.maximum ?? Infinity)
      if (field?.enum !== undefined)
        for (const value of promise.values ?? [])
          expect(field.enum, `${profile.id}: ${path}`).toContain(value)
    }
  }
})

test('a field whose row holds for some models asks for the capability of that row, and no other', () => {
  for (const profile of specs.profiles.values()) {
    for (const [path, promise] of Object.entries(profile.dialects['openai-chat']?.fields ?? {})) {
      const held = promise.requirements.map((id) => specs.requirements.get(id))
      const wanted = held.every((row) => row?.level === 'some-models') ? held[0]?.capability : undefined
      expect(promise.capability, `${profile.id}: ${path}`).toBe(wanted)
    }
  }
})

test('the refusal of a field is never stronger than that of the rows it rests on', () => {
  const strength = { unstated: 0, official: 1, stated: 2 }
  for (const profile of specs.profiles.values()) {
    for (const [path, promise] of Object.entries(profile.dialects['openai-chat']?.fields ?? {})) {
      const rowsOf = promise.requirements.map((id) => specs.requirements.get(id)?.refusal ?? 'unstated')
      const strongest = Math.max(...rowsOf.map((refusal) => strength[refusal]))
      expect(strength[promise.refusal ?? 'unstated'], `${profile.id}: ${path}`).toBeLessThanOrEqual(strongest)
    }
  }
})

test('every contradiction is used, and the softening ones are those of the design', () => {
  const inRows = rows.flatMap((row) => row.contradictions ?? [])
  const inProfiles = JSON.stringify([...specs.profiles.values()]).match(/C-\d+/g) ?? []
  expect(new Set([...inRows, ...inProfiles])).toEqual(new Set(specs.contradictions.keys()))
  expect(profileById(specs, 'tokenhub-intl').dialects['openai-chat']?.response.created?.contradiction).toBe(
    'C-12',
  )
  expect(profileById(specs, 'tokenhub-intl').dialects['openai-chat']?.chunk.object?.contradiction).toBe(
    'C-13',
  )
})

test('only observed rows are informational, and what is untestable says why in a few words', () => {
  for (const row of rows) {
    if (row.expect === 'observe') expect(row.level, row.id).toBe('informational')
    if (row.untestable !== undefined) expect(row.untestable.length, row.id).toBeGreaterThan(10)
  }
  const untestable = rows.filter((row) => row.untestable !== undefined)
  expect(untestable.length / rows.length).toBeLessThan(0.1)
})

test('an unknown profile is named with the nearest one', () => {
  expect(() => profileById(specs, 'opnai')).toThrow(
    new UnknownName('profile', 'opnai', specs.profiles.keys()),
  )
  expect(() => profileById(specs, 'opnai')).toThrow('unknown profile opnai (did you mean openai?)')
})
