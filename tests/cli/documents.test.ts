import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { defaultDeadlines } from '../../cli/awaited.ts'
import schema from '../../cli/config.schema.json' with { type: 'json' }
import { readConfigFile } from '../../cli/config.ts'
import { EXAMPLES } from '../../cli/program.ts'
import { schemaPaths } from '../../cli/schema-paths.ts'
import { loadSpecs } from '../../specs/load.ts'
import { DEFAULT_BOUNDS } from '../../suites/core/wire/client.ts'
import { assay, start, temporary } from './assay.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const text = (name: string) => readFileSync(path.join(ROOT, name), 'utf8')

/** What a document leaves to the reader. */
const FILLED: [string, string][] = [
  ['list checks\\|rules\\|load\\|requirements\\|profiles\\|faults', 'list checks'],
  ['load SCENARIO', 'load latency'],
  ['--fault <id>', '--fault usage-before-the-text'],
  ['<id>', 'openai-chat/plain/reply'],
  ['<gateway>', 'openai'],
  [' ID', ' openai-chat/plain/reply'],
  [' DIR', ' record'],
  [' FILE', ' capture.txt'],
  [' --dialect D', ' --dialect openai-chat'],
]

/** Command lines of `assay` in indented blocks and between backquotes, without their comments. */
function commandsOf(document: string): string[] {
  const blocks = document
    .split('\n')
    .flatMap((line) => /^(?: {4}| {2})((?:[A-Z_]+=\S+ )*(?:npx )?assay .*)$/.exec(line)?.[1] ?? [])
  const inline = [...document.matchAll(/`((?:npx )?assay [^`]+)`/g)].map((match) => match[1] ?? '')
  return [...blocks, ...inline].map((line) => {
    let command = line
      .replace(/\s+#.*$/, '')
      .replace(/^(?:[A-Z_]+=\S+ )*(?:npx )?assay /, '')
      .trim()
    for (const [gap, value] of FILLED) command = command.replaceAll(gap, value)
    return command
  })
}

const documents = ['README.md', 'CONTRIBUTING.md', 'docs/config.md', 'docs/load.md'].map(text)
const commands = [...new Set([...documents, EXAMPLES].flatMap(commandsOf))]
const foreign = (command: string) => /gateway\.example/.test(command) && !command.includes('--plan')

function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
}

test('the documents show commands', () => {
  expect(commands).toEqual(
    expect.arrayContaining(['run', 'judge record', 'serve', "run --check 'openai-chat/usage/*'"]),
  )
  expect(commands.length).toBeGreaterThan(12)
})

test.each(commands.filter((command) => !foreign(command)))(
  'assay %s',
  { timeout: 60_000 },
  async (command) => {
    const cwd = temporary()
    const words = wordsOf(command)
    if (words[0] === 'serve') {
      const { child, shows, ended } = start(words, { cwd })
      await shows('Ctrl-C ends it.')
      child.kill('SIGINT')
      expect((await ended).status).toBe(0)
      return
    }
    if (words.includes('record')) {
      const made = await assay(['run', '--check', 'openai-chat/plain/*', '--out', 'record'], { cwd })
      expect(made.status).toBe(0)
    }
    writeFileSync(path.join(cwd, 'assay.yaml'), "checks: ['openai-chat/plain/*']\n")
    writeFileSync(
      path.join(cwd, 'capture.txt'),
      'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\r\n{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}',
    )
    // Load itself is put on by the tests of the command (tests/load-cli); here its words are held.
    const asked = words[0] === 'load' && !words.includes('--plan') ? [...words, '--plan'] : words
    const { status, stderr } = await assay(asked, { cwd })
    expect(stderr).not.toContain('unknown')
    expect(status).toBe(0)
  },
)

test('the blocks of docs/config.md are what they say they are', () => {
  const blocks = [...text('docs/config.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    (match) => match[1] ?? '',
  )
  const dir = temporary()
  const kinds = blocks.map((block) => {
    const data = parse(block) as Record<string, unknown>
    const file = path.join(dir, 'block.yaml')
    writeFileSync(file, block)
    if ('extends' in data) {
      const own = loadSpecs({ profileFile: file, paths: schemaPaths() })
      const { dialects, withdrawn } = own.profiles.get(own.own ?? '')!
      if (data.id === 'my-gateway') expect(dialects['openai-chat']?.fields).not.toHaveProperty('functions')
      else {
        expect(dialects['anthropic-messages']?.fields.stop_sequences).toMatchObject({ fate: 'ignored' })
        expect(dialects['anthropic-messages']?.auth).toEqual({ header: 'x-api-key' })
        expect(withdrawn).toContain('ANT-ERR-429')
      }
      return 'profile'
    }
    readConfigFile(file)
    return 'config'
  })
  expect(kinds.filter((kind) => kind === 'profile')).toHaveLength(2)
  expect(kinds.filter((kind) => kind === 'config').length).toBeGreaterThan(2)
})

test('the defaults that are told are those that hold', () => {
  expect(text('docs/config.md')).toContain(`deadlines: { ${defaultDeadlines()} }`)
  const { headBytes, bodyBytes } = DEFAULT_BOUNDS
  expect(schema.properties.limits.description).toContain(`head_bytes ${headBytes}, body_bytes ${bodyBytes}`)
})
