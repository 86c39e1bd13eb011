import { describe, expect, it } from 'vitest'
import { add, closingLine, countStep, countTests } from '../../scripts/closing-line.ts'

const report = (
  numbers: Partial<Record<string, number>>,
  files: { status: string; tests?: string[] }[] = [],
) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    ...numbers,
    testResults: files.map(({ status, tests = [] }) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  })

describe('the closing line', () => {
  it('stands alone: passed, failed, and skipped where something was', () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
    expect(closingLine({ passed: 12, failed: 3, skipped: 1 })).toBe('12 passed, 3 failed, 1 skipped')
  })

  it('counts a step that did not run, or did not end well, as failed', () => {
    expect(countStep(0)).toEqual({ passed: 1, failed: 0, skipped: 0 })
    expect(countStep(1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(countStep(undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('takes the numbers of a run over, skipped and todo together', () => {
    const text = report({ numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }, [
      { status: 'failed', tests: ['passed', 'failed'] },
      { status: 'passed', tests: ['passed'] },
    ])
    expect(countTests(text, 1)).toEqual({ passed: 5, failed: 2, skipped: 2 })
    expect(countTests(report({ numPassedTests: 5 }), 0)).toEqual({ passed: 5, failed: 0, skipped: 0 })
  })

  it.each([
    ['no report', undefined, 0, { passed: 0, failed: 1, skipped: 0 }],
    ['half a report', '{"numPassedTests": 5', 0, { passed: 0, failed: 1, skipped: 0 }],
    ['another shape', '{"numPassedTests": 5}', 0, { passed: 0, failed: 1, skipped: 0 }],
    ['no tests', report({}), 0, { passed: 0, failed: 1, skipped: 0 }],
    ['skipped tests only', report({ numPendingTests: 4 }), 0, { passed: 0, failed: 1, skipped: 4 }],
    [
      'an error outside of every test',
      report({ numPassedTests: 5 }),
      1,
      { passed: 5, failed: 1, skipped: 0 },
    ],
    ['a run that was killed', report({ numPassedTests: 5 }), undefined, { passed: 5, failed: 1, skipped: 0 }],
    [
      'a file that could not be loaded',
      report({ numPassedTests: 5 }, [{ status: 'failed' }, { status: 'passed', tests: ['passed'] }]),
      1,
      { passed: 5, failed: 1, skipped: 0 },
    ],
  ])('never reads as green: %s', (_, text, status, counts) => {
    expect(countTests(text, status)).toEqual(counts)
  })

  it('adds', () => {
    const one = { passed: 1, failed: 2, skipped: 3 }
    expect(add(one, one)).toEqual({ passed: 2, failed: 4, skipped: 6 })
  })
})
