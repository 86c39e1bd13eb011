import { describe, expect, test } from 'vitest'
import { conclude } from '../../reports/conclusion.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { summaryJson } from '../../reports/summary.ts'
import { killedRecord, SUMMARY, sampleRecord, totalsOf, VERDICTS, verdict } from './sample.ts'

const pass = verdict('a/b/c')
const fail = verdict('a/b/d', { verdict: 'fail' })
const blocked = verdict('a/b/e', { verdict: 'skip', skip: { reason: 'blocked', by: 'a/b/d' } })
const away = verdict('a/b/e', { verdict: 'skip', skip: { reason: 'unavailable' } })
const chosen = verdict('a/b/f', { verdict: 'skip', skip: { reason: 'chosen' } })
const vague = verdict('a/b/g', { verdict: 'inconclusive' })
const error = verdict('a/b/h', { verdict: 'error' })
const may = <T extends object>(line: T) => ({ ...line, level: 'may' as const })

describe('the conclusion', () => {
  test.each([
    ['conforms', [pass], 0],
    ['conforms', [pass, chosen], 0],
    ['conforms', [pass, may(vague), may(blocked), may(away)], 0],
    ['conforms', [pass, verdict('w', { verdict: 'warn' })], 0],
    ['unproven', [pass, vague], 4],
    ['unproven', [pass, blocked], 4],
    ['unproven', [pass, away], 4],
    // --allow-unproven changes the exit status, never the word.
    ['unproven', [pass, vague], 0],
    ['fails', [pass, fail, vague], 1],
    ['fails', [pass, may(fail)], 1],
    ['unjudged', [pass, fail, error], 3],
    ['unjudged', [pass], 3],
    ['unjudged', [], 2],
    ['unjudged', [chosen], 0],
  ] as const)('is %s', (word, verdicts, exit) => {
    expect(conclude(sampleRecord([...verdicts], exit)).word).toBe(word)
  })

  test.each([
    ['known-failures', [pass, fail], { known: ['a/b/d'] }, 0],
    ['known-failures', [fail], { known: ['a/b/d'] }, 0],
    ['unproven', [pass, fail, vague], { known: ['a/b/d'] }, 4],
    ['fails', [pass, fail, verdict('a/b/z', { verdict: 'fail' })], { known: ['a/b/d'] }, 1],
    ['fails', [pass, fail], { stale: ['a/b/c'] }, 1],
    ['baseline-stale', [pass], { stale: ['a/b/c'] }, 1],
    ['baseline-stale', [pass, fail, vague], { stale: ['a/b/c'], known: ['a/b/d'] }, 1],
    ['unjudged', [pass, fail, error], { known: ['a/b/d'] }, 3],
  ] as [string, VerdictLine[], { known?: string[]; stale?: string[] }, number][])(
    'with a baseline is %s',
    (word, verdicts, marks, exit) => {
      const record = sampleRecord(verdicts, exit)
      record.summary = { ...SUMMARY, exit, ...marks }
      expect(conclude(record).word).toBe(word)
      expect(summaryJson(record)).toMatchObject({ conclusion: word, exit, known: [], stale: [], ...marks })
    },
  )

  test('of a run that did not come to its end is interrupted, whatever it had', () => {
    for (const verdicts of [[], [pass], [fail], [error], [vague]]) {
      expect(conclude(killedRecord(verdicts))).toMatchObject({ word: 'interrupted', exit: 130 })
    }
  })
})

describe('summary.json', () => {
  test('has the keys of the contract', () => {
    const summary = summaryJson(sampleRecord())
    expect(summary).toMatchObject({
      schema: 'assay/summary/1',
      profile: 'tokenhub-intl',
      target: { url: 'https://gateway.example.test/v1' },
      totals: totalsOf(VERDICTS),
      cost: { requests: 3, tokens: 1234, seconds: 4.2 },
      conclusion: 'fails',
      exit: 1,
      interrupted: false,
    })
    expect(summary.checks.map((check) => check.id)).toEqual(VERDICTS.map((line) => line.id))
    expect(summary.checks[1]).toEqual({
      id: 'openai-chat/stream/usage-chunk',
      kind: 'check',
      verdict: 'fail',
      level: 'must',
      requirements: ['OAI-CHAT-stream-usage'],
      message: VERDICTS[1]?.message,
      findings: 1,
    })
    expect(summary.checks.find((check) => check.id === 'access/keys/free')?.reason).toBe('chosen')
    expect(summary.fields).toContainEqual({
      dialect: 'openai-chat',
      path: 'logit_bias',
      documented: 'honoured',
      observed: 'ignored',
      id: 'openai-chat/fields/logit_bias',
      verdict: 'fail',
    })
    expect(summary.unproven).toContain('openai-chat/tools/parallel')
    expect(summary.unproven).not.toContain('access/keys/free')
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
  })

  test('of a killed run invents no cost', () => {
    expect(summaryJson(killedRecord())).toMatchObject({
      interrupted: true,
      exit: 130,
      finishedAt: null,
      cost: { requests: 3, tokens: null, seconds: null },
    })
  })
})
