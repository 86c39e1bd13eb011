/** Notices that a run cannot come to anything: every answer so far was the same refusal. Pure. */
import type { Result } from './engine.ts'
import { wordsOf } from './troubles.ts'

/** Errors that say that no gateway is there. */
const UNREACHABLE = ['dns', 'connect-refused', 'connect-timeout', 'tls']

/** Refusals that time may mend. */
const PASSING = [408, 425, 429]

export class Hopeless {
  #same: string | undefined
  #times = 0
  /** Something else was seen: there is hope for good. */
  #hope = false
  readonly #enough: number

  /** `enough` of the same from the first on decide. */
  constructor(enough: number) {
    this.#enough = enough
  }

  /** Why there is no hope, once: when the last of enough same refusals came. */
  tell(result: Result): string | undefined {
    if (this.#hope) return undefined
    const why = refusal(result)
    if (why === undefined || (this.#same !== undefined && why.kind !== this.#same)) {
      this.#hope = true
      return undefined
    }
    this.#same = why.kind
    this.#times += 1
    return this.#times === this.#enough ? why.text : undefined
  }
}

/** A redirect is a refusal too: nobody follows it, with a key in hand. */
function refusal(result: Result): { kind: string; text: string } | undefined {
  const { outcome, status, error } = result
  if (outcome === 'refused' && status >= 300 && status < 500 && !PASSING.includes(status)) {
    const said = wordsOf(result)
    return { kind: `refused ${status}`, text: `refused ${status}${said === '' ? '' : `: ${said}`}` }
  }
  if (outcome === 'error' && error !== undefined && UNREACHABLE.includes(error.class)) {
    return { kind: error.class, text: `unreachable ${error.class} ${error.detail}` }
  }
  return undefined
}
