import { expect, test } from 'vitest'
import { assay, start } from './assay.ts'

test('serves until Ctrl-C, tells address and key, and can be checked', async () => {
  const { child, output, shows, ended } = start(['serve', '--profile', 'openai'])
  await shows('Ctrl-C ends it.')
  const url = /^base URL +(\S+)$/m.exec(output.stdout)?.[1] ?? ''
  const key = /^key +(\S+)$/m.exec(output.stdout)?.[1] ?? ''
  expect(output.stdout).toContain(`curl -iN ${url}/chat/completions`)
  const checked = await assay(['run', '--url', url, '--check', 'openai-chat/plain/*'], {
    env: { ASSAY_KEY: key },
  })
  expect(checked.status).toBe(0)
  // The command that it prints proves everything: no role is without its key.
  const [command = ''] = /^ASSAY_KEY=.* assay run .*$/m.exec(output.stdout) ?? []
  const [words, args = ''] = command.split(' assay ')
  const env = Object.fromEntries(words!.split(' ').map((word) => word.split('=') as [string, string]))
  const whole = await assay(args.split(' '), { env })
  expect(whole.stdout).toContain('CONFORMS')
  expect(whole.status).toBe(0)
  child.kill('SIGINT')
  const { status, stderr } = await ended
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('a port in use is wrong use', async () => {
  const { output, shows } = start(['serve'])
  await shows('Ctrl-C ends it.')
  const port = /:(\d+)\//.exec(output.stdout)?.[1] ?? ''
  const { status, stderr } = await assay(['serve', '--port', port])
  expect(stderr).toContain(`the port is in use`)
  expect(status).toBe(2)
})

test('a journal that cannot be written is wrong use, before anything is served', async () => {
  const { status, stdout, stderr } = await assay(['serve', '--journal', 'no-such-folder/sends.jsonl'])
  expect(stderr).toContain('--journal: the folder of no-such-folder/sends.jsonl does not exist')
  expect(stdout).toBe('')
  expect(status).toBe(2)
})
