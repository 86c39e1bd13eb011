import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatLine, parseLine } from '../../reports/record/line.ts'
import type { Exchange } from '../../reports/record/types.ts'
import { type Check, type Dialect, finding, note, type Rule } from '../../suites/core/check.ts'
import { Session } from '../../suites/core/session.ts'
import { Recorded, type Source } from '../../suites/core/source.ts'
import { chat } from '../../suites/openai-chat/ask.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { ChatView } from '../../suites/openai-chat/view.ts'
import { completion, made, RIGHT_STREAM, refusal, reply, stream } from './exchange.ts'

import {
  type Answer,
  ByHand,
  check,
  dialect,
  fails,
  MUST,
  options,
  profile,
  prompt,
  run,
  specs,
} from './ground.ts'

describe('needs', () => {
  test('a check whose precondition failed is skipped, unasked, and so is what rests on it', async () => {
    const checks = [
      check('a/c', { needs: ['openai-chat/a/b'] }),
      check('a/b', { needs: ['openai-chat/a/a'] }),
      check('a/a', fails),
      check('a/other'),
    ]
    const { line, source } = await run(checks)
    expect(line('a/a').verdict).toBe('fail')
    expect(line('a/b')).toMatchObject({ verdict: 'skip', skip: { reason: 'blocked', by: 'openai-chat/a/a' } })
    expect(line('a/c')).toMatchObject({ verdict: 'skip', skip: { reason: 'blocked', by: 'openai-chat/a/b' } })
    expect(line('a/other').verdict).toBe('pass')
    expect(source.asked).toEqual(['a/a', 'a/other'])
  })
  test('a warning blocks nothing; an open question does', async () => {
    const soft: Partial<Check<ChatView>> = {
      *judge({ reply: view }) {
        yield finding(view!, 'a', 'b', { by: 'should' })
      },
    }
    const open: Partial<Check<ChatView>> = {
      *judge() {
        yield { inconclusive: 'open' }
      },
    }
    const { line } = await run([
      check('a/warned', soft),
      check('a/after', { needs: ['openai-chat/a/warned'] }),
      check('a/open', open),
      check('a/blocked', { needs: ['openai-chat/a/open'] }),
    ])
    expect([line('a/warned').verdict, line('a/after').verdict]).toEqual(['warn', 'pass'])
    expect(line('a/blocked').skip?.reason).toBe('blocked')
  })
  test('a need that does not apply here blocks nothing', async () => {
    expect((await run([check('a/a', { needs: ['openai-chat/not/here'] })])).line('a/a').verdict).toBe('pass')
  })
  test('what rests on a role that the user set to none is the user’s choice too', async () => {
    const { line } = await run([check('a/a'), check('a/b', { needs: ['openai-chat/a/a'] })], () => ({
      missing: 'chosen',
      text: 'none',
    }))
    expect(line('a/b').skip).toEqual({ reason: 'chosen', by: 'openai-chat/a/a' })
  })
  test('checks that need each other are told, not waited for', async () => {
    const checks = [
      check('a/a', { needs: ['openai-chat/a/b'] }),
      check('a/b', { needs: ['openai-chat/a/a'] }),
    ]
    await expect(run(checks)).rejects.toThrow('openai-chat/a/a → openai-chat/a/b → openai-chat/a/a')
  })
  test('two checks of one name are told', async () => {
    await expect(run([check('a/a'), check('a/a')])).rejects.toThrow('two checks are called openai-chat/a/a')
  })
})

