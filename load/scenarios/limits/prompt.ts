/** Request bodies of a wanted size in tokens. How many words that are is learned from the usage of the answers. Pure. */
import type { Planned } from '../../infer/plan/types.ts'
import type { Json, Order } from '../../order.ts'
import { type Bodies, bodyOf } from '../prompts/body.ts'
import { seedOf } from '../prompts/random.ts'
import { Words } from '../prompts/words.ts'

export interface Prompted {
  body: Record<string, Json>
  /** Words of the text. */
  words: number
  long: boolean
}

/** A prompt that asks for as much as is allowed, or for one word. */
const LONG = 'Begin your answer with the word $nonce. Then write $words words or more about these: '
const SHORT = 'Answer with one word, whatever these are about: '

/** One line through what the answers told: tokens of the fixed words, and tokens a word. */
export class Size {
  #fixed = 30
  #each = 1.3
  readonly #told = new Map<number, number>()

  /** The usage of an answer to a prompt of so many words. */
  learn(words: number, tokens: number): void {
    this.#told.set(words, tokens)
    const points = [...this.#told]
    const mean = (of: (point: [number, number]) => number) =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length
    const [x, y] = [mean(([w]) => w), mean(([, t]) => t)]
    const spread = mean(([w]) => (w - x) ** 2)
    if (spread > 25) this.#each = Math.max(0.2, mean(([w, t]) => (w - x) * (t - y)) / spread)
    this.#fixed = Math.max(0, y - this.#each * x)
  }

  tokens(words: number): number {
    return Math.max(1, Math.round(this.#told.get(words) ?? this.#fixed + this.#each * words))
  }

  words(tokens: number): number {
    return Math.max(1, Math.round((tokens - this.#fixed) / this.#each))
  }
}

export class Prompts {
  readonly #order: Order
  readonly #bodies: Bodies
  readonly #words: Words
  readonly #sizes = { long: new Size(), short: new Size() }
  #count = 0

  constructor(order: Order, bodies: Bodies, words: readonly string[]) {
    this.#order = order
    this.#bodies = bodies
    // Of one length: so one prompt's words cost what another's do.
    this.#words = new Words(
      words.filter((word) => word.length === 4),
      order.seed,
    )
  }

  size(long: boolean): Size {
    return long ? this.#sizes.long : this.#sizes.short
  }

  make(
    { promptTokens, completionTokens, maxTokens, maxCompletionTokens, stream }: Planned,
    model: string,
  ): Prompted {
    const { run, seed, target, requests } = this.#order
    const long = completionTokens >= 0.8 * maxTokens && maxCompletionTokens === undefined
    const words = this.size(long).words(promptTokens)
    this.#count++
    const tail = seedOf(seed, 3, this.#count).toString(16).padStart(8, '0')
    const text = this.#words.take(seedOf(seed, 5, this.#count) / 2 ** 32, words)
    const body = bodyOf({ ...this.#bodies, begin: long ? LONG : SHORT }, target.dialect, {
      model,
      nonce: `assay-${run}-${tail}`,
      stream,
      tools: false,
      limit_field: target.limit_field,
      max_tokens: maxTokens,
      text,
      ...(requests.extra && { extra: requests.extra }),
    })
    const both = { max_tokens: maxTokens, max_completion_tokens: maxCompletionTokens ?? maxTokens }
    return { body: maxCompletionTokens === undefined ? body : { ...body, ...both }, words, long }
  }
}
