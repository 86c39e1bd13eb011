import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWord } from '../../cli/shell-word.ts'
import { inside } from './inside.ts'

test('a word comes out of a shell as it went in', () => {
  const words = [
    'openai-chat/plain/reply',
    'a/tools[].x',
    'a/*',
    "it's",
    '$HOME `x`',
    '',
    '~',
    './my gateway.yaml',
  ]
  const line = `printf '%s\\n' ${words.map(shellWord).join(' ')}`
  expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(`${words.join('\n')}\n`)
  expect(shellWord('openai-chat/plain/reply')).toBe('openai-chat/plain/reply')
})

test('explain quotes an id with brackets, and says where such a run goes', async () => {
  const listed = await inside('list', 'checks', '--profile', 'openai', '--json')
  const ids = (JSON.parse(listed.stdout) as { id: string }[]).map(({ id }) => id)
  const id = ids.find((one) => one.includes('[]'))!
  const { stdout } = await inside('explain', id, '--profile', 'openai')
  const flat = stdout.replace(/\s+/g, ' ')
  expect(flat).toContain(`--check '${id}'`)
  expect(flat).toContain('with the --url or --config of your run')
})
