/** The last line of `npm test`: how many of its steps and tests passed, failed, and were skipped. */

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Such as `812 passed, 0 failed` or `812 passed, 1 failed, 2 skipped`. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** A step is one pass or one failure. `status`: its exit status; undefined: it did not run to its end. */
export function countStep(status: number | undefined): Counts {
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/**
 * The tests of a vitest run: the text that its JSON reporter wrote (undefined: none) and its exit status. A file that
 * failed outside of its tests, a run that failed outside of its files, and a run without tests count as one failure.
 */
export function countTests(report: string | undefined, status: number | undefined): Counts {
  const read = parse(report)
  if (read === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = read.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const passed = read.numPassedTests
  const failed = read.numFailedTests + brokenFiles.length
  const skipped = read.numPendingTests + read.numTodoTests
  const silent = failed === 0 && (status !== 0 || passed === 0)
  return { passed, failed: silent ? 1 : failed, skipped }
}

function parse(text: string | undefined): Report | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isReport(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isReport(value: unknown): value is Report {
  if (typeof value !== 'object' || value === null) return false
  const numbers = ['numPassedTests', 'numFailedTests', 'numPendingTests', 'numTodoTests']
  const entries = new Map(Object.entries(value))
  return (
    numbers.every((key) => Number.isInteger(entries.get(key))) && Array.isArray(entries.get('testResults'))
  )
}
