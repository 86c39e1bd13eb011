import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { assay, temporary } from './assay.ts'
import { inside } from './inside.ts'

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-4.1-mini',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...more,
  })}\n\n`
const GOOD = `${chunk({ role: 'assistant', content: 'O', refusal: null })}${chunk({ content: 'K' })}${chunk({}, 'stop')}data: [DONE]\n\n`
const REPLY = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4.1-mini',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'OK', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
})

function judged(bytes: string) {
  const file = path.join(temporary(), 'capture.txt')
  writeFileSync(file, bytes)
  return inside('check-transcript', file, '--dialect', 'openai-chat')
}

describe('assay check-transcript', () => {
  test.each([
    ['a capture of a stream', HEAD + GOOD],
    ['a capture over HTTP/2', `HTTP/2 200 \r\ncontent-type: text/event-stream; charset=utf-8\r\n\r\n${GOOD}`],
    [
      'a capture with the head of a proxy before',
      `HTTP/1.1 200 Connection established\r\n\r\n${HEAD}${GOOD}`,
    ],
    ['a bare stream', GOOD],
    ['a bare reply', REPLY],
    ['a capture of a reply', `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${REPLY}`],
  ])('%s that is right: exit 0', async (_, bytes) => {
    const { status, stdout } = await judged(bytes)
    expect(stdout).toMatch(/\d+ rules judged the transcript: 0 failed/)
    expect(status).toBe(0)
  })

  test.each([
    ['a stream without its end', HEAD + GOOD.replace('data: [DONE]\n\n', ''), 'grammar'],
    ['a chunk after the end', `${HEAD}${GOOD}${chunk({ content: '!' })}`, 'grammar'],
    ['a chunk that is not JSON', HEAD + GOOD.replace('"content":"K"', '"content":"K'), 'grammar'],
  ])('%s: exit 1, the place marked', async (_, bytes, rule) => {
    const { status, stdout } = await judged(bytes)
    expect(stdout).toContain(`openai-chat/${rule}/`)
    expect(stdout).toContain('on the wire')
    expect(status).toBe(1)
  })

  test('every finding is told: there is no report.txt to read on in', async () => {
    const wrong = [{ content: 1 }, { role: 2 }, { refusal: 3 }, { tool_calls: 4 }, { function_call: 5 }]
    const { status, stdout } = await judged(HEAD + wrong.map((delta) => chunk(delta)).join('') + GOOD)
    expect(status).toBe(1)
    expect(stdout).toMatch(/finding 4 of \d+/)
    expect(stdout).not.toContain('report.txt')
  })

  test('a file that is not there', async () => {
    const { status, stderr } = await inside('check-transcript', '/nowhere/c.txt', '--dialect', 'openai-chat')
    expect(stderr).toBe('assay: /nowhere/c.txt: there is no such file\n')
    expect(status).toBe(2)
  })

  test('standard input', async () => {
    const args = ['check-transcript', '-', '--dialect', 'openai-chat']
    expect((await assay(args, { input: HEAD + GOOD })).status).toBe(0)
    const empty = await assay(args)
    expect(empty.stderr).toContain('standard input is empty')
    expect(empty.status).toBe(2)
  })
})
