import type { Kind } from './desk.ts'
import type { PlanOptions } from './types.ts'

/** What a unit of filling is made of: shares of prompt, completion and `max_tokens`. */
export interface Flavour {
  prompt: number
  completion: number
  max: number
  stream: boolean
}

/** The longest answer that a fill asks for, tokens. */
const LONGEST = 120

/** The answer is as long as `max_tokens` allows: completion and reservation cost the same. */
export const PLAIN: Flavour = { prompt: 0.98, completion: 0.02, max: 0.02, stream: true }
/** Prompt, completion and reservation all in other proportions than in PLAIN. */
export const SKEWED: Flavour = { prompt: 0.33, completion: 0.16, max: 0.67, stream: false }

export interface Sizes {
  aim: PlanOptions['aim']
  /** Splits `amount` units into kinds that may go together. */
  many(flavour: Flavour, amount: number, pieces?: number): Kind[]
  /** The least step that makes sense for a limit of about `limit` units. */
  step(limit: number): number
  /** Units of one kind or sample: requests, or tokens with the whole reservation. */
  units(kind: { promptTokens: number; maxTokens: number }): number
}

export function sizes(aim: PlanOptions['aim']): Sizes {
  if (aim === 'requests')
    return {
      aim,
      many: (flavour, amount) =>
        Array.from({ length: Math.max(1, Math.round(amount)) }, () => ({
          ...(flavour === PLAIN
            ? { promptTokens: 8, completionTokens: 1, maxTokens: 1 }
            : { promptTokens: 30, completionTokens: 6, maxTokens: 60 }),
          stream: flavour.stream,
        })),
      step: () => 1,
      units: () => 1,
    }
  return {
    aim,
    many: (flavour, amount, pieces = 12) => {
      // A skewed piece grows no longer than its answer may be, so that the proportions stay.
      const most =
        flavour === SKEWED ? Math.max(pieces, Math.ceil((amount * flavour.completion) / LONGEST)) : pieces
      const count = Math.max(1, Math.min(most, Math.floor(amount / 32)))
      const each = amount / count
      // Tokens of the answer take time, those of the prompt do not.
      const completion = Math.max(1, Math.min(LONGEST, Math.round(flavour.completion * each)))
      const max =
        flavour.max === flavour.completion ? completion : Math.max(1, Math.round(flavour.max * each))
      const promptTokens = Math.max(1, Math.round((flavour.prompt + flavour.max) * each) - max)
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
}