describe('what did not come', () => {
  test.each([
    ['unavailable', 'skip', 'unavailable'],
    ['chosen', 'skip', 'chosen'],
    ['budget', 'inconclusive', undefined],
    ['not-recorded', 'inconclusive', undefined],
    ['stopped', 'inconclusive', undefined],
    ['unreachable', 'inconclusive', undefined],
  ] as const)('missing because %s: %s', async (missing, verdict, reason) => {
    const { line } = await run([check('a/a', { field: 'temperature' })], () => ({ missing, text: 'why' }))
    expect(line('a/a')).toMatchObject({ verdict, message: 'why' })
    expect(line('a/a').skip?.reason).toBe(reason)
    expect(line('a/a').field?.observed).toBe(verdict === 'skip' ? undefined : 'inconclusive')
  })
  test('what was seen to be wrong stays wrong, though another part could not be asked', async () => {
    const two = { one: [chat({}, { prompt: 'one' })], two: [chat({}, { prompt: 'two' })] }
    const { line } = await run([check('a/a', { ask: two })], (probe) =>
      prompt(probe) === 'one' ? { missing: 'budget', text: 'spent' } : refusal(400),
    )
    expect(line('a/a')).toMatchObject({ verdict: 'fail' })
  })
  test('an unreachable target decides nothing, whatever is expected', async () => {
    const gone = made({ status: 0, end: { kind: 'unreachable', code: 'X', detail: 'refused' } })
    const { line } = await run([check('a/a', { expects: 'any', ...fails }), check('a/b')], () => gone)
    expect([line('a/a').verdict, line('a/b').verdict]).toEqual(['inconclusive', 'inconclusive'])
  })
  test('429 decides nothing, but for the keys that are asked with in order to see it', async () => {
    const limited = { ...fails, expects: 'any' as const, ask: { reply: [chat({}, { keyRole: 'limited' })] } }
    const { line } = await run(
      [check('a/a'), check('a/any', { expects: 'any', ...fails }), check('a/limited', limited)],
      () => refusal(429),
    )
    expect([line('a/a').verdict, line('a/any').verdict]).toEqual(['inconclusive', 'inconclusive'])
    expect(line('a/limited').verdict).toBe('fail')
  })
  test.each([
    ['529', refusal(529), 'inconclusive'],
    [
      '503 with a time',
      { ...refusal(503), headers: [['retry-after', '1']] as [string, string][] },
      'inconclusive',
    ],
    ['503', refusal(503), 'fail'],
  ])('an overload decides nothing: %s', async (_, answer, verdict) => {
    const { line } = await run([check('a/a'), check('a/any', { expects: 'any', ...fails })], () => answer)
    expect([line('a/a').verdict, line('a/any').verdict]).toEqual([verdict, verdict])
  })
  test('a probe that should have succeeded fails by itself, before the judge', async () => {
    const never: Partial<Check<ChatView>> = {
      judge: () => {
        throw new Error('reached')
      },
    }
    const { line } = await run([check('a/a', never)], () => refusal(500))
    expect(line('a/a')).toMatchObject({ verdict: 'fail' })
    expect(line('a/a').message).toContain('status 500')
  })
  test('a reply without a choice is no success: judges may count on one', async () => {
    for (const answer of [reply({ body: completion({}, { choices: [] }) }), stream([{ choices: [] }])]) {
      expect((await run([check('a/a')], () => answer)).line('a/a').verdict).toBe('fail')
    }
  })
})

describe('assay’s own faults', () => {
  const broken = () => {
    throw new TypeError('our mistake')
  }
  test.each<[string, Partial<Check<ChatView>>]>([
    ['judge', { judge: broken }],
    ['step', { ask: { reply: [broken] } }],
    ['shows', { elicit: { ask: 'reply', shows: broken } }],
  ])('a throw in %s is an error of that check alone', async (_, over) => {
    const { line } = await run([check('a/a', over), check('a/b')])
    expect(line('a/a')).toMatchObject({ verdict: 'error', message: 'assay failed: TypeError: our mistake' })
    expect(line('a/b').verdict).toBe('pass')
  })
  test('a throw in a rule is an error of that rule alone', async () => {
    const law = (id: string, judge: Rule<ChatView>['judge']): Rule<ChatView> => ({
      id: `openai-chat/${id}`,
      title: id,
      requirements: [MUST],
      fix: '',
      on: () => true,
      judge,
    })
    const { line } = await run([check('a/a')], undefined, [law('r/bad', broken), law('r/good', () => [])])
    expect([line('r/bad').verdict, line('r/good').verdict]).toEqual(['error', 'pass'])
  })
})

describe('elicitation', () => {
  const wanted = (tries?: number): Partial<Check<ChatView>> => ({
    elicit: {
      ask: 'reply',
      shows: (view) => view.content === 'yes',
      ...(tries === undefined ? {} : { tries }),
    },
  })
  const says = (content: string) => reply({ body: completion({ message: { role: 'assistant', content } }) })

  test('stops where it shows, and counts', async () => {
    const { line, source } = await run([check('a/a', wanted())], (probe) =>
      says(probe.fresh === 'try 2' ? 'yes' : 'no'),
    )
    expect(line('a/a')).toMatchObject({ verdict: 'pass', elicited: { tries: 2, shown: 1 } })
    expect(source.asked).toEqual(['a/a', 'a/a (try 2)'])
    expect(line('a/a').exchanges).toHaveLength(2)
  })
  test.each([
    [undefined, 3],
    [5, 5],
  ])('is inconclusive with the counts where it never shows', async (tries, asked) => {
    const { line, source } = await run([check('a/a', wanted(tries))], () => says('no'))
    expect(line('a/a')).toMatchObject({
      verdict: 'inconclusive',
      message: `asked ${asked} times, shown 0 times`,
      elicited: { tries: asked, shown: 0 },
    })
    expect(source.asked).toHaveLength(asked)
  })
  test('a failure on the way is a failure', async () => {
    const { line, source } = await run([check('a/a', wanted())], (probe) =>
      probe.fresh === undefined ? says('no') : refusal(500),
    )
    expect(line('a/a')).toMatchObject({ verdict: 'fail', elicited: { tries: 2, shown: 0 } })
    expect(source.asked).toHaveLength(2)
  })
})

