import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { resumedRun } from '../../cli/resume.ts'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { assay, recordLines, start, temporary } from './assay.ts'
import { expectNoKey, KEY, written } from './canary.ts'
import { inside } from './inside.ts'
import { gateway, server } from './servers.ts'

const CHAT = 'openai-chat'
const MESSAGES = 'anthropic-messages'
const PLAIN = ['--profile', 'tokenhub-intl', '--check', '*/plain/*']
const env = { ASSAY_KEY: KEYS.default }

interface Recorded {
  target: { url: string; urls: Record<string, string>; dialects: string[] }
}
const targetOf = (dir: string) => (recordLines(dir)[0] as unknown as Recorded).target

describe('a run of a profile with two dialects', () => {
  test('asks both of the embedded gateway, tells of both, and is judged again', async () => {
    const dir = path.join(temporary(), 'out')
    const { status, stdout } = await assay(['run', ...PLAIN, '--out', dir])
    expect(stdout).toContain('profile tokenhub-intl · openai-chat, anthropic-messages')
    expect(stdout).toContain('CONFORMS')
    expect(status).toBe(0)
    const { dialects, urls } = targetOf(dir)
    expect(dialects).toEqual([CHAT, MESSAGES])
    expect(new URL(urls[CHAT]!).pathname).toBe('/v1')
    expect(new URL(urls[MESSAGES]!).pathname).toBe('/')
    const xml = readFileSync(path.join(dir, 'junit.xml'), 'utf8')
    for (const id of dialects) expect(xml).toContain(`<testsuite name="${id}/plain"`)
    const judged = await inside('judge', dir)
    expect(judged.stdout).toContain('all 4 verdicts agree with the record')
    expect(judged.status).toBe(0)
  })

  test.each([
    ['the address of Chat', '/v1'],
    ['the root', ''],
  ])('finds both from %s', async (_, prefix) => {
    const { urls } = await gateway({ profile: 'tokenhub-intl' })
    const dir = path.join(temporary(), 'out')
    const { origin } = new URL(urls[CHAT]!)
    const { status, stdout } = await assay(['run', ...PLAIN, '--url', origin + prefix, '--out', dir], { env })
    expect(status).toBe(0)
    expect(targetOf(dir).urls).toEqual({ [CHAT]: `${origin}/v1`, [MESSAGES]: origin })
    expect(stdout).toContain(`target ${origin}/v1 (${CHAT})\n       ${origin} (${MESSAGES})\n`)
  })

  test('of one dialect alone sends nothing in the other', async () => {
    const { url, received } = await gateway({ profile: 'tokenhub-intl' })
    const args = ['run', ...PLAIN, '--dialect', MESSAGES, '--url', url]
    expect((await assay(args, { env })).status).toBe(0)
    expect(received()).toHaveLength(2)
    expect(received().every((request) => request.startsWith('POST /v1/messages '))).toBe(true)
  })

  test('is gone on with at its addresses only', async () => {
    const { urls } = await gateway({ profile: 'tokenhub-intl' })
    const dir = path.join(temporary(), 'out')
    await assay(['run', ...PLAIN, '--url', urls[CHAT]!, '--out', dir], { env })
    const file = path.join(dir, 'record.jsonl')
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, lines.filter((line) => !line.includes('"type":"summary"')).join('\n'))
    const resumed = (url: string) => resumedRun(dir, { resume: dir, url }, env)
    const { origin } = new URL(urls[CHAT]!)
    expect((await resumed(urls[CHAT]!)).bases).toEqual(targetOf(dir).urls)
    expect((await resumed(origin)).bases).toEqual(targetOf(dir).urls)
    await expect(resumed(`${origin}/other/v1`)).rejects.toThrow(
      `that run had url ${origin}/v1 (${CHAT}), ${origin} (${MESSAGES}), not ${origin}/other/v1 (${CHAT})`,
    )
  })

  test('with a dialect that the profile does not promise is wrong use, and names the profiles that do', async () => {
    const { status, stderr } = await inside('run', '--dialect', MESSAGES, '--plan')
    expect(stderr).toContain('profile openai promises no anthropic-messages (--profile ')
    expect(stderr).toContain('tokenhub-intl')
    expect(status).toBe(2)
  })
})

test('serve tells where each dialect is; its commands work', async () => {
  const { child, output, shows, ended } = start(['serve', '--profile', 'tokenhub-intl'])
  await shows('Ctrl-C ends it.')
  const [, chat, messages] =
    /^base URL {2}(\S+) +openai-chat\n +(\S+) +anthropic-messages$/m.exec(output.stdout) ?? []
  expect(chat).toBe(`${messages}/v1`)
  expect(output.stdout).toContain(
    `curl -iN ${chat}/chat/completions -H 'authorization: Bearer ${KEYS.default}'`,
  )
  const [, address, headers, body] =
    /^curl -iN (\S+\/v1\/messages) (.*) -d '(.*)'$/m.exec(output.stdout) ?? []
  const pairs = [...headers!.matchAll(/-H '([^:]+): ([^']*)'/g)].map(([, name, value]) => [name!, value!])
  const answer = await fetch(address!, { method: 'POST', headers: Object.fromEntries(pairs), body: body! })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('event: message_stop')
  const url = /assay run --profile tokenhub-intl --url (\S+)$/m.exec(output.stdout)?.[1] ?? ''
  const checked = await assay(['run', ...PLAIN, '--url', url], { env })
  expect(checked.stdout).toContain(`${messages} (anthropic-messages)`)
  expect(checked.status).toBe(0)
  child.kill('SIGINT')
  expect((await ended).status).toBe(0)
})

