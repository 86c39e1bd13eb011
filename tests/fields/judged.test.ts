import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { has } from '../../fixtures/gateway/edit.ts'
import { refuse } from '../../fixtures/gateway/refusal.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import { Stand } from './stand.ts'

let openai: Stand
let tokenhub: Stand
let pingtoken: Stand

beforeAll(async () => {
  ;[openai, tokenhub, pingtoken] = (await Promise.all(
    ['openai', 'tokenhub-intl', 'pingtoken'].map((id) => Stand.open(id)),
  )) as [Stand, Stand, Stand]
})
afterAll(() => Promise.all([openai.close(), tokenhub.close(), pingtoken.close()]))

async function line(stand: Stand, twist: Twist, id: string) {
  const { lines } = await stand.run(twist, [`openai-chat/field/${id}`])
  return lines.get(`openai-chat/field/${id}`)!
}

/** Changes what the model says. */
const says = (change: (text: string) => string): Twist => ({
  answer: (answer) => {
    for (const choice of answer.choices) if (choice.text !== null) choice.text = change(choice.text)
    return answer
  },
})
const acts = (key: string, from: unknown, to: number | string): Twist => ({
  act: (body) => {
    if (body[key] === from) body[key] = to
    return body
  },
})

describe('ignored is told from altered', () => {
  test.each<[string, Twist, string, string]>([
    ['three choices for n 2', acts('n', 2, 3), 'n', 'altered'],
    ['one choice for n 2', acts('n', 2, 1), 'n', 'ignored'],
    ['20 tokens for a limit of 8', acts('max_tokens', 8, 20), 'max_tokens', 'ignored'],
    ['a cut before another word', acts('stop', 'gamma', 'beta'), 'stop', 'altered'],
    ['the stop string left in the answer', says((text) => `${text}gamma`), 'stop', 'ignored'],
    ['JSON inside a fence', says((text) => `\`\`\`json\n${text}\n\`\`\``), 'response_format', 'altered'],
    ['JSON beside words', says((text) => `Here it is: ${text}`), 'response_format', 'ignored'],
    [
      'other metadata',
      { reply: (reply) => (reply.metadata ? { ...reply, metadata: { run: 'other' } } : reply) },
      'metadata',
      'altered',
    ],
  ])('%s', async (_, twist, path, fate) => {
    const got = await line(openai, twist, `${path}/effect`)
    expect(got.field?.observed, got.message).toBe(fate)
    expect(got.verdict).toBe('fail')
  })

  test('only the last of four stop strings is not heeded', async () => {
    const twist: Twist = {
      act: (body) => {
        if (Array.isArray(body.stop)) body.stop = body.stop.slice(0, 3)
        return body
      },
    }
    const got = await line(tokenhub, twist, 'stop/effect')
    expect(got.field?.observed).toBe('ignored')
    expect(got.message).toContain('the last of four')
  })
})

describe('what cannot be told is inconclusive, never guessed', () => {
  test.each<[string, Twist, string]>([
    [
      'a model that does not begin the task',
      {
        answer: (answer) => {
          for (const choice of answer.choices) Object.assign(choice, { text: 'No.', finish: 'stop' })
          return answer
        },
      },
      'max_tokens',
    ],
    ['a model that does not repeat the text', says(() => 'I would rather not.'), 'stop'],
    [
      'a model that makes one call only',
      { act: (body) => ({ ...body, parallel_tool_calls: false }) },
      'parallel_tool_calls',
    ],
    ['a model that forgets', says(() => 'I do not know.'), 'messages'],
  ])('%s', async (_, twist, path) => {
    const { lines } = await openai.run(twist, [`openai-chat/field/${path}/effect`])
    const got = lines.get(`openai-chat/field/${path}/effect`)!
    const last = got.skip?.by === undefined ? got : lines.get(got.skip.by)!
    expect(last.verdict, last.message).toBe('inconclusive')
  })
})

const unavailable: Twist = {
  admit: (refusal, request) =>
    refusal ?? (has(request.body, 'logprobs') ? { ...refuse(null, null, 'Down.'), status: 503 } : null),
}

