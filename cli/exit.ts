import { isUnproven } from '../reports/conclusion.ts'
import type { VerdictLine } from '../reports/record/types.ts'

/** The contract of the command line. */
export const EXIT = {
  ok: 0,
  fail: 1,
  usage: 2,
  unreachable: 3,
  unproven: 4,
  interrupted: 130,
} as const

/** What an exit status depends on beside the verdicts. */
export interface ExitFlags {
  interrupted?: boolean
  /** The target could not be reached at all. */
  unreachable?: boolean
  allowUnproven?: boolean
  /** Ids that the baseline knows to fail. */
  known?: ReadonlySet<string>
  /** Ids that the baseline lists and that passed. */
  stale?: readonly string[]
}

/**
 * The exit status of a run, first that fits. Where the target could not be reached nothing was judged either; 3 tells
 * more than 2, so it goes first. A run whose every question stayed open has judged nothing: 2, whatever is allowed.
 */
export function exitStatus(lines: readonly VerdictLine[], flags: ExitFlags = {}): number {
  if (flags.interrupted) return EXIT.interrupted
  if (flags.unreachable) return EXIT.unreachable
  if (!lines.some(isJudged)) return EXIT.usage
  if (lines.some((line) => line.verdict === 'error')) return EXIT.unreachable
  const failed = lines.some((line) => line.verdict === 'fail' && !flags.known?.has(line.id))
  if (failed || (flags.stale ?? []).length > 0) return EXIT.fail
  if (!flags.allowUnproven && lines.some(isUnproven)) return EXIT.unproven
  return EXIT.ok
}

function isJudged(line: VerdictLine): boolean {
  return line.verdict !== 'skip' && line.verdict !== 'inconclusive'
}
