import { describe, expect, test } from 'vitest'
import type { FaultFacts } from '../../fixtures/faults/faults.ts'
import type { VerdictWord } from '../../reports/record/types.ts'
import { assess, type Said, type Verdicts } from './assess.ts'

const said = (verdict: VerdictWord, more: Partial<Said> = {}): Said => ({
  verdict,
  message: 'as seen',
  found: verdict !== 'pass' && verdict !== 'skip',
  succeeded: true,
  ...more,
})
const BEFORE: Verdicts = { a: said('pass'), b: said('pass'), c: said('pass') }
const fault = (more: Partial<FaultFacts> = {}): FaultFacts => ({
  id: 'broken',
  title: 'It is broken.',
  dialect: 'openai-chat',
  profile: 'openai',
  class: 'success',
  rule: 'a',
  must: ['a'],
  may: [],
  ...more,
})
const judged = (more: Partial<FaultFacts>, after: Verdicts, errors: string[] = []) =>
  assess(fault(more), BEFORE, { ...BEFORE, ...after }, new Set(errors))

describe('a fault held against its row', () => {
  test('kills what it must turn red', () => {
    expect(judged({}, { a: said('fail') })).toEqual({ id: 'broken', red: ['a'], killed: ['a'], problems: [] })
  })

  test('an unlisted red is a problem; a listed one is not', () => {
    expect(judged({}, { a: said('fail'), b: said('warn') }).problems).toEqual([
      'unlisted red: warn b: as seen',
    ])
    expect(judged({ may: ['b'] }, { a: said('fail'), b: said('warn') }).problems).toEqual([])
  })

  test('a missing must is a problem', () => {
    expect(judged({ must: ['a', 'b'] }, { a: said('fail') }).problems).toEqual(['missing must: b is pass'])
  })

  test('an unknown id is a problem', () => {
    expect(judged({ may: ['nobody'] }, { a: said('fail') }).problems).toEqual(['unknown id nobody on openai'])
  })

  test('a fault that spoils the exchange kills nothing as a success', () => {
    expect(judged({}, { a: said('fail', { succeeded: false }) }).problems).toEqual(['it kills nothing'])
  })

  test('a fault of class error kills only what judges errors', () => {
    expect(judged({ class: 'error' }, { a: said('fail') }).killed).toEqual([])
    expect(judged({ class: 'error' }, { a: said('fail') }, ['a']).killed).toEqual(['a'])
  })

  test('a fault that turns too much red kills nothing as a success', () => {
    const many = Array.from({ length: 8 }, (_, at) => `m${at}`)
    const before = { ...BEFORE, ...Object.fromEntries(many.map((id) => [id, said('pass')])) }
    const after = { ...before, a: said('fail'), ...Object.fromEntries(many.map((id) => [id, said('fail')])) }
    expect(assess(fault({ may: many }), before, after, new Set()).problems).toEqual(['it kills nothing'])
  })

  test('a red rule without a finding is a problem', () => {
    expect(judged({}, { a: said('inconclusive', { found: false }) }).problems).toContain(
      'no finding carries a: as seen',
    )
  })

  test('a hazard warns and never fails', () => {
    expect(judged({ hazard: true }, { a: said('warn') }).problems).toEqual([])
    expect(judged({ hazard: true }, { a: said('fail') }).problems).toEqual([
      'a hazard must not fail a: as seen',
    ])
  })

  test('a fault of assay itself is never an expected red', () => {
    expect(judged({}, { a: said('error') }).problems).toContain('a: as seen')
  })

  test('a check that sends the field may turn red, and no other', () => {
    const sends = (path: string) => (path === 'n' ? ['b'] : [])
    const after = { ...BEFORE, a: said('fail'), b: said('fail') }
    expect(assess(fault({ sends: 'n' }), BEFORE, after, new Set(), sends).problems).toEqual([])
    expect(assess(fault({ sends: 'm' }), BEFORE, after, new Set(), sends).problems).toHaveLength(1)
  })
})
