import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { flat } from '../reports/shown.ts'
import { temporary } from './assay.ts'
import { inside } from './inside.ts'

const run = async (...args: string[]) => {
  const dir = path.join(temporary(), 'out')
  const { status, stdout } = await inside('run', ...args, '--out', dir)
  return {
    status,
    dir,
    screen: flat(stdout),
    report: flat(readFileSync(path.join(dir, 'report.txt'), 'utf8')),
  }
}

describe('a run that asks a part', () => {
  test('says so beside its conclusion, on the screen, in report.txt, and when it is judged again', async () => {
    const { status, dir, screen, report } = await run('--check', 'openai-chat/plain/*', '--level', 'must')
    expect(status).toBe(0)
    const told =
      /CONFORMS exit 0 .* Asked: 2 of \d{3} checks and 0 of \d{2} rules \(--check 'openai-chat\/plain\/\*' --level must\)\./
    expect(screen).toMatch(told)
    expect(report).toMatch(told)
    expect(flat((await inside('judge', dir)).stdout)).toMatch(told)
  })

  test('of the dialects too', async () => {
    const { screen } = await run(
      ...['--profile', 'tokenhub-intl', '--dialect', 'openai-chat', '--check', 'openai-chat/plain/reply'],
    )
    expect(screen).toContain('(--dialect openai-chat --check openai-chat/plain/reply)')
  })
})
