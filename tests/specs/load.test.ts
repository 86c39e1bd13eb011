import { expect, test } from 'vitest'
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

// Counted in the reference list: its rows of these gateways; of tokenhub-intl-old and token-plan-enterprise, those that
// are about Messages or about no one protocol, as far as their files say that they hold them.
const REFERENCE = {
  'tokenhub-intl': {
    levels: { must: 131, informational: 23, 'some-models': 10, ignored: 18, unsupported: 3 },
    refusal: { official: 18, unstated: 18 },
  },
  'tokenhub-intl-old': {
    levels: { must: 45, informational: 11, ignored: 16, unsupported: 5 },
    refusal: { official: 4, unstated: 10 },
  },
  'token-plan-enterprise': {
    levels: { must: 16, informational: 19, unsupported: 1 },
    refusal: { unstated: 6, stated: 2 },
  },
  pingtoken: {
    levels: { must: 40, informational: 30, unsupported: 1 },
    refusal: { official: 3, unstated: 6, stated: 1 },
  },
}

test.each(Object.entries(REFERENCE))(
  '%s has as many rows of each level and refusal as the reference',
  (id, counts) => {
    // What follows from two of a page's statements is no row of the reference.
    const held = citing(id).filter((row) => !row.id.startsWith('ANT-EQUIV-'))
    expect(tally(held.map((row) => row.level))).toEqual(counts.levels)
    expect(tally(held.flatMap((row) => row.refusal ?? []))).toEqual(counts.refusal)
  },
)

test('each profile holds the rows of its own documents, and transport binds all', () => {
  const held = (id: string): Record<string, number> =>
    tally(rows.filter((row) => holds(profileById(specs, id), row)).map((row) => row.document))
  const of = (document: string) => rows.filter((row) => row.document === document)
  const transport = of('transport')
  const common = transport.filter((row) => row.profiles.includes('openai')).length
  expect(transport.length - common).toBe(2)
  expect(held('openai')).toEqual({ openai: of('openai').length, transport: common })
  expect(held('pingtoken')).toEqual({ pingtoken: 69, transport: transport.length })
  expect(held('tokenhub-intl')).toEqual({ 'tokenhub-intl': 187, transport: transport.length })
  expect(held('tokenhub-intl-old')).toEqual({
    'tokenhub-intl': 55,
    'tokenhub-intl-old': 20,
    transport: transport.length,
  })
  expect(held('token-plan-enterprise')).toEqual({
    'token-plan-enterprise': 34,
    transport: transport.length,
  })
  for (const id of ['anthropic', 'anthropic-2023-06-01'])
    expect(held(id)).toEqual({
      anthropic: of('anthropic').filter((row) => row.profiles.includes(id)).length,
      transport: common,
    })
})

test('rows of one version of the Messages API bind its profile alone', () => {
  const binding = (id: string) => specs.requirements.get(id)?.profiles
  for (const field of ['temperature', 'top_p', 'top_k']) {
    expect(binding(`ANT-REQ-${field}`)).toEqual(['anthropic-2023-06-01'])
    expect(binding(`ANT-2026-no-${field}`)).toEqual(['anthropic'])
  }
  for (const row of rows) if (row.id.startsWith('ANT-2026-')) expect(row.profiles).toEqual(['anthropic'])
  expect(binding('ANT-REQ-system')).toEqual(['anthropic', 'anthropic-2023-06-01'])
})

test('a row that several gateways share stands once and cites each', () => {
  const shared = rows.filter((row) => row.document !== 'anthropic' && row.document !== 'openai')
  const pages = [...specs.documents.values()].filter((document) => document.lines !== undefined)
  for (const row of shared.filter(({ everywhere }) => everywhere !== true)) {
    const cited = new Set(row.source.map((source) => source.split(':')[0]))
    const wanted = row.profiles.filter((profile) => pages.some(({ id }) => id === profile))
    expect(cited, row.id).toEqual(new Set(wanted))
  }
  expect(specs.requirements.get('TH-ERR-stream-start')?.source).toEqual([
    'tokenhub-intl:513',
    'tokenhub-intl-old:42',
    'token-plan-enterprise:51',
    'pingtoken:40',
  ])
})

test('every source names a known document, a version that is cited, and a line that it has', () => {
  for (const row of rows) {
    for (const source of row.source) {
      const [, id = '', line, version] =
        /^((?:@[a-z-]+\/)?[a-z0-9-]+)(?::(\d+)|@(\S+) .+| .+)$/.exec(source) ?? []
      const document = specs.documents.get(id)
      expect(document, `${row.id}: ${source}`).toBeDefined()
      expect([document?.version, ...(document?.also ?? [])], `${row.id}: ${source}`).toContain(version)
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