describe('check-transcript', () => {
  const event = (type: string, more: object = {}) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 1 },
  }
  const GOOD =
    event('message_start', { message }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('ping') +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'OK' } }) +
    event('content_block_stop', { index: 0 }) +
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2 },
    }) +
    event('message_stop')

  const judged = (bytes: string, ...more: string[]) => {
    const file = path.join(temporary(), 'capture.txt')
    writeFileSync(file, bytes)
    return inside('check-transcript', file, '--dialect', MESSAGES, ...more)
  }

  test('holds a stream of events to the newest profile that has the dialect, or to the one that is named', async () => {
    const { status, stdout } = await judged(GOOD, '--profile', 'tokenhub-intl')
    expect(stdout).toMatch(/\d+ rules judged the transcript: 0 failed/)
    expect(stdout).toContain('(anthropic-messages, profile tokenhub-intl)')
    expect(status).toBe(0)
    const newest = await judged(GOOD)
    expect(newest.stdout).toContain('(anthropic-messages 2026-10-21, profile anthropic)')
  })

  test.each([
    ['without its end', GOOD.replace(event('message_stop'), '')],
    [
      'with a delta for a block that was never opened',
      GOOD.replace('"index":0,"delta"', '"index":1,"delta"'),
    ],
  ])('a stream %s: exit 1, by the grammar', async (_, bytes) => {
    const { status, stdout } = await judged(bytes, '--profile', 'tokenhub-intl')
    expect(stdout).toContain('✗ anthropic-messages/grammar/')
    expect(stdout).not.toContain('without a key')
    expect(status).toBe(1)
  })
})

describe('a gateway that says the key again, in Messages', () => {
  const TOKENS = { input_tokens: 9, output_tokens: 2 }

  /** A right answer, whole or in events, whose text and headers are what was asked with. */
  function echo(request: IncomingMessage, response: ServerResponse): void {
    const text = `${request.headers['x-api-key']} ${request.headers.authorization}`
    let asked = ''
    request.on('data', (part: Buffer) => {
      asked += part.toString()
    })
    request.on('end', () => {
      const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5' }
      const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: TOKENS }
      response.setHeader('request-id', encodeURIComponent(text))
      if (!asked.includes('"stream":true')) {
        response.setHeader('content-type', 'application/json')
        const content = [{ type: 'text', text }]
        response.end(JSON.stringify({ ...begun, content, stop_reason: 'end_turn' }))
        return
      }
      response.setHeader('content-type', 'text/event-stream')
      const events = [
        { type: 'message_start', message: begun },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: TOKENS },
        { type: 'message_stop' },
      ]
      const body = events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join('')
      // In pieces that cut the key.
      for (let at = 0; at < body.length; at += 13) response.write(body.slice(at, at + 13))
      response.end()
    })
  }

  test.each([
    ['anthropic', 'authorization', `Bearer ${KEY}`, 'x-api-key', KEY],
    ['anthropic-2023-06-01', 'x-api-key', KEY, 'authorization', `Bearer ${KEY}`],
  ])('%s, where it goes in %s first: it stands nowhere', async (profile, first, value, also, other) => {
    const { url, requests } = await server(echo)
    const cwd = temporary()
    const { origin } = new URL(url)
    const globs = ['plain/*', 'access/*', 'security/*', 'errors/*key*']
    const checks = globs.flatMap((glob) => ['--check', `${MESSAGES}/${glob}`])
    const args = [
      'run',
      '--profile',
      profile,
      '--url',
      origin,
      '--key-env',
      'CANARY',
      ...checks,
      '--out',
      'out',
    ]
    const { status, stdout, stderr } = await assay(args, { cwd, env: { CANARY: KEY } })
    expect(status).toBe(1)
    expect(stdout).toContain(`✗ ${MESSAGES}/security/key-echo`)
    const asked = requests.map(({ headers }) => [headers[first], headers[also]])
    expect(asked).toContainEqual([value, undefined])
    expect(asked).toContainEqual([undefined, other])
    expect(asked).toContainEqual([undefined, undefined])
    expectNoKey([stdout, stderr, ...written(path.join(cwd, 'out'))])

    const judged = await assay(['judge', 'out', '--out', 'again'], { cwd })
    expect(judged.stdout).toContain('verdicts agree with the record')
    expectNoKey([judged.stdout, judged.stderr, ...written(path.join(cwd, 'again'))])
  })

  test.each(['x-api-key', 'X-Api-Key', 'Authorization'])(
    'a header in which the key goes is not for the user: %s',
    async (header) => {
      const args = [
        'run',
        '--profile',
        'anthropic',
        '--url',
        'http://127.0.0.1:9',
        '--header',
        `${header}:${KEY}`,
      ]
      const { status, stdout, stderr } = await assay(args, { env: { ASSAY_KEY: KEY } })
      expect(stderr).toContain('the key goes there; name its variable with --key-env')
      expect(status).toBe(2)
      expectNoKey([stdout, stderr])
    },
  )
})
