import { describe, expect, test } from 'vitest'
import type { VerdictLine } from '../../reports/record/types.ts'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { killedRecord, SUMMARY, sampleRecord, verdict } from './sample.ts'
import { flat, pass, render } from './shown.ts'

const screen = render()

test('tells first what failed and last what it all comes to', () => {
  const at = (text: string) => {
    expect(screen, text).toContain(text)
    return screen.indexOf(text)
  }
  const order = [
    'FAILED: 4',
    'WARNINGS: 2',
    'NOT ANSWERED: 6',
    'REQUEST FIELDS: 12',
    'TOTALS',
    'DOES NOT CONFORM',
  ]
  expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b))
  expect(screen.trimEnd().split('\n').slice(-3).join('\n')).toContain('DOES NOT CONFORM')
})

test.each<[string, VerdictLine[], number]>([
  ['CONFORMS', [pass], 0],
  ['NOT PROVEN', [pass, verdict('a/b/d', { verdict: 'inconclusive' })], 4],
  ['NOT JUDGED', [], 2],
  ['NOT JUDGED', [verdict('a/b/d', { verdict: 'error', message: 'TypeError in a judge' })], 3],
])('concludes %s', (word, verdicts, exit) => {
  const text = render(verdicts, exit)
  expect(text).toContain(` ${word} `)
  expect(text).toContain(`exit ${exit}`)
  for (const other of ['CONFORMS', 'DOES NOT CONFORM', 'NOT PROVEN', 'NOT JUDGED', 'INTERRUPTED']) {
    if (other !== word) expect(text).not.toContain(` ${other} `)
  }
})

test('says that unproven was allowed, and never that it conforms', () => {
  const text = render([pass, verdict('a/b/d', { verdict: 'inconclusive' })], 0)
  expect(text).toContain('NOT PROVEN')
  expect(text).toContain('--allow-unproven')
  expect(text).not.toContain('CONFORMS')
})

test('of a killed run says so, and how far it came', () => {
  const open = verdict('a/b/d', { verdict: 'inconclusive', message: 'interrupted' })
  const text = flat(renderTerminal(killedRecord([pass, open]), { color: false, dir: 'out/7' }))
  expect(text).toContain('INTERRUPTED')
  expect(text).toContain('1 of 22 checks judged')
  expect(text).toContain('assay run --resume out/7')
  expect(text).not.toContain('CONFORM')
})

test('names the files where they are known', () => {
  expect(screen).not.toContain('record.jsonl')
  expect(renderTerminal(sampleRecord(), { color: false, dir: 'out/7' })).toContain(
    'out/7: record.jsonl, summary.json',
  )
})

describe('a baseline', () => {
  const fail = verdict('a/b/known', { verdict: 'fail', title: 'Known' })
  const told = (verdicts: VerdictLine[], marks: object, exit: number) =>
    flat(
      renderTerminal(
        { ...sampleRecord(verdicts), summary: { ...SUMMARY, exit, ...marks } },
        { color: false, width: 120 },
      ),
    )

  test('that knows every failure: the banner agrees with exit 0', () => {
    const text = told([pass, fail], { known: ['a/b/known'] }, 0)
    expect(text).toContain('KNOWN FAILURES ONLY exit 0')
    expect(text).toContain('1 passed, 0 failed, 1 failed as the baseline knows')
    expect(text).not.toContain('CONFORM')
    expect(text).not.toContain('FAILED: ')
  })

  test('that is out of date: the banner agrees with exit 1', () => {
    const text = told([pass], { stale: ['a/b/c'] }, 1)
    expect(text).toContain('BASELINE OUT OF DATE exit 1')
    expect(text).toContain('no longer fails: a/b/c')
  })

  test('does not hide a failure that it does not know', () => {
    const text = told([pass, fail, verdict('a/b/new', { verdict: 'fail' })], { known: ['a/b/known'] }, 1)
    expect(text).toContain('DOES NOT CONFORM exit 1')
    expect(text).toContain('FAILED: 1 ')
    expect(text).toContain('1 of 3 checks and rules of profile tokenhub-intl failed')
  })
})
