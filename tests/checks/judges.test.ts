import { describe, expect, test } from 'vitest'
import type { Exchange, JsonObject, VerdictWord } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Dialect } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import type { Resolved } from '../../suites/core/resolve.ts'
import { Session } from '../../suites/core/session.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { chunk, completion, DONE, made, RIGHT_STREAM, refusal, reply, stream } from '../core/exchange.ts'

const specs = loadSpecs()

/** The verdict of one check where everything is answered rightly but what `answer` answers. */
async function verdict(
  id: string,
  profileId: string,
  answer: (probe: Probe) => Exchange | undefined,
): Promise<VerdictWord> {
  const profile = profileById(specs, profileId)
  const source = {
    async ask({ probe, digest }: Resolved): Promise<Exchange> {
      const given = answer(probe) ?? usual(probe)
      return { ...given, digest, request: { ...given.request, body: JSON.stringify(probe.body ?? null) } }
    },
  }
  const options = {
    dialects: ['openai-chat'],
    model: profile.default_model,
    level: 'may' as const,
    checks: [`openai-chat/${id}`],
    suites: [],
    roles: { chosen: [], given: ['default'] },
  }
  const session = new Session({ specs, profile, dialects: [openaiChat as Dialect], options, source })
  return (await session.verdict(`openai-chat/${id}`)).verdict
}

const calls = (body: JsonObject | undefined) =>
  body?.tool_choice === 'required' || typeof body?.tool_choice === 'object'
const call = (name: string, finish: string, args = '{"city":"Paris"}') =>
  completion({
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: args } }],
    },
    finish_reason: finish,
  })

function usual({ body, text, keyRole }: Probe): Exchange {
  if (keyRole === 'none' || keyRole === 'wrong') return refusal(401)
  if (text !== undefined || body?.messages === undefined || typeof body.messages === 'string')
    return refusal(400)
  if (body.stream === true) return stream(RIGHT_STREAM)
  if (calls(body)) return reply({ body: call('get_weather', 'tool_calls') })
  return reply()
}

const first = (test: (probe: Probe) => boolean, exchange: Exchange) => (probe: Probe) =>
  test(probe) ? exchange : undefined
const noKey = (exchange: Exchange) => first(({ keyRole }) => keyRole === 'none', exchange)
const plainReply = (exchange: Exchange) =>
  first(
    ({ body, keyRole }) =>
      keyRole === 'default' && body?.stream === undefined && Array.isArray(body?.messages),
    exchange,
  )
const silent = made({ status: 0, end: { kind: 'timeout', phase: 'headers', ms: 5 } })
const usageChunk = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 },
}
const withUsage = (events: (string | JsonObject)[]) =>
  first(({ body }) => body?.stream_options !== undefined, stream(events))
const nulls = RIGHT_STREAM.slice(0, -1).map((one) => ({ ...(one as JsonObject), usage: null }))

