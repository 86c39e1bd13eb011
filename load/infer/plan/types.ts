import type { Sample } from '../types.ts'

/** One request to send; `at` in ms on the clock of the samples. */
export interface Planned {
  at: number
  key: number
  model: number
  promptTokens: number
  /** How long the answer should be; the prompt asks for it, `maxTokens` bounds it. */
  completionTokens: number
  maxTokens: number
  maxCompletionTokens?: number
  stream: boolean
  cancelAfter?: number
  /** Label of a probe: goes into its sample as it is. */
  probe?: string
}

/** Requests that go out at their times; the next batch is planned when all of these have ended. */
export type Batch = Planned[]

/** The samples of a batch, in its order, and the time at which the last of them ended. */
export interface Reply {
  now: number
  samples: Sample[]
}

export interface PlanOptions {
  /** Which of the two limits is looked for: many small requests, or few large ones. */
  aim: 'requests' | 'tokens'
  /** The longest window that is looked for, ms. */
  windowAtMost: number
  /** "None found up to": units of `aim`. */
  limitAtMost: number
  /** Hard caps; the plan stops before it would pass one. */
  maxRequests: number
  maxTokens: number
  /** How many keys and models may be used; the first of each is the one examined. */
  keys: number
  models: number
  /**
   * Trials that each look at the window may take (see docs/limits.md, "What it costs"); 0 plans without, by rules of
   * thumb. 4000 where nothing is said.
   */
  looks?: number
}
