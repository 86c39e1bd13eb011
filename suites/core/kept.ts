import type { Finding } from '../../reports/record/types.ts'
import { type Standing, weigh } from './decide.ts'

/** Places that are kept of one deviation: more of the same tell a reader nothing new. */
const MOST_PLACES = 10
/** Findings that are kept of each weight. Bounded apart, so that no number of mild ones crowds a grave one out. */
const MOST_OF_WEIGHT = 100

/** What is kept of a rule's findings over all exchanges: some places of each kind, whatever else there is. */
export class Kept {
  readonly findings: Finding[] = []
  readonly #standing: Standing
  readonly #ofKind = new Map<string, number>()
  readonly #ofWeight = new Map<string, number>()

  constructor(standing: Standing) {
    this.#standing = standing
  }

  add(found: Finding): void {
    const weight = weigh(found, this.#standing)
    const before = this.#ofWeight.get(weight) ?? 0
    if (before === MOST_OF_WEIGHT) return
    const kind = kindOf(found)
    const same = this.#ofKind.get(kind) ?? 0
    if (same === MOST_PLACES) return
    this.#ofKind.set(kind, same + 1)
    this.#ofWeight.set(weight, before + 1)
    this.findings.push(found)
  }
}

/** By whose word what was expected; of what is only recorded, what came. */
function kindOf({ by, atMost, contradiction, requirement, expected, got }: Finding): string {
  return JSON.stringify([by, atMost, contradiction, requirement, expected, by === 'observe' ? got : ''])
}
