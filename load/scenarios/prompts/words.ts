/** Prompts of a wanted length from a list of words: each is about one token for the common tokenizers. Pure. */
import { uniform } from './random.ts'

/** Words of the ring: a prompt that is longer says some things twice. */
const LENGTH = 4096

/**
 * The words, drawn once into a long ring, of which each prompt is a stretch: thousands of prompts a second cost a
 * slice each.
 */
export class Words {
  readonly #ring: string[]

  /** Which words stand where in the ring follows from `seed`. */
  constructor(words: readonly string[], seed: number) {
    const draw = uniform(seed)
    this.#ring = Array.from({ length: LENGTH }, () => words[Math.floor(draw() * words.length)] ?? '')
  }

  /** `count` words from where `place` says: a number from 0 up to, not including, 1. */
  take(place: number, count: number): string {
    const from = Math.floor(place * LENGTH)
    const taken = this.#ring.slice(from, from + count)
    while (taken.length < count) taken.push(...this.#ring.slice(0, count - taken.length))
    return taken.join(' ')
  }
}
