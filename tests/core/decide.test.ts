import { describe, expect, test } from 'vitest'
import type { By, FieldFate, Finding, Level } from '../../reports/record/types.ts'
import type { Contradiction, DocumentedFate, FieldPromise, Profile } from '../../specs/types.ts'
import { acceptedBadValue, decide, fateFinding, rule, type Standing } from '../../suites/core/decide.ts'

const profile = (claims: string[]): Profile => ({
  id: 'p',
  title: 'P',
  documents: [],
  dialects: {},
  default_model: 'm',
  models: [],
  claims,
})

const said = (id: string, verdict?: 'fail' | 'warn' | 'pass'): [string, Contradiction] => [
  id,
  { id, title: '', says: '', against: '', treat: '', ...(verdict === undefined ? {} : { verdict }) },
]
const contradictions = new Map([said('C-f', 'fail'), said('C-w', 'warn'), said('C-p', 'pass'), said('C-0')])

const standing = (level: Level, claims: string[] = []): Standing => ({
  level,
  profile: profile(claims),
  contradictions,
  levelOf: (id) => ({ MUST: 'must' as const, MAY: 'may' as const })[id],
})

const found = (by: By, more: Partial<Finding> = {}): Finding => ({
  id: 'x',
  by,
  expected: 'a',
  got: 'b',
  at: { exchange: '0', part: 'body' },
  ...more,
})

describe('one finding', () => {
  test.each<[By, Level, string[], string]>([
    ['documented', 'must', [], 'fail'],
    ['documented', 'may', [], 'warn'],
    ['documented', 'may', ['official'], 'warn'],
    ['official', 'must', [], 'warn'],
    ['official', 'must', ['official'], 'fail'],
    ['official', 'may', ['official'], 'fail'],
    ['client:openai-node', 'must', [], 'warn'],
    ['client:openai-node', 'may', ['client:openai-node'], 'fail'],
    ['client:openai-node', 'must', ['client:openai-python'], 'warn'],
    ['should', 'must', ['official'], 'warn'],
    ['should', 'may', [], 'warn'],
    ['observe', 'must', ['official'], 'pass'],
    ['observe', 'may', [], 'pass'],
  ])('by %s, level %s, claims %j: %s', (by, level, claims, verdict) => {
    expect(decide([found(by)], standing(level, claims)).verdict).toBe(verdict)
  })

  test.each<[string, By, Level, string]>([
    ['C-f', 'documented', 'may', 'fail'],
    ['C-w', 'documented', 'must', 'warn'],
    ['C-p', 'documented', 'must', 'pass'],
    ['C-0', 'documented', 'must', 'fail'],
    ['C-0', 'documented', 'may', 'warn'],
    ['C-unknown', 'documented', 'must', 'fail'],
    ['C-f', 'should', 'must', 'warn'],
    ['C-f', 'observe', 'must', 'pass'],
    ['C-w', 'official', 'must', 'warn'],
  ])('contradiction %s, by %s, level %s: %s', (contradiction, by, level, verdict) => {
    expect(decide([found(by, { contradiction })], standing(level, ['official'])).verdict).toBe(verdict)
  })

  test.each<[string, Level, string]>([
    ['MUST', 'may', 'fail'],
    ['MAY', 'must', 'warn'],
    ['not held', 'must', 'warn'],
  ])(
    'a finding about requirement %s weighs by its level, not by that of the check (%s)',
    (requirement, level, verdict) => {
      expect(decide([found('documented', { requirement })], standing(level)).verdict).toBe(verdict)
    },
  )
})

describe('several findings', () => {
  const fail = found('documented', { expected: 'worst' })
  const warn = found('should', { expected: 'soft' })
  const seen = found('observe')

  test('nothing found is a pass without words', () => {
    expect(decide([], standing('must'))).toEqual({ verdict: 'pass', message: '' })
    expect(decide([seen], standing('must'))).toEqual({ verdict: 'pass', message: '' })
  })
  test.each([[[warn, seen, fail]], [[fail, warn, seen]], [[seen, fail, warn]]])(
    'the worst decides',
    (all) => {
      expect(decide(all, standing('must'))).toEqual({ verdict: 'fail', message: 'expected worst; got b' })
    },
  )
  test('an open question hides no failure, and is hidden by no warning', () => {
    expect(decide([fail], standing('must'), 'open').verdict).toBe('fail')
    expect(decide([warn], standing('must'), 'open')).toEqual({ verdict: 'inconclusive', message: 'open' })
    expect(decide([], standing('must'), 'open').verdict).toBe('inconclusive')
  })
})

