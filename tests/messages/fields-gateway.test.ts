import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { has, places } from '../../fixtures/gateway/edit.ts'
import { refuse } from '../../fixtures/gateway/refusal.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { JsonObject } from '../../reports/record/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import type { Dialect, Ground } from '../../suites/core/check.ts'
import { isObject } from '../../suites/core/dig.ts'
import { plan } from '../../suites/core/plan.ts'
import { select } from '../../suites/core/select.ts'
import { type Stand, specs } from '../fields/stand.ts'
import { field, fieldsOf, ID, oddOnes, openFields } from './fields-stand.ts'

let newer: Stand
let older: Stand

beforeAll(async () => {
  ;[newer, older] = await Promise.all([openFields('tokenhub-intl'), openFields('tokenhub-intl-old')])
})
afterAll(() => Promise.all([newer.close(), older.close()]))

const TOGETHER = field('ignored-together', 'odd')
/** An odd value that shares its request with odd values of most other fields. */
const wrongUser = (body: JsonObject) =>
  places(body, 'metadata.user_id').some(({ value }) => typeof value !== 'string' && value !== null)

/** Refuses before the gateway has made up its mind to ignore. */
const refuses = (wrong: (body: JsonObject) => boolean, status = 400): Twist => ({
  admit: (refusal, { body }) =>
    wrong(body) ? { ...refuse('metadata.user_id', null, 'metadata.user_id: No.'), status } : refusal,
})

describe('a gateway that keeps what it promises', () => {
  test.each([
    'anthropic',
    'anthropic-2023-06-01',
    'tokenhub-intl',
    'tokenhub-intl-old',
    'token-plan-enterprise',
  ])('passes, in no more requests than planned: %s', async (id) => {
    const stand = await openFields(id)
    try {
      const { lines, requests, planned } = await stand.run()
      const odd = [...lines.values()].filter(({ verdict }) => verdict !== 'pass')
      expect(odd.map(({ verdict, id, message }) => `${verdict} ${id}: ${message}`)).toEqual([])
      // What no document names may be refused, and is then asked again alone.
      const refused = [...lines.values()].filter(
        ({ field }) => field?.documented === 'undocumented' && field.observed === 'refused',
      )
      expect(requests).toBeLessThanOrEqual(planned + refused.length)
    } finally {
      await stand.close()
    }
  })
})

describe('a gateway that does not ignore what it says it ignores', () => {
  test('thinking shows: the document is out of date', async () => {
    const twist: Twist = {
      reply: (reply, { body }) => {
        if (!isObject(body.thinking) || body.thinking.type !== 'enabled') return reply
        const block = { type: 'thinking', thinking: 'Let me see.', signature: 'YXNzYXk=' }
        return { ...reply, content: [block, ...(reply.content as JsonObject[])] }
      },
    }
    expect(await oddOnes(newer, twist)).toEqual({
      [field('thinking', 'effect')]: 'warn',
      [field('thinking.type', 'effect')]: 'warn',
    })
  })

  test('one odd value is refused: that field alone is blamed, whatever shared its request', async () => {
    expect(await oddOnes(newer, refuses(wrongUser))).toEqual({
      [field('metadata.user_id', 'ignored')]: 'fail',
      [TOGETHER]: 'fail',
    })
  })

  test('where the older page says nothing of errors (C-71), it is a warning', async () => {
    expect(await oddOnes(older, refuses(wrongUser))).toEqual({
      [field('metadata.user_id', 'ignored')]: 'warn',
    })
  })

  test('a crash is a failure on both, and blames the same field', async () => {
    const crash = refuses(wrongUser, 500)
    expect(await oddOnes(newer, crash)).toEqual({
      [field('metadata.user_id', 'ignored')]: 'fail',
      [TOGETHER]: 'fail',
    })
    expect(await oddOnes(older, crash)).toEqual({ [field('metadata.user_id', 'ignored')]: 'fail' })
  })

  test('an odd value in a block of the history is told from the others', async () => {
    const path = 'messages[].content[].is_error'
    const twist = refuses((body) => places(body, path).some(({ value }) => isObject(value)))
    expect(await oddOnes(newer, twist)).toEqual({ [field(path, 'ignored')]: 'fail' })
  })

  test('an odd value changes the answer', async () => {
    const twist: Twist = {
      reply: (reply, { body }) =>
        body.top_k === 999_999_999 ? { ...reply, stop_reason: 'refusal', content: [] } : reply,
    }
    expect(await oddOnes(newer, twist)).toEqual({ [field('top_k', 'ignored')]: 'fail' })
  })

  test('a right value is refused: the question of acceptance says so, the others stay as they are', async () => {
    const twist = refuses((body) => has(body, 'service_tier'))
    expect(await oddOnes(newer, twist)).toEqual({
      [field('service_tier', 'accepted')]: 'fail',
      [field('service_tier', 'ignored')]: 'skip',
      [field('ignored-together', 'valid')]: 'skip',
      [TOGETHER]: 'skip',
      [`${ID}/ignored/together`]: 'skip',
    })
  })

  test('fields and headers are refused only in company', async () => {
    const twist: Twist = {
      admit: (refusal, { body, headers }) =>
        refusal ??
        (headers['anthropic-beta'] !== undefined && has(body, 'metadata')
          ? refuse(null, null, 'Not both.')
          : null),
    }
    expect(await oddOnes(newer, twist)).toEqual({ [`${ID}/ignored/together`]: 'fail' })
  })

  test('what surrounds some fields is refused: the others are still asked', async () => {
    const twist = refuses((body) => has(body, 'tools') || typeof body.top_k === 'string')
    const odd = await oddOnes(newer, twist)
    expect(odd[field('top_k', 'ignored')]).toBe('fail')
    expect(odd[field('metadata', 'ignored')]).toBeUndefined()
    expect(odd[field('tools[].cache_control', 'ignored')]).toBe('skip')
  })
})

