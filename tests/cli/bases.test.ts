import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Addresses, addresses, basesOf, originOf, recordedBases } from '../../cli/bases.ts'
import { settingsAndOrigin } from '../../cli/origin.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { DialectPromise, Profile } from '../../specs/types.ts'
import { temporary } from './assay.ts'
import { inside } from './inside.ts'

const CHAT = 'openai-chat'
const MESSAGES = 'anthropic-messages'
const BOTH = [CHAT, MESSAGES]
const { profiles } = loadSpecs()
const openai = profiles.get('openai')!

/** A profile that has its dialects at these addresses. */
function profileAt(urls: Record<string, string>): Profile {
  const [chat] = Object.values(openai.dialects) as [DialectPromise]
  const dialects = Object.fromEntries(
    Object.entries(urls).map(([id, url]) => {
      const base = id === MESSAGES ? '/v1/messages' : '/chat/completions'
      return [id, { ...chat, path: base, base_urls: [{ url }] }]
    }),
  )
  return { ...openai, id: 'made', dialects }
}

const HUB = profileAt({ [CHAT]: 'https://hub.example/v1', [MESSAGES]: 'https://hub.example' })
const PLAN = profileAt({
  [CHAT]: 'https://hub.example/plan/v3',
  [MESSAGES]: 'https://hub.example/plan/anthropic/',
})
const DEEP = profileAt({ [CHAT]: 'https://hub.example/v1', [MESSAGES]: 'https://hub.example/anthropic/v1' })

describe('from one address', () => {
  test.each<[string, Profile, string, string[], string[]]>([
    ['both, from the one of Chat', HUB, 'https://g.test/v1', BOTH, ['https://g.test/v1', 'https://g.test']],
    ['a slash at the end', HUB, 'https://g.test/v1/', BOTH, ['https://g.test/v1', 'https://g.test']],
    ['a prefix in front', HUB, 'https://g.test/eu/v1', BOTH, ['https://g.test/eu/v1', 'https://g.test/eu']],
    ['both, from the root', HUB, 'https://g.test', BOTH, ['https://g.test/v1', 'https://g.test']],
    [
      'both, from a root with a path',
      HUB,
      'https://g.test/eu',
      BOTH,
      ['https://g.test/eu/v1', 'https://g.test/eu'],
    ],
    ['one of two, from the address of the other', HUB, 'https://g.test/v1', [MESSAGES], ['https://g.test']],
    ['one as it stands', HUB, 'https://g.test/eu', [CHAT], ['https://g.test/eu']],
    ['only whole segments count', HUB, 'https://g.test/xv1', [CHAT], ['https://g.test/xv1']],
    [
      'another version is no path of the profile',
      HUB,
      'https://g.test/v2',
      BOTH,
      ['https://g.test/v2/v1', 'https://g.test/v2'],
    ],
    [
      'paths of one depth',
      PLAN,
      'https://g.test/plan/v3',
      BOTH,
      ['https://g.test/plan/v3', 'https://g.test/plan/anthropic'],
    ],
    [
      'the other way round',
      PLAN,
      'http://127.0.0.1:8787/x/plan/anthropic',
      BOTH,
      ['http://127.0.0.1:8787/x/plan/v3', 'http://127.0.0.1:8787/x/plan/anthropic'],
    ],
    [
      'the longest path wins',
      DEEP,
      'https://g.test/anthropic/v1',
      BOTH,
      ['https://g.test/v1', 'https://g.test/anthropic/v1'],
    ],
    ['one dialect, no path', PLAN, 'https://g.test', [MESSAGES], ['https://g.test']],
  ])('%s', (_, profile, url, dialects, wanted) => {
    const bases = basesOf({ url }, dialects, profile)
    expect(dialects.map((id) => bases?.[id])).toEqual(wanted)
    expect(Object.keys(bases ?? {})).toEqual(dialects)
  })

  test('no address is no target', () => {
    expect(basesOf({}, BOTH, HUB)).toBeUndefined()
    expect(basesOf({ urls: {} }, BOTH, HUB)).toBeUndefined()
  })

  test.each<[string, Profile, Addresses, string[], string]>([
    [
      'it tells nothing',
      PLAN,
      { url: 'https://g.test/v1' },
      BOTH,
      'does not end in /plan/v3 or /plan/anthropic',
    ],
    [
      'an endpoint of Chat',
      HUB,
      { url: 'https://g.test/v1/chat/completions' },
      [CHAT],
      'is the endpoint of openai-chat, not its base URL; leave /chat/completions off: https://g.test/v1',
    ],
    [
      'an endpoint of Messages',
      HUB,
      { url: 'https://g.test/v1/messages/' },
      BOTH,
      'leave /v1/messages off: https://g.test',
    ],
    [
      'no address for one',
      HUB,
      { urls: { [CHAT]: 'https://g.test/v1' } },
      BOTH,
      'no address for anthropic-messages',
    ],
    [
      'no such dialect',
      HUB,
      { urls: { 'openai-chta': 'https://g.test' } },
      BOTH,
      'the nearest is "openai-chat"',
    ],
    ['no URL', HUB, { urls: { [CHAT]: 'g.test' } }, [CHAT], 'is not a URL'],
  ])('%s: wrong use', (_, profile, given, dialects, told) => {
    expect(() => basesOf(given, dialects, profile)).toThrow(told)
  })
})

