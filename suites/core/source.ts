import type { Exchange } from '../../reports/record/types.ts'
import type { Resolved } from './resolve.ts'

/** Why there is no exchange for a probe. None of these is the gateway's doing. */
export interface Missing {
  missing: 'budget' | 'unavailable' | 'chosen' | 'not-recorded' | 'stopped' | 'unreachable'
  text: string
}

/**
 * Where exchanges come from: the lab sends probes, a record only remembers them. Everything behind this interface is
 * the same in both cases, which is what makes judging again give the same verdicts.
 */
export interface Source {
  ask(resolved: Resolved): Promise<Exchange | Missing>
}

export function isMissing(answer: Exchange | Missing): answer is Missing {
  return 'missing' in answer
}

/** A record as a source: what was not asked then cannot be judged now. */
export class Recorded implements Source {
  readonly #exchanges: ReadonlyMap<string, Exchange>

  constructor(exchanges: ReadonlyMap<string, Exchange>) {
    this.#exchanges = exchanges
  }

  async ask(resolved: Resolved): Promise<Exchange | Missing> {
    return (
      this.#exchanges.get(resolved.digest) ?? {
        missing: 'not-recorded',
        text: 'the record has no exchange for this probe',
      }
    )
  }
}
