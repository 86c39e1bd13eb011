import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../reports/record/types.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { FILE_PATH, PRIVATE_HOST, STACK, securityRules } from '../../suites/rules/security.ts'
import { chunk, completion, DONE, made, refusal, reply, stream } from '../core/exchange.ts'

const rules = new Map(securityRules('d').map((rule) => [rule.id.replace('d/security/', ''), rule]))

function got(name: string, exchange: Exchange): string[] {
  const view = new ChatView(exchange)
  const rule = rules.get(name)!
  return rule.on(view) ? [...rule.judge(view)].map((found) => found.got) : []
}

const BAD: [string, string, string][] = [
  ['stack-trace', 'Traceback (most recent call last):\n  File', 'Traceback (most recent call last)'],
  ['stack-trace', '  File "/x/y.py", line 12, in f', 'File "/x/y.py", line 12'],
  ['stack-trace', 'Error: x\n    at Foo.bar (/x/y.js:10:5)', 'at Foo.bar (/x/y.js:10:5)'],
  ['stack-trace', 'at async file:///x/y.js:10:5', 'at async file:///x/y.js:10:5'],
  ['stack-trace', 'goroutine 12 [running]:', 'goroutine 12 ['],
  ['stack-trace', 'main.main()\n\t/x/main.go:12 +0x1d', '.go:12 +0x1d'],
  ['stack-trace', 'at com.x.Y.z(Y.java:42)', 'at com.x.Y.z(Y.java:42)'],
  ['stack-trace', "thread 'main' panicked at src", "thread 'main' panicked at"],
  ['file-path', 'cannot open /app/config/keys.yaml', '/app/config/keys.yaml'],
  ['file-path', 'C:\\srv\\gateway\\x.dll missing', 'C:\\srv\\gateway\\x.dll'],
  ['file-path', 'in node_modules/undici', 'node_modules/'],
  ['upstream-host', 'connect to 10.1.2.3:8000 failed', '10.1.2.3:8000'],
  ['upstream-host', 'http://localhost:9000/v1 refused', 'localhost:9000'],
  ['upstream-host', 'host vllm-7.prod.svc.cluster.local:80', 'vllm-7.prod.svc.cluster.local:80'],
  ['upstream-host', 'https://api.x.com/v1?key=abc', 'https://api.x.com/v1?key=a'],
  ['upstream-host', 'connect ECONNREFUSED 203.0.113.7', 'ECONNREFUSED 203.0.113.7'],
]

describe('what an error gives away', () => {
  test.each(BAD)('%s: %s', (name, message, shown) => {
    expect(got(name, refusal(500, { message }))).toEqual([shown])
    expect(
      got(name, made({ status: 500, body: message, headers: [['content-type', 'text/plain']] })),
    ).toEqual([shown])
    expect(got(name, stream([chunk({ content: 'x' }), { error: { message } }]))).toEqual([shown])
    expect(got(name, reply({ body: { error: { message } } }))).toEqual([shown])
  })
  test.each(BAD)('%s is a model’s to say: %s', (name, content) => {
    const message = { role: 'assistant', content: `${content} "error": {"message": "${content}"}` }
    expect(got(name, reply({ body: completion({ message }) }))).toEqual([])
    expect(got(name, stream([chunk({ content: message.content }), DONE]))).toEqual([])
  })
})

test.each([
  'You can find your key at https://platform.example.com/account/api-keys.',
  'See https://docs.example.com/home/errors/rate-limits?topic=tokens for help.',
  'No route POST /api/v1/chat/completionz',
  'max_tokens must be at most 4096 (got 5000); ratio 16/9',
  'look at the documentation, at line 3: messages[0].content',
  'Internal error. Call support.internal() or write to us',
  'Version 1.10.2 of the API',
])('is no secret: %s', (message) => {
  for (const name of ['stack-trace', 'file-path', 'upstream-host']) {
    expect(got(name, refusal(400, { message, type: 'errors.internal', code: 'x.local' }))).toEqual([])
  }
})

test('the address that was asked gives nothing away, another one beside it does', () => {
  const url = 'http://127.0.0.1:8080/app/v1/chat/completionz'
  const said = (message: string) => refusal(404, { message }, { url })
  expect(got('upstream-host', said('no such page on 127.0.0.1:8080'))).toEqual([])
  expect(got('file-path', said('Cannot POST /app/v1/chat/completionz'))).toEqual([])
  expect(got('upstream-host', said('asked 127.0.0.1:80801'))).toEqual(['127.0.0.1:80801'])
  expect(got('upstream-host', said('127.0.0.1:8080 asked 127.0.0.1:8081 in vain'))).toEqual([
    '127.0.0.1:8081',
  ])
})

test('a key in an answer is told, one in the request is not', () => {
  const leak = (part: 'read' | 'request') =>
    reply({ leaks: [{ role: 'default', part, offset: 0, length: 9 }] })
  expect(got('key-echo', leak('read'))).toEqual(['the default key (masked here)'])
  expect(got('key-echo', leak('request'))).toEqual([])
})

/** Work that a pattern does on hostile text grows with the text, not with its square: a square would not end here. */
test.each([...STACK, ...FILE_PATH, ...PRIVATE_HOST].map((pattern) => [pattern.source, pattern] as const))(
  'no catastrophe: %s',
  (_, pattern) => {
    const bait = [
      'at ',
      'a.',
      'a-',
      'a/',
      'File "',
      '/usr/a',
      'A:\\a\\',
      'http://a?',
      'key=',
      "thread '",
      'at /a',
      'at a (/',
      ' ',
      '1',
      'a',
      '10.',
    ]
    for (const unit of bait) pattern.test(unit.repeat(65_536 / unit.length))
  },
)
