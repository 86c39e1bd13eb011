import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holds, levelOf } from '../../specs/level.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Profile, Specs } from '../../specs/types.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-own-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function load(text: string): { specs: Specs; own: Profile } {
  const profileFile = join(folder, 'mine.yaml')
  writeFileSync(profileFile, text)
  const specs = loadSpecs({ profileFile })
  return { specs, own: profileById(specs, specs.own ?? 'none') }
}

test('an own profile lays its keys over its base; lists are replaced, the rest stays', () => {
  const { specs, own } = load(`id: mine
extends: openai
claims: []
default_model: llama
models:
  - { id: llama, requirements: [], dialects: [openai-chat], capabilities: [tools] }
dialects:
  openai-chat:
    base_urls: [{ url: "http://127.0.0.1:8000/v1" }]
    fields:
      logit_bias: { fate: unsupported }
    errors:
      no-key: { status: [403] }
`)
  const base = profileById(specs, 'openai')
  const [mine, theirs] = [own.dialects['openai-chat'], base.dialects['openai-chat']]
  expect(own).toMatchObject({
    id: 'mine',
    bases: ['openai'],
    title: base.title,
    claims: [],
    default_model: 'llama',
  })
  expect(own).not.toHaveProperty('extends')
  expect(mine?.base_urls).toEqual([{ url: 'http://127.0.0.1:8000/v1' }])
  expect(mine?.fields.logit_bias).toEqual({
    ...theirs?.fields.logit_bias,
    fate: 'unsupported',
    requirements: ['OWN-openai-chat-logit_bias'],
  })
  expect(mine?.errors['no-key']).toEqual({ ...theirs?.errors['no-key'], status: [403] })
  expect(mine?.response).toEqual(theirs?.response)
  expect(Object.keys(mine?.fields ?? {})).toEqual(Object.keys(theirs?.fields ?? {}))
  expect(theirs?.fields.logit_bias?.fate).toBe('honoured')
  expect(base.default_model).toBe('gpt-4.1-mini')
})

test('rows of the base bind the own profile, those of other gateways do not', () => {
  const { specs, own } = load('id: mine\nextends: pingtoken\n')
  const level = (id: string) => levelOf([id], own, specs.requirements, [])
  expect(level('PT-RES-id')).toBe('must')
  expect(level('HTTP-framing-length')).toBe('must')
  expect(level('TH-ERR-stream-start')).toBe('may')
  expect(level('OAI-CHAT-res-id')).toBeUndefined()
})

test('a profile without a base stands on what it lists', () => {
  const { specs, own } = load(`id: mine
title: My gateway
documents: [transport]
default_model: m
claims: []
models: [{ id: m, requirements: [], dialects: [openai-chat], capabilities: [] }]
dialects:
  openai-chat:
    base_urls: [{ url: "https://gateway.example/v1" }]
    path: /chat/completions
    auth: { header: authorization, scheme: Bearer }
    limit_field: max_tokens
    undocumented: observed
    fields:
      max_tokens: { fate: honoured, requirements: [HTTP-client-error-status] }
    response: {}
    chunk: {}
    errors: {}
    clients: []
`)
  expect(own).not.toHaveProperty('bases')
  expect(levelOf(['JSON-syntax'], own, specs.requirements, [])).toBe('must')
  expect(levelOf(['TH-ERR-stream-start'], own, specs.requirements, [])).toBeUndefined()
  // A record holds the profile and not its file: it must be bound by the same rows.
  const kept = JSON.parse(JSON.stringify(own)) as Profile
  for (const [id, row] of loadSpecs().requirements) {
    expect(holds(kept, row), id).toBe(holds(own, specs.requirements.get(id)!))
  }
})

test('loading twice gives equal values, and a profile goes to JSON and back', () => {
  const text = 'id: mine\nextends: openai\n'
  expect(load(text).specs).toEqual(load(text).specs)
  const { own } = load(text)
  expect(JSON.parse(JSON.stringify(own))).toEqual(own)
})

