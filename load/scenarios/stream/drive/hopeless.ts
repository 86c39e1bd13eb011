/** Notices that a run cannot come to anything: every answer so far was the same refusal, or the same nonsense. Pure. */
import type { Result } from './engine.ts'
import { header, wordsOf } from './troubles.ts'

/** Errors that say that no gateway is there. */
const UNREACHABLE = ['dns', 'connect-refused', 'connect-timeout', 'tls']

/** Answers that are no protocol are no word that the gateway gave: more of them are asked for. */
const ENOUGH_NONSENSE = 20

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
    const why = refusal(result) ?? nonsense(result)
    if (why === undefined || (this.#same !== undefined && why.kind !== this.#same)) {
      this.#hope = true
      return undefined
    }
    this.#same = why.kind
    this.#times += 1
    const enough = Math.max(this.#enough, why.least ?? 0)
    return this.#times === enough ? why.text : undefined
  }
}

interface Why {
  kind: string
  text: string
  /** So many at least decide. */
  least?: number
}

/** A redirect is a refusal too: nobody follows it, with a key in hand. */
function refusal(result: Result): Why | undefined {
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

/** A page where a protocol should be. What an event stream lacks is for the verdicts to tell. */
function nonsense(result: Result): Why | undefined {
  const { outcome, status, error, headers } = result
  if (outcome === 'error' && error?.class === 'garbled') {
    return { kind: 'garbled', text: `nonsense garbled ${wordsOf(result)}`, least: ENOUGH_NONSENSE }
  }
  if (outcome !== 'unfinished' || status < 200 || status >= 300) return undefined
  const type = header(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/event-stream') return undefined
  const kind = type === '' ? 'untyped' : type.replace(/\s+/g, '')
  return { kind, text: `nonsense ${kind}`, least: ENOUGH_NONSENSE }
}
