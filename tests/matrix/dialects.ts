import type { Dialect } from '../../suites/core/check.ts'
import { dialects } from '../../suites/dialects.ts'
import { remembering } from './memo.ts'

/** The dialects of this project; equal exchanges are read and judged once. */
export const DIALECTS: Dialect[] = dialects.map(remembering)
