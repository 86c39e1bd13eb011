/** What a probe is made of, for either limit: so many units of plain requests, and how many units a sample was. */
import type { Planned, PlanOptions } from '../plan/types.ts'

/** What one request asks, without its time. */
export type Ask = Omit<Planned, 'at' | 'key' | 'model'>

export interface Units {
  /** Plain requests, not streamed, that together cost `amount` by every way of charging, in at most `pieces`. */
  plain(amount: number, pieces?: number): Ask[]
  /** Streams of `tokens` tokens each that together are `amount` units at admission, in about `pieces`. */
  streams(amount: number, pieces: number, tokens: number): Ask[]
  /** Units of one request: 1, or prompt and bound. */
  of(asked: { promptTokens: number; maxTokens: number }): number
  /** The smallest amount worth asking for, at a limit of about `limit`. */
  piece(limit: number): number
}

/** Of a plain request's tokens, so many (at most) are its answer: answers take time, prompts do not. */
const ANSWER = 0.03
const LONGEST_ANSWER = 16

export const UNITS: Record<PlanOptions['aim'], Units> = {
  requests: {
    plain: (amount) =>
      Array.from({ length: Math.max(1, Math.round(amount)) }, () => ({
        promptTokens: 8,
        completionTokens: 1,
        maxTokens: 1,
        stream: false,
      })),
    streams: (amount, _pieces, tokens) =>
      Array.from({ length: Math.max(1, Math.round(amount)) }, () => ({
        promptTokens: 8,
        completionTokens: tokens,
        maxTokens: tokens,
        stream: true,
      })),
    of: () => 1,
    piece: () => 1,
  },
  tokens: {
    plain: (amount, pieces = 6) => {
      const count = Math.max(1, Math.min(pieces, Math.floor(amount / 32)))
      const each = amount / count
      const answer = Math.max(1, Math.min(LONGEST_ANSWER, Math.round(ANSWER * each)))
      return Array.from({ length: count }, () => ({
        promptTokens: Math.max(1, Math.round(each) - answer),
        completionTokens: answer,
        maxTokens: answer,
        stream: false,
      }))
    },
    streams: (amount, pieces, tokens) => {
      const each = amount / pieces
      const answer = Math.max(1, Math.min(tokens, Math.round(each * 0.3)))
      return Array.from({ length: pieces }, () => ({
        promptTokens: Math.max(1, Math.round(each) - answer),
        completionTokens: answer,
        maxTokens: answer,
        stream: true,
      }))
    },
    of: ({ promptTokens, maxTokens }) => promptTokens + maxTokens,
    piece: (limit) => Math.max(16, Math.round(limit * 0.04)),
  },
}
