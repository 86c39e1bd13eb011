import { describe, expect, test } from 'vitest'
import { assay, start } from './assay.ts'
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
    expect(stdout).toMatch(/^openai {2}OAI-CHAT-endpoint {2}must\n {4}.*openai-chat\/plain\/reply/m)
    expect(stdout).toMatch(/openai: \d+ requirements/)
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
