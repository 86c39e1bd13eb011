import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { resumedRun } from '../../cli/resume.ts'
import { assay, temporary } from './assay.ts'
import { server } from './servers.ts'

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
