import type { Ask, Engine, Result } from '../../load/scenarios/stream/drive/engine.ts'

/** What a gateway makes of a request: how long it takes, and what comes of it. */
export type Gateway = (ask: Ask, engine: VirtualEngine) => { ms: number; result?: Partial<Result> }

export interface Asked extends Ask {
  at: number
}

/** The engine in virtual time: nothing waits, everything happens in the order of its time. */
export class VirtualEngine implements Engine {
  readonly asked: Asked[] = []
  readonly dropped: { planned_ms: number; phase: string; why: string }[] = []
  readonly notes: { name: string; value: Record<string, unknown> }[] = []
  readonly stopped: string[] = []
  open = 0
  mostOpen = 0
  /** Each waking of a sleeper is so much too late. */
  late = 0
  #now = 0
  #due: { at: number; wake: () => void }[] = []
  readonly #gateway: Gateway

  constructor(gateway: Gateway = () => ({ ms: 100 })) {
    this.#gateway = gateway
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number): Promise<void> {
    return this.#at(this.#now + ms + this.late)
  }

  async ask(ask: Ask): Promise<Result> {
    this.asked.push({ ...ask, at: this.#now })
    this.open += 1
    this.mostOpen = Math.max(this.mostOpen, this.open)
    const start = this.#now
    const { ms, result = {} } = this.#gateway(ask, this)
    await this.#at(start + ms)
    this.open -= 1
    return answer(this.asked.length, start, ms, ask, result)
  }

  drop(dropped: { planned_ms: number; phase: string; why: 'streams' | 'cap' }): void {
    this.dropped.push(dropped)
  }

  note(name: string, value: object): void {
    this.notes.push({ name, value: { ...value } })
  }

  gap(): number | null {
    return 20_000
  }

  stop(why: string): void {
    this.stopped.push(why)
  }

  key(role: string): string {
    return `sk-fake-${role}`
  }

  /** Values of the notes of one name. */
  noted(name: string): Record<string, unknown>[] {
    return this.notes.filter((note) => note.name === name).map(({ value }) => value)
  }

  /** Moves time on until the work is done. Throws where it waits for what never comes. */
  async run(work: Promise<unknown>): Promise<void> {
    let done = false
    const ended = work.finally(() => {
      done = true
    })
    for (;;) {
      // All that follows from what has happened, before time goes on.
      await new Promise((resolve) => setImmediate(resolve))
      if (done) return void (await ended)
      const next = this.#due.shift()
      if (next === undefined) throw new Error('the work waits for nothing')
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }

  #at(at: number): Promise<void> {
    return new Promise((wake) => {
      this.#due.push({ at, wake })
      this.#due.sort((a, b) => a.at - b.at)
    })
  }
}

function answer(id: number, start: number, ms: number, ask: Ask, result: Partial<Result>): Result {
  return {
    id,
    status: 200,
    outcome: 'finished',
    planned_us: ask.planned_ms === undefined ? null : ask.planned_ms * 1000,
    start_us: start * 1000,
    ttfb_us: ms * 500,
    ttft_us: ms * 500,
    ttfat_us: ms * 500,
    e2e_us: ms * 1000,
    tpot_us: 20_000,
    stall_us: 20_000,
    tokens: ask.max_tokens ?? 0,
    completion_tokens: ask.max_tokens ?? 0,
    retry_after_s: null,
    broken: [],
    nonce: 'back',
    headers: {},
    ...result,
  }
}
