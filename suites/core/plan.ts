import type { Check, Dialect } from './check.ts'
import { again, triesOf } from './conversation.ts'
import type { Probe, Step } from './probe.ts'
import { type Resolved, resolve } from './resolve.ts'
import { type Selected, speaking } from './select.ts'

/** What a plan says before anything is sent. */
export interface Plan {
  checks: number
  /**
   * Distinct requests, where everything shows at its first try. A step that depends on an answer counts as one, a
   * contingent one as none.
   */
  requests: number
  /** Upper bound of their tokens, where the gateway heeds the limit on the output. */
  tokens: number
}

export interface WholePlan extends Plan {
  /** Distinct requests with all tries and all that contingent steps may ask: never more, but for repeats after a 429. */
  most: number
  /** Upper bound of the tokens of `most`. */
  mostTokens: number
}

/** Distinct requests and a bound on tokens, before anything is sent. */
export function plan(selected: readonly Selected[], model: string): WholePlan {
  const whole: WholePlan = { checks: 0, requests: 0, tokens: 0, most: 0, mostTokens: 0 }
  // Tokens by digest: of what is asked first, and of all that may be asked.
  const first = new Map<string, number>()
  const all = new Map<string, number>()
  for (const part of selected) {
    whole.checks += part.checks.size + part.rules.length
    const cost = (probe: Probe, into: readonly Map<string, number>[]): number => {
      const { dialect, promise } = speaking(part, probe)
      const resolved = resolve(probe, { model, promise })
      const tokens = all.get(resolved.digest) ?? costOf(resolved, dialect)
      for (const map of into) map.set(resolved.digest, tokens)
      return tokens
    }
    for (const { conversation, tries } of talksOf(part.checks.values())) {
      let largest = LATER_TOKENS
      for (let tried = 1; tried <= tries; tried += 1) {
        for (const step of conversation) {
          if (typeof step !== 'function') {
            largest = Math.max(largest, cost(again(step, tried), tried === 1 ? [first, all] : [all]))
          } else if (step.contingent !== undefined) {
            for (const probe of step.contingent()) cost(again(probe, tried), [all])
          } else {
            // What it asks follows from an answer; it is counted as one that nobody else asks.
            whole.most += 1
            whole.mostTokens += largest
            if (tried > 1) continue
            whole.requests += 1
            whole.tokens += largest
          }
        }
      }
    }
  }
  whole.requests += first.size
  whole.most += all.size
  for (const tokens of first.values()) whole.tokens += tokens
  for (const tokens of all.values()) whole.mostTokens += tokens
  return whole
}

/** Every conversation of the checks, with how often it is asked at most. */
function* talksOf(checks: Iterable<Check>): Generator<{ conversation: Step[]; tries: number }> {
  for (const check of checks) {
    for (const [name, conversation] of Object.entries(check.ask))
      yield { conversation, tries: triesOf(check, name) }
  }
}

/** Tokens of a later turn that repeats a conversation of ours: its prompt, one answer, one result, one more answer. */
const LATER_TOKENS = 400
/** Tokens of a body that is written out by hand: the plain question and a small limit. */
const WRITTEN_TOKENS = 64

/** Upper bound of the tokens that a probe can cost. */
export function costOf({ probe }: Resolved, dialect: Dialect): number {
  if (probe.body !== undefined) return dialect.tokens(probe.body)
  return probe.repeat === undefined ? 0 : WRITTEN_TOKENS
}
