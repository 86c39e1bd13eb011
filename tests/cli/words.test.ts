import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import schema from '../../cli/config.schema.json' with { type: 'json' }
import { temporary } from './assay.ts'
import { inside } from './inside.ts'

describe('wrong use is exit status 2, with the nearest valid word', () => {
  test.each([
    [['rnu'], 'Did you mean run?'],
    [['run', '--modle', 'x'], 'Did you mean --model?'],
    [['run', '--key', 'sk-fake'], '--key'],
    [['run', '--level', 'should'], 'must, may'],
    [['run', '--max-requests', '0'], 'from 1 to'],
    [['run', '--max-tokens', '1e3'], 'integer'],
    [['run', '--concurrency', '-1'], 'integer'],
    [['run', '--profile', 'opnai'], 'unknown profile "opnai"; the nearest is "openai"'],
    [['run', '--profile', './nowhere.yaml'], 'nowhere.yaml'],
    [['run', '--dialect', 'openai-chta'], 'the nearest is "openai-chat"'],
    [['run', '--suite', 'plian'], 'the nearest is "plain"'],
    [['run', '--check', 'openai-chat/plain/repyl'], 'the nearest is "openai-chat/plain/reply"'],
    [['run', '--config', '/nowhere/assay.yaml'], '/nowhere/assay.yaml'],
    [['run', '--baseline', '/nowhere/known.txt'], '/nowhere/known.txt'],
    [['run', '--header', 'no-colon'], 'name:value'],
    [['run', '--url', 'ftp://host.example'], 'http://'],
    [['run', '--url', 'https://u:p@host.example'], 'credentials in the URL are refused'],
    [['run', '--url', 'http://127.0.0.1:9', '--key-env', 'ASSAY_TEST_ABSENT'], 'no ASSAY_TEST_ABSENT'],
    [['run', '--key-env', 'SOME_KEY'], '--key-env goes with --url'],
    [['run', '--resume', '/nowhere'], '/nowhere'],
    [['run', '--resume', '/nowhere', '--check', 'x'], '--check cannot stand beside it'],
    [['judge', '/nowhere'], '/nowhere'],
    [['judge'], 'missing required argument'],
    [['check-transcript', 'x'], '--dialect'],
    [['check-transcript', 'x', '--dialect', 'openai-chta'], 'the nearest is "openai-chat"'],
    [['check-transcript', '/nowhere', '--dialect', 'openai-chat'], '/nowhere'],
    [['serve', '--profile', 'opnai'], 'the nearest is "openai"'],
    [['serve', '--fault', 'no-such-fault'], 'unknown fault "no-such-fault"'],
    [['serve', '--port', '70000'], 'from 0 to 65535'],
    [['list', 'chekcs'], 'the nearest is "checks"'],
    [['list', 'checks', '--coverage'], '--coverage'],
    [
      ['run', '--check', 'openai-chat/nothing/*'],
      'no check or rule of profile openai matches openai-chat/nothing/*; its subjects: plain,',
    ],
    [
      ['run', '--check', 'openai-chat/stream/*'],
      'no check or rule of profile openai matches openai-chat/stream/*; its subjects: plain,',
    ],
    [
      [
        'run',
        '--profile',
        'tokenhub-intl',
        '--dialect',
        'openai-chat',
        '--check',
        'anthropic-messages/plain/*',
      ],
      'check anthropic-messages/plain/* is of anthropic-messages, and only openai-chat is selected (--dialect)',
    ],
    [
      ['run', '--profile', 'tokenhub-intl', '--dialect', 'openai-chat', '--suite', 'count'],
      'suite count is of anthropic-messages, and only openai-chat is selected (--dialect)',
    ],
    [['run', '--check', 'openai-chat/stream/empty-choices'], 'does not ask openai-chat/stream/empty-choices'],
    [['explain', 'temperatur'], 'the nearest is "temperature"'],
    [['explain', 'tools/required'], 'the nearest is "openai-chat/tools/required"'],
    [['explain', 'field'], 'it is part of openai-chat/field/'],
    [['run', '--config', '/nowhere/assay.yaml'], '/nowhere/assay.yaml: there is no such file\n'],
    [['report', 'record', '--format', 'html'], 'not in this version'],
    [['diff', 'a', 'b'], 'not in this version'],
    [['keygen'], 'not in this version'],
  ])('%j', async (args, told) => {
    const { status, stdout, stderr } = await inside(...args)
    expect(stderr).toContain(told)
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test('no command at all shows the help', async () => {
    const { status, stderr } = await inside()
    expect(status).toBe(2)
    expect(stderr).toContain('Usage: assay')
  })

  test('an unknown key of a config, with file and line', async () => {
    const file = path.join(temporary(), 'assay.yaml')
    writeFileSync(file, 'profile: openai\nmax_request: 5\n')
    const { status, stderr } = await inside('run', '--config', file)
    expect(status).toBe(2)
    expect(stderr).toContain(`${file}:2:1: max_request: unknown key (did you mean max_requests?)`)
  })

  test.each([
    ['url: htp://x\n', ':1:6: url: htp:// cannot be checked'],
    ['url: http://u:p@x\n', ':1:6: url: credentials in the URL are refused'],
    ['profile: opnai\n', ':1:10: unknown profile "opnai"; the nearest is "openai"'],
    ['checks:\n  - openai-chat/plain/*\n  - openai-chat/plain/repyl\n', ':3:5: unknown check'],
    ['checks: [openai-chat/none/*]\n', ':1:10: nothing to check: no check or rule'],
    ['suites: [plian]\n', ':1:10: unknown suite "plian"; the nearest is "plain"'],
    ['dialects: [openai-chta]\n', ':1:12: unknown dialect'],
    [
      'urls: { openai-chta: https://h.example }\n',
      ':1:22: unknown dialect "openai-chta"; the nearest is "openai-chat"',
    ],
    ['urls:\n  openai-chat: h.example\n', ':2:16: urls.openai-chat: h.example is not a URL'],
    ['urls: []\n', ':1:7: urls: must be object'],
    [
      'url: http://127.0.0.1:9/v1\nurls:\n  openai-chat: http://127.0.0.1:10/v1\n',
      ':3:16: urls.openai-chat: http://127.0.0.1:10 is another origin than http://127.0.0.1:9',
    ],
    ['url: http://127.0.0.1:9/v1/chat/completions\n', ':1:6: url: http://127.0.0.1:9/v1/chat/completions is'],
    ['models: [gpt-4.1-mini, gpt-55]\n', ':1:24: unknown model "gpt-55"'],
  ])('what is wrong in a config is told with its line, not blamed on an option: %j', async (text, told) => {
    const file = path.join(temporary(), 'assay.yaml')
    writeFileSync(file, text)
    const { status, stderr } = await inside('run', '--config', file, '--plan')
    expect(stderr).toContain(`assay: ${file}${told}`)
    expect(stderr).not.toContain('--url')
    expect(status).toBe(2)
  })

  test('broken YAML is told once', async () => {
    const file = path.join(temporary(), 'assay.yaml')
    writeFileSync(file, 'a: [1\nb: {2\n c')
    const { stderr } = await inside('run', '--config', file)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(`${file}:2:`)
  })

  test("an unknown key of a profile of one's own, with file and line", async () => {
    const file = path.join(temporary(), 'mine.yaml')
    writeFileSync(file, 'id: mine\nextends: openai\ntitle: Mine\ndefault_modle: x\n')
    const { status, stderr } = await inside('run', '--profile', file, '--plan')
    expect(stderr).toContain(`${file}:4:1: default_modle: unknown key`)
    expect(stderr).toContain('did you mean default_model?')
    expect(status).toBe(2)
  })

  test('an unknown id in a baseline', async () => {
    const file = path.join(temporary(), 'known.txt')
    writeFileSync(file, 'openai-chat/plain/repyl\n')
    const { status, stderr } = await inside('run', '--baseline', file)
    expect(status).toBe(2)
    expect(stderr).toContain('the nearest is "openai-chat/plain/reply"')
  })
})

test.each([[['--help']], [['run', '--help']], [['judge', '--help']], [['--version']]])(
  '%j is no error',
  async (args) => {
    const { status, stdout, stderr } = await inside(...args)
    expect(status).toBe(0)
    expect(stdout).not.toBe('')
    expect(stderr).toBe('')
  },
)

test('the help of run names every key of the config file', async () => {
  const { stdout } = await inside('run', '--help')
  for (const key of Object.keys(schema.properties)) expect(stdout).toMatch(new RegExp(`^  ${key}\\b`, 'm'))
})