describe('fields that are not documented', () => {
  test('refused with 400: observed', async () => {
    const twist: Twist = {
      admit: (refusal, { body }) =>
        refusal ?? (has(body, 'logprobs') ? refuse('logprobs', null, 'No logprobs.') : null),
    }
    const got = await line(pingtoken, twist, 'logprobs/accepted')
    expect(got.verdict).toBe('pass')
    expect(got.field).toEqual({ path: 'logprobs', documented: 'undocumented', observed: 'refused' })
  })

  test('answered with a 5xx: fail', async () => {
    expect((await line(pingtoken, unavailable, 'logprobs/accepted')).verdict).toBe('fail')
  })

  test('an unknown field answered with a 5xx: fail', async () => {
    const twist: Twist = {
      admit: (refusal, { body }) =>
        refusal ??
        (has(body, 'assay_unknown_field') ? { ...refuse(null, null, 'Down.'), status: 500 } : null),
    }
    expect((await line(openai, twist, 'unknown/accepted')).verdict).toBe('fail')
    expect((await line(openai, {}, 'unknown/accepted')).verdict).toBe('pass')
  })
})

test('null where only the vendor allows it: a warning, and the field is still accepted', async () => {
  const twist: Twist = {
    admit: (refusal, { body }) =>
      refusal ?? (body.seed === null ? refuse('seed', null, "Invalid 'seed'.") : null),
  }
  const got = await line(tokenhub, twist, 'seed/accepted')
  expect(got.verdict).toBe('warn')
  expect(got.field?.observed).toBe('unobservable')
  expect((await line(openai, twist, 'seed/accepted')).verdict).toBe('fail')
})

test('one refused field leaves all others accepted', async () => {
  const twist: Twist = {
    admit: (refusal, { body }) =>
      refusal ?? (body.presence_penalty === 2 ? refuse('presence_penalty', null, 'Too much.') : null),
  }
  const { lines } = await openai.run(twist, ['openai-chat/field/*/accepted'])
  const red = [...lines.values()].filter((one) => one.verdict !== 'pass').map((one) => one.id)
  expect(red).toEqual(['openai-chat/field/presence_penalty/accepted'])
  expect(lines.get(red[0]!)!.message).toContain('2: status 400')
})

const wrongSeed = (body: { seed?: unknown }) => body.seed !== undefined && !Number.isInteger(body.seed)

test('judged again from the record, bisection and all, the verdicts are the same', async () => {
  const twist: Twist = {
    admit: (refusal, { body }) =>
      refusal ?? (has(body, 'logit_bias') || has(body, 'n') ? refuse('n', null, 'No.') : null),
  }
  const { lines, exchanges } = await openai.run(twist)
  const again = await openai.judge(exchanges)
  expect(exchanges.size).toBeGreaterThan(200)
  expect([...lines.values()].some((one) => one.verdict === 'fail')).toBe(true)
  expect(again).toEqual(lines)
})

describe('how a wrong value is refused', () => {
  test.each<[string, Twist, string]>([
    ['with 422', { error: (error) => ({ ...error, status: 422 }) }, 'pass'],
    ['with a 5xx', { error: (error) => ({ ...error, status: 500 }) }, 'fail'],
    ['with 200 and an error', { error: (error) => ({ ...error, status: 200 }) }, 'fail'],
    [
      'without naming the field',
      {
        error: (error) => ({
          ...error,
          json: { error: { message: 'Bad request.', type: 'x', param: null, code: null } },
        }),
      },
      'warn',
    ],
    [
      'with nothing',
      {
        raw: (socket, { body }) => {
          if (!wrongSeed(body)) return false
          socket.destroy()
          return true
        },
      },
      'fail',
    ],
  ])('%s', async (_, twist, verdict) => {
    expect((await line(openai, twist, 'seed/refused')).verdict).toBe(verdict)
  })

  test('taken where nobody says that it is refused: observed', async () => {
    const twist: Twist = { admit: (refusal) => (refusal?.status === 400 ? null : refusal) }
    const got = await line(tokenhub, twist, 'max_tokens/refused')
    expect(got.verdict, got.message).toBe('pass')
    expect(got.findings.every((one) => one.by === 'observe')).toBe(true)
  })
})
