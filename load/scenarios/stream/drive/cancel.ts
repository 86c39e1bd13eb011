/** The cancel scenario: clients hang up in the middle; are their places free again, and how soon? */
import type { Order } from '../../../order.ts'
import { between, inShare, seedOf, uniform } from '../../prompts/random.ts'
import { optionsOf } from '../plan/defaults.ts'
import { DEFAULT_KEY } from '../plan/timetable.ts'
import type { Drive } from './drive.ts'
import type { Ask, Result } from './engine.ts'

const HANGS_UP = 0

/**
 * Notes for each wave in which somebody hung up `recovered` {wave, hung_up, admitted_at_once, ms, probes, held,
 * too_soon}: of so many that hung up, so many probes were let in when asked for at once, and `ms` after the last
 * hang-up all of them were in at one time; null: within `probe_for_s` no more than `held` were.
 */
export async function cancel(drive: Drive, start: number): Promise<void> {
  const { order, engine } = drive
  const { waves } = optionsOf(order, 'cancel')
  const most = start + order.caps.duration_s * 1000
  const last = Math.min(most, start + order.load.duration_s * 1000)
  for (let wave = 1; wave <= waves && !drive.over && engine.now() < last; wave += 1) {
    announce(drive, `wave-${wave}`)
    const { hungUp, staying } = await hangUp(drive, wave)
    announce(drive, `recovery-${wave}`)
    const seen = await recover(drive, wave, hungUp, most)
    // Without the time or the leave to ask on, nothing is known of the places.
    if (seen !== undefined) engine.note('recovered', { wave, hung_up: hungUp, ...seen })
    await staying
  }
}

function announce({ order, engine }: Drive, name: string): void {
  const load = { name, arrivals: 'at-once', streams: order.load.streams, key: DEFAULT_KEY }
  engine.note('lane', { ...load, phases: [{ name, from_ms: 0 }], start_ms: engine.now() })
}

/** A wave: ends when the last that was to hang up has done so. `staying`: those that were not. */
async function hangUp(drive: Drive, wave: number): Promise<{ hungUp: number; staying: Promise<unknown> }> {
  const { order } = drive
  const { share } = optionsOf(order, 'cancel')
  const leaving: Promise<Result>[] = []
  const staying: Promise<Result>[] = []
  for (let i = 0; i < order.load.streams && !drive.over; i += 1) {
    await drive.book()
    const number = wave * order.load.streams + i
    if (inShare(share, number, HANGS_UP)) {
      leaving.push(drive.ask(`wave-${wave}`, { stream: true, cancel: whenToLeave(order, number) }))
    } else staying.push(drive.ask(`wave-${wave}`, { stream: true }))
  }
  const left = await Promise.all(leaving)
  return { hungUp: left.filter(({ outcome }) => outcome === 'hung-up').length, staying: Promise.all(staying) }
}

/** By tokens and by time, in turn. */
export function whenToLeave(order: Order, number: number): NonNullable<Ask['cancel']> {
  const { after_tokens, after_ms } = optionsOf(order, 'cancel')
  const random = uniform(seedOf(order.seed, number, 2))
  return number % 2 === 0
    ? { tokens: Math.max(1, between(after_tokens, random())) }
    : { ms: between(after_ms, random()) }
}

interface Recovery {
  admitted_at_once: number
  ms: number | null
  probes: number
  /** Most places that were held at one time. */
  held: number
  /** Nobody was refused at last, and still the answers were not all there at one time. */
  too_soon: boolean
}

/** From when to when an answer came, ms: so long it had its place for certain. */
interface Held {
  from: number
  to: number
}

/** A round without a refusal, in which answers were not all there at one time, may be chance; so many are not. */
const MOST_ROUNDS = 3

/**
 * As many probes as clients that left, all at once: one that is refused asks again until it is let in, and one whose
 * answer is over asks again while others are kept out, lest it hands them its place. Undefined: nobody left, or the
 * run came to its end, or to `most`, before there was an answer.
 */
async function recover(
  drive: Drive,
  wave: number,
  count: number,
  most: number,
): Promise<Recovery | undefined> {
  if (count === 0) return undefined
  const { order, engine } = drive
  const { probe_every_ms, probe_for_s } = optionsOf(order, 'cancel')
  const begin = engine.now()
  const last = begin + probe_for_s * 1000
  const seen = { admitted_at_once: 0, probes: 0, held: 0, too_soon: false }
  const inTime = () => !drive.over && engine.now() <= Math.min(last, most)
  for (let round = 1, unrefused = 0; inTime() && unrefused < MOST_ROUNDS; round += 1) {
    const held: Held[] = []
    /** Probes that were refused when they asked last. */
    const out = new Set<number>()
    let refused = false
    const probe = async (_: unknown, number: number) => {
      for (let tries = 0; inTime(); tries += 1) {
        await drive.book()
        seen.probes += 1
        const result = await drive.ask(`recovery-${wave}`, { stream: true })
        const isIn = result.status >= 200 && result.status < 300
        if (isIn) {
          if (round === 1 && tries === 0) seen.admitted_at_once += 1
          const place = heldBy(result)
          held.push(place)
          out.delete(number)
          if (out.size === 0) return
          // The place is kept; an answer that is over at once keeps none, and must not become a flood.
          const wait = probe_every_ms - (place.to - place.from)
          if (wait > 0) await engine.sleep(wait)
        } else {
          refused = true
          out.add(number)
          await engine.sleep(probe_every_ms)
        }
      }
    }
    await Promise.all(Array.from({ length: count }, probe))
    const { most: together, at } = mostAtOnce(held, count)
    seen.held = Math.max(seen.held, together)
    if (together === count) return { ...seen, too_soon: false, ms: Math.max(0, at - begin) }
    seen.too_soon = !refused
    unrefused = refused ? 0 : unrefused + 1
    // The places of the round have to be free again before the next.
    await engine.sleep(probe_every_ms)
  }
  return drive.over || (most < last && !seen.too_soon) ? undefined : { ...seen, ms: null }
}

/** Let in when the answer began; without a beginning it held nothing. */
function heldBy({ start_us, ttfb_us, e2e_us }: Result): Held {
  const to = (start_us + (e2e_us ?? 0)) / 1000
  return { from: ttfb_us === null ? to : (start_us + ttfb_us) / 1000, to }
}

/** The most that were held at one time, `enough` at most, and since when. One that ends as another begins hands it over. */
function mostAtOnce(held: readonly Held[], enough: number): { most: number; at: number } {
  const begun = held.map(({ from }) => from).sort((a, b) => a - b)
  const ended = held.map(({ to }) => to).sort((a, b) => a - b)
  let [most, over, at] = [0, 0, 0]
  for (const [i, from] of begun.entries()) {
    while (over < ended.length && (ended[over] ?? 0) <= from) over += 1
    const open = i + 1 - over
    if (open <= most) continue
    most = open
    at = from
    if (most >= enough) break
  }
  return { most, at }
}
