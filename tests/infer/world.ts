/** A gateway in virtual time: a limiter behind a network with jitter, in front of a model that takes its time. */
import type { Ask, Limiter } from '../../fixtures/limiter/types.ts'
import type { Batch, Planned, Reply } from '../../load/infer/plan/types.ts'
import type { Sample } from '../../load/infer/types.ts'

export interface WorldOptions {
  seed: number
  /** Round trip, ms: each way takes between half of either bound. */
  latency: [number, number]
  /** Model time to first token and per token, ms. */
  firstToken: number
  perToken: number
  /** The first call takes this much longer, ms. */
  slowFirst?: number
  /** Requests of others on the same key: mean gap in ms, and what each asks. */
  others?: { gap: number; ask: Omit<Ask, 'key' | 'model'>; completion: number }
  headers?: (remaining: number) => Sample['limits']
  /** What becomes of `retryAfter` (ms) on its way into the header, s. */
  retryAfter?: (ms: number) => number | undefined
}

/** mulberry32: small, seeded, good enough for jitter. */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

interface Event {
  at: number
  run: () => void
}

export class World {
  readonly samples: Sample[] = []
  now = 0
  #events: Event[] = []
  #first = true
  readonly #random: () => number
  readonly #limiter: Limiter
  readonly #options: WorldOptions

  constructor(limiter: Limiter, options: WorldOptions) {
    this.#limiter = limiter
    this.#options = options
    this.#random = random(options.seed)
    if (options.others) this.#other(this.#gap(options.others.gap))
  }

  run(batch: Batch): Reply {
    const samples: (Sample | undefined)[] = batch.map(() => undefined)
    let open = batch.length
    for (const [index, planned] of batch.entries())
      this.#send(planned, (sample) => {
        samples[index] = sample
        open--
      })
    let end = this.now
    while (open > 0) {
      const event = this.#events.shift()
      if (!event) throw new Error('a batch is open and nothing is left to happen')
      this.now = Math.max(this.now, event.at)
      event.run()
    }
    const done = samples.filter((sample) => sample !== undefined)
    for (const { endedAt } of done) end = Math.max(end, endedAt)
    this.now = end
    this.samples.push(...done)
    return { now: end, samples: done }
  }

  #at(at: number, run: () => void): void {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#events[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    this.#events.splice(low, 0, { at, run })
  }

  #way(): number {
    const [least, most] = this.#options.latency
    return (least + (most - least) * this.#random()) / 2
  }

  #gap(mean: number): number {
    return this.now - mean * Math.log(1 - this.#random())
  }

  #other(at: number): void {
    const { others } = this.#options
    if (!others) return
    this.#at(at, () => {
      const answer = this.#limiter.ask(at, { ...others.ask, key: 'key-0', model: 'model-0' })
      if (answer.kind !== 'refused')
        this.#at(at + 50, () =>
          this.#limiter.finish(at + 50, answer.ticket, {
            completionTokens: others.completion,
            cancelled: false,
          }),
        )
      this.#other(at - others.gap * Math.log(1 - this.#random()))
    })
  }

  #send(planned: Planned, ended: (sample: Sample) => void): void {
    const { firstToken, perToken, slowFirst = 0, headers, retryAfter } = this.#options
    const sentAt = Math.max(planned.at, this.now)
    const slow = this.#first ? slowFirst : 0
    this.#first = false
    const arrives = sentAt + this.#way() + slow
    const { completionTokens: wanted, cancelAfter } = planned
    const base = {
      key: `key-${planned.key}`,
      model: `model-${planned.model}`,
      promptTokens: planned.promptTokens,
      maxTokens: planned.maxTokens,
      stream: planned.stream,
      ...(planned.maxCompletionTokens !== undefined && { maxCompletionTokens: planned.maxCompletionTokens }),
    }
    this.#at(arrives, () => {
      const answer = this.#limiter.ask(arrives, base)
      const back = this.#way()
      const limits = headers?.(answer.remaining)
      const shown = limits ? { limits } : {}
      if (answer.kind === 'refused') {
        const endedAt = arrives + back
        const due = answer.retryAfter
        const wait = due === undefined ? undefined : retryAfter ? retryAfter(due) : Math.ceil(due / 1000)
        const sample: Sample = {
          ...base,
          ...shown,
          sentAt,
          firstAt: endedAt,
          endedAt,
          status: 429,
          admitted: false,
          completionTokens: 0,
          bodyBytes: 120,
          ...(wait !== undefined && { retryAfter_s: wait }),
        }
        this.#at(endedAt, () => ended(sample))
        return
      }
      const starts = arrives + (answer.kind === 'delayed' ? answer.ms : 0) + firstToken
      const makes = Math.min(wanted, planned.maxCompletionTokens ?? planned.maxTokens)
      const hangsUp =
        cancelAfter !== undefined && cancelAfter < makes ? starts + cancelAfter * perToken + back : undefined
      const sees = hangsUp === undefined ? Number.POSITIVE_INFINITY : hangsUp + this.#way()
      const done = starts + makes * perToken
      const cancelled = sees < done
      const made = cancelled ? Math.floor((sees - starts) / perToken) : makes
      this.#at(Math.min(sees, done), () =>
        this.#limiter.finish(Math.min(sees, done), answer.ticket, { completionTokens: made, cancelled }),
      )
      const endedAt = hangsUp ?? done + back
      const sample: Sample = {
        ...base,
        ...shown,
        sentAt,
        firstAt: planned.stream ? starts + back : done + back,
        endedAt,
        status: 200,
        admitted: true,
        completionTokens: hangsUp === undefined ? makes : (cancelAfter ?? 0),
        ...(hangsUp !== undefined && { cancelledAfter: cancelAfter ?? 0 }),
      }
      this.#at(endedAt, () => ended(sample))
    })
  }
}
