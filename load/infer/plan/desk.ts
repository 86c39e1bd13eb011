import type { Sample } from '../types.ts'
import type { Batch, Planned, PlanOptions, Reply } from './types.ts'

export type Sending<T = Sample[]> = Generator<Batch, T, Reply>

/** What one request asks, without its time. */
export type Kind = Omit<Planned, 'at' | 'key' | 'model'> & { key?: number; model?: number }

/** The one place through which requests leave a plan: keeps the time, the samples and the caps. */
export class Desk {
  now = 0
  readonly samples: Sample[] = []
  /** Set when a cap cut a batch: nothing is sent any more. */
  exhausted: 'requests' | 'tokens' | 'time' | undefined
  /** Nothing is sent after this, ms on the clock of the samples. */
  deadline = Number.POSITIVE_INFINITY
  #tokens = 0
  maxRequests: number
  readonly #maxTokens: number

  constructor({ maxRequests, maxTokens }: PlanOptions) {
    this.maxRequests = maxRequests
    this.#maxTokens = maxTokens
  }

  /** Sends each kind at its offset from now (ms) and waits for all of them. */
  *send(kinds: { after: number; kind: Kind }[]): Sending {
    const batch: Planned[] = []
    for (const { after, kind } of kinds) {
      if (this.samples.length + batch.length >= this.maxRequests) this.exhausted ??= 'requests'
      // The most that it can cost by any way of charging is reserved.
      const tokens = kind.promptTokens + Math.max(kind.maxTokens, kind.maxCompletionTokens ?? 0)
      if (this.#tokens + tokens > this.#maxTokens) this.exhausted ??= 'tokens'
      if (this.now + after > this.deadline) this.exhausted ??= 'time'
      if (this.exhausted) break
      this.#tokens += tokens
      batch.push({ key: 0, model: 0, ...kind, at: this.now + after })
    }
    if (batch.length === 0) return []
    const { now, samples } = yield batch
    this.now = Math.max(this.now, now)
    this.samples.push(...samples)
    return samples
  }

  /** All at once. */
  together(kinds: Kind[]): Sending {
    return this.send(kinds.map((kind) => ({ after: 0, kind })))
  }

  wait(ms: number): void {
    this.now += Math.max(0, ms)
  }
}
