import type { PhaseLimits } from '../suites/core/wire/deadlines.ts'
import { DEFAULT_LIMITS } from '../suites/core/wire/deadlines.ts'
import type { DeadlineOptions } from './words.ts'

/** Names of the phases as the config has them, in their order. */
const PHASES: readonly [option: keyof DeadlineOptions, limit: keyof PhaseLimits][] = [
  ['connect', 'connect'],
  ['headers', 'headers'],
  ['first_byte', 'firstByte'],
  ['between_bytes', 'betweenBytes'],
  ['total', 'total'],
]

/** The deadlines that hold, in seconds: `connect 10 s, headers 60 s, …`. */
function deadlinesText(given: DeadlineOptions): string {
  return PHASES.map(
    ([option, limit]) => `${option} ${(given[option] ?? DEFAULT_LIMITS[limit]) / 1000} s`,
  ).join(', ')
}

/** The defaults as the config would say them, in milliseconds: `connect: 10000, headers: 60000, …`. */
export function defaultDeadlines(): string {
  return PHASES.map(([option, limit]) => `${option}: ${DEFAULT_LIMITS[limit]}`).join(', ')
}

/** How long an answer must be out (ms) before it counts as hanging, and how often that is told. */
const HANGING = 10_000
const TOLD_EVERY = 15_000
/** Share of the requests that are still to be answered. */
const SHARE = 0.2

/**
 * Requests that are under way, and when to tell that a run waits for them. It reads no clock: the caller says what time
 * it is (ms).
 */
export class Awaited {
  readonly #deadlines: string
  readonly #since = new Map<number, number>()
  #next = 0
  #sent = 0
  #told = Number.NEGATIVE_INFINITY

  constructor(deadlines: DeadlineOptions) {
    this.#deadlines = deadlinesText(deadlines)
  }

  /** One request is handed over. Returns what to call when it has ended. */
  begin(now: number): () => void {
    const id = this.#next
    this.#next += 1
    this.#sent += 1
    this.#since.set(id, now)
    return () => this.#since.delete(id)
  }

  /**
   * The line to be shown now, if any: more than a fifth of what is still to be answered hangs. `planned`: requests of
   * the whole run.
   */
  line(now: number, planned: number): string | undefined {
    const ages = [...this.#since.values()].map((since) => now - since)
    const hanging = ages.filter((age) => age >= HANGING)
    const left = Math.max(ages.length, planned - this.#sent + ages.length)
    if (hanging.length === 0 || hanging.length <= left * SHARE || now - this.#told < TOLD_EVERY)
      return undefined
    this.#told = now
    const longest = Math.round(Math.max(...hanging) / 1000)
    const answers = hanging.length === 1 ? '1 answer' : `${hanging.length} answers`
    const [, many] = hanging
    const since = many === undefined ? `, for ${longest} s` : `, the longest for ${longest} s`
    return `waiting for ${answers}${since}; deadlines: ${this.#deadlines} (deadlines: in --config)`
  }
}
