import { expect } from 'vitest'
import type { VerdictLine } from '../../reports/record/types.ts'
import { columns } from '../../reports/terminal/columns.ts'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { isUnsafe } from '../../reports/terminal/safe-text.ts'
import { sampleRecord, VERDICTS, verdict } from './sample.ts'

/** The final screen of the sample record, without colour. */
export const render = (verdicts: VerdictLine[] = VERDICTS, exit = 1, width = 100): string =>
  renderTerminal(sampleRecord(verdicts, exit), { color: false, width })

/** A screen as one line: a sentence may be broken anywhere. */
export const flat = (screen: string): string => screen.replace(/\s+/g, ' ')

export const pass: VerdictLine = verdict('a/b/c')

/** No line is wider than the screen or holds what a terminal would obey. */
export function expectSafe(screen: string, width: number): void {
  for (const line of screen.split('\n')) {
    expect(columns(line), line).toBeLessThanOrEqual(width)
    expect(isUnsafe(line), JSON.stringify(line)).toBe(false)
  }
}
