import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FaultFacts as Fault } from '../../fixtures/faults/faults.ts'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { assay, recordLines, start, temporary } from './assay.ts'
import { inside } from './inside.ts'

describe('assay list', () => {
  test.each([
    ['checks', 'openai-chat/plain/reply'],
    ['rules', 'openai-chat/grammar/'],
    ['requirements', 'OAI-CHAT-endpoint'],
    ['profiles', 'tokenhub-intl'],
    ['faults', ''],
  ])('%s, for people and for machines', async (what, id) => {
    const people = await inside('list', what)
    expect(people.status).toBe(0)
    expect(people.stdout).toContain(id)
    const machines = await inside('list', what, '--json')
    expect(machines.status).toBe(0)
    const rows = JSON.parse(machines.stdout) as { id: string }[]
    expect(rows.every((row) => typeof row.id === 'string' && people.stdout.includes(row.id))).toBe(true)
  })

  test('coverage names each requirement and what answers it', async () => {
    const { stdout } = await inside('list', 'requirements', '--coverage', '--profile', 'openai')
    expect(stdout).toMatch(/^OAI-CHAT-endpoint +must +openai-chat\/\S+( \+ \d+ more)?$/m)
    expect(stdout).toMatch(/openai: \d+ requirements/)
    const { rows, text } = { rows: stdout.split('\n'), text: stdout }
    expect(text).toMatch(/ \+ \d+ more$/m)
    const table = rows.slice(
      0,
      rows.findIndex((row) => /^openai: /.test(row)),
    )
    for (const row of table) expect(row.length).toBeLessThanOrEqual(100)
  })

  test('a profile narrows the list', async () => {
    const { stdout } = await inside('list', 'requirements', '--profile', 'pingtoken', '--json')
    const rows = JSON.parse(stdout) as { id: string; profiles: string[] }[]
    expect(rows.map((row) => row.id)).toContain('PT-EP-chat')
    expect(rows.map((row) => row.id)).not.toContain('OAI-CHAT-endpoint')
    expect(rows.every((row) => row.profiles.includes('pingtoken'))).toBe(true)
  })

  test('a reader that goes away is no error', async () => {
    const { child, ended } = start(['list', 'requirements'])
    child.stdout.destroy()
    const { status, stderr } = await ended
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})

test('a fault is listed, explained, served, and seen', async () => {
  const rows = JSON.parse((await inside('list', 'faults', '--json')).stdout) as Fault[]
  const fault = rows.find((row) => row.class === 'success' && row.hazard === undefined)!
  const { stdout } = await inside('explain', fault.id)
  expect(stdout).toContain(fault.title)
  for (const id of fault.must) expect(stdout).toContain(id)
  expect((await inside('explain', fault.rule)).stdout).toContain(fault.id)

  const { output, shows } = start(['serve', '--fault', fault.id])
  await shows('Ctrl-C ends it.')
  expect(output.stdout).toContain(`profile ${fault.profile}, with ${fault.id}`)
  const url = /^base URL +(\S+)$/m.exec(output.stdout)?.[1] ?? ''
  const dir = path.join(temporary(), 'out')
  const args = ['run', '--profile', fault.profile, '--url', url, '--out', dir]
  const { status } = await assay(args, { env: { ASSAY_KEY: KEYS.default } })
  const failed = recordLines(dir).flatMap((line) => (line.verdict === 'fail' ? [line.id] : []))
  expect(failed).toEqual(expect.arrayContaining([fault.rule]))
  expect(status).toBe(1)
})

describe('assay explain', () => {
  test.each([
    [
      'openai-chat/plain/reply',
      [
        'POST {base}/chat/completions',
        'Reply with the single word OK.',
        'OAI-CHAT-endpoint',
        'how to mend it',
        '--check openai-chat/plain/reply',
      ],
    ],
    ['openai-chat/sse/media-type', ['rule', 'every exchange', 'how to mend it']],
    ['OAI-CHAT-stream', ['requirement', 'source', 'binds', 'openai-chat/plain/stream']],
    ['C-05', ['contradiction', 'against']],
    ['openai', ['profile', 'https://api.openai.com/v1', 'gpt-4.1-mini']],
    ['temperature', ['request field', 'honoured', '0 to 2']],
  ])('%s', async (id, parts) => {
    const { status, stdout } = await inside('explain', id)
    expect(status).toBe(0)
    for (const part of parts) expect(stdout).toContain(part)
  })

  test('for another profile it tells that profile', async () => {
    const { stdout } = await inside('explain', 'openai-chat/plain/reply', '--profile', 'pingtoken')
    expect(stdout).toContain('PT-EP-chat')
    expect(stdout).toContain('deepseek-v4-pro')
  })
})

test('the version is that of the package', async () => {
  expect((await assay(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