describe('conversations', () => {
  test('each step sees what came before; the judge sees the last turn, and all', async () => {
    const seen: number[] = []
    const steps = [
      chat({}, { prompt: 'one' }),
      (sofar: Exchange[]) => {
        seen.push(sofar.length)
        return chat({}, { prompt: 'two' })
      },
      (sofar: Exchange[]) => (sofar.length > 5 ? chat() : undefined),
    ]
    const { line, source } = await run(
      [
        check('a/a', {
          ask: { reply: steps },
          *judge({ reply: view }) {
            yield note(
              view!,
              `${view!.turns.length} ${view!.content} ${view!.turns[0]!.content} ${'turns' in view!}`,
            )
          },
        }),
      ],
      (probe) => reply({ body: completion({ message: { role: 'assistant', content: prompt(probe) } }) }),
    )
    expect(source.asked).toEqual(['one', 'two'])
    expect(seen).toEqual([1])
    expect(line('a/a').findings[0]?.got).toBe('2 two one true')
  })
  test('a step that cannot be asked leaves the question open', async () => {
    const { line } = await run([
      check('a/a', { ...fails, ask: { reply: [chat(), () => ({ blocked: 'no call' })] } }),
    ])
    expect(line('a/a')).toMatchObject({ verdict: 'inconclusive', message: 'no call', findings: [] })
  })
  test('the view itself is shared and stays as it is', () => {
    const view = new ChatView(reply())
    expect('turns' in view).toBe(false)
    expect(view.pointed('/id').place).toEqual(new ChatView(reply()).pointed('/id').place)
  })
})

describe('rules', () => {
  const idle: Rule<ChatView> = {
    id: 'openai-chat/r/idle',
    title: '',
    requirements: [MUST],
    fix: '',
    on: (view) => view.status === 405,
    judge: () => [],
  }
  test('a rule for what never came up is skipped as idle', async () => {
    expect((await run([check('a/a')], undefined, [idle])).line('r/idle').skip).toEqual({ reason: 'idle' })
  })
  test('a rule judges every exchange, those of refused probes too', async () => {
    const every = { ...idle, on: () => true }
    const { line } = await run(
      [check('a/a'), check('a/b', { expects: 'any' })],
      (p) => (prompt(p) === 'a/a' ? reply() : refusal(405)),
      [every],
    )
    expect(line('r/idle').exchanges).toHaveLength(2)
  })
})

test('the verdicts and their order do not depend on when answers come', async () => {
  const checks = [
    ...Array.from({ length: 6 }, (_, n) => check(`a/${n}`, n % 3 === 0 ? fails : {})),
    check('a/last', { needs: ['openai-chat/a/5', 'openai-chat/a/3', 'openai-chat/a/0'] }),
  ]
  const expected = (await run(checks)).lines
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const running = run(checks, () => scheduler.schedule(Promise.resolve(reply())))
      await scheduler.waitFor(running)
      expect((await running).lines).toEqual(expected)
    }),
    { numRuns: 20 },
  )
})

test('law: judging the whole dialect again, and from a written record, gives the same lines', async () => {
  const exchanges = new Map<string, Exchange>()
  const answer: Answer = (probe, { digest }) => {
    const exchange =
      probe.keyRole === 'wrong' || probe.keyRole === 'none'
        ? refusal(401)
        : probe.body?.stream === true
          ? stream(RIGHT_STREAM, { request: probe.body })
          : probe.body === undefined || probe.body.messages === 'hello'
            ? refusal(400)
            : reply({ request: probe.body })
    exchanges.set(digest, { ...exchange, digest })
    return exchange
  }
  const judge = (source: Source) =>
    new Session({
      specs,
      profile,
      dialects: [openaiChat as Dialect],
      options: options({
        suites: ['plain', 'completion', 'usage', 'errors', 'http', 'sse', 'shape', 'grammar', 'security'],
      }),
      source,
    }).run()
  const live = await judge(new ByHand(answer))
  expect(live.some(({ verdict }) => verdict === 'fail')).toBe(true)
  expect(live.filter(({ verdict }) => verdict === 'error')).toEqual([])
  expect(await judge(new Recorded(exchanges))).toEqual(live)
  const read = new Map<string, Exchange>()
  for (const [digest, exchange] of exchanges) {
    const line = parseLine(formatLine({ type: 'exchange', exchange }))
    if (line.type === 'exchange') read.set(digest, line.exchange)
  }
  expect(await judge(new Recorded(read))).toEqual(live)
})

test('answers that came before the last one (429) are judged by the rules as well', async () => {
  const law: Rule<ChatView> = {
    id: 'openai-chat/r/no-429',
    title: '',
    requirements: [MUST],
    fix: '',
    on: () => true,
    *judge(view) {
      if (view.status === 429) yield finding(view.statusPlace, 'no 429', '429')
    },
  }
  const early = { ...refusal(429), digest: 'abc.1' }
  const source = new ByHand(() => ({ ...reply(), retries: 1, earlier: [early] }))
  const session = new Session({
    specs,
    profile,
    dialects: [dialect([check('plain/reply')], [law])],
    options: options(),
    source,
  })
  const lines = await session.run()
  expect(lines.find(({ id }) => id === law.id)).toMatchObject({ verdict: 'fail' })
  expect(session.judgeRules()).toEqual(lines.filter(({ kind }) => kind === 'rule'))
})
