import { safeText } from '../reports/terminal/safe-text.ts'
import { version } from './version.ts'

/** How verdicts that were given again compare with the recorded ones. */
export interface Compared {
  /** Those that differ, in words. */
  differences: string[]
  compared: number
  sameChecks: boolean
}

/** What judging again showed, for a person. `by`: the version that made the record. */
export function comparison(
  { differences, compared, sameChecks }: Compared,
  by: string,
  complete: boolean,
): string {
  const lines: string[] = []
  if (!complete) {
    lines.push('The record is that of a run that did not come to its end: what was not asked has no answer.')
  }
  if (compared === 0) lines.push('The record holds no verdicts to compare with.')
  else if (differences.length === 0)
    lines.push(`Judged again: all ${compared} verdicts agree with the record.`)
  else {
    lines.push(`Judged again: ${differences.length} of ${compared} verdicts do NOT agree with the record:`)
    lines.push(...differences.map((text) => `  ${safeText(text)}`))
  }
  const now = version()
  if (by !== now) lines.push(`The record was judged by assay ${by}, this is ${now}.`)
  else if (!sameChecks) lines.push('The checks or schemas have changed since the record was made.')
  return lines.join('\n')
}
