/** Sends the requests of lanes: closed, open, or at once; never above the caps. Pure but for the engine. */
import type { Order } from '../../../order.ts'
import { inShare, seedOf } from '../../prompts/random.ts'
import { DEFAULT_KEY, type Lane, type Phase, phaseAt } from '../plan/timetable.ts'
import { type Arrivals, constantArrivals, poissonArrivals, shareOf } from './arrivals.ts'
import { type Drawn, draw, type Material, type Wish } from './draw.ts'
import { type Ask, type Engine, part, type Result, type Share } from './engine.ts'
import { Hopeless } from './hopeless.ts'
import { Pace } from './pace.ts'
import { Troubles } from './troubles.ts'

/** After a refusal or an error a closed stream waits so long, doubled each time in a row, before it asks again. */
const WAIT_MS = 100
const MOST_WAIT_MS = 2000
/** So many same refusals in a row from the start end the run. */
const ENOUGH = 20
const STALLED = 3
/** Words of other requests that are noted. */
const MOST_FOREIGN = 1000

/** What is special about one request. */
export interface Special extends Wish {
  key?: string
  planned_ms?: number
  cancel?: NonNullable<Ask['cancel']>
  stall_ms?: number
}

/** Is told what became of a lane's requests. */
export interface Witness {
  answered?(phase: string, result: Result): void
  dropped?(phase: string, why: 'streams' | 'cap'): void
}

export class Drive {
  readonly order: Order
  readonly engine: Engine
  readonly share: Share
  /** Why nothing is sent any more: `capped`, `stopped`, or a refusal that leaves no hope. */
  ended: string | undefined
  readonly #material: Material
  readonly #pace: Pace
  readonly #hopeless: Hopeless
  readonly #troubles = new Troubles()
  #sent = 0
  #foreign = 0
  /** Requests of a burst that are not over. */
  #burst = 0

  /** `first`: the number of this run's first request that is not yet asked. */
  constructor(order: Order, engine: Engine, material: Material, share: Share, first = 0) {
    this.order = order
    this.engine = engine
    this.share = share
    this.#material = material
    this.#sent = first
    const { rate } = order.caps
    this.#pace = new Pace(rate < share.of ? rate / share.of : part(Math.floor(rate), share))
    this.#hopeless = new Hopeless(Math.max(3, Math.min(ENOUGH, part(order.load.streams, share))))
  }

  /** Asks for what is due in all lanes from `start` (on the engine's clock) on; ends when all answers are there. */
  async lanes(lanes: readonly Lane[], start: number): Promise<void> {
    await Promise.all(lanes.map((lane, i) => this.lane(lane, start, i)))
  }

  get over(): boolean {
    return this.ended !== undefined
  }

  /** `salt` makes the arrivals of a lane its own. Notes `lane`: the lane, and when it starts on the run's clock. */
  async lane(lane: Lane, start: number, salt: number, witness: Witness = {}): Promise<void> {
    if (this.share.index === 0) this.engine.note('lane', { ...lane, start_ms: start })
    if (lane.arrivals === 'closed') await this.#closed(lane, start, witness)
    else await this.#open(lane, start, this.#arrivals(lane, salt), witness)
  }

  /** One request at once, whatever the caps on the rate say: `book` first. */
  async ask(phase: string, special: Special = {}): Promise<Result> {
    return this.#ask(phase, this.#draw(special), special)
  }

  /** Waits until the cap on the rate lets one more request start. */
  async book(): Promise<void> {
    const now = this.engine.now()
    const at = this.#pace.book(now)
    if (at > now) await this.engine.sleep(at - now)
  }

  #draw(special: Special): Drawn {
    const { index, of } = this.share
    const number = this.#sent * of + index
    this.#sent += 1
    return draw(this.order, this.#material, number, special)
  }

