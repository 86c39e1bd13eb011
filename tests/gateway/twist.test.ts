import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { change, drop, has, put } from '../../fixtures/gateway/edit.ts'
import { type Gateway, startGateway, type Twist } from '../../fixtures/gateway/gateway.ts'
import type { Json } from '../../fixtures/gateway/json.ts'
import { refuse } from '../../fixtures/gateway/refusal.ts'
import { chat, chunks, json, post, raw, rawChat, records } from './ask.ts'
import { profile } from './profile.ts'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startGateway({ profile, tokenGapMs: 0 })
})
afterEach(() => gateway.close())

const ask = async (twist: Twist | Twist[], body = chat('Count from 1 to 9.')) => {
  gateway.setTwist(twist)
  return post(gateway, body)
}
const text = (got: { text: string }) =>
  (JSON.parse(got.text) as { choices: { message: { content: string } }[] }).choices[0]!.message.content

describe('each hook changes one thing', () => {
  it('options', async () => {
    const got = await ask({ options: { unknownFields: 'refuse' } }, chat('x', { made_up: 1 }))
    expect(got.status).toBe(400)
  })

  it('receive: an ignored field', async () => {
    const got = await ask(
      { receive: (q) => void drop(q.body, 'max_tokens') },
      chat('Count from 1 to 9.', { max_tokens: 2 }),
    )
    expect(text(got)).toBe('1 2 3 4 5 6 7 8 9')
  })

  it('receive: what the gateway acts on may be a new body', async () => {
    const got = await ask({ receive: (q) => ({ ...q, body: chat('Say changed') }) })
    expect(text(got)).toBe('changed')
  })

  it('admit: a field refused, a bad one accepted', async () => {
    const refuses: Twist = {
      admit: (r, q) => r ?? (has(q.body, 'top_p') ? refuse('top_p', null, 'no') : null),
    }
    expect((await ask(refuses, chat('x', { top_p: 1 }))).status).toBe(400)
    expect((await ask(refuses)).status).toBe(200)
    expect(
      (
        await ask(
          { admit: (r) => (r?.param === 'temperature' ? null : r) },
          chat('Say OK', { temperature: 9 }),
        )
      ).status,
    ).toBe(200)
    expect((await ask({ admit: (r) => r && { ...r, status: 500 } }, chat('x', { n: 0 }))).status).toBe(500)
  })

  it('act: accepted, and not heeded', async () => {
    const ignores: Twist = { act: (b) => void drop(b, 'stop') }
    expect(text(await ask(ignores, chat('Count from 1 to 3.', { stop: '2' })))).toBe('1 2 3')
    expect((await ask(ignores, chat('x', { stop: 5 }))).status).toBe(400)
  })

  it('answer', async () => {
    const got = await ask({
      answer: (a) => void Object.assign(a.choices[0]!, { text: 'other', finish: 'eos_token' }),
    })
    expect(json(got).choices).toMatchObject([{ message: { content: 'other' }, finish_reason: 'eos_token' }])
  })

  it('reply', async () => {
    expect(json(await ask({ reply: (r) => put(r, 'id', '') })).id).toBe('')
    expect(json(await ask({ reply: (r) => drop(r, 'choices[].message.refusal') })).choices).toEqual([
      expect.objectContaining({ message: expect.not.objectContaining({ refusal: null }) }),
    ])
  })

  it('chunks', async () => {
    const got = await ask(
      { chunks: (all) => all.map((chunk, i) => put(chunk, 'id', `c${i}`)) },
      chat('Say OK', { stream: true }),
    )
    expect(chunks(got.text).map(({ id }) => id)).toEqual(['c0', 'c1', 'c2'])
  })

  it('error', async () => {
    const got = await ask(
      { error: (e) => ({ ...e, status: 418, json: { message: 'flat' } }) },
      chat('x', { n: 0 }),
    )
    expect([got.status, json(got)]).toEqual([418, { message: 'flat' }])
  })

  it('head', async () => {
    const got = await ask({ head: (h) => void Object.assign(h.headers, { 'content-type': 'text/plain' }) })
    expect(got.headers.get('content-type')).toBe('text/plain')
    const none = await ask(
      { head: (h) => void delete h.headers['content-type'] },
      chat('Say OK', { stream: true }),
    )
    expect(none.headers.get('content-type')).toBeNull()
  })

  it('frames', async () => {
    const got = await ask({ frames: (all) => all.slice(0, -1) }, chat('Say OK', { stream: true }))
    expect(records(got.text).at(-1)).not.toBe('[DONE]')
    const bytes = await ask(
      {
        frames: () => [
          { bytes: new Uint8Array([0xef, 0xbb]), gapMs: 1 },
          { bytes: new Uint8Array([0xbf, 0x0a]) },
        ],
      },
      chat('x', { stream: true }),
    )
    expect(bytes.text).toBe('\n')
  })

  it('body', async () => {
    expect((await ask({ body: (b) => Buffer.concat([b, Buffer.from('\n')]) })).text).toMatch(/\}\n$/)
    expect((await ask({ body: () => Buffer.from('oops') }, chat('x', { n: 0 }))).text).toBe('oops')
  })

  it('end', async () => {
    const stream = rawChat(chat('Say OK', { stream: true }))
    gateway.setTwist({})
    expect((await raw(gateway, stream)).text).toMatch(/\r\n0\r\n\r\n$/)
    gateway.setTwist({ end: () => 'destroy' })
    const cut = await raw(gateway, stream)
    expect(cut.text).toMatch(/\[DONE\]\n\n\r\n$/)
    expect(cut.error).toBeUndefined()
    gateway.setTwist({ end: () => 'reset' })
    expect((await raw(gateway, stream)).error).toBe('ECONNRESET')
    gateway.setTwist({ end: () => 'hang' })
    const hung = raw(gateway, stream)
    await expect.poll(() => gateway.journal.entries.at(-1)?.end).toBe('hung')
    await gateway.close()
    expect((await hung).text).toMatch(/\[DONE\]\n\n\r\n$/)
    expect(gateway.journal.entries.map(({ end }) => end)).toEqual([
      'finished',
      'destroyed',
      'destroyed',
      'hung',
    ])
  })

  it('raw', async () => {
    gateway.setTwist({
      raw: (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    })
    expect((await raw(gateway, rawChat(chat('x')))).text).toMatch(/zz\r\n$/)
    expect(gateway.journal.entries[0]).toMatchObject({ end: 'raw', hungUp: false })
    gateway.setTwist({ raw: (_, q) => q.path !== '/chat/completions' })
    expect((await post(gateway, chat('Say OK'))).status).toBe(200)
  })

  it('garbled', async () => {
    gateway.setTwist({ garbled: (socket) => void socket.end('bye') })
    expect((await raw(gateway, 'NONSENSE\r\n\r\n')).text).toBe('bye')
    gateway.setTwist({ garbled: () => false })
    expect((await raw(gateway, 'NONSENSE\r\n\r\n')).text).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('several in order, and none again', async () => {
    const add = (word: string): Twist => ({
      answer: (a) => void Object.assign(a.choices[0]!, { text: `${a.choices[0]!.text}${word}` }),
    })
    expect(text(await ask([add('a'), add('b')], chat('Say x')))).toBe('xab')
    expect(text(await ask([], chat('Say x')))).toBe('x')
  })

  it('begins again with the same ids', async () => {
    const id = async () => json(await ask({})).id
    expect(await id()).toBe(await id())
  })
})

describe('what no rule lets through', () => {
  it.each<[string, Json]>([
    ['messages', null],
    ['messages', []],
    ['messages', 'x'],
    ['messages', [null, 1, { role: 5, content: {} }]],
    ['messages', [{ role: 'assistant', tool_calls: 5 }]],
    ['tools', 'x'],
    ['tools', [null]],
    ['tools', [{ type: 'function' }]],
    ['tool_choice', 7],
    ['stop', [1, null]],
    ['n', 'many'],
    ['n', -1],
    ['n', 1e9],
    ['max_tokens', -5],
    ['max_tokens', 'x'],
    ['logprobs', 'x'],
    ['top_logprobs', 'x'],
    ['response_format', { type: 'json_schema' }],
    ['response_format', { type: 'json_schema', json_schema: { schema: 5 } }],
    ['stream_options', 'x'],
    ['model', 5],
    ['metadata', 'x'],
    ['seed', {}],
    ['functions', [1]],
    ['function_call', []],
  ])('is still answered where a twist accepts it: %s %j', async (field, value) => {
    for (const stream of [true, false]) {
      const got = await ask({ admit: () => null }, { ...chat('Say OK'), [field]: value, stream })
      expect(got.status).toBe(200)
      if (!stream) expect(json(got).object).toBe('chat.completion')
    }
  })

  it.each(['not json', '[]', 'null', '"x"'])('even %s', async (body) => {
    gateway.setTwist({ admit: () => null })
    expect((await post(gateway, body)).status).toBe(200)
  })

  it('and an exception of a twist is a 500 that tells nothing', async () => {
    const got = await ask({
      reply: () => {
        throw new Error('secret detail')
      },
    })
    expect([got.status, json(got).error]).toMatchObject([500, { type: 'server_error', code: null }])
    expect(got.text).not.toContain('secret')
  })
})

describe('editing by path', () => {
  it('finds, changes, adds and takes out', () => {
    const root: Json = { a: [{ b: 1 }, { b: 2 }], c: { d: null } }
    expect(has(root, 'a[].b')).toBe(true)
    expect(has(root, 'c.d')).toBe(false)
    expect(change(root, 'a[].b', (value, path) => `${String(value)} ${path}`)).toMatchObject({
      a: [{ b: '1 a[0].b' }, { b: '2 a[1].b' }],
    })
    expect(put(root, 'a[1].x', [1])).toMatchObject({ a: [{}, { x: [1] }] })
    expect(drop(root, 'a[]')).toEqual({ a: [], c: { d: null } })
    expect(drop(root, 'c.d')).toEqual({ a: [], c: {} })
    expect(change({ k: [1, 2, 3] }, 'k[]', (value) => (value === 2 ? undefined : value))).toEqual({
      k: [1, 3],
    })
  })
})