describe('verdicts by check and profile', () => {
  test.each<[string, string, string, (probe: Probe) => Exchange | undefined, VerdictWord]>([
    ['no key: 401', 'errors/no-key', 'tokenhub-intl', noKey(refusal(401)), 'pass'],
    ['no key: 403', 'errors/no-key', 'tokenhub-intl', noKey(refusal(403)), 'warn'],
    ['no key: 403', 'errors/no-key', 'pingtoken', noKey(refusal(403)), 'fail'],
    ['no key: 403', 'errors/no-key', 'openai', noKey(refusal(403)), 'fail'],
    ['no key: served', 'errors/no-key', 'tokenhub-intl', noKey(reply()), 'fail'],
    ['no key: 500', 'errors/no-key', 'tokenhub-intl', noKey(refusal(500)), 'fail'],
    ['no key: 429', 'errors/no-key', 'openai', noKey(refusal(429)), 'inconclusive'],
    [
      'DELETE: 501',
      'errors/wrong-method',
      'openai',
      first(({ method }) => method === 'DELETE', refusal(501)),
      'pass',
    ],
    [
      'DELETE: 500',
      'errors/wrong-method',
      'openai',
      first(({ method }) => method === 'DELETE', refusal(500)),
      'fail',
    ],
    ['unknown model served', 'errors/unknown-model', 'openai', () => undefined, 'warn'],
    [
      'unknown model: 404',
      'errors/unknown-model',
      'openai',
      first(
        ({ body }) => body?.model === 'assay-no-such-model-000',
        refusal(404, { code: 'model_not_found' }),
      ),
      'pass',
    ],
    [
      'oversize: silence',
      'errors/oversize',
      'openai',
      first(({ repeat }) => repeat !== undefined, silent),
      'fail',
    ],
    [
      'oversize: 413',
      'errors/oversize',
      'openai',
      first(({ repeat }) => repeat !== undefined, refusal(413)),
      'pass',
    ],
    [
      'deep JSON: 500',
      'robustness/deep-json',
      'openai',
      first(({ repeat }) => repeat !== undefined, refusal(500)),
      'fail',
    ],
    [
      'no text within the limit',
      'plain/reply',
      'openai',
      plainReply(
        reply({ body: completion({ message: { role: 'assistant', content: '' }, finish_reason: 'length' }) }),
      ),
      'fail',
    ],
    [
      'all thought, no text',
      'plain/reply',
      'openai',
      plainReply(
        reply({
          body: completion(
            { message: { role: 'assistant', content: '' }, finish_reason: 'length' },
            { usage: { prompt_tokens: 1, completion_tokens: 48, total_tokens: 49 } },
          ),
        }),
      ),
      'pass',
    ],
    [
      'C-40: a foreign word',
      'completion/finish-stop',
      'openai',
      plainReply(reply({ body: completion({ finish_reason: 'eos' }) })),
      'fail',
    ],
    [
      'C-40: a foreign word',
      'completion/finish-stop',
      'tokenhub-intl',
      plainReply(reply({ body: completion({ finish_reason: 'eos' }) })),
      'warn',
    ],
    [
      'C-40: none',
      'completion/finish-stop',
      'tokenhub-intl',
      plainReply(reply({ body: completion({ finish_reason: null }) })),
      'fail',
    ],
    [
      'another model',
      'models/echo',
      'openai',
      plainReply(reply({ body: completion({}, { model: 'other' }) })),
      'warn',
    ],
    [
      'a dated model',
      'models/echo',
      'openai',
      plainReply(reply({ body: completion({}, { model: 'gpt-4.1-mini-2025-04-14' }) })),
      'pass',
    ],
    ['usage chunk', 'usage/stream-chunk', 'openai', withUsage([...nulls, usageChunk, DONE]), 'pass'],
    [
      'usage in the finish chunk',
      'usage/stream-chunk',
      'openai',
      withUsage([...nulls.slice(0, -1), { ...chunk({}, 'stop'), usage: usageChunk.usage }, DONE]),
      'fail',
    ],
    [
      'usage in the finish chunk',
      'usage/stream-chunk',
      'tokenhub-intl',
      withUsage([...nulls.slice(0, -1), { ...chunk({}, 'stop'), usage: usageChunk.usage }, DONE]),
      'warn',
    ],
    ['no usage at all', 'usage/stream-chunk', 'tokenhub-intl', withUsage(RIGHT_STREAM), 'fail'],
    [
      'no usage key in the others',
      'usage/stream-null',
      'openai',
      withUsage([...RIGHT_STREAM.slice(0, -1), usageChunk, DONE]),
      'warn',
    ],
    [
      'named, stop',
      'tools/named',
      'openai',
      first(({ body }) => typeof body?.tool_choice === 'object', reply({ body: call('get_time', 'stop') })),
      'pass',
    ],
    [
      'named, stop',
      'tools/named-finish',
      'tokenhub-intl',
      first(({ body }) => typeof body?.tool_choice === 'object', reply({ body: call('get_time', 'stop') })),
      'warn',
    ],
    [
      'required, stop',
      'tools/required',
      'openai',
      first(({ body }) => calls(body), reply({ body: call('get_weather', 'stop') })),
      'warn',
    ],
    ['required, no call', 'tools/required', 'openai', first(({ body }) => calls(body), reply()), 'fail'],
    [
      'arguments an object',
      'tools/required',
      'openai',
      first(({ body }) => calls(body), reply({ body: call('get_weather', 'tool_calls', '"x"') })),
      'fail',
    ],
  ])('%s: %s on %s', async (_, id, profile, answer, expected) => {
    expect(await verdict(id, profile, answer)).toBe(expected)
  })
})

test('a stream, put together, is the message of the whole reply', () => {
  const fragment = (index: number, more: JsonObject) => chunk({ tool_calls: [{ index, ...more }] })
  const streamed = new ChatView(
    stream([
      chunk({ role: 'assistant', content: 'Zü' }),
      chunk({ content: 'rich' }),
      fragment(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      fragment(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{' } }),
      fragment(0, { function: { arguments: '{"x":' } }),
      fragment(1, { function: { arguments: '}' } }),
      fragment(0, { function: { arguments: '1}' } }),
      chunk({}, 'tool_calls'),
      usageChunk,
      DONE,
    ]),
  )
  const tool_calls = [
    { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
    { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
  ]
  const message = { role: 'assistant', content: 'Zürich', tool_calls }
  const whole = new ChatView(reply({ body: completion({ message, finish_reason: 'tool_calls' }) }))
  const strip = ({ choices, usage, model, succeeded }: ChatView) => ({
    choices: choices.map(({ where: _, finishes, logprobs: __, toolCalls, ...rest }) => ({
      ...rest,
      reasons: finishes.map(({ reason }) => reason),
      calls: toolCalls.map(({ where: ___, ...one }) => one),
    })),
    total: usage?.total,
    model,
    succeeded,
  })
  expect(strip(streamed)).toEqual(strip(whole))
  expect(streamed.choice!.message).toEqual(message)
  expect([streamed.done, whole.done]).toEqual([true, false])
})