  async #ask(phase: string, drawn: Drawn, special: Special): Promise<Result> {
    const { auth } = this.order.target
    const role = special.key ?? DEFAULT_KEY
    const key = this.engine.key(role)
    const result = await this.engine.ask({
      ...drawn,
      phase,
      key: role,
      headers: { [auth.header]: auth.prefix + key },
      secrets: [key],
      ...(special.planned_ms === undefined ? {} : { planned_ms: special.planned_ms }),
      ...(special.cancel === undefined ? {} : { cancel: special.cancel }),
      ...(special.stall_ms === undefined ? {} : { stall_ms: special.stall_ms }),
    })
    const trouble = this.#troubles.tell(result)
    if (trouble !== undefined) this.engine.note('trouble', trouble)
    // The row says only that there was one. Whether a request had it or the model misspelt its own is told by the word.
    if (result.foreign !== undefined && this.#foreign < MOST_FOREIGN) {
      this.#foreign += 1
      this.engine.note('foreign', { row: result.id, word: result.foreign })
    }
    this.#heed(result, role)
    return result
  }

  /** Whether this was the last. */
  #heed(result: Result, role: string): void {
    if (this.over) return
    if (result.outcome === 'stopped') this.#end('stopped')
    else if (result.error?.class === 'capped') this.#end('capped')
    else if (role === DEFAULT_KEY) {
      const why = this.#hopeless.tell(result)
      if (why === undefined) return
      this.#end(why)
      this.engine.stop(why)
    }
  }

  #end(why: string): void {
    this.ended = why
    this.engine.note('ended', { why })
  }

  async #closed(lane: Lane, start: number, witness: Witness): Promise<void> {
    const pace = lane.rate === undefined ? undefined : new Pace(lane.rate / this.share.of)
    const end = start + lane.to_ms
    const stream = async () => {
      let failed = 0
      await this.#until(start + lane.from_ms)
      for (;;) {
        const now = this.engine.now()
        if (this.over || now >= end) return
        const at = this.#pace.book(pace?.book(now) ?? now)
        if (at >= end) return
        await this.#until(at)
        if (this.over) return
        const phase = this.#phaseAt(lane, at - start)
        const result = await this.ask(phase.name, this.#special(lane, phase))
        witness.answered?.(phase.name, result)
        const refused = result.outcome === 'refused' || result.outcome === 'error'
        failed = refused ? failed + 1 : 0
        if (refused && !lane.relentless) {
          await this.engine.sleep(Math.min(MOST_WAIT_MS, WAIT_MS * 2 ** (failed - 1)))
        }
      }
    }
    await Promise.all(Array.from({ length: part(lane.streams, this.share) }, stream))
  }

  /** Starts are never moved: a late one is sent late, with the time at which it was planned. */
  async #open(lane: Lane, start: number, arrivals: Arrivals, witness: Witness): Promise<void> {
    const most = part(lane.streams, this.share)
    const flying = new Set<Promise<void>>()
    for (let at = arrivals(); at !== undefined; at = arrivals()) {
      const planned_ms = start + at
      await this.#until(planned_ms)
      if (this.over) break
      const phase = this.#phaseAt(lane, at)
      const why = flying.size >= most ? 'streams' : this.#pace.admits(this.engine.now()) ? undefined : 'cap'
      if (why !== undefined) {
        witness.dropped?.(phase.name, why)
        this.engine.drop({ planned_ms, phase: phase.name, why })
        continue
      }
      const special = { ...this.#special(lane, phase), planned_ms }
      const isBurst = lane.arrivals === 'at-once'
      if (isBurst) this.#burst += 1
      const flight = this.ask(phase.name, special).then((result) => {
        if (isBurst) this.#burst -= 1
        witness.answered?.(phase.name, result)
        flying.delete(flight)
      })
      flying.add(flight)
    }
    await Promise.all(flying)
  }

  /** What begins while a burst is being answered is of a phase of its own. */
  #phaseAt(lane: Lane, at: number): Phase {
    const phase = phaseAt(lane, at)
    return this.#burst > 0 && phase.during !== undefined ? { ...phase, name: phase.during } : phase
  }

  #arrivals(lane: Lane, salt: number): Arrivals {
    const { from_ms, to_ms, rate = 0 } = lane
    if (lane.arrivals === 'at-once') {
      let left = part(lane.streams, this.share)
      return () => (left-- > 0 ? from_ms : undefined)
    }
    const all =
      lane.arrivals === 'constant'
        ? constantArrivals(rate, from_ms, to_ms)
        : poissonArrivals(rate, from_ms, to_ms, seedOf(this.order.seed, salt))
    return shareOf(all, this.share.index, this.share.of)
  }

  #special(lane: Lane, phase: Phase): Special {
    const { stalls } = phase
    const stalled = stalls !== undefined && inShare(stalls.share, this.#sent, STALLED)
    return { key: lane.key, ...(stalled ? { stall_ms: stalls.ms } : {}) }
  }

  async #until(at: number): Promise<void> {
    const wait = at - this.engine.now()
    if (wait > 0) await this.engine.sleep(wait)
  }
}
