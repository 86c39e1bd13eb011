import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { assay, temporary } from '../cli/assay.ts'
import { inside } from '../cli/inside.ts'

const REMOTE = ['--url', 'http://192.0.2.1/v1']

afterEach(() => vi.unstubAllEnvs())

describe('wrong use is exit 2, and says what is wrong', () => {
  test.each<[string, string[], string]>([
    ['no scenario', [], 'name a scenario: latency, sweep'],
    ['an unknown scenario', ['latncy'], 'unknown scenario "latncy"; the nearest is "latency"'],
    ['an unknown option', ['latency', '--durration', '3s'], '--duration'],
    ['no duration', ['latency', '--duration', '3'], 'It must be a time from 1s on'],
    ['no rate', ['latency', '--rate', '0'], 'It must be a number above 0'],
    ['too many streams', ['latency', '--concurrency', '20001'], 'from 1 to 20000'],
    [
      'a rate with closed arrivals',
      ['latency', '--rate', '3', '--arrivals', 'closed'],
      'arrivals are closed',
    ],
    ['arrivals without a rate', ['latency', '--arrivals', 'poisson'], '--rate N'],
    ['a rate for a search', ['rpm', '--rate', '3'], 'it finds out by itself'],
    [
      'two dialects',
      [
        'latency',
        '--profile',
        'tokenhub-intl',
        '--dialect',
        'openai-chat',
        '--dialect',
        'anthropic-messages',
      ],
      'one dialect',
    ],
    ['leave without a URL', ['latency', '--i-may-load', 'gateway.example'], '--i-may-load goes with --url'],
    ['a wildcard', ['latency', ...REMOTE, '--i-may-load', '*'], 'it takes the name of one host'],
    ['a host without leave', ['latency', ...REMOTE], '192.0.2.1 is not this machine'],
    [
      'a pace of somebody else’s gateway',
      ['latency', ...REMOTE, '--pace', 'tokens_per_s=5'],
      'for the embedded gateway',
    ],
    ['a selftest of somebody else’s gateway', ['selftest', ...REMOTE], 'leave --url out'],
    ['a sweep without an objective', ['sweep', '--plan'], 'name one'],
    [
      'a plan beyond a cap',
      ['latency', '--plan', '--rate', '10', '--duration', '60s', '--max-requests', '100'],
      '--max-requests',
    ],
    ['caps without room for a search', ['rpm', '--plan', '--max-requests', '20'], 'no room for rpm'],
    ['an unknown profile', ['latency', '--profile', 'opnai'], 'the nearest is "openai"'],
  ])('%s', async (_, args, told) => {
    vi.stubEnv('ASSAY_KEY', 'sk-fake-key-0001')
    const { status, stderr } = await inside('load', ...args)
    expect(stderr).toContain(told)
    expect(status).toBe(2)
  })
})

test('what is refused leaves nothing behind', async () => {
  const cwd = temporary()
  const args = ['load', 'latency', ...REMOTE, '--out', 'out']
  const { status, stderr } = await assay(args, { cwd, env: { ASSAY_KEY: 'sk-fake-key-0001' } })
  expect(stderr).toContain('192.0.2.1 is not this machine')
  expect(status).toBe(2)
  expect(readdirSync(cwd)).toEqual([])
})

describe('what is wrong in the config is told with its place', () => {
  test.each([
    ['load: { stremas: 3 }', 'load.stremas: unknown key (did you mean streams?)'],
    ['load: { caps: { request: 3 } }', 'load.caps.request: unknown key (did you mean requests?)'],
    ['load: { duration: 30 }', 'load.duration: must be string'],
    ['load: { duration: "30 s" }', 'is a duration: 500ms, 30s, 5m, 1h'],
    ['load: { slo: [{ metric: tfft, quantile: p99, max_ms: 3 }] }', 'load.slo[0].metric'],
    ['load: { slo: [{ metric: ttft, max_ms: 3 }] }', "load.slo[0]: must have required property 'quantile'"],
    [
      'load: { slo: [{ metric: ttft, quantile: p99, max_ms: 3, min: 1 }] }',
      'load.slo[0].min: does not go with this metric',
    ],
    ['load: { slo: [{ metrc: ttft }] }', 'did you mean metric?'],
    ['load: { max_tokens: [3] }', 'load.max_tokens'],
    ['load: { stream_share: 2 }', 'load.stream_share: must be <= 1'],
  ])('%s', async (text, told) => {
    const file = path.join(temporary(), 'assay.yaml')
    writeFileSync(file, `${text}\n`)
    const { status, stderr } = await inside('load', 'latency', '--plan', '--config', file)
    expect(stderr).toContain(told)
    expect(stderr).toMatch(/assay\.yaml:1:\d+: /)
    expect(status).toBe(2)
  })

  test.each([
    ['load: { max_tokens: 4 }', 'the nonce has to fit'],
    ['load: { scenarios: { latency: { wave: 1 } } }', 'wave is not known to latency'],
    ['load: { prompts: nowhere.jsonl }', 'load.prompts'],
  ])('%s', async (text, told) => {
    const file = path.join(temporary(), 'assay.yaml')
    writeFileSync(file, `${text}\n`)
    const { status, stderr } = await inside('load', 'latency', '--plan', '--config', file)
    expect(stderr).toContain(told)
    expect(status).toBe(2)
  })
})

test('an isolation without the other key says which variable is missing', async () => {
  vi.stubEnv('ASSAY_KEY', 'sk-fake-key-0001')
  const { status, stderr } = await inside('load', 'isolation', '--url', 'http://127.0.0.1:9/v1')
  expect(stderr).toContain('there is no key for role exhausted: set ASSAY_KEY_EXHAUSTED')
  expect(status).toBe(2)
})
