import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { assay, type Ended, recordLines, start, temporary } from './assay.ts'
import { bytesOf, expectNoKey, KEY, OTHER, type Packed, written } from './canary.ts'
import { server } from './servers.ts'

test('a gateway that says the key in a 429 before a retry: it stands nowhere, and the places are told', async () => {
  let answers = 0
  const { url, requests } = await server((request, response) => {
    const seen = `${request.headers.authorization} ${request.headers['x-subscription-key']}`
    const base64 = Buffer.from(seen).toString('base64')
    answers += 1
    response.statusCode = answers % 2 === 1 ? 429 : 400
    response.setHeader('retry-after-ms', '1')
    response.setHeader('x-echo', seen)
    response.setHeader('content-type', 'application/json')
    const body = JSON.stringify({
      error: { message: `slow down, ${seen}`, base64, headers: request.headers },
    })
    // In chunks that cut the key.
    for (let at = 0; at < body.length; at += 17) response.write(body.slice(at, at + 17))
    response.end()
  })
  const cwd = temporary()
  const out = path.join(cwd, 'out')
  const how = { cwd, env: { CANARY: KEY, OTHER } }
  const args = ['--url', url, '--key-env', 'CANARY', '--header', 'x-subscription-key:$OTHER']
  const { child, ended } = start(['run', ...args, '--suite', 'plain', '--out', 'out'], how)
  const { status, stdout, stderr } = await ended
  expect(status).toBe(1)
  expect(requests.some((request) => request.headers.authorization === `Bearer ${KEY}`)).toBe(true)
  const before = recordLines(out).flatMap((line) => (line.exchange as Packed | undefined)?.earlier ?? [])
  expect(before.length).toBeGreaterThan(0)
  for (const exchange of before) {
    expect(exchange.status).toBe(429)
    expect(exchange.leaks.filter(({ part }) => part === 'read').length).toBeGreaterThan(1)
    for (const { part, index, offset, length } of exchange.leaks) {
      const text = part === 'header' ? exchange.headers[index ?? -1]?.[1] : bytesOf(exchange)
      expect(text?.slice(offset, offset + length)).toBe('*'.repeat(length))
    }
  }
  expectNoKey([stdout, stderr, child.spawnargs.join(' '), ...written(out)])

  const judged = await assay(['judge', out, '--out', path.join(cwd, 'again')])
  expect(judged.stdout).toContain('verdicts agree with the record')
  expect(judged.status).toBe(status)
  expectNoKey([judged.stdout, judged.stderr, ...written(path.join(cwd, 'again'))])
})

test('proxies of the environment and redirects lead nowhere: key and request go to the target alone', async () => {
  const elsewhere = await server((_, response) => response.end('{}'))
  const { url, requests } = await server((_, response) => {
    response.writeHead(307, { location: `${elsewhere.url}/chat/completions`, 'content-length': '0' }).end()
  })
  const proxy = new URL(elsewhere.url).origin
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
  const env = { ...Object.fromEntries(names.map((name) => [name, proxy])), NODE_USE_ENV_PROXY: '1' }
  const dir = path.join(temporary(), 'out')
  const { status } = await assay(['run', '--url', url, '--suite', 'plain', '--out', dir], {
    env: { ...env, ASSAY_KEY: KEY },
  })
  expect(status).toBe(1)
  expect(requests.length).toBeGreaterThan(0)
  expect(elsewhere.requests).toHaveLength(0)
})

test.each<[string, string[]]>([
  ['as the name of its variable', ['--url', 'http://127.0.0.1:9/v1', '--key-env', KEY]],
  [
    'as a name that could be one',
    ['--url', 'http://127.0.0.1:9/v1', '--key-env', 'a5f1d0c7b9a3e0f1d2c3b4a5968778695'],
  ],
  ['as a header without a colon', ['--url', 'http://127.0.0.1:9/v1', '--header', `x-api-key=${KEY}`]],
  ['in a URL that is none', ['--url', `https://user:${KEY}@host:99999/v1`]],
  ['in the path of the URL', ['--url', `http://127.0.0.1:9/${encodeURIComponent(KEY)}/v1`]],
  ['in the query of the URL', ['--url', `http://127.0.0.1:9/v1?key=${KEY}`]],
])('a key given by mistake is not repeated: %s', async (_, args) => {
  const cwd = temporary()
  const { status, stdout, stderr }: Ended = await assay(['run', ...args], { cwd, env: { ASSAY_KEY: KEY } })
  expect(status).toBe(2)
  expectNoKey([stdout, stderr])
  expect(stdout + stderr).not.toContain('a5f1d0c7b9a3e0f1')
  expect(readdirSync(cwd)).toEqual([])
})
