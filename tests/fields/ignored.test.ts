import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drop, has } from '../../fixtures/gateway/edit.ts'
import { type Refusal, refuse } from '../../fixtures/gateway/refusal.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import type { FieldPromise, Profile } from '../../specs/types.ts'
import { isObject } from '../../suites/core/dig.ts'
import { requestFields } from '../../suites/core/schema.ts'
import { isIgnored } from '../../suites/fields/ignored-rows.ts'
import { oddValues } from '../../suites/fields/odd.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { Stand, specs } from './stand.ts'

/** A profile that documents some fields as ignored; no shipped one does in this dialect. */
const IGNORED = ['n', 'seed', 'user', 'metadata', 'service_tier', 'stream_options']

function ignoring(more: Partial<FieldPromise> = {}): Profile {
  const profile = structuredClone(specs.profiles.get('openai')!)
  const { fields } = profile.dialects['openai-chat']!
  for (const path of IGNORED) Object.assign(fields[path]!, { fate: 'ignored', ...more })
  return profile
}

const kit = {
  ...CHAT_FIELDS,
  requirements: { ...CHAT_FIELDS.requirements, ignoredTogether: ['OAI-CHAT-endpoint'] },
}
const idOf = (path: string, question = 'ignored') => `openai-chat/field/${path}/${question}`
const ALL = [
  ...IGNORED.map((path) => idOf(path)),
  idOf('ignored-together', 'valid'),
  idOf('ignored-together', 'odd'),
]

/** What the profile says: as if the fields were not there. */
const ignores: Twist = {
  receive: (request) => {
    for (const path of IGNORED) drop(request.body, path)
    return request
  },
}

let stand: Stand

beforeAll(async () => {
  stand = await Stand.open(ignoring(), kit)
})
afterAll(() => stand.close())

async function lines(twist: Twist, checks = ALL): Promise<Map<string, VerdictLine>> {
  const { lines } = await stand.run({ ...ignores, ...twist }, checks)
  return lines
}

/** Names and verdicts of what is not a pass. */
async function odd(twist: Twist): Promise<Record<string, string>> {
  const all = await lines(twist)
  return Object.fromEntries(
    [...all.values()].filter(({ verdict }) => verdict !== 'pass').map(({ id, verdict }) => [id, verdict]),
  )
}

/** Refuses, before the gateway has put anything out of the way. */
const refusing = (wrong: (body: Record<string, unknown>) => boolean, status = 400): Twist => ({
  receive: (request) => {
    if (wrong(request.body)) request.body = { ...request.body, assay_refused: true }
    return ignores.receive!(request, undefined as never)
  },
  admit: (refusal: Refusal | null, { body }) =>
    has(body, 'assay_refused') ? { ...refuse('seed', null, 'No.'), status } : refusal,
})

/** Gives two choices where `n` is such. */
const acting = (such: (n: unknown) => boolean): Twist => ({
  act: (body, { text }) => (such(JSON.parse(text).n) ? { ...body, n: 2 } : body),
})

describe('a gateway that ignores what it says', () => {
  test('passes, whatever stands in the fields', async () => {
    const all = await lines({})
    expect([...all.keys()]).toEqual(expect.arrayContaining(ALL))
    expect(await odd({})).toEqual({})
    expect(all.get(idOf('user'))!.field).toEqual({
      path: 'user',
      documented: 'ignored',
      observed: 'accepted',
    })
  })

  test('is asked nothing about wrong values, and nothing that a field without effect cannot show', async () => {
    const all = await lines({}, [...IGNORED.map((path) => idOf(path, 'refused')), idOf('n', 'effect')])
    expect(IGNORED.filter((path) => all.has(idOf(path, 'refused')))).toEqual([])
    expect(all.get(idOf('n', 'effect'))).toMatchObject({ verdict: 'pass', field: { observed: 'ignored' } })
  })

  test('all at once are in one request', async () => {
    const { exchanges, lines: all } = await stand.run(ignores, [idOf('ignored-together', 'odd')])
    const held = all
      .get(idOf('ignored-together', 'odd'))!
      .exchanges.map((digest) => Object.keys(JSON.parse(exchanges.get(digest)!.request.body!)))
    expect(held.map((keys) => IGNORED.filter((path) => keys.includes(path)))).toEqual([[], IGNORED])
  })
})

