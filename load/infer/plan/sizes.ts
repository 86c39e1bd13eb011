import type { Kind } from './desk.ts'
import type { PlanOptions } from './types.ts'

/** What a unit of filling is made of: shares of prompt, completion and `max_tokens`. */
export interface Flavour {
  prompt: number
  completion: number
  max: number
  stream: boolean
}

/** The answer is as long as `max_tokens` allows: completion and reservation cost the same. */
export const PLAIN: Flavour = { prompt: 0.98, completion: 0.02, max: 0.02, stream: true }
/** Prompt, completion and reservation all in other proportions than in PLAIN. */
export const SKEWED: Flavour = { prompt: 0.25, completion: 0.25, max: 0.75, stream: false }

export interface Sizes {
  aim: PlanOptions['aim']
  /** Tokens of an answer that outlasts the network's jitter, and of the longest that there is time for. */
  lasting: number
  longest: number
  /** How many batches were made. */
  turn: number
  /** Splits `amount` units into kinds that may go together. */
  many(flavour: Flavour, amount: number, pieces?: number): Kind[]
  /** The least step that makes sense for a limit of about `limit` units. */
  step(limit: number): number
  /** Units of one kind or sample: requests, or tokens with the whole reservation. */
  units(kind: { promptTokens: number; maxTokens: number }): number
}

export function sizes(aim: PlanOptions['aim']): Sizes {
  const own = { aim, lasting: 1, longest: 120, turn: 0 }
  return aim === 'requests' ? { ...own, ...requests } : { ...own, ...tokens }
}

type Rest = Pick<Sizes, 'many' | 'step' | 'units'>

const requests: Rest & ThisType<Sizes> = {
  many(flavour, amount) {
    const { lasting } = this
    // Prompts of two sizes, far apart beside the answer: what counts requests does not mind, what counts tokens does.
    if (amount > 1) this.turn++
    const promptTokens = amount > 1 && this.turn % 2 === 0 ? 24 + 2 * lasting : 8
    const plain = { promptTokens, completionTokens: lasting, maxTokens: lasting, stream: true }
    const other = {
      promptTokens: 30 + 2 * lasting,
      completionTokens: lasting,
      maxTokens: lasting + 60,
      stream: false,
    }
    return Array.from({ length: Math.max(1, Math.round(amount)) }, () => (flavour === PLAIN ? plain : other))
  },
  step: () => 1,
  units: () => 1,
}

const tokens: Rest & ThisType<Sizes> = {
  many(flavour, amount, pieces = 12) {
    // A skewed piece grows no longer than its answer may be, so that the proportions stay.
    const most =
      flavour === SKEWED ? Math.max(pieces, Math.ceil((amount * flavour.completion) / this.longest)) : pieces
    const count = Math.max(1, Math.min(most, Math.floor(amount / 24)))
    const each = amount / count
    const wanted =
      flavour === PLAIN
        ? Math.max(flavour.completion * each, Math.min(this.lasting, each / 3))
        : flavour.completion * each
    // Tokens of the answer take time, those of the prompt do not.
    const completion = Math.max(1, Math.min(this.longest, Math.round(wanted)))
    const max = flavour === PLAIN ? completion : Math.max(1, Math.round(flavour.max * each))
    const promptTokens = Math.max(1, Math.round(each) - max)
    return Array.from({ length: count }, () => ({
      promptTokens,
      completionTokens: completion,
      maxTokens: max,
      stream: flavour.stream,
    }))
  },
  step: (limit) => Math.max(8, limit * 0.01),
  units: (kind) => kind.promptTokens + kind.maxTokens,
}
