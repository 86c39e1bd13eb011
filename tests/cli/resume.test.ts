import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { resumedRun } from '../../cli/resume.ts'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { assay, recordLines, temporary } from './assay.ts'
import { inside } from './inside.ts'
import { gateway, server } from './servers.ts'

const TEAM = 'fake-team-secret-77c2e1'
const env = { ASSAY_KEY: 'sk-fake-0123456789', TEAM }

/** The record of a run that lost its end, its run line changed by `forge`. */
async function interrupted(forge: (run: { digests: Record<string, string>; assay: string }) => void) {
  const { url } = await server((_, response) => response.writeHead(500).end('{}'))
  const dir = path.join(temporary(), 'out')
  const args = ['--url', url, '--check', 'openai-chat/plain/reply', '--header', 'x-team:$TEAM', '--out', dir]
  await assay(['run', ...args], { env })
  const file = path.join(dir, 'record.jsonl')
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n')
  const run = JSON.parse(first) as { digests: Record<string, string>; assay: string }
  forge(run)
  const kept = rest.filter((line) => line.includes('"type":"exchange"'))
  writeFileSync(file, [JSON.stringify(run), ...kept, ''].join('\n'))
  return dir
}

test('a header from the environment stays a secret, however it is given the second time', async () => {
  const dir = await interrupted(() => undefined)
  expect(readFileSync(path.join(dir, 'record.jsonl'), 'utf8')).not.toContain(TEAM)
  for (const header of ['x-team:$TEAM', `x-team:${TEAM}`]) {
    const { headers, secrets } = await resumedRun(dir, { resume: dir, header: [header] }, env)
    expect(headers).toEqual([['x-team', TEAM]])
    expect(secrets).toEqual([{ role: 'default', value: TEAM }])
  }
})

test.each<[string, Parameters<typeof interrupted>[0]]>([
  ['checks', (run) => Object.assign(run.digests, { checks: '0000000000000000' })],
  ['schemas', (run) => Object.assign(run.digests, { schemas: '0000000000000000' })],
  ['version', (run) => Object.assign(run, { assay: '0.0.0-other' })],
])('a record that was begun with other %s is not gone on with', async (_, forge) => {
  const dir = await interrupted(forge)
  const before = readFileSync(path.join(dir, 'record.jsonl'))
  const resumed = await assay(['run', '--resume', dir, '--header', 'x-team:$TEAM'], { env })
  expect(resumed.stderr).toContain('with other checks or schemas')
  expect(resumed.status).toBe(2)
  expect(readFileSync(path.join(dir, 'record.jsonl'))).toEqual(before)
})

test.each([
  ['the same address', 'SAME/v1', true],
  ['the same with a slash', 'SAME/v1/', true],
  ['another path', 'SAME/v2', false],
  ['another origin', 'http://127.0.0.1:9/v1', false],
])('gone on with at %s', async (_, given, fits) => {
  const dir = await interrupted(() => undefined)
  const { target } = recordLines(dir)[0] as { target: { url: string; urls: Record<string, string> } }
  expect(target.urls).toEqual({ 'openai-chat': target.url })
  const url = given.replace('SAME', new URL(target.url).origin)
  const going = resumedRun(dir, { resume: dir, url, header: ['x-team:$TEAM'] }, env)
  if (!fits) await expect(going).rejects.toThrow(/that run had url http.*start a new one/)
  else expect((await going).bases).toEqual(target.urls)
})

test('--allow-unproven given with a resume holds from then on, and for judging again', async () => {
  const { url } = await gateway()
  const dir = path.join(temporary(), 'out')
  const keys = { ASSAY_KEY: KEYS.default }
  const unproven = ['--check', 'openai-chat/access/rate-limit']
  await assay(['run', '--url', url, ...unproven, '--out', dir], { env: keys })
  const file = path.join(dir, 'record.jsonl')
  const cut = () => {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    writeFileSync(file, `${lines.filter((line) => !line.includes('"type":"summary"')).join('\n')}\n`)
  }
  cut()
  expect((await assay(['run', '--resume', dir], { env: keys })).status).toBe(4)
  expect((await inside('judge', dir)).status).toBe(4)
  cut()
  const allowed = await assay(['run', '--resume', dir, '--allow-unproven'], { env: keys })
  expect(allowed.stdout).toContain('because --allow-unproven asks for it')
  expect(allowed.status).toBe(0)
  const again = await inside('judge', dir)
  expect(again.stdout).toContain('because --allow-unproven asks for it')
  expect(again.status).toBe(0)
  cut()
  // Judging what did not come to its end is never 0, whatever is allowed.
  expect((await inside('judge', dir)).status).toBe(4)
  expect((await assay(['run', '--resume', dir], { env: keys })).status).toBe(0)

  const copy = path.join(temporary(), 'copy')
  expect((await inside('judge', dir, '--out', copy)).status).toBe(0)
  expect((await inside('judge', copy)).status).toBe(0)
})

test('what judging allows is kept with the new verdicts', async () => {
  const { url } = await gateway()
  const [dir, copy] = [path.join(temporary(), 'out'), path.join(temporary(), 'copy')]
  const args = ['run', '--url', url, '--check', 'openai-chat/access/rate-limit', '--out', dir]
  expect((await assay(args, { env: { ASSAY_KEY: KEYS.default } })).status).toBe(4)
  expect((await inside('judge', dir, '--allow-unproven', '--out', copy)).status).toBe(0)
  expect((await inside('judge', copy)).status).toBe(0)
  expect((await inside('judge', dir)).status).toBe(4)
})