const MESSAGES = `id: mine
extends: anthropic
dialects:
  anthropic-messages:
`

test('the version, its header and the forms of the key come from the base', () => {
  const { specs, own } = load(`${MESSAGES}    base_urls: [{ url: "http://127.0.0.1:8000" }]\n`)
  const [mine, theirs] = [own, profileById(specs, 'anthropic')].map(
    (profile) => profile.dialects['anthropic-messages'],
  )
  expect(theirs).toMatchObject({
    version: '2026-10-21',
    headers: { 'anthropic-version': '2026-10-21' },
    auth: { header: 'authorization', scheme: 'Bearer', also: [{ header: 'x-api-key' }] },
  })
  expect({ ...mine, base_urls: theirs?.base_urls }).toEqual(theirs)
})

test('an own profile sets another version with its header, and adds headers', () => {
  const { own } = load(`${MESSAGES}    version: '2023-06-01'
    headers: { anthropic-version: '2023-06-01', x-team: red }
`)
  expect(own.dialects['anthropic-messages']).toMatchObject({
    version: '2023-06-01',
    headers: { 'anthropic-version': '2023-06-01', 'x-team': 'red' },
  })
})

test('another header for the key stands alone: neither scheme nor other forms of the base hold for it', () => {
  const auth = (text: string) =>
    load(`${MESSAGES}    auth: ${text}\n`).own.dialects['anthropic-messages']?.auth
  expect(auth('{ header: x-api-key }')).toEqual({ header: 'x-api-key' })
  expect(auth('{ header: api-key, also: [{ header: authorization, scheme: Token }] }')).toEqual({
    header: 'api-key',
    also: [{ header: 'authorization', scheme: 'Token' }],
  })
  expect(auth('{ header: authorization, scheme: Token }')).toEqual({
    header: 'authorization',
    scheme: 'Token',
    also: [{ header: 'x-api-key' }],
  })
  expect(auth('{ also: [{ header: api-key }] }')).toEqual({
    header: 'authorization',
    scheme: 'Bearer',
    also: [{ header: 'api-key' }],
  })
})

test('a field that the version under test has lost can be promised again', () => {
  const { specs, own } = load(`${MESSAGES}    fields:
      temperature: { fate: honoured, minimum: 0, maximum: 1 }
`)
  expect(own.dialects['anthropic-messages']?.fields.temperature).toMatchObject({
    fate: 'honoured',
    requirements: ['OWN-anthropic-messages-temperature'],
  })
  expect(own.withdrawn).toEqual(['ANT-2026-no-temperature'])
  expect(levelOf(['ANT-2026-no-temperature'], own, specs.requirements, [])).toBeUndefined()
})

test('rows that an own profile names as not promised do not bind it; all others do', () => {
  const { specs, own } = load(`id: mine
extends: anthropic
not_promised: [ANT-MODELS-list, SEC-authentication-required]
`)
  const level = (id: string) => levelOf([id], own, specs.requirements, [])
  expect(own.withdrawn).toEqual(['ANT-MODELS-list', 'SEC-authentication-required'])
  expect(own).not.toHaveProperty('not_promised')
  expect([level('ANT-MODELS-list'), level('SEC-authentication-required')]).toEqual([undefined, undefined])
  expect([level('ANT-MODELS-one'), level('SEC-key-not-echoed')]).toEqual(['must', 'must'])
  // What the built-in profile promises stays as it is.
  expect(profileById(specs, 'anthropic')).not.toHaveProperty('withdrawn')
})

test('a row stays withdrawn where a promise of the profile cites it, and beside those that its fields contradict', () => {
  const { specs, own } = load(`${MESSAGES}    fields:
      temperature: { fate: honoured }
not_promised: [ANT-REQ-stop_sequences]
`)
  expect(own.withdrawn).toEqual(['ANT-2026-no-temperature', 'ANT-REQ-stop_sequences'])
  expect(levelOf(['ANT-REQ-stop_sequences'], own, specs.requirements, [])).toBeUndefined()
})
