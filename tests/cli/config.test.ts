import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readConfigFile } from '../../cli/config.ts'
import { settingsOf } from '../../cli/settings.ts'
import { temporary } from './assay.ts'

function config(text: string): string {
  const file = path.join(temporary(), 'assay.yaml')
  writeFileSync(file, text)
  return file
}

test('every key is read, and paths are relative to the file', () => {
  const file = config(`
profile: mine.yaml
url: https://gateway.example/v1
urls: { anthropic-messages: https://gateway.example/claude }
model: m
models: [m, n]
keys: { default: GW_KEY, limited: none }
headers: { x-team: blue }
dialects: [openai-chat]
suites: [stream]
checks: ['openai-chat/**']
level: must
max_requests: 10
max_tokens: 2000
concurrency: 2
seed: 7
deadlines: { connect: 1, headers: 2, first_byte: 3, between_bytes: 4, total: 5 }
limits: { head_bytes: 100, body_bytes: 200 }
tls: { ca: ca.pem, insecure: false }
out: results
baseline: known.txt
allow_unproven: true
`)
  const folder = path.dirname(file)
  expect(readConfigFile(file).settings).toEqual({
    profile: path.join(folder, 'mine.yaml'),
    url: 'https://gateway.example/v1',
    urls: { 'anthropic-messages': 'https://gateway.example/claude' },
    model: 'm',
    models: ['m', 'n'],
    keys: { default: 'GW_KEY', limited: 'none' },
    headers: { 'x-team': 'blue' },
    dialects: ['openai-chat'],
    suites: ['stream'],
    checks: ['openai-chat/**'],
    level: 'must',
    max_requests: 10,
    max_tokens: 2000,
    concurrency: 2,
    seed: 7,
    deadlines: { connect: 1, headers: 2, first_byte: 3, between_bytes: 4, total: 5 },
    limits: { head_bytes: 100, body_bytes: 200 },
    tls: { ca: path.join(folder, 'ca.pem'), insecure: false },
    out: path.join(folder, 'results'),
    baseline: path.join(folder, 'known.txt'),
    allow_unproven: true,
  })
})

test('an empty file says nothing', () => {
  expect(readConfigFile(config('# nothing\n')).settings).toEqual({})
})

test.each([
  ['an unknown key', 'profile: openai\nmodle: x\n', ':2:1: modle: unknown key (did you mean model?)'],
  [
    'a nested unknown key',
    'deadlines:\n  totel: 5\n',
    ':2:3: deadlines.totel: unknown key (did you mean total?)',
  ],
  ['an unknown key role', 'keys:\n  limted: X\n', ':2:3: keys.limted: unknown key (did you mean limited?)'],
  [
    'a word that is not known',
    'level: should\n',
    ':1:8: level: must be equal to one of the allowed values: must, may',
  ],
  ['a wrong type', 'seed: 1\nmax_requests: many\n', ':2:15: max_requests: must be integer'],
  ['a list item', 'suites:\n  - stream\n  - 5\n', ':3:5: suites[1]: must be string'],
  [
    'a key instead of its name',
    'keys:\n  default: sk-fake-not-a-name\n',
    ':2:12: keys.default: holds the NAME of an environment variable (or none), never the key',
  ],
  ['a list instead of a map', '- a\n', ':1:1: the config must be object'],
  ['broken YAML', 'a: [1\nb: 2\n', ':2:'],
])('%s is told with file and line', (_, text, told) => {
  const file = config(text)
  expect(() => readConfigFile(file)).toThrow(file + told)
})

test('a file that is not there is told', () => {
  expect(() => readConfigFile('/nowhere/assay.yaml')).toThrow('/nowhere/assay.yaml')
})

test('the command line wins over the config, header by header', () => {
  const file = config('profile: openai\nmodel: a\nheaders: { X-One: "1", x-two: "2" }\nchecks: [a]\n')
  const settings = settingsOf({ config: file, model: 'b', header: ['x-one: 9:9', 'x-three:3'], check: ['c'] })
  expect(settings).toMatchObject({ profile: 'openai', model: 'b', checks: ['c'] })
  expect(settings.headers).toEqual({ 'x-one': '9:9', 'x-two': '2', 'x-three': '3' })
})

test('an address on the command line takes the place of those of all dialects', () => {
  const file = config('urls: { openai-chat: https://gateway.example/v1 }\n')
  expect(settingsOf({ config: file }).urls).toEqual({ 'openai-chat': 'https://gateway.example/v1' })
  expect(settingsOf({ config: file, url: 'https://other.example/v1' })).toEqual({
    url: 'https://other.example/v1',
  })
})
