import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { assay, recordLines, start, temporary } from './assay.ts'
import { gateway, server } from './servers.ts'

const PLAIN = ['--check', 'openai-chat/plain/*']
const env = { ASSAY_KEY: KEYS.default }

function summary(dir: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(dir, 'summary.json'), 'utf8')) as Record<string, unknown>
}

describe('assay run', () => {
  test('without a URL checks the embedded reference gateway: exit 0, and its files', async () => {
    const cwd = temporary()
    const { status, stdout, stderr } = await assay(['run', ...PLAIN], { cwd })
    expect(stdout).toContain('CONFORMS')
    expect(status).toBe(0)
    const [made] = readdirSync(path.join(cwd, 'assay-out'))
    expect(made).toMatch(/^\d{4}-\d\d-\d\dT[\dZ-]+-openai$/)
    const dir = path.join(cwd, 'assay-out', made!)
    expect(readdirSync(dir).sort()).toEqual(['junit.xml', 'record.jsonl', 'report.txt', 'summary.json'])
    expect(stdout).toContain(path.join('assay-out', made!))
    const lines = recordLines(dir)
    expect(lines.map((line) => line.type)).toEqual([
      'run',
      'exchange',
      'exchange',
      'verdict',
      'verdict',
      'summary',
    ])
    expect(summary(dir)).toMatchObject({ exit: 0, conclusion: 'conforms', cost: { requests: 2 } })
    expect(stderr).toMatch(/^assay: /)
    expect(stdout + stderr).not.toContain('\u001b')
  })

  test('--plan sends nothing, writes nothing and needs no key', async () => {
    const cwd = temporary()
    const { url, requests } = await server((_, response) => response.end('{}'))
    const { status, stdout } = await assay(['run', '--url', url, '--plan'], { cwd })
    expect(status).toBe(0)
    expect(stdout).toMatch(/openai-chat\/plain +2 +2 /)
    expect(stdout).toContain('Nothing was sent.')
    expect(requests).toEqual([])
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a gateway that answers wrongly: exit 1, and the screen says what, by whose word and how to mend it', async () => {
    const { url } = await server((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"id":"\\u001b[31mred","object":"nothing"}')
    })
    const { status, stdout } = await assay(['run', '--url', url, ...PLAIN], { env })
    expect(status).toBe(1)
    expect(stdout).toContain('DOES NOT CONFORM')
    expect(stdout).toContain('openai-chat/plain/reply')
    expect(stdout).toContain('OAI-CHAT-endpoint')
    expect(stdout).toContain('how to mend it')
    expect(stdout).not.toContain('\u001b')
  })

  test('nobody there: exit 3, one clear sentence, and a record that does not read as conforming', async () => {
    const { url, close } = await server((_, response) => response.end())
    await close()
    const dir = path.join(temporary(), 'out')
    const { status, stdout, stderr } = await assay(['run', '--url', url, '--out', dir], { env })
    expect(status).toBe(3)
    const port = new URL(url).port
    expect(stderr).toContain(`cannot reach 127.0.0.1 port ${port}: ECONNREFUSED`)
    expect(stdout).not.toContain('CONFORMS')
    expect(summary(dir)).toMatchObject({ exit: 3, conclusion: 'unjudged' })
    expect((await assay(['judge', dir])).status).toBe(3)
  })

  test('a target that does not speak TLS: exit 3, and what to try', async () => {
    const { url } = await server((_, response) => response.end())
    const { status, stderr } = await assay(['run', '--url', url.replace('http:', 'https:')], { env })
    expect(stderr).toContain('should the URL begin with http://?')
    expect(status).toBe(3)
  })

  test('a spent budget leaves must-level checks open: exit 4; allowed: 0, and it says so', async () => {
    const { status, stdout } = await assay(['run', ...PLAIN, '--max-requests', '1'])
    expect(status).toBe(4)
    expect(stdout).toContain('NOT PROVEN')
    expect(stdout).toContain('--max-requests 1 is spent')
    const allowed = await assay(['run', ...PLAIN, '--max-requests', '1', '--allow-unproven'])
    expect(allowed.status).toBe(0)
    expect(allowed.stdout).toContain('--allow-unproven')
  })

  test('a budget is held whatever is planned', async () => {
    const { url, received } = await gateway()
    const { status } = await assay(['run', '--url', url, '--max-requests', '7', '--concurrency', '8'], {
      env,
    })
    expect(status).not.toBe(0)
    expect(received()).toHaveLength(7)
  })

  test('a must-level question without its key is open; a role set to none is a skip by choice', async () => {
    const { url } = await gateway()
    const cwd = temporary()
    const args = ['run', '--check', 'openai-chat/access/rate-limit', '--config']
    const keys = { env: { GW_KEY: KEYS.default }, cwd }
    writeFileSync(path.join(cwd, 'open.yaml'), `url: ${url}\nkeys: { default: GW_KEY }\nout: open\n`)
    expect((await assay([...args, 'open.yaml'], keys)).status).toBe(4)
    writeFileSync(
      path.join(cwd, 'chosen.yaml'),
      `url: ${url}\nkeys: { default: GW_KEY, limited: none }\nout: chosen\n`,
    )
    expect((await assay([...args, 'chosen.yaml'], keys)).status).toBe(0)
    const skips = (dir: string) =>
      recordLines(path.join(cwd, dir)).flatMap((line) => (line.skip === undefined ? [] : [line.skip]))
    expect(skips('open')).toEqual([{ reason: 'unavailable' }])
    expect(skips('chosen')).toEqual([{ reason: 'chosen' }])
    for (const dir of ['open', 'chosen']) {
      const judged = await assay(['judge', dir], { cwd })
      expect(judged.stdout).toContain('verdicts agree with the record')
      expect(judged.status).toBe(dir === 'open' ? 4 : 0)
    }
  })

  test('a missing key: the message names its variable and how to leave it out', async () => {
    const { url } = await gateway()
    const dir = path.join(temporary(), 'out')
    const check = 'openai-chat/access/rate-limit'
    await assay(['run', '--url', url, '--check', check, '--out', dir], { env })
    const line = recordLines(dir).find((one) => one.id === check)
    expect(line?.message).toContain('set ASSAY_KEY_LIMITED, or')
    expect(line?.message).toContain('keys: { limited: none }')
  })

  test('models that nobody called activated are not asked; those that were must be served', async () => {
    const { url, received } = await gateway()
    const cwd = temporary()
    const models = (dir: string) =>
      Object.fromEntries(
        recordLines(path.join(cwd, dir)).flatMap((line) => {
          const name = /^openai-chat\/models\/(gpt-.*)$/.exec(String(line.id))?.[1]
          return name === undefined ? [] : [[name, [line.verdict, line.skip] as const]]
        }),
      )
    const args = ['run', '--url', url, '--check', 'openai-chat/models/gpt-*', '--out']
    expect((await assay([...args, 'one'], { env, cwd })).status).toBe(0)
    expect(models('one')['gpt-5.4-mini']).toEqual(['skip', { reason: 'chosen' }])
    expect(models('one')['gpt-4.1-mini']![0]).toBe('pass')
    expect(received().some((request) => request.includes('gpt-5.4-mini'))).toBe(false)
    expect((await assay(['judge', 'one'], { cwd })).stdout).toContain('verdicts agree with the record')

    writeFileSync(path.join(cwd, 'two.yaml'), 'models: [gpt-5.4-mini]\n')
    expect((await assay([...args, 'two', '--config', 'two.yaml'], { env, cwd })).status).toBe(0)
    expect(models('two')['gpt-5.4-mini']![0]).toBe('pass')
    expect(models('two')['gpt-audio-mini']![0]).toBe('skip')
    expect(received().some((request) => request.includes('gpt-5.4-mini'))).toBe(true)

    const without = await server((request, response) => {
      let text = ''
      request.on('data', (part: Buffer) => {
        text += part.toString()
      })
      request.on('end', async () => {
        const served = !text.includes('gpt-5.4-mini')
        const answer = served
          ? await fetch(`${url}/chat/completions`, {
              method: 'POST',
              body: text,
              headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS.default}` },
            })
          : undefined
        response.statusCode = answer?.status ?? 404
        response.setHeader('content-type', answer?.headers.get('content-type') ?? 'application/json')
        response.end(
          answer === undefined
            ? '{"error":{"message":"no","type":"x","param":null,"code":null}}'
            : await answer.text(),
        )
      })
    })
    const asked = ['run', '--url', without.url, '--check', 'openai-chat/models/gpt-5.4-mini', '--out']
    expect((await assay([...asked, 'three', '--config', 'two.yaml'], { env, cwd })).status).toBe(1)
    expect(models('three')['gpt-5.4-mini']![0]).toBe('fail')
  })

  test("a profile of one's own brings its rows along; judging again does not need the file", async () => {
    const cwd = temporary()
    writeFileSync(
      path.join(cwd, 'mine.yaml'),
      `id: mine
extends: openai
requirements:
  - { id: MY-REQ-seed, level: ignored, text: seed is ignored, source: ["my docs: page 3"] }
dialects:
  openai-chat:
    fields:
      stop: { fate: ignored }
      seed: { fate: ignored, requirements: [MY-REQ-seed] }
`,
    )
    const checks = ['--check', 'openai-chat/field/stop/*', '--check', 'openai-chat/field/seed/*']
    const { status } = await assay(['run', '--profile', 'mine.yaml', ...checks, '--out', 'out'], { cwd })
    expect(status).toBe(0)
    const cited = (field: string) =>
      recordLines(path.join(cwd, 'out')).flatMap((line) =>
        String(line.id).startsWith(`openai-chat/field/${field}/`)
          ? (line.requirements as { id: string; source: string }[])
          : [],
      )
    expect(cited('seed')).toContainEqual(
      expect.objectContaining({ id: 'MY-REQ-seed', source: 'my docs: page 3' }),
    )
    expect(cited('stop')).toContainEqual(expect.objectContaining({ source: 'mine.yaml:8' }))
    expect(cited('stop').map((row) => row.id)).not.toContain('OAI-CHAT-req-stop')
    writeFileSync(path.join(cwd, 'mine.yaml'), 'gone')
    const judged = await assay(['judge', 'out'], { cwd })
    expect(judged.stdout).toContain('verdicts agree with the record')
    expect(judged.status).toBe(0)
  })

  test('it says what stands in for the gateway, and what the selection leaves out', async () => {
    const { stderr } = await assay(['run', '--suite', 'plain'])
    expect(stderr).toContain('no --url: the embedded reference gateway stands in for profile openai')
    expect(stderr).toMatch(/selected 2 of \d+ checks and 0 of (\d+) rules; the other \1 rules/)
    const planned = await assay(['run', '--suite', 'plain', '--plan'])
    expect(planned.stdout).toMatch(/^Selected 2 of \d+ checks/m)
    expect((await assay(['run', '--plan'])).stdout).not.toContain('elected ')
  })

  test("a profile of one's own is a file, and goes into the record", async () => {
    const cwd = temporary()
    writeFileSync(path.join(cwd, 'mine.yaml'), 'id: mine\nextends: openai\ntitle: My own gateway\n')
    const args = ['run', '--profile', 'mine.yaml', ...PLAIN, '--out', 'out']
    const { status, stdout } = await assay(args, { cwd })
    expect(stdout).toContain('profile mine')
    expect(status).toBe(0)
    expect(recordLines(path.join(cwd, 'out'))[0]).toMatchObject({ profile: { id: 'mine' } })
    // The record stands by itself: judging again does not need the file.
    expect((await assay(['judge', path.join(cwd, 'out')])).status).toBe(0)
  })

  test('an existing record is not overwritten: exit 2', async () => {
    const dir = path.join(temporary(), 'out')
    await assay(['run', ...PLAIN, '--out', dir])
    const before = readFileSync(path.join(dir, 'record.jsonl'))
    const { status, stderr } = await assay(['run', ...PLAIN, '--out', dir])
    expect(status).toBe(2)
    expect(stderr).toContain('already holds a record')
    expect(readFileSync(path.join(dir, 'record.jsonl'))).toEqual(before)
  })

  test('level must and a subject narrow the run', async () => {
    const cwd = temporary()
    const dir = path.join(cwd, 'out')
    await assay(['run', '--level', 'must', '--suite', 'plain', '--out', dir])
    const verdicts = recordLines(dir).filter((line) => line.type === 'verdict')
    expect(verdicts.map((line) => line.id)).toEqual(['openai-chat/plain/reply', 'openai-chat/plain/stream'])
  })

  test('a reader of standard output that goes away changes neither the record nor the status', async () => {
    const dir = path.join(temporary(), 'out')
    const { child, ended } = start(['run', ...PLAIN, '--out', dir])
    child.stdout.destroy()
    const { status, stderr } = await ended
    expect(status).toBe(0)
    expect(stderr).not.toContain('EPIPE')
    expect(existsSync(path.join(dir, 'junit.xml'))).toBe(true)
  })
})

describe('a baseline', () => {
  const broken = () =>
    server((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })

  test('a known failure does not count and is shown', async () => {
    const { url } = await broken()
    const file = path.join(temporary(), 'known.txt')
    writeFileSync(file, 'openai-chat/plain/reply  ticket 7\n')
    const args = ['run', '--url', url, '--check', 'openai-chat/plain/reply', '--baseline', file]
    const { status, stdout } = await assay(args, { env })
    expect(stdout).toContain('known to fail, not counted: openai-chat/plain/reply (ticket 7)')
    expect(status).toBe(0)
  })

  test('an entry that passes is itself a failure', async () => {
    const file = path.join(temporary(), 'known.txt')
    writeFileSync(file, 'openai-chat/plain/reply\n')
    const { status, stdout } = await assay(['run', ...PLAIN, '--baseline', file])
    expect(stdout).toContain('out of date in the baseline: openai-chat/plain/reply')
    expect(status).toBe(1)
  })
})

test('no key is ever shown or written, whatever the gateway does with it', async () => {
  const canary = 'sk-canary-5f1d0c7b9a3e'
  const other = 'canary-header-77c2e1'
  const { url, requests } = await server((request, response) => {
    const seen = `${request.headers.authorization} ${request.headers['x-api-key']}`
    response.setHeader('x-echo', encodeURIComponent(seen))
    response.setHeader('content-type', 'application/json')
    const base64 = Buffer.from(seen).toString('base64')
    response.end(JSON.stringify({ error: { message: `denied: ${seen}`, base64, headers: request.headers } }))
  })
  const cwd = temporary()
  const { child, ended } = start(
    ['run', '--url', url, '--key-env', 'CANARY', '--header', 'x-api-key:$OTHER', '--out', 'out'],
    { cwd, env: { CANARY: canary, OTHER: other } },
  )
  const { status, stdout, stderr } = await ended
  expect(status).toBe(1)
  // It did go to the gateway.
  expect(requests.some((request) => request.headers.authorization === `Bearer ${canary}`)).toBe(true)
  expect(requests.every((request) => request.headers['x-api-key'] === other)).toBe(true)
  const files = readdirSync(path.join(cwd, 'out')).map((name) =>
    readFileSync(path.join(cwd, 'out', name), 'latin1'),
  )
  expect(files).toHaveLength(4)
  // Bodies stand in the record as base64: look inside too.
  const bodies = recordLines(path.join(cwd, 'out')).flatMap((line) => {
    const exchange = line.exchange as { reads: { base64: string } } | undefined
    return exchange === undefined ? [] : [Buffer.from(exchange.reads.base64, 'base64').toString('latin1')]
  })
  expect(bodies.length).toBeGreaterThan(0)
  for (const secret of [canary, other]) {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(4, -4)]
    for (const text of [stdout, stderr, child.spawnargs.join(' '), ...files, ...bodies]) {
      for (const form of forms) expect(text.includes(form)).toBe(false)
    }
  }
})
