import { beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../cli/exit.ts'
import { loadExit } from '../../cli/load/exit.ts'
import { limiter } from '../../fixtures/limiter/limiter.ts'
import { judgeLimits, LimitSamplesUnreadable } from '../../load/limits/judge.ts'
import { QUESTIONS } from '../../load/limits/questions.ts'
import { LIMIT_VERDICTS } from '../../load/limits/verdicts.ts'
import type { Order } from '../../load/order.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { Specs } from '../../specs/types.ts'
import {
  type Course,
  correct,
  experiment,
  FAULTS,
  type Fault,
  faulty,
  setting,
} from '../infer/findings-cases.ts'
import { orderFor } from './run-k6.ts'
import { fileOf } from './virtual.ts'

let specs: Specs
beforeAll(async () => {
  specs = await loadSpecs()
})

function judge(samples: string, order: Order, profile = 'pingtoken') {
  const found = specs.profiles.get(profile)
  if (!found) throw new Error(profile)
  const { requirements, contradictions } = specs
  return judgeLimits({ order, samples, profile: found, requirements, contradictions })
}

const URL = 'http://127.0.0.1:1/v1/chat/completions'
const verdictOf = (lines: VerdictLine[], name: string): VerdictLine => {
  const line = lines.find(({ id }) => id.endsWith(`/${name}`))
  if (!line) throw new Error(name)
  return line
}

/** 40 requests in 20 s, fixed to the first request. */
const GIVEN = {
  ...setting(2, { aim: 'requests', algorithm: 'fixed-first' }),
  limit: 40,
  window: 20_000,
  charging: { what: 'request', when: 'admission', refused: false, cancelled: true } as const,
}
let plain: Course
beforeAll(() => {
  const { limit, window, charging } = GIVEN
  plain = experiment(
    GIVEN,
    limiter({ algorithm: { kind: 'fixed-first', limit, window }, charging, scope: 'key' }),
  )
})

describe('the limit against what was promised', () => {
  const judged = (options: Order['options'], profile?: string, role = 'default') => {
    const order = orderFor(URL, 'rpm', { ...options, key_role: role })
    return verdictOf(judge(fileOf(plain, order), order, profile).verdicts, 'limit')
  }

  it('passes where the config expects what was inferred, as a rate', () => {
    expect(judged({ expect_limit: 40, expect_window_s: 20 })).toMatchObject({
      verdict: 'pass',
      level: 'must',
    })
    expect(judged({ expect_limit: 120, expect_window_s: 60 })).toMatchObject({ verdict: 'pass' })
  })

  it('fails where the config expects another', () => {
    const line = judged({ expect_limit: 60, expect_window_s: 20 })
    expect(line).toMatchObject({ verdict: 'fail', level: 'must' })
    expect(line.message).toContain('60 requests in 20 s')
    expect(line.message).toContain('40 requests in 20')
  })

  it('fails by the document where the role has a row of its own, with its requirement', () => {
    const line = judged({}, 'pingtoken', 'free')
    expect(line).toMatchObject({ verdict: 'fail', level: 'must' })
    expect(line.requirements.map(({ id }) => id)).toEqual(['PT-RATE-free'])
    expect(line.findings[0]).toMatchObject({ by: 'documented', requirement: 'PT-RATE-free' })
  })

  it('only warns where the kind of the key is not known (C-32)', () => {
    const line = judged({})
    expect(line).toMatchObject({ verdict: 'warn' })
    expect(line.findings[0]).toMatchObject({ contradiction: 'C-32', atMost: 'warn' })
  })

  it('is an observation where nothing is promised', () => {
    const line = judged({}, 'openai')
    expect(line).toMatchObject({ verdict: 'pass', level: 'may' })
    expect(line.findings[0]).toMatchObject({ by: 'observe' })
    expect(line.message).toContain('40 requests in 20')
  })
})

describe('what is open stays open', () => {
  it('a run that was cut short', () => {
    const order = orderFor(URL, 'rpm', { expect_limit: 60, expect_window_s: 20 })
    const file = fileOf(plain, order, false)
    const { verdicts } = judge(file.slice(0, file.length * 0.6), order)
    expect(verdictOf(verdicts, 'limit').verdict).toBe('inconclusive')
    expect(verdicts.filter(({ verdict }) => verdict === 'pass')).toEqual([])
    expect(verdicts.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  })

  it('a run that was given up', () => {
    const order = orderFor(URL, 'rpm')
    const end = { end: { stopped: true, why: 'refused', message: 'status 401' } }
    const { verdicts, stopped, answered } = judge(
      `${JSON.stringify({ schema: 'assay/limit-samples/1' })}\n${JSON.stringify(end)}\n`,
      order,
    )
    expect(stopped).toEqual({ why: 'refused', message: 'status 401' })
    expect(answered).toBe(0)
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['inconclusive']))
  })

  it('probes that were not sent are no pass', () => {
    const order = orderFor(URL, 'rpm', { probes: false })
    const half = { ...plain, samples: plain.samples.filter(({ probe }) => probe === undefined) }
    const { verdicts } = judge(fileOf(half, order), order)
    for (const name of ['enforcement', 'availability', 'retry-after'])
      expect(verdictOf(verdicts, name)).toMatchObject({ verdict: 'skip', skip: { reason: 'chosen' } })
  })

  it('probes that were not reached are no pass either', () => {
    const order = orderFor(URL, 'rpm')
    const half = { ...plain, samples: plain.samples.filter(({ probe }) => probe === undefined) }
    const { verdicts } = judge(fileOf(half, order), order)
    for (const name of ['enforcement', 'reset', 'availability', 'retry-after'])
      expect(verdictOf(verdicts, name).verdict).toBe('inconclusive')
  })

  it('a limit without an answer leaves the run unproven where one is expected, and only there', () => {
    const few = { ...plain, samples: plain.samples.slice(0, 3) }
    const limitLine = (options: Order['options']) => {
      const order = orderFor(URL, 'rpm', options)
      const text = fileOf(few, order).replace(/\{"end".*/, '')
      return verdictOf(judge(text, order, 'openai').verdicts, 'limit')
    }
    const expected = limitLine({ expect_limit: 40, expect_window_s: 20 })
    expect(expected).toMatchObject({ verdict: 'inconclusive', level: 'must' })
    const pass: VerdictLine = { ...expected, id: 'limits/rpm/status', verdict: 'pass' }
    expect(loadExit([pass, expected], { nothingFinished: false })).toBe(EXIT.unproven)
    const observed = limitLine({})
    expect(observed).toMatchObject({ verdict: 'inconclusive', level: 'may' })
    expect(loadExit([pass, observed], { nothingFinished: false })).toBe(EXIT.ok)
  })

  it('no limit met: nothing is said about one', () => {
    const order = orderFor(URL, 'rpm')
    const open = { ...plain, samples: plain.samples.filter(({ admitted }) => admitted) }
    const { verdicts, limiter: seen } = judge(fileOf(open, order), order, 'openai')
    expect(seen).toMatchObject({ algorithm: 'none' })
    expect(verdictOf(verdicts, 'status')).toMatchObject({ verdict: 'skip', skip: { reason: 'idle' } })
  })
})

describe('every fault turns its question red, and only that', () => {
  const red = ({ verdict }: VerdictLine) => verdict === 'fail' || verdict === 'warn'
  // One fault a question; tests/infer/findings.test.ts has them all.
  const chosen = QUESTIONS.flatMap(({ findings: [id] }) =>
    Object.entries(FAULTS)
      .filter(([, fault]) => fault.id === id)
      .slice(0, 1),
  )
  it.each(chosen)('%s', (_name, fault: Fault) => {
    const algorithm = fault.algorithms?.[0] ?? 'fixed-first'
    const { given, course } = faulty(2, fault, algorithm)
    const order = orderFor(URL, given.aim === 'tokens' ? 'tpm' : 'rpm')
    const { verdicts, limiter: seen } = judge(fileOf(course, order), order, 'openai')
    const question = QUESTIONS.find(({ findings }) => findings.includes(fault.id))
    expect(verdicts.filter(red).map(({ id }) => id.split('/')[2])).toEqual([question?.name])
    expect(seen.faults).toEqual([fault.id])
  })

  it('none where there is none', () => {
    for (const seed of [3, 8, 21]) {
      const { given, course } = correct(seed)
      const order = orderFor(URL, given.aim === 'tokens' ? 'tpm' : 'rpm')
      expect(judge(fileOf(course, order), order, 'openai').verdicts.filter(red)).toEqual([])
    }
  })

  it('fails where the promise is broken, and warns where there is none', () => {
    const fault = FAULTS['a race of 80 ms'] as Fault
    const { course, given } = faulty(2, fault, 'fixed-first')
    const verdict = (options: Order['options']) => {
      const order = orderFor(URL, given.aim === 'tokens' ? 'tpm' : 'rpm', options)
      return verdictOf(judge(fileOf(course, order), order, 'openai').verdicts, 'enforcement').verdict
    }
    expect([verdict({ expect_limit: given.limit }), verdict({})]).toEqual(['fail', 'warn'])
  })
})

describe('judging again', () => {
  it('says the same, from text or from lines', () => {
    const order = orderFor(URL, 'rpm')
    const file = fileOf(plain, order)
    const once = judge(file, order)
    expect(judge(file, order)).toEqual(once)
    const { requirements, contradictions, profiles } = specs
    const profile = profiles.get('pingtoken')
    if (!profile) throw new Error('pingtoken')
    const lines = file.split('\n')
    expect(judgeLimits({ order, samples: lines, profile, requirements, contradictions })).toEqual(once)
  })

  it('what k6 itself says in between is none of ours; a row that is missing makes the file less than whole', () => {
    const order = orderFor(URL, 'rpm')
    const lines = fileOf(plain, order).split('\n')
    const once = judge(lines.join('\n'), order)
    expect(
      judge([...lines.slice(0, 5), 'a word of the engine', ...lines.slice(5)].join('\n'), order),
    ).toEqual(once)
    const less = judge(lines.toSpliced(5, 1).join('\n'), order).verdicts
    expect(verdictOf(less, 'limit').verdict).toBe('inconclusive')
  })

  it('a line that is none is an error with its number', () => {
    const order = orderFor(URL, 'rpm')
    const lines = fileOf(plain, order).split('\n')
    lines[3] = '{"id": 7'
    expect(() => judge(lines.join('\n'), order)).toThrow(LimitSamplesUnreadable)
    expect(() => judge(lines.join('\n'), order)).toThrow('samples.jsonl:4')
    expect(() => judge('{"schema":"other/1"}\n', order)).toThrow('samples.jsonl:1')
  })
})

it('every question is listed once for each scenario', () => {
  const ids = LIMIT_VERDICTS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('limits/tpm/bypass')
  expect(ids).not.toContain('limits/rpm/bypass')
  const order = orderFor(URL, 'rpm')
  for (const { id } of judge(fileOf(plain, order), order).verdicts) expect(ids).toContain(id)
})

it('a figure that is not sure is not stated', () => {
  const order = orderFor(URL, 'rpm')
  const few = {
    ...plain,
    samples: plain.samples.slice(0, 60).filter(({ admitted }, i) => !admitted || i % 2),
  }
  const { limiter: seen } = judge(fileOf(few, order), order, 'openai')
  expect(seen.confidence).toBeLessThan(0.8)
  expect(seen).toMatchObject({ said: 'not found out', algorithm: null, limit: null, charging: null })
})