describe('a gateway that does not', () => {
  test('refuses an odd value alone: its own question and the odd one of all fail', async () => {
    const twist = refusing(({ seed }) => typeof seed === 'string' || isObject(seed))
    expect(await odd(twist)).toEqual({ [idOf('seed')]: 'fail', [idOf('ignored-together', 'odd')]: 'fail' })
  })

  test('refuses only what comes together', async () => {
    expect(await odd(refusing(({ seed, user }) => seed !== undefined && user !== undefined))).toEqual({
      [idOf('ignored-together', 'valid')]: 'fail',
      [idOf('ignored-together', 'odd')]: 'fail',
    })
  })

  test('refuses the field: the question of acceptance says so, once', async () => {
    const all = await lines(refusing((body) => has(body as never, 'seed')))
    expect(all.get(idOf('seed'))).toMatchObject({ verdict: 'skip', skip: { by: idOf('seed', 'accepted') } })
  })

  test('falls over an odd value', async () => {
    const twist = refusing(({ seed }) => isObject(seed), 503)
    const line = (await lines(twist)).get(idOf('seed'))!
    expect(line.verdict).toBe('fail')
    expect(line.field?.observed).toBe('inconclusive')
  })

  test('heeds the field: the document is out of date', async () => {
    const heeds = acting((n) => n === 2)
    const all = await lines(heeds, [...ALL, idOf('n', 'effect')])
    expect(all.get(idOf('n'))).toMatchObject({ verdict: 'warn', field: { observed: 'honoured' } })
    expect(all.get(idOf('n', 'effect'))).toMatchObject({ verdict: 'warn', field: { observed: 'honoured' } })
    expect(all.get(idOf('ignored-together', 'valid'))!.verdict).toBe('warn')
    expect(all.get(idOf('ignored-together', 'odd'))!.verdict).toBe('pass')
  })

  test('answers otherwise where a value is odd', async () => {
    const twist = acting((n) => n === 999_999_999)
    expect((await lines(twist)).get(idOf('n'))).toMatchObject({
      verdict: 'fail',
      field: { observed: 'altered' },
    })
  })
})

test('a refusal that documents disagree about is a warning', async () => {
  const disputed = await Stand.open(ignoring({ contradiction: 'C-71' }), kit)
  try {
    const twist = refusing(({ seed }) => typeof seed === 'string' || isObject(seed))
    const { lines } = await disputed.run(twist, ALL)
    expect(lines.get(idOf('seed'))!.verdict).toBe('warn')
    expect(lines.get(idOf('ignored-together', 'odd'))!.verdict).toBe('warn')
    const down = await disputed.run(
      refusing(({ seed }) => isObject(seed), 503),
      ALL,
    )
    expect(down.lines.get(idOf('seed'))!.verdict).toBe('fail')
  } finally {
    await disputed.close()
  }
})

test('odd values are outside what the schema allows, or far from it', () => {
  const fields = new Map(requestFields('openai-chat').map((field) => [field.path, field]))
  const names = (path: string) => [...oddValues(fields.get(path)!).keys()]
  expect(names('user')).toEqual(['a value of type integer', '4096 characters', 'a deep object'])
  expect(names('service_tier')).toEqual([
    'a value of type integer',
    'a value that is not in the list',
    'a deep object',
  ])
  expect(names('seed')).toEqual(['a value of type string', 'a huge number', 'a deep object'])
})

test('what is ignored for other models only does not bind this one', () => {
  const promise: FieldPromise = { fate: 'ignored', requirements: ['X'] }
  const ground = { level: () => undefined }
  expect(isIgnored(promise, ground as never)).toBe(false)
  expect(isIgnored(promise, { level: () => 'must' } as never)).toBe(true)
})
