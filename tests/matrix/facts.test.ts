import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadFaults, readFaults } from '../../fixtures/faults/faults.ts'
import { loadVariations, readVariations } from '../../fixtures/variations/variations.ts'
import { SpecError } from '../../specs/problem.ts'
import { YamlFile } from '../../specs/yaml-file.ts'

const ROW = `- id: one
  title: It is odd.
  class: success
  rule: a/b
  must: [a/b]
`

function problems(text: string, twists: Record<string, object> = { one: {} }): string {
  try {
    readFaults([{ file: new YamlFile(text, 'faults/x.yaml'), twists }])
    return ''
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    return error.message
  }
}

describe('rows of faults', () => {
  test('a right row is read with its defaults', () => {
    const [fault] = readFaults([{ file: new YamlFile(ROW, 'x.yaml'), twists: { one: {} } }])
    expect(fault).toMatchObject({ id: 'one', profile: 'openai', may: [] })
  })

  test.each([
    ['a row without a twist', ROW, { two: {} }, /x\.yaml:1:7: \[0\]\.id: no twist is called one/],
    ['a twist without a row', ROW, { one: {}, two: {} }, /the twist two has no row/],
    [
      'a mistyped key',
      ROW.replace('must', 'musst'),
      undefined,
      /x\.yaml:5:3: .*unknown key \(did you mean must\?\)/,
    ],
    ['an odd class', ROW.replace('success', 'odd'), undefined, /must be success or error/],
    ['a rule that is not a must', ROW.replace('[a/b]', '[a/c]'), undefined, /must name the rule: a\/b/],
    ['a missing key', ROW.replace('  rule: a/b\n', ''), undefined, /rule is missing/],
    ['the same id twice', ROW + ROW, undefined, /stands twice/],
    [
      'a rule of one dialect in a row of several',
      ROW.replace('class', 'dialects: [openai-chat, anthropic-messages]\n  class'),
      undefined,
      /must begin with \$dialect\//,
    ],
    [
      'a dialect that nobody knows',
      ROW.replace('class', 'dialects: [smoke-signals]\n  class').replaceAll('a/b', '$dialect/b'),
      undefined,
      /no profile is known for smoke-signals/,
    ],
  ])('%s is told with its place', (_, text, twists, told) => {
    expect(problems(text, twists)).toMatch(told)
  })

  test('a row with dialects is a fault of each, with its own ids', () => {
    const text = ROW.replace('class', 'dialects: [openai-chat, anthropic-messages]\n  class')
      .replace('a/b', '$dialect/b')
      .replace('[a/b]', '[$dialect/b, openai-chat/c, anthropic-messages/d]')
    expect(readFaults([{ file: new YamlFile(text, 'x.yaml'), twists: { one: {} } }])).toMatchObject([
      {
        dialect: 'openai-chat',
        profile: 'openai',
        rule: 'openai-chat/b',
        must: ['openai-chat/b', 'openai-chat/c'],
      },
      {
        dialect: 'anthropic-messages',
        profile: 'anthropic',
        rule: 'anthropic-messages/b',
        must: ['anthropic-messages/b', 'anthropic-messages/d'],
      },
    ])
  })

  test('a fault of the catalogue keeps its sources', () => {
    expect(
      loadFaults().filter(({ catalogue, sources }) => catalogue !== undefined && !sources?.length),
    ).toEqual([])
  })
})

interface OutOfReach {
  id: string
  needs: string
  because: string
}

function data<T>(name: string): T {
  return parse(readFileSync(new URL(`../../fixtures/faults/${name}.yaml`, import.meta.url), 'utf8')) as T
}

describe('the catalogue', () => {
  const out = new Map(data<OutOfReach[]>('out-of-reach').map((row) => [row.id, row]))
  const shown = Map.groupBy(loadFaults(), ({ catalogue }) => catalogue)
  const catalogue = Object.entries(data<Record<string, string[]>>('catalogue')).map(([protocol, ids]) => ({
    protocol,
    ids,
    faults: ids.filter((id) => shown.get(id)?.some(({ hazard }) => !hazard)),
    hazards: ids.filter((id) => shown.get(id)?.every(({ hazard }) => hazard)),
    beyond: ids.filter((id) => out.has(id)),
  }))
  const told = catalogue.map((part) => {
    const { protocol, ids, faults, hazards, beyond } = part
    const counts = `${ids.length} in all: ${faults.length} faults, ${hazards.length} hazards, ${beyond.length} out of reach`
    return [`${protocol}, ${counts}`, part] as const
  })

  test.each(told)('%s: each stands in exactly one place', (_, { ids, faults, hazards, beyond }) => {
    expect([...faults, ...hazards, ...beyond].toSorted()).toEqual(ids.toSorted())
  })

  test('nothing is shown or out of reach that it does not have', () => {
    const known = catalogue.flatMap(({ ids }) => ids)
    const named = [...shown.keys(), ...out.keys()].filter((id) => id !== undefined)
    expect(named.filter((id) => !known.includes(id))).toEqual([])
  })

  test('of the 40 of Messages at least 28 are shown, the rest need what one end does not see', () => {
    const { ids, faults, hazards, beyond } = catalogue.find(
      ({ protocol }) => protocol === 'anthropic-messages',
    )!
    expect(ids.length).toBe(40)
    expect(faults.length + hazards.length).toBeGreaterThanOrEqual(28)
    expect(beyond.filter((id) => !/^(?:both-ends|upstream-failure)$/.test(out.get(id)!.needs))).toEqual([])
    expect(beyond.filter((id) => !/\S\.$/.test(out.get(id)!.because))).toEqual([])
  })

  test('what is of HTTP and of rate limits is shown in Messages as well, where it is shown at all', () => {
    const both = catalogue.filter(({ protocol }) => protocol === 'http' || protocol === 'rate-limit')
    const missing = both
      .flatMap(({ faults, hazards }) => [...faults, ...hazards])
      .filter((id) => !shown.get(id)!.some(({ dialect }) => dialect === 'anthropic-messages'))
    expect(missing).toEqual([])
  })
})

describe('rows of variations', () => {
  test('a row without a twist is told', () => {
    const text = '- { id: one, title: T, profiles: [openai], because: B, sources: [s] }\n'
    expect(() =>
      readVariations([{ file: new YamlFile(text, 'v.yaml'), twists: {}, dialect: 'openai-chat' }]),
    ).toThrow(/v\.yaml:1:.*no twist is called one/)
  })

  test('there are at least 20', () => {
    expect(loadVariations().length).toBeGreaterThanOrEqual(20)
  })
})
