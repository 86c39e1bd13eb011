import type { WireProblem } from '../http1.ts'

const PER_RULE = 100

/** Collects problems; of each rule the first hundred. */
export class Problems {
  list: WireProblem[] = []
  #counts = new Map<string, number>()

  add(rule: string, offset: number, text: string): void {
    const count = this.#counts.get(rule) ?? 0
    if (count >= PER_RULE) return
    this.#counts.set(rule, count + 1)
    this.list.push({ rule, offset, text })
  }
}