describe('by dialect', () => {
  test('goes before what the one address would give', () => {
    const given = { url: 'https://g.test/v1', urls: { [MESSAGES]: 'https://g.test/claude/' } }
    expect(basesOf(given, BOTH, PLAN)).toEqual({
      [CHAT]: 'https://g.test/v1',
      [MESSAGES]: 'https://g.test/claude',
    })
  })

  test('is enough by itself', () => {
    const urls = { [CHAT]: 'https://g.test/a', [MESSAGES]: 'https://g.test/b' }
    expect(basesOf({ urls }, BOTH, HUB)).toEqual(urls)
    expect(basesOf({ urls }, [MESSAGES], HUB)).toEqual({ [MESSAGES]: 'https://g.test/b' })
  })

  test.each<[string, Addresses]>([
    ['between them', { urls: { [CHAT]: 'https://g.test', [MESSAGES]: 'https://h.test' } }],
    ['against url', { url: 'https://g.test/v1', urls: { [MESSAGES]: 'https://g.test:8443' } }],
    ['in the scheme', { url: 'https://g.test/v1', urls: { [MESSAGES]: 'http://g.test' } }],
    ['of a dialect that is not asked', { urls: { [CHAT]: 'https://g.test', [MESSAGES]: 'https://h.test' } }],
  ])('another origin %s is refused: a key has one home', (_, given) => {
    expect(() => basesOf(given, BOTH, HUB)).toThrow('a key goes to one origin only')
    expect(() => basesOf(given, [CHAT], HUB)).toThrow('a key goes to one origin only')
  })

  test('what is wrong in the config is told with file and line', () => {
    const file = path.join(temporary(), 'assay.yaml')
    const wrong = (text: string, flags: object = {}) => {
      writeFileSync(file, text)
      const { settings, origin } = settingsAndOrigin({ config: file, ...flags })
      return () => basesOf(settings, BOTH, HUB, origin)
    }
    expect(wrong(`url: https://g.test/v1\nurls:\n  ${MESSAGES}: https://h.test\n`)).toThrow(
      `${file}:3:23: urls.${MESSAGES}: https://h.test is another origin`,
    )
    expect(wrong(`urls:\n  ${CHAT}: ftp://h.test\n`)).toThrow(
      `${file}:2:16: urls.${CHAT}: ftp:// cannot be checked`,
    )
    expect(wrong(`urls: { openai-chta: https://g.test }\n`)).toThrow(
      /assay\.yaml:1:\d+: unknown dialect "openai-chta"/,
    )
    expect(wrong(`urls: { ${CHAT}: https://g.test }\n`)).toThrow(/assay\.yaml:1:\d+: urls has no address for/)
    // The command line's address is the address of all.
    const flags = { url: 'https://h.test/v1' }
    expect(wrong(`urls: { ${CHAT}: https://g.test }\n`, flags)()).toEqual({
      [CHAT]: 'https://h.test/v1',
      [MESSAGES]: 'https://h.test',
    })
  })
})

test('goes into the record and comes out of it again', () => {
  const bases = { [CHAT]: 'https://g.test/v1', [MESSAGES]: 'https://g.test' }
  const target = { ...addresses(bases, BOTH), embedded: false, dialects: BOTH, model: 'm' }
  expect(target.url).toBe('https://g.test/v1')
  expect(recordedBases(target)).toEqual(bases)
  expect(recordedBases({ url: 'https://g.test', embedded: false, dialects: [CHAT], model: 'm' })).toEqual({
    [CHAT]: 'https://g.test',
  })
  expect(originOf(bases)).toBe('https://g.test')
  expect(() => originOf({})).toThrow('without an address')
})

test('the address of an endpoint is wrong use before anything is sent', async () => {
  const { status, stderr } = await inside('run', '--url', 'http://127.0.0.1:9/v1/chat/completions', '--plan')
  expect(stderr).toContain('--url: http://127.0.0.1:9/v1/chat/completions is the endpoint of openai-chat')
  expect(status).toBe(2)
})
