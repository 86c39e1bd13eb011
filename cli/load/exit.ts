import type { VerdictLine } from '../../reports/record/types.ts'
import { EXIT, type ExitFlags, exitStatus } from '../exit.ts'

/**
 * The exit status of a load run. A run in which no request came to its end has judged nothing (2), although the meter
 * passed its own examination, unless it shows a failure or an error.
 */
export function loadExit(
  lines: readonly VerdictLine[],
  flags: ExitFlags & { nothingFinished: boolean },
): number {
  const status = exitStatus(lines, flags)
  const open = status === EXIT.ok || status === EXIT.unproven
  return open && flags.nothingFinished ? EXIT.usage : status
}
