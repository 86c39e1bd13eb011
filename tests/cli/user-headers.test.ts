import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { prepare } from '../../cli/prepare-run.ts'
import { assertNoKey, headersFrom, headersOf } from '../../cli/user-headers.ts'
import { loadSpecs } from '../../specs/load.ts'
import { temporary } from './assay.ts'
import { inside } from './inside.ts'

const KEY = 'sk-fake-0123456789'
const URL = 'http://127.0.0.1:9/v1'
const MESSAGES = 'anthropic-messages'
const specs = loadSpecs()

function written(text: string): string {
  const file = path.join(temporary(), 'assay.yaml')
  writeFileSync(file, text)
  return file
}

describe('a header that the profile gives', () => {
  const given = (profile: string, headers: Record<string, string>, dialects = [MESSAGES]) =>
    headersFrom(headers, {}, headersOf(specs.profiles.get(profile)!, dialects, specs)).headers

  test('is refused with another value, by the profile that has it', () => {
    expect(() => given('anthropic', { 'Anthropic-Version': '2023-06-01' })).toThrow(
      /profile anthropic gives it to anthropic-messages \(2026-10-21\).*--profile anthropic-2023-06-01 .*has that value.*extends: anthropic.*\{version,headers\}/,
    )
  })

  test('where no profile has the value, by the way to say it', () => {
    const told = () => given('tokenhub-intl', { 'anthropic-version': '2020-01-01' })
    expect(told).toThrow('gives it to anthropic-messages (2023-06-01)')
    expect(told).toThrow('(extends: tokenhub-intl)')
    expect(told).not.toThrow('has that value')
  })

  test('may be said again with its own value, and belongs to nobody where its dialect is not asked', () => {
    const pair: [string, string] = ['anthropic-version', '2026-10-21']
    expect(given('anthropic', Object.fromEntries([pair]))).toEqual([pair])
    expect(given('tokenhub-intl', Object.fromEntries([pair]), ['openai-chat'])).toEqual([pair])
  })

  test('from the command line is exit status 2; so it is from a config, with its place', async () => {
    const flags = ['run', '--plan', '--profile', 'anthropic']
    const line = await inside(...flags, '--header', 'anthropic-version: 2023-06-01')
    expect(line.stderr).toContain('header anthropic-version: profile anthropic gives it')
    expect(line.status).toBe(2)
    const file = written("headers:\n  x-team: red\n  anthropic-version: '2023-06-01'\n")
    const config = await inside(...flags, '--config', file)
    expect(config.stderr).toContain(`${file}:3:22: header anthropic-version: profile anthropic gives it`)
    expect(config.status).toBe(2)
  })
})

describe('a key in a header', () => {
  const run = (header: string[], keyEnv = 'MINE') =>
    prepare({ url: URL, profile: 'openai', keyEnv, header }, { MINE: KEY, ASSAY_KEY_FREE: `${KEY}-free` })

  test.each([
    ['as it is', `x-foo: ${KEY}`],
    ['inside', `x-foo: team ${KEY}!`],
    ['in base64', `x-foo: ${Buffer.from(KEY).toString('base64')}`],
  ])('%s is refused, by the variable that holds it', async (_, header) => {
    const told = await run([header]).then(String, (error: Error) => error.message)
    expect(told).toContain('header x-foo: its value holds the default key')
    expect(told).toContain('x-foo:$MINE')
    expect(told).not.toContain(KEY)
  })

  test('of another role, too', async () => {
    await expect(run([`x-foo: ${KEY}-free`], 'MINE')).rejects.toThrow('x-foo:$')
  })

  test('by its variable is sent, and told by nothing', async () => {
    const { options, headers } = await run(['x-foo: $MINE'])
    expect(options.headers).toEqual([['x-foo', null]])
    expect(headers).toEqual([['x-foo', KEY]])
  })

  test('of the profile is refused as well', () => {
    const profile = specs.profiles.get('anthropic')!
    const promise = profile.dialects[MESSAGES]!
    const dialects = { [MESSAGES]: { ...promise, headers: { 'x-foo': `v ${KEY}` } } }
    const none = { headers: [], secrets: [] }
    const keys = { keys: { default: KEY }, names: {} }
    expect(() => assertNoKey(none, { id: 'mine', dialects }, keys, () => '')).toThrow(
      `profile mine: dialects.${MESSAGES}.headers.x-foo holds the default key`,
    )
    expect(() => assertNoKey(none, profile, keys, () => '')).not.toThrow()
  })
})

describe('what is wrong with a header or a key in the config is told with its place', () => {
  test.each([
    ['headers: { X-Api-Key: abc }', 12, 'header X-Api-Key'],
    ['headers: { x-foo: $ASSAY_TEST_ABSENT }', 19, 'the environment has no ASSAY_TEST_ABSENT'],
    ['keys: { limited: ASSAY_TEST_ABSENT }', 18, 'no ASSAY_TEST_ABSENT, which was named for the limited key'],
    ['keys: { limited: ASSAY_TEST_SHORT }', 18, 'ASSAY_TEST_SHORT has fewer than'],
  ])('%s', async (line, column, told) => {
    vi.stubEnv('ASSAY_KEY', KEY)
    vi.stubEnv('ASSAY_TEST_SHORT', 'abc')
    const file = written(`profile: anthropic\nurl: ${URL}\n${line}\n`)
    const { status, stderr } = await inside('run', '--config', file)
    expect(stderr).toMatch(new RegExp(`${file}:3:\\d+: `))
    expect(stderr).toContain(told)
    expect(Number(/:3:(\d+): /.exec(stderr)![1])).toBeLessThanOrEqual(column + 11)
    expect(status).toBe(2)
    vi.unstubAllEnvs()
  })

  test('but not where the command line took its place', async () => {
    const file = written(`profile: anthropic\nheaders: { x-foo: a }\n`)
    const { stderr } = await inside(
      'run',
      '--plan',
      '--config',
      file,
      '--header',
      'X-Foo: $ASSAY_TEST_ABSENT',
    )
    expect(stderr).toContain('header X-Foo: the environment has no ASSAY_TEST_ABSENT')
    expect(stderr).not.toContain(file)
  })
})

test('urls that name nothing are half an address', async () => {
  const file = written('profile: openai\nurls: {}\n')
  const { status, stderr } = await inside('run', '--plan', '--config', file)
  expect(stderr).toContain(`${file}:2:7: urls: must NOT have fewer than 1 properties`)
  expect(status).toBe(2)
})