describe('the fate table', () => {
  type Row = DocumentedFate | 'undocumented' | 'unsupported, stated'
  const promise = (row: Row): FieldPromise | undefined =>
    row === 'undocumented'
      ? undefined
      : row === 'unsupported, stated'
        ? { fate: 'unsupported', requirements: [], refusal: 'stated' }
        : { fate: row, requirements: [] }
  const COLUMNS = [
    'honoured',
    'ignored',
    'altered',
    'refused',
    'unobservable',
    'accepted',
    'inconclusive',
  ] as const
  const TABLE: Record<Row, string> = {
    // as COLUMNS: p pass, w warn, f fail, o observe
    honoured: 'pfffppo',
    ignored: 'wpffppo',
    unsupported: 'wwfpwwo',
    'unsupported, stated': 'wffpffo',
    partial: 'pwwwppo',
    undocumented: 'oowoooo',
  }
  const WORD: Record<string, string> = { p: 'pass', w: 'warn', f: 'fail', o: 'observe' }

  for (const [row, words] of Object.entries(TABLE) as [Row, string][]) {
    test.each(COLUMNS.map((column, at) => [column, WORD[words[at]!]!] as const))(
      `${row} → %s: %s`,
      (column, word) => {
        expect(rule(promise(row), column, 400)).toBe(word)
        const finding = fateFinding(
          { fate: column, status: 400, at: { exchange: '0', part: 'body' }, got: 'x' },
          'a.b',
          promise(row),
        )
        const by: Record<string, By | undefined> = {
          pass: undefined,
          warn: 'should',
          fail: 'documented',
          observe: 'observe',
        }
        expect(finding?.by).toBe(by[word])
      },
    )
    test(`${row} → refused with 5xx: fail`, () => expect(rule(promise(row), 'refused', 500)).toBe('fail'))
  }
})

test.each([
  ['stated', { by: 'documented' }, 'fail'],
  ['official', { by: 'official', atMost: 'warn' }, 'warn'],
  ['unstated', { by: 'observe' }, 'pass'],
] as const)('a bad value that is taken, refusal %s: %j, %s', (refusal, weight, verdict) => {
  expect(acceptedBadValue(refusal)).toEqual(weight)
  // Also where the profile claims the official tier: nothing says what becomes of such a value.
  expect(decide([found(weight.by, weight)], standing('must', ['official'])).verdict).toBe(verdict)
})

test('every fate has a word', () => {
  const all: FieldFate['observed'][] = [
    'honoured',
    'ignored',
    'refused',
    'altered',
    'unobservable',
    'accepted',
  ]
  for (const fate of all) expect(['pass', 'warn', 'fail', 'observe']).toContain(rule(undefined, fate, 200))
})

test.each<[DocumentedFate, FieldFate['observed'], number, string | undefined, string]>([
  ['ignored', 'refused', 400, undefined, 'fail'],
  ['ignored', 'refused', 400, 'C-w', 'warn'],
  ['ignored', 'refused', 400, 'C-p', 'pass'],
  ['ignored', 'refused', 400, 'C-0', 'fail'],
  ['ignored', 'refused', 500, 'C-w', 'fail'],
  ['ignored', 'altered', 200, 'C-w', 'fail'],
  ['honoured', 'refused', 400, 'C-w', 'fail'],
])('documented %s, seen %s with %i, contradiction %s: %s', (fate, observed, status, contradiction, word) => {
  const promised: FieldPromise = {
    fate,
    requirements: ['MUST'],
    ...(contradiction === undefined ? {} : { contradiction }),
  }
  const seen = { fate: observed, status, at: { exchange: '0', part: 'body' as const }, got: 'x' }
  const said = fateFinding(seen, 'a.b', promised)!
  expect(decide([{ id: 'x', ...said }], standing('must')).verdict).toBe(word)
})
