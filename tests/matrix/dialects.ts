import type { Dialect } from '../../suites/core/check.ts'
import { dialects } from '../../suites/dialects.ts'
import { remembering } from './memo.ts'

/** The dialects of this project; equal exchanges are read and judged once. */
export const DIALECTS: Dialect[] = dialects.map(remembering)

const asking = new Map<string, Dialect[]>()

/** All dialects, of which one asks: a check of it may speak another too, which has no questions of its own then. */
export function askingIn(dialect: string): Dialect[] {
  let all = asking.get(dialect)
  if (all === undefined) {
    all = DIALECTS.map((one) => (one.id === dialect ? one : { ...one, checks: () => [], rules: () => [] }))
    asking.set(dialect, all)
  }
  return all
}