describe('fields that are not supported', () => {
  const unsupported = (id: string) => {
    const { ground, cases } = fieldsOf(id)
    return [...cases].flatMap(([path, list]) =>
      ground.promise.fields[path]?.fate === 'unsupported' && list.length > 0 ? [path] : [],
    )
  }

  test('are refused in whatever words, and none is asked about its wrong values', async () => {
    const { lines } = await older.run()
    const paths = unsupported('tokenhub-intl-old')
    expect(paths.length).toBeGreaterThan(5)
    for (const path of paths) {
      expect(lines.get(field(path, 'accepted'))).toMatchObject({
        verdict: 'pass',
        field: { documented: 'unsupported', observed: 'refused' },
      })
      expect(lines.has(field(path, 'refused')), path).toBe(false)
    }
  })

  test('taken after all: a warning, and only for them', async () => {
    const twist: Twist = {
      admit: (refusal, { body }) =>
        has(body, 'messages[].content[].context') || has(body, 'messages[].content[].title') ? null : refusal,
    }
    expect(await oddOnes(newer, twist)).toEqual({
      [field('messages[].content[].context', 'accepted')]: 'warn',
      [field('messages[].content[].title', 'accepted')]: 'warn',
    })
  })

  test('answered with a 5xx: a failure', async () => {
    const context = 'messages[].content[].context'
    const odd = await oddOnes(
      newer,
      refuses((body) => has(body, context), 500),
    )
    expect(odd).toEqual({ [field(context, 'accepted')]: 'fail' })
  })
})

describe('cost', () => {
  const must = (id: string, only: (check: string) => boolean = () => true) => {
    const profile = specs.profiles.get(id)!
    const dialect = {
      ...anthropicMessages,
      checks: (ground: Ground) => anthropicMessages.checks(ground).filter((check) => only(check.id)),
    } as Dialect
    const selected = select([dialect], profile, specs, {
      dialects: [ID],
      model: profile.default_model,
      level: 'must',
      checks: [],
      suites: [],
      roles: { chosen: [], given: ['default'] },
    })
    return plan(selected, profile.default_model).requests
  }
  const PROFILES = [
    'anthropic',
    'anthropic-2023-06-01',
    'tokenhub-intl',
    'tokenhub-intl-old',
    'token-plan-enterprise',
  ]

  test.each(PROFILES)('the must level is at most 120 requests, its fields at most 60: %s', (id) => {
    expect(must(id)).toBeLessThanOrEqual(120)
    expect(must(id, (check) => check.startsWith(`${ID}/field/`))).toBeLessThanOrEqual(60)
  })
})
